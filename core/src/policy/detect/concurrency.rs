//! llm-d's concurrency detector: how saturated a pool is, by what the router itself has sent and not seen end.

use super::{Detector, worse_stage};
use crate::base::Dur;
use crate::policy::produce::IN_FLIGHT_SOURCE;
use crate::policy::{Badge, FleetView, Kind, Meta, Param, ParamKind};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Detector> = Kind {
    meta: Meta {
        id: "concurrency-detector",
        title: "Concurrency detector",
        doc: "Saturation is Σ requests in flight/(instances·maxConcurrency), or the same of tokens; hybrid: the mean over instances of the larger of both. 1 and above is saturated. Of prefillers and decoders, the worse.",
        source: "llm-d-router, concurrency-detector",
        badge: Badge::Exact,
        params: &[
            Param {
                id: "maxConcurrency",
                kind: ParamKind::Integer { min: 1, max: 1_000_000_000, default: 100 },
                doc: "Requests in flight at which an instance counts as saturated.",
            },
            Param {
                id: "concurrencyMode",
                kind: ParamKind::Word { words: &["requests", "tokens", "hybrid"], default: "requests" },
                doc: "What is counted.",
            },
            Param {
                id: "maxTokenConcurrency",
                kind: ParamKind::Integer { min: 1, max: 1_000_000_000_000, default: 1_000_000 },
                doc: "Tokens in flight at which an instance counts as saturated.",
            },
            HEADROOM,
            IN_FLIGHT_SOURCE,
        ],
    },
    build: |p| {
        let mode = match p.text("concurrencyMode").as_str() {
            "tokens" => Mode::Tokens,
            "hybrid" => Mode::Hybrid,
            _ => Mode::Requests,
        };
        if mode != Mode::Requests {
            p.reads_tokens(IN_FLIGHT_SOURCE.id);
        }
        Box::new(ConcurrencyDetector {
            mode,
            requests: p.integer("maxConcurrency") as f64,
            tokens: p.integer("maxTokenConcurrency") as f64,
            room: 1.0 + p.number("headroom"),
        })
    },
};

/// Both detectors' parameter of their use as filters.
pub(super) const HEADROOM: Param = Param {
    id: "headroom",
    kind: ParamKind::Number { min: 0.0, max: 1000.0, default: 0.0 },
    doc: "As a filter: share of the threshold that an instance may have beyond it.",
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Requests,
    Tokens,
    Hybrid,
}

/// Counters fall with the end itself; ten ticks of the dispatch loop are llm-d's margin.
const TICKS: Dur = Dur::from_us(10_000);

struct ConcurrencyDetector {
    mode: Mode,
    requests: f64,
    tokens: f64,
    /// Share of the limits up to which an instance has room.
    room: f64,
}

impl ConcurrencyDetector {
    /// What is in flight on an instance over its limit.
    fn load(&self, fleet: &FleetView<'_>, i: usize) -> f64 {
        let requests = || f64::from(fleet.in_flight[i]) / self.requests;
        let tokens = || fleet.in_flight_tokens[i] as f64 / self.tokens;
        match self.mode {
            Mode::Requests => requests(),
            Mode::Tokens => tokens(),
            Mode::Hybrid => requests().max(tokens()),
        }
    }
}

impl Detector for ConcurrencyDetector {
    fn saturation(&self, fleet: &FleetView<'_>) -> f64 {
        // All limits are alike, so the sum over the sum of limits is the mean.
        worse_stage(fleet, |counts| {
            let each = (0..fleet.in_flight.len()).filter(|&i| counts(i));
            let (sum, n) = each.fold((0.0, 0u32), |(sum, n), i| (sum + self.load(fleet, i), n + 1));
            (n > 0).then(|| sum / f64::from(n))
        })
    }

    fn has_room(&self, fleet: &FleetView<'_>, i: usize) -> bool {
        self.load(fleet, i) < self.room
    }

    fn lag(&self) -> Dur {
        TICKS
    }
}
