//! llm-d's utilization detector: how saturated a pool is, by queues and KV caches as of the last scrape.

use crate::policy::{Badge, FleetView, Meta, Param, ParamKind, Params};

/// The plugin.
pub static META: Meta = Meta {
    id: "utilization-detector",
    title: "Utilization detector",
    doc: "Saturation is the mean over instances of max(waiting/queueDepthThreshold, KV use/kvCacheUtilThreshold); 1 and above is saturated.",
    source: "llm-d-router, utilization-detector",
    badge: Badge::Exact,
    params: &[
        Param {
            id: "queueDepthThreshold",
            kind: ParamKind::Integer { min: 1, max: 1_000_000_000, default: 5 },
            doc: "Waiting requests at which an instance counts as saturated.",
        },
        Param {
            id: "kvCacheUtilThreshold",
            kind: ParamKind::Number { min: 0.01, max: 1.0, default: 0.8 },
            doc: "Share of KV blocks in use at which an instance counts as saturated.",
        },
    ],
};

/// The detector with its thresholds.
#[derive(Clone, Copy, Debug)]
pub struct UtilizationDetector {
    queue_depth: f64,
    kv_usage: f64,
}

impl UtilizationDetector {
    /// With these parameters.
    #[must_use]
    pub fn new(params: &Params<'_>) -> Self {
        UtilizationDetector {
            queue_depth: params.integer("queueDepthThreshold") as f64,
            kv_usage: params.number("kvCacheUtilThreshold"),
        }
    }

    /// How saturated the fleet is.
    #[must_use]
    pub fn saturation(&self, fleet: &FleetView<'_>) -> f64 {
        if fleet.waiting.is_empty() {
            return 1.0;
        }
        let each = fleet.waiting.iter().zip(fleet.kv_usage);
        let sum: f64 = each.map(|(&q, &kv)| (f64::from(q) / self.queue_depth).max(kv / self.kv_usage)).sum();
        sum / fleet.waiting.len() as f64
    }
}
