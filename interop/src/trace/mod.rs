//! Recordings of traffic: read from our own tables and from those of others, shown before they are taken, written.
//!
//! Rows are read one after the other, under limits; what can be mended is mended and said, what cannot is refused with
//! the line it stands in. `docs/traces.md` describes the formats.

mod columns;
mod contents;
mod read;
mod rows;
mod time;
mod write;

pub use columns::{Mapping, Role};
pub use read::{Preview, REQUESTS_MAX, Trace, preview, read};
pub use rows::{BLOCKS_MAX, LINE_MAX};
pub use time::Unit;
pub use write::{Sent, of_run, write};

use serde::Serialize;

/// Whose format a recording has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Ours.
    Own,
    /// BLIS's TraceV2.
    BlisV2,
    /// Mooncake's, with hashes of blocks.
    Mooncake,
    /// Azure's LLM inference traces.
    Azure,
    /// Another table, its columns named by somebody.
    Mapped,
}
