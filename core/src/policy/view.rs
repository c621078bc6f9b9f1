//! Everything a policy may know, and nothing else: never the true output length, never the future.

use crate::base::{Id, Run, Time};

/// Marks ids of serving instances.
#[derive(Debug)]
pub enum Instance {}

/// A request, as a router sees it.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Which request; the address of its random draws.
    pub number: u64,
    /// Traffic class.
    pub class: u32,
    /// llm-d's priority.
    pub priority: i32,
    /// Prompt length, tokens.
    pub prompt_tokens: u32,
    /// What the prompt says.
    pub prompt: &'a [Run],
}

/// An instance that survived the filters, with its total score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Which instance.
    pub instance: Id<Instance>,
    /// Weighted sum of the scorers; 0 where a profile has none.
    pub score: f64,
}

/// The fleet at one moment, column by column. What is scraped is as old as the last scrape; what the router counts itself
/// is not.
#[derive(Clone, Copy, Debug)]
pub struct FleetView<'a> {
    /// The moment.
    pub now: Time,
    /// Requests sent to each instance that have not ended: counted by the router.
    pub in_flight: &'a [u32],
    /// Requests in each instance's queue: scraped.
    pub waiting: &'a [u32],
    /// Requests in each instance's batch: scraped.
    pub running: &'a [u32],
    /// Share of each instance's KV blocks in use: scraped.
    pub kv_usage: &'a [f64],
    /// Blocks of the prompt that the router believes each instance holds, and how many the prompt has.
    pub prefix_match: &'a [u32],
    /// Blocks of the prompt, a last partial one included; 0 when nobody asked for the match.
    pub prefix_blocks: u32,
    /// Tokens of such a block.
    pub prefix_block_tokens: u32,
}
