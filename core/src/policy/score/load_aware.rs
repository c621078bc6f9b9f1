//! Load-aware: half a point for an empty queue, falling to none at a threshold.

use super::{Scorer, add};
use crate::policy::{Ask, Badge, Candidate, FleetView, Kind, Meta, Param, ParamKind, Response, Signal};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Scorer> = Kind {
    meta: Meta {
        id: "load-aware-scorer",
        title: "Load-aware",
        doc: "0.5·(1 − min(waiting, threshold)/threshold): never above 0.5.",
        source: "llm-d-router, load-aware-scorer",
        badge: Badge::Exact,
        params: &[Param {
            id: "threshold",
            kind: ParamKind::Integer { min: 1, max: 1_000_000, default: 128 },
            doc: "Queue length, requests, at which the score reaches 0.",
        }],
    },
    build: |p| Box::new(LoadAware { threshold: p.integer("threshold") as f64 }),
};

struct LoadAware {
    threshold: f64,
}

fn rule(threshold: f64, waiting: f64) -> f64 {
    0.5 * (1.0 - waiting.min(threshold) / threshold)
}

impl Scorer for LoadAware {
    fn score(&mut self, _: &Ask<'_>, fleet: &FleetView<'_>, weight: f64, candidates: &mut [Candidate]) {
        add(weight, candidates, |i| rule(self.threshold, f64::from(fleet.waiting[i])));
    }

    fn response(&self) -> Option<Response> {
        let threshold = self.threshold;
        Some(Response::new(Signal::Waiting, 1.25 * threshold, "score", move |waiting| rule(threshold, waiting)))
    }
}
