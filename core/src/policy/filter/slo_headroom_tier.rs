//! Instances that are predicted to meet the request's targets.

use super::Filter;
use crate::base::Stream;
use crate::policy::produce::{Headroom, PREDICTION_SOURCE};
use crate::policy::{Ask, Badge, Candidate, FleetView, Kind, Meta, Param, ParamKind};
use alloc::boxed::Box;
use alloc::vec::Vec;

pub(super) const KIND: Kind<dyn Filter> = Kind {
    meta: Meta {
        id: "slo-headroom-tier-filter",
        title: "Within the targets",
        doc: "Keeps instances predicted to meet the request's targets; with probability epsilonExploreNeg the others. When \
              one of the two is empty, the other is kept.",
        source: "llm-d-router, slo-headroom-tier-filter",
        badge: Badge::Exact,
        params: &[
            Param {
                id: "epsilonExploreNeg",
                kind: ParamKind::Number { min: 0.0, max: 1.0, default: 0.01 },
                doc: "Probability that the instances predicted to miss the targets are kept instead.",
            },
            PREDICTION_SOURCE,
        ],
    },
    build: |p| {
        p.reads_predictions(PREDICTION_SOURCE.id);
        Box::new(SloHeadroomTier { epsilon: p.number("epsilonExploreNeg") })
    },
};

struct SloHeadroomTier {
    epsilon: f64,
}

impl Filter for SloHeadroomTier {
    fn filter(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, candidates: &mut Vec<Candidate>, draws: &mut Stream) {
        // An instance without a prediction is not known to meet anything.
        let meets = |i: usize| fleet.prediction(i).is_some_and(|p| Headroom::of(ask, p).is_positive());
        let explore = draws.unit(ask.number) < self.epsilon;
        super::keep_or_all(candidates, |i| meets(i) != explore);
    }
}
