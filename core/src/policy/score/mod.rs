//! Scorers: each rates every candidate between 0 and 1; a profile adds them up by weight.

mod active_request;
mod kv_cache_utilization;
mod load_aware;
mod prefix_cache;
mod queue;
mod running_requests;
mod spread;

use super::{Ask, Candidate, FleetView, Kind};

/// Rates candidates.
pub trait Scorer {
    /// Adds `weight` times the score of each candidate to it, clamped to \[0, 1\] as llm-d does.
    fn score(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, weight: f64, candidates: &mut [Candidate]);

    /// Whether it needs to know which instance holds how much of a prompt.
    fn needs_prefix_match(&self) -> bool {
        false
    }
}

/// Every scorer. To add one: a file beside this, and a line here.
pub const SCORERS: &[Kind<dyn Scorer>] = &[
    queue::KIND,
    kv_cache_utilization::KIND,
    prefix_cache::KIND,
    running_requests::KIND,
    load_aware::KIND,
    active_request::KIND,
];

/// The scorer of this type.
#[must_use]
pub fn find(id: &str) -> Option<&'static Kind<dyn Scorer>> {
    SCORERS.iter().find(|kind| kind.meta.id == id)
}

/// Adds a clamped, weighted score to each candidate.
fn add(weight: f64, candidates: &mut [Candidate], score: impl Fn(usize) -> f64) {
    for candidate in candidates {
        candidate.score += weight * score(candidate.instance.index() as usize).clamp(0.0, 1.0);
    }
}
