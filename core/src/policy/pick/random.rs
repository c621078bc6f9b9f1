//! Random: every candidate is as likely as any other.

use super::{MAX_NUM_OF_ENDPOINTS, Picker};
use crate::base::{Id, Stream};
use crate::policy::{Ask, Badge, Candidate, FleetView, Instance, Kind, Meta};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Picker> = Kind {
    meta: Meta {
        id: "random-picker",
        title: "Random",
        doc: "Picks a candidate uniformly at random, whatever its score.",
        source: "llm-d-router, random-picker",
        badge: Badge::Exact,
        params: &[MAX_NUM_OF_ENDPOINTS],
    },
    build: |_| Box::new(Random),
};

struct Random;

impl Picker for Random {
    fn pick(
        &mut self,
        ask: &Ask<'_>,
        _: &FleetView<'_>,
        candidates: &[Candidate],
        draws: &mut Stream,
    ) -> Option<Id<Instance>> {
        let n = u32::try_from(candidates.len()).ok().filter(|&n| n > 0)?;
        Some(candidates[draws.below(ask.number, n) as usize].instance)
    }
}
