//! Fewest tokens still to be computed, this request's own included: counted by the router, and so never stale.

use super::{Scorer, add};
use crate::policy::produce::IN_FLIGHT_SOURCE;
use crate::policy::{Ask, Badge, Candidate, FleetView, Kind, Meta, Param, ParamKind};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Scorer> = Kind {
    meta: Meta {
        id: "token-load-scorer",
        title: "Fewest tokens in flight",
        doc: "1 − min(L, T)/T: L tokens in flight and those of this prompt that are not cached there, T queueThresholdTokens.",
        source: "llm-d-router, token-load-scorer",
        badge: Badge::Exact,
        params: &[
            Param {
                id: "queueThresholdTokens",
                kind: ParamKind::Integer { min: 1, max: 1_000_000_000_000, default: 4_194_304 },
                doc: "Tokens at which the score reaches 0.",
            },
            IN_FLIGHT_SOURCE,
        ],
    },
    build: |p| {
        p.reads_tokens(IN_FLIGHT_SOURCE.id);
        Box::new(TokenLoad { threshold: p.integer("queueThresholdTokens") as f64 })
    },
};

struct TokenLoad {
    threshold: f64,
}

impl Scorer for TokenLoad {
    fn score(&mut self, _: &Ask<'_>, fleet: &FleetView<'_>, weight: f64, candidates: &mut [Candidate]) {
        add(weight, candidates, |i| {
            let load = fleet.in_flight_tokens[i] as f64 + f64::from(fleet.uncached[i]);
            1.0 - load.min(self.threshold) / self.threshold
        });
    }
}
