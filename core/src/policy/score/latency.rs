//! Predicted latency against the request's targets.

use super::{Scorer, add};
use crate::base::math;
use crate::policy::produce::{Headroom, IN_FLIGHT_SOURCE, PREDICTION_SOURCE, PREFIX_SOURCE};
use crate::policy::{Ask, Badge, Candidate, FleetView, Kind, Meta, Param, ParamKind, Params};
use alloc::boxed::Box;
use alloc::vec::Vec;

pub(super) const KIND: Kind<dyn Scorer> = Kind {
    meta: Meta {
        id: "latency-scorer",
        title: "Predicted latency",
        doc: "Ranks by the room between predicted TTFT and TPOT and the targets. Among instances that meet them the fullest \
              first (least) or the emptiest (most); where none does, an idle one, else the one that misses by least. \
              Without predictions (KV free + relative queue + prefix share)/3.",
        source: "llm-d-router, latency-scorer",
        badge: Badge::Exact,
        params: &[
            Param {
                id: "ttftWeight",
                kind: ParamKind::Number { min: 0.0, max: 1000.0, default: 0.8 },
                doc: "Weight of the time to first token.",
            },
            Param {
                id: "tpotWeight",
                kind: ParamKind::Number { min: 0.0, max: 1000.0, default: 0.2 },
                doc: "Weight of the time between tokens.",
            },
            Param {
                id: "headroomSelectionStrategy",
                kind: ParamKind::Word { words: &["least", "most"], default: "least" },
                doc: "Which of the instances that meet the targets is preferred: the one with least room, or most.",
            },
            Param {
                id: "compositeKVWeight",
                kind: ParamKind::Number { min: 0.0, max: 1000.0, default: 1.0 },
                doc: "Without predictions: weight of the free share of KV blocks.",
            },
            Param {
                id: "compositeQueueWeight",
                kind: ParamKind::Number { min: 0.0, max: 1000.0, default: 1.0 },
                doc: "Without predictions: weight of the relative queue.",
            },
            Param {
                id: "compositePrefixWeight",
                kind: ParamKind::Number { min: 0.0, max: 1000.0, default: 1.0 },
                doc: "Without predictions: weight of the prefix share.",
            },
            PREDICTION_SOURCE,
            PREFIX_SOURCE,
            IN_FLIGHT_SOURCE,
        ],
    },
    build: |p| {
        p.reads_predictions(PREDICTION_SOURCE.id);
        Box::new(Latency::new(p))
    },
};

/// Ranges below this count as none.
const RANGE_MIN: f64 = 1e-9;

struct Latency {
    ttft: f64,
    tpot: f64,
    most: bool,
    composite: [f64; 3],
    prefix: usize,
    /// Candidates that are scored, by place, with their headrooms.
    set: Vec<(usize, Headroom)>,
}

impl Latency {
    fn new(p: &Params<'_>) -> Self {
        Latency {
            ttft: p.number("ttftWeight"),
            tpot: p.number("tpotWeight"),
            most: p.text("headroomSelectionStrategy") == "most",
            composite: ["compositeKVWeight", "compositeQueueWeight", "compositePrefixWeight"].map(|id| p.number(id)),
            prefix: p.prefixes(PREFIX_SOURCE.id),
            set: Vec::new(),
        }
    }

    /// Chooses whom to score; whether they meet the targets.
    fn choose(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, candidates: &[Candidate]) -> bool {
        // Where there is no prediction, nothing says that the targets are missed.
        let all = candidates.iter().enumerate().map(|(place, c)| {
            (place, fleet.prediction(c.at()).map_or_else(Headroom::default, |p| Headroom::of(ask, p)))
        });
        let idle = |place: usize| fleet.in_flight[candidates[place].at()] == 0;
        let misses = |h: &Headroom| (h.ttft_ms < 0.0, h.tpot_ms < 0.0);
        self.set.clear();
        self.set.extend(all.clone().filter(|(_, h)| h.is_positive()));
        if !self.set.is_empty() {
            return true;
        }
        self.set.extend(all.clone().filter(|(place, _)| idle(*place)));
        for bucket in [(false, true), (true, false), (true, true)] {
            if self.set.is_empty() {
                self.set.extend(all.clone().filter(|(_, h)| misses(h) == bucket));
            }
        }
        false
    }

    /// Share of the way from the smallest headroom to the largest, of both, weighted.
    fn combined(&self) -> impl Fn(&Headroom) -> f64 + use<> {
        let range = |of: fn(&Headroom) -> f64| {
            let each = || self.set.iter().map(|(_, h)| of(h).abs());
            let (low, high) = (each().fold(f64::INFINITY, f64::min), each().fold(0.0, f64::max));
            (low, high - low)
        };
        let (ttft, tpot) = (range(|h| h.ttft_ms), range(|h| h.tpot_ms));
        let sum = self.ttft + self.tpot;
        let weights = match (ttft.1 > RANGE_MIN, tpot.1 > RANGE_MIN) {
            (true, false) => (1.0, 0.0),
            (false, true) => (0.0, 1.0),
            _ if sum > 0.0 => (self.ttft / sum, self.tpot / sum),
            _ => (0.5, 0.5),
        };
        let share = |x: f64, (low, range): (f64, f64)| if range > RANGE_MIN { (x.abs() - low) / range } else { 0.5 };
        move |h| weights.0 * share(h.ttft_ms, ttft) + weights.1 * share(h.tpot_ms, tpot)
    }

    fn without_predictions(&self, fleet: &FleetView<'_>, weight: f64, candidates: &mut [Candidate]) {
        let info = &fleet.prefixes[self.prefix];
        let longest = candidates.iter().map(|c| fleet.waiting[c.at()]).max().unwrap_or(0);
        let [kv, queue, prefix] = self.composite;
        let sum = kv + queue + prefix;
        add(weight, candidates, |i| {
            let shorter = f64::from(longest - fleet.waiting[i]) / f64::from(longest.max(1));
            let relative = if longest == 0 { 1.0 } else { shorter };
            let total = kv * (1.0 - fleet.kv_usage[i]) + queue * relative + prefix * info.share(i);
            let mean = if sum > 0.0 { total / sum } else { 0.0 };
            math::round(100.0 * mean) / 100.0
        });
    }
}

impl Scorer for Latency {
    fn score(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, weight: f64, candidates: &mut [Candidate]) {
        if candidates.iter().all(|c| fleet.prediction(c.at()).is_none()) {
            return self.without_predictions(fleet, weight, candidates);
        }
        let met = self.choose(ask, fleet, candidates);
        let most = self.most && met;
        let combined = self.combined();
        for (place, headroom) in &self.set {
            let share = combined(headroom);
            let share = if most { share } else { 1.0 - share };
            // In hundredths, and never 0.
            let score = (math::floor(100.0 * share) + 1.0) / 100.0;
            candidates[*place].score += weight * score.clamp(0.0, 1.0);
        }
    }
}
