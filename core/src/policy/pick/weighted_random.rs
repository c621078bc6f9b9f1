//! Random, each candidate as likely as its score says.
//!
//! llm-d draws U^(1/score) for each and takes the largest (Efraimidis and Spirakis 2006); ln U / score orders them alike,
//! and keeps apart what would be rounded to 0.

use super::{MAX_NUM_OF_ENDPOINTS, Picker};
use crate::base::{Id, Stream, math};
use crate::policy::{Ask, Badge, Candidate, FleetView, Instance, Kind, Meta};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Picker> = Kind {
    meta: Meta {
        id: "weighted-random-picker",
        title: "Random by score",
        doc: "Picks a candidate with a probability proportional to its total score, never one of score 0; when all are 0, \
              uniformly.",
        source: "llm-d-router, weighted-random-picker",
        badge: Badge::Exact,
        params: &[MAX_NUM_OF_ENDPOINTS],
    },
    build: |_| Box::new(WeightedRandom),
};

struct WeightedRandom;

impl Picker for WeightedRandom {
    fn pick(
        &mut self,
        ask: &Ask<'_>,
        _: &FleetView<'_>,
        candidates: &[Candidate],
        draws: &mut Stream,
    ) -> Option<Id<Instance>> {
        let mut draws = draws.several(ask.number);
        let mut best: Option<(f64, Id<Instance>)> = None;
        for candidate in candidates {
            let key = math::ln(draws.unit()) / candidate.score;
            if candidate.score > 0.0 && best.is_none_or(|(most, _)| key > most) {
                best = Some((key, candidate.instance));
            }
        }
        match best {
            Some((_, chosen)) => Some(chosen),
            None => {
                let n = u32::try_from(candidates.len()).ok().filter(|&n| n > 0)?;
                Some(candidates[draws.below(n) as usize].instance)
            }
        }
    }
}
