//! Instances below limits of load.

use super::Filter;
use crate::base::Stream;
use crate::policy::{Ask, Badge, Candidate, FleetView, Kind, Meta, Param, ParamKind};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

pub(super) const KIND: Kind<dyn Filter> = Kind {
    meta: Meta {
        id: "utilization-filter",
        title: "Below limits of load",
        doc: "Keeps instances none of whose metrics lies above its maxValue.",
        source: "llm-d-router, utilization-filter",
        badge: Badge::Exact,
        params: &[
            Param {
                id: "conditions",
                kind: ParamKind::Table { columns: CONDITION },
                doc: "Metrics and their largest values, all of which must hold.",
            },
            Param {
                id: "fallbackOnEmpty",
                kind: ParamKind::Boolean { default: false },
                doc: "Whether all instances are kept when none qualifies.",
            },
        ],
    },
    build: |p| {
        Box::new(Utilization {
            conditions: p.rows("conditions", |row| (row.text("metric"), row.number("maxValue"))),
            fallback: p.boolean("fallbackOnEmpty"),
        })
    },
};

const CONDITION: &[Param] = &[
    Param {
        id: "metric",
        kind: ParamKind::Word {
            words: &["active-requests", "running-requests", "waiting-queue", "kv-cache-utilization"],
            default: "active-requests",
        },
        doc: "Which metric.",
    },
    Param {
        id: "maxValue",
        kind: ParamKind::Number { min: 0.0, max: 1e9, default: 1e9 },
        doc: "Its largest value: requests, or a share of KV blocks.",
    },
];

struct Utilization {
    /// (metric, largest value)
    conditions: Vec<(String, f64)>,
    fallback: bool,
}

impl Filter for Utilization {
    fn filter(&mut self, _: &Ask<'_>, fleet: &FleetView<'_>, candidates: &mut Vec<Candidate>, _: &mut Stream) {
        let value = |metric: &str, i: usize| match metric {
            "active-requests" => f64::from(fleet.in_flight[i]),
            "running-requests" => f64::from(fleet.running[i]),
            "waiting-queue" => f64::from(fleet.waiting[i]),
            _ => fleet.kv_usage[i],
        };
        let holds = |i: usize| self.conditions.iter().all(|(metric, most)| value(metric, i) <= *most);
        if self.fallback {
            super::keep_or_all(candidates, holds);
        } else {
            candidates.retain(|c| holds(c.at()));
        }
    }
}
