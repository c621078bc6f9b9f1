//! Filters: the first stage of a scheduling profile. Each sees those that the one before left, in listed order.

mod label_selector;
mod prefix_cache_affinity;
mod role;
mod session_affinity;
mod slo_headroom_tier;
mod topology_affinity;
mod utilization;

use super::detect::{self, Detector};
use super::score::ContextLengthFilter;
use super::{Ask, Candidate, FleetView, Instance, Kind, Params};
use crate::base::{Id, Stream};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Removes candidates.
pub trait Filter {
    /// Leaves those of the candidates that may serve the request, in their order. `draws` holds one draw per request.
    fn filter(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, candidates: &mut Vec<Candidate>, draws: &mut Stream);

    /// The request is sent to an instance.
    fn sent(&mut self, _ask: &Ask<'_>, _fleet: &FleetView<'_>, _chosen: Id<Instance>) {}
}

/// Every filter that is nothing else besides. To add one: a file beside this, and a line here.
pub const FILTERS: &[Kind<dyn Filter>] = &[
    role::DECODE,
    role::PREFILL,
    role::ENCODE,
    label_selector::KIND,
    utilization::KIND,
    prefix_cache_affinity::KIND,
    slo_headroom_tier::KIND,
    topology_affinity::KIND,
    session_affinity::KIND,
];

/// The filter of a plugin of this type with these parameters: of one that is a filter, a detector of saturation, or a
/// scorer that filters too. None where the plugin does not filter.
#[must_use]
pub fn build(id: &str, params: &Params<'_>) -> Option<Box<dyn Filter>> {
    if let Some(kind) = FILTERS.iter().find(|kind| kind.meta.id == id) {
        return Some((kind.build)(params));
    }
    if let Some(kind) = detect::find(id) {
        return Some(Box::new(WithRoom((kind.build)(params))));
    }
    (id == ContextLengthFilter::ID).then(|| Box::new(ContextLengthFilter::new(params)) as Box<dyn Filter>)
}

/// A detector of saturation as a filter: keeps those with room; all of them when nobody has any.
struct WithRoom(Box<dyn Detector>);

impl Filter for WithRoom {
    fn filter(&mut self, _: &Ask<'_>, fleet: &FleetView<'_>, candidates: &mut Vec<Candidate>, _: &mut Stream) {
        keep_or_all(candidates, |i| self.0.has_room(fleet, i));
    }
}

/// Keeps those that qualify; all of them when nobody does.
fn keep_or_all(candidates: &mut Vec<Candidate>, qualifies: impl Fn(usize) -> bool) {
    if candidates.iter().any(|c| qualifies(c.at())) {
        candidates.retain(|c| qualifies(c.at()));
    }
}
