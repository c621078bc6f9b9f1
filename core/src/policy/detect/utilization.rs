//! llm-d's utilization detector: how saturated a pool is, by queues and KV caches as of the last scrape.

use super::{Detector, worse_stage};
use crate::base::Dur;
use crate::policy::{Badge, FleetView, Kind, Meta, Param, ParamKind, Params, Response, Signal};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Detector> = Kind {
    meta: Meta {
        id: "utilization-detector",
        title: "Utilization detector",
        doc: "Saturation is the mean over instances of max(waiting/queueDepthThreshold, KV use/kvCacheUtilThreshold); 1 and above is saturated. Of prefillers and decoders, the worse.",
        source: "llm-d-router, utilization-detector",
        badge: Badge::Exact,
        params: &[
            QUEUE_DEPTH,
            KV_USAGE,
            Param {
                id: "metricsStalenessThreshold",
                kind: ParamKind::Duration { min_ms: 1, max_ms: 3_600_000, default: "200ms" },
                doc: "Age of the scraped numbers beyond which an instance counts as saturated.",
            },
            super::concurrency::HEADROOM,
        ],
    },
    build: |p| {
        Box::new(UtilizationDetector {
            thresholds: Thresholds::new(p),
            stale: p.duration("metricsStalenessThreshold"),
            room: 1.0 + p.number("headroom"),
        })
    },
};

pub(in crate::policy) const QUEUE_DEPTH: Param = Param {
    id: "queueDepthThreshold",
    kind: ParamKind::Integer { min: 1, max: 1_000_000_000, default: 5 },
    doc: "Waiting requests at which an instance counts as saturated.",
};

pub(in crate::policy) const KV_USAGE: Param = Param {
    id: "kvCacheUtilThreshold",
    kind: ParamKind::Number { min: 0.01, max: 1.0, default: 0.8 },
    doc: "Share of KV blocks in use at which an instance counts as saturated.",
};

/// When an instance is saturated; for whoever has both parameters.
pub(in crate::policy) struct Thresholds {
    queue_depth: f64,
    kv_usage: f64,
}

impl Thresholds {
    pub(in crate::policy) fn new(p: &Params<'_>) -> Self {
        Thresholds { queue_depth: p.integer(QUEUE_DEPTH.id) as f64, kv_usage: p.number(KV_USAGE.id) }
    }

    /// How saturated an instance is: from 0, 1 at a threshold.
    pub(in crate::policy) fn saturation(&self, waiting: u32, kv_usage: f64) -> f64 {
        (f64::from(waiting) / self.queue_depth).max(kv_usage / self.kv_usage)
    }

    /// The mean of it, as what a rule looks at.
    pub(in crate::policy) fn signal(&self) -> Signal {
        Signal::Saturation { waiting: self.queue_depth, kv_use: self.kv_usage }
    }
}

/// What llm-d adds to the age of the numbers until they show that a request ended: a scrape, and an engine that drops it.
const SCRAPE: Dur = Dur::from_us(50_000);
const ABORT: Dur = Dur::from_us(250_000);

struct UtilizationDetector {
    thresholds: Thresholds,
    stale: Dur,
    /// Share of the thresholds up to which an instance has room.
    room: f64,
}

impl Detector for UtilizationDetector {
    fn saturation(&self, fleet: &FleetView<'_>) -> f64 {
        let fresh = fleet.now.since(fleet.scraped_at) <= self.stale;
        let load = |q: u32, kv: f64| self.thresholds.saturation(q, kv);
        worse_stage(fleet, |counts| {
            let each = fleet.waiting.iter().zip(fleet.kv_usage).enumerate().filter(|(i, _)| counts(*i));
            let (sum, n) =
                each.fold((0.0, 0u32), |(sum, n), (_, (&q, &kv))| (sum + if fresh { load(q, kv) } else { 1.0 }, n + 1));
            (n > 0).then(|| sum / f64::from(n))
        })
    }

    fn has_room(&self, fleet: &FleetView<'_>, i: usize) -> bool {
        let Thresholds { queue_depth, kv_usage } = self.thresholds;
        f64::from(fleet.waiting[i]) < queue_depth * self.room && fleet.kv_usage[i] < kv_usage * self.room
    }

    fn lag(&self) -> Dur {
        SCRAPE + self.stale + ABORT
    }

    fn response(&self) -> Option<Response> {
        let saturated = |s: f64| if s >= 1.0 { 1.0 } else { 0.0 };
        Some(Response::new(self.thresholds.signal(), 2.0, "saturated", saturated))
    }
}
