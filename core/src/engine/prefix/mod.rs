//! The prefix cache: blocks that remember what they hold, so that a prompt that begins alike is not computed again.
//!
//! vLLM's semantics: only full blocks are remembered, by a hash chained over everything before them; a block can be
//! hit from the moment the step that fills it is planned; a hit never covers a prompt's last token; idle blocks are
//! forgotten in the order in which they were let go, the tail of a sequence before its head.

mod piece;
mod pool;
#[cfg(test)]
mod tests;

pub(super) use piece::Held;
pub(super) use pool::{Hits, Left, Pool};
