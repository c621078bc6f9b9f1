//! What a pass decided, written down: for comparing with schedules of the real scheduler, and for looking inside.

use crate::base::Dur;
use alloc::vec::Vec;

/// One planned step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepTrace {
    /// How long it takes.
    pub duration: Dur,
    /// Who computes what, in scheduling order.
    pub scheduled: Vec<Scheduled>,
    /// Requests that lost their blocks in this pass, in order.
    pub preempted: Vec<u32>,
    /// Free KV blocks after the pass.
    pub free_blocks: u32,
    /// Requests waiting after the pass.
    pub waiting: u32,
    /// Requests running after the pass.
    pub running: u32,
}

/// One request's part of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheduled {
    /// The owner's name for it.
    pub tag: u32,
    /// Tokens it computes.
    pub tokens: u32,
    /// Tokens computed before.
    pub computed_before: u32,
    /// If it was admitted in this pass: tokens found in the prefix cache.
    pub hit_tokens: Option<u32>,
}
