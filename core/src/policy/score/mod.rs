//! Scorers: each rates every candidate between 0 and 1; a profile adds them up by weight.

mod active_request;
mod context_length_aware;
mod kv_cache_utilization;
mod latency;
mod load_aware;
mod no_hit_lru;
mod prefix_cache;
mod queue;
mod running_requests;
mod session_affinity;
mod spread;
mod token_load;
mod topology_affinity;

pub(super) use context_length_aware::ContextLengthFilter;

use super::{Ask, Candidate, FleetView, Instance, Kind, Response};
use crate::base::Id;

/// Rates candidates.
pub trait Scorer {
    /// Adds `weight` times the score of each candidate to it, clamped to \[0, 1\] as llm-d does.
    fn score(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, weight: f64, candidates: &mut [Candidate]);

    /// The request is sent to an instance.
    fn sent(&mut self, _ask: &Ask<'_>, _fleet: &FleetView<'_>, _chosen: Id<Instance>) {}

    /// Its score as a curve, where it looks at one thing.
    fn response(&self) -> Option<Response> {
        None
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
    token_load::KIND,
    session_affinity::KIND,
    no_hit_lru::KIND,
    context_length_aware::KIND,
    latency::KIND,
    topology_affinity::KIND,
];

/// The scorer of this type.
#[must_use]
pub fn find(id: &str) -> Option<&'static Kind<dyn Scorer>> {
    SCORERS.iter().find(|kind| kind.meta.id == id)
}

/// Adds a clamped, weighted score to each candidate.
fn add(weight: f64, candidates: &mut [Candidate], score: impl Fn(usize) -> f64) {
    for candidate in candidates {
        candidate.score += weight * score(candidate.at()).clamp(0.0, 1.0);
    }
}
