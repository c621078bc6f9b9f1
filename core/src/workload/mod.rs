//! Requests, one after the other: when each arrives, of which class, what its prompt says and how long it is.
//!
//! Drawn lazily, and by address: conversation *i* owns draw *i* of every stream, and its later turns their own, so
//! nothing else that happens in a run, nor how long the run is, can change them. Or replayed, as they were recorded.

mod arrivals;
mod feed;
mod order;
mod replay;
mod residents;
mod source;

pub use arrivals::Process;
pub use feed::Feed;
pub use replay::{Recorded, Replay, ReplayError};
pub use residents::{Resident, Residents, was_there};
pub use source::{Arriving, ClassSource, Conversation, Prefix, Source};
