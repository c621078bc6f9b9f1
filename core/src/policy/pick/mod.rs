//! Pickers: the last stage of a scheduling profile, which chooses one of the candidates.

mod fewest;
mod max_score;
mod random;
mod round_robin;
mod weighted_random;

use super::{Ask, Candidate, FleetView, Instance, Kind};
use crate::base::{Id, Stream};

/// Chooses an instance for a request.
pub trait Picker {
    /// One of `candidates`, or none when there is none. `draws` holds one draw per request.
    fn pick(
        &mut self,
        ask: &Ask<'_>,
        fleet: &FleetView<'_>,
        candidates: &[Candidate],
        draws: &mut Stream,
    ) -> Option<Id<Instance>>;
}

/// Every picker. To add one: a file beside this, and a line here.
pub const PICKERS: &[Kind<dyn Picker>] = &[
    max_score::KIND,
    random::KIND,
    weighted_random::KIND,
    round_robin::KIND,
    fewest::JOIN_SHORTEST_QUEUE,
    fewest::LEAST_LOADED,
    fewest::POWER_OF_CHOICES,
];

/// The picker of this type.
#[must_use]
pub fn find(id: &str) -> Option<&'static Kind<dyn Picker>> {
    PICKERS.iter().find(|kind| kind.meta.id == id)
}

/// llm-d's parameter of every picker; the simulator routes a request to one instance.
const MAX_NUM_OF_ENDPOINTS: super::Param = super::Param {
    id: "maxNumOfEndpoints",
    kind: super::ParamKind::Integer { min: 1, max: 1, default: 1 },
    doc: "Instances to return; only the first is used, so 1.",
};
