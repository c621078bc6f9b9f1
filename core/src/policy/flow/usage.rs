//! Up to which saturation each priority band may send.

use super::UsageLimit;
use crate::base::math;
use crate::policy::{Badge, Kind, Meta, Param, ParamKind};
use alloc::boxed::Box;
use alloc::vec::Vec;

pub(super) const STATIC: Kind<dyn UsageLimit> = Kind {
    meta: Meta {
        id: "static-usage-limit-policy",
        title: "Until saturated",
        doc: "Every band may send below saturation 1.",
        source: "llm-d-router, static-usage-limit-policy",
        badge: Badge::Exact,
        params: &[],
    },
    build: |_| Box::new(Static),
};

pub(super) const PRIORITY_HOLDBACK: Kind<dyn UsageLimit> = Kind {
    meta: Meta {
        id: "priority-holdback-policy",
        title: "Room held back for the first",
        doc: "Ceilings fall evenly from maxCeiling for the highest band to minCeiling for the lowest, by rank or by priority; \
              one band alone has maxCeiling.",
        source: "llm-d-router, priority-holdback-policy",
        badge: Badge::Exact,
        params: &[
            Param {
                id: "minCeiling",
                kind: ParamKind::Number { min: 0.0, max: 1.0, default: 0.5 },
                doc: "Ceiling of the lowest band. llm-d has no default and asks for it.",
            },
            Param {
                id: "maxCeiling",
                kind: ParamKind::Number { min: 0.0, max: 1.0, default: 1.0 },
                doc: "Ceiling of the highest band.",
            },
            Param {
                id: "domain",
                kind: ParamKind::Word { words: &["rank", "value"], default: "rank" },
                doc: "Whether ceilings are spaced by rank or by priority.",
            },
            Param {
                id: "shape",
                kind: ParamKind::Word { words: &["linear"], default: "linear" },
                doc: "How ceilings fall.",
            },
        ],
    },
    build: |p| {
        Box::new(PriorityHoldback {
            min: p.number("minCeiling"),
            max: p.number("maxCeiling"),
            by_value: p.text("domain") == "value",
        })
    },
};

pub(super) const SOFT_REFLECTIVE_CEILING: Kind<dyn UsageLimit> = Kind {
    meta: Meta {
        id: "soft-reflective-ceiling-policy",
        title: "Soft ceilings",
        doc: "The highest band has ceiling 1. Band i of N is open below saturation S < 1 − i·S/(N − 1), closed from S = 1 on, \
              and between open every round(S/(1 − S))-th time, counted while 0.5 ≤ S < 1.",
        source: "llm-d-router, soft-reflective-ceiling-policy",
        badge: Badge::Exact,
        params: &[],
    },
    build: |_| Box::new(SoftReflectiveCeiling { tick: 0 }),
};

struct Static;

impl UsageLimit for Static {
    fn ceilings(&mut self, _: f64, priorities: &[i32], into: &mut Vec<f64>) {
        into.extend(priorities.iter().map(|_| 1.0));
    }
}

struct PriorityHoldback {
    min: f64,
    max: f64,
    by_value: bool,
}

impl UsageLimit for PriorityHoldback {
    fn ceilings(&mut self, _: f64, priorities: &[i32], into: &mut Vec<f64>) {
        let [highest, .., lowest] = *priorities else {
            return into.extend(priorities.iter().map(|_| self.max));
        };
        let last = (priorities.len() - 1) as f64;
        let range = f64::from(highest) - f64::from(lowest);
        into.extend(priorities.iter().enumerate().map(|(i, &priority)| {
            let below = match self.by_value {
                true if range > 0.0 => (f64::from(highest) - f64::from(priority)) / range,
                true => 0.0,
                false => i as f64 / last,
            };
            self.max - below * (self.max - self.min)
        }));
    }
}

struct SoftReflectiveCeiling {
    tick: u64,
}

impl UsageLimit for SoftReflectiveCeiling {
    fn ceilings(&mut self, saturation: f64, priorities: &[i32], into: &mut Vec<f64>) {
        let last = (priorities.len().max(2) - 1) as f64;
        if (0.5..1.0).contains(&saturation) {
            self.tick += 1;
        }
        into.extend(priorities.iter().enumerate().map(|(i, _)| {
            let open = i == 0 || saturation < 1.0 - i as f64 * saturation / last;
            let by_turns = || {
                let period = math::round(saturation / (1.0 - saturation)).clamp(1.0, 1e9) as u64;
                saturation < 1.0 && self.tick.is_multiple_of(period)
            };
            if open || by_turns() { 1.0 } else { 0.0 }
        }));
    }
}
