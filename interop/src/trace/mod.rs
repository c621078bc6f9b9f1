//! Recordings of traffic: read from our own tables and from those of others, shown before they are taken, written.
//!
//! Rows are read one after the other, under limits; what can be mended is mended and said, what cannot is refused with
//! the line it stands in. `reading` goes from bytes to rows, `read` from rows to requests, `traffic` from requests to a
//! scenario's workload. `docs/traces.md` describes the formats.

mod columns;
mod contents;
mod read;
mod reading;
mod rows;
mod time;
mod traffic;
mod write;

pub use columns::{Mapping, Role};
pub use read::{REQUESTS_MAX, Trace};
pub use reading::{Reading, Scan, is_recording, read};
pub use rows::{BLOCKS_MAX, LINE_MAX};
pub use time::Unit;
pub use traffic::{Alike, Law, Spread, Stream, Traffic};
pub use write::{Form, Sent, Writing, of_run, write};

use serde::{Deserialize, Serialize};

/// Whose format a recording has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

impl Kind {
    /// What it is called in a sentence.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Kind::Own => "our format",
            Kind::BlisV2 => "BLIS TraceV2",
            Kind::Mooncake => "Mooncake, with hashes of blocks",
            Kind::Azure => "Azure LLM inference",
            Kind::Mapped => "a table, by its columns",
        }
    }
}
