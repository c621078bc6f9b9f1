//! Highest score, ties broken uniformly at random, as llm-d does by shuffling before a stable sort.

use super::{MAX_NUM_OF_ENDPOINTS, Picker};
use crate::base::{Id, Stream};
use crate::policy::{Ask, Badge, Candidate, FleetView, Instance, Kind, Meta};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Picker> = Kind {
    meta: Meta {
        id: "max-score-picker",
        title: "Highest score",
        doc: "Picks the candidate with the highest total score; ties at random. Without scorers every candidate ties.",
        source: "llm-d-router, max-score-picker",
        badge: Badge::Exact,
        params: &[MAX_NUM_OF_ENDPOINTS],
    },
    build: |_| Box::new(MaxScore),
};

struct MaxScore;

impl Picker for MaxScore {
    fn pick(
        &mut self,
        ask: &Ask<'_>,
        _: &FleetView<'_>,
        candidates: &[Candidate],
        draws: &mut Stream,
    ) -> Option<Id<Instance>> {
        let best = candidates.iter().map(|c| c.score).max_by(f64::total_cmp)?;
        let ties = candidates.iter().filter(|c| c.score == best);
        let n = u32::try_from(ties.clone().count()).ok()?;
        ties.clone().nth(draws.below(ask.number, n) as usize).map(|c| c.instance)
    }
}
