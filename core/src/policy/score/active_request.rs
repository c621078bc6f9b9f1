//! Fewest active requests, counted by the router itself and so never stale.

use super::{Scorer, add};
use crate::policy::produce::IN_FLIGHT_SOURCE;
use crate::policy::{Ask, Badge, Candidate, FleetView, Kind, Meta, Param, ParamKind};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Scorer> = Kind {
    meta: Meta {
        id: "active-request-scorer",
        title: "Fewest active requests",
        doc: "1 up to idleThreshold requests in flight; else (max − in flight)/max·maxBusyScore over the candidates.",
        source: "llm-d-router, active-request-scorer",
        badge: Badge::Exact,
        params: &[
            Param {
                id: "idleThreshold",
                kind: ParamKind::Integer { min: 0, max: 1_000_000, default: 0 },
                doc: "Requests in flight up to which an instance counts as idle.",
            },
            Param {
                id: "maxBusyScore",
                kind: ParamKind::Number { min: 0.0, max: 1.0, default: 1.0 },
                doc: "Highest score of an instance that is not idle.",
            },
            Param {
                id: "requestTimeout",
                kind: ParamKind::Text { default: "" },
                doc: "Read from old configurations, and ignored as llm-d does.",
            },
            IN_FLIGHT_SOURCE,
        ],
    },
    build: |p| Box::new(ActiveRequest { idle: p.integer("idleThreshold"), busy: p.number("maxBusyScore") }),
};

struct ActiveRequest {
    idle: i64,
    busy: f64,
}

impl Scorer for ActiveRequest {
    fn score(&mut self, _: &Ask<'_>, fleet: &FleetView<'_>, weight: f64, candidates: &mut [Candidate]) {
        let max = candidates.iter().map(|c| fleet.in_flight[c.at()]).max().unwrap_or(0);
        add(weight, candidates, |i| match fleet.in_flight[i] {
            n if i64::from(n) <= self.idle || max == 0 => 1.0,
            n => f64::from(max - n) / f64::from(max) * self.busy,
        });
    }
}
