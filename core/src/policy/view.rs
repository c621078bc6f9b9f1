//! Everything a policy may know, and nothing else: never the true output length, never the future.

use crate::base::{Id, Time};

/// Marks ids of serving instances.
#[derive(Debug)]
pub enum Instance {}

/// A request, as a router sees it.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// Running number of the request; the address of its random draws.
    pub number: u64,
    /// Traffic class.
    pub class: u32,
    /// Prompt length, tokens.
    pub prompt_tokens: u32,
}

/// An instance that survived the filters, with its total score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Which instance.
    pub instance: Id<Instance>,
    /// Weighted sum of the scorers; 0 where a profile has none.
    pub score: f64,
}

/// The fleet at one moment, column by column.
#[derive(Clone, Copy, Debug)]
pub struct FleetView<'a> {
    /// The moment.
    pub now: Time,
    /// Requests sent to each instance that have not ended, known to the router at once.
    pub in_flight: &'a [u32],
}
