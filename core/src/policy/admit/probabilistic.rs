//! Sheddable requests are rejected with a probability that rises steeply with saturation.

use super::Admitter;
use crate::base::{Stream, math};
use crate::policy::{Ask, Badge, FleetView, Kind, Meta, Param, ParamKind};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Admitter> = Kind {
    meta: Meta {
        id: "probabilistic-admitter",
        title: "Shed by chance",
        doc: "Rejects a request of negative priority with probability min(1, k·S^power), S the mean over instances of \
              max(waiting/queueDepthThreshold, KV use/kvCacheUtilThreshold).",
        source: "llm-d-router, probabilistic-admitter",
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
            Param {
                id: "power",
                kind: ParamKind::Number { min: 0.01, max: 100.0, default: 5.0 },
                doc: "How steeply the probability rises.",
            },
            Param {
                id: "k",
                kind: ParamKind::Number { min: 0.0, max: 1e12, default: 300.0 },
                doc: "Factor of the probability.",
            },
        ],
    },
    build: |p| {
        Box::new(Probabilistic {
            queue_depth: p.integer("queueDepthThreshold") as f64,
            kv_usage: p.number("kvCacheUtilThreshold"),
            power: p.number("power"),
            k: p.number("k"),
        })
    },
};

struct Probabilistic {
    queue_depth: f64,
    kv_usage: f64,
    power: f64,
    k: f64,
}

impl Probabilistic {
    fn saturation(&self, fleet: &FleetView<'_>) -> f64 {
        if fleet.waiting.is_empty() {
            return 1.0;
        }
        let each = fleet.waiting.iter().zip(fleet.kv_usage);
        let sum: f64 = each.map(|(&q, &kv)| (f64::from(q) / self.queue_depth).max(kv / self.kv_usage)).sum();
        sum / fleet.waiting.len() as f64
    }
}

impl Admitter for Probabilistic {
    fn admits(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, draws: &mut Stream) -> bool {
        if ask.priority >= 0 {
            return true;
        }
        let rejected = (self.k * math::pow(self.saturation(fleet), self.power)).min(1.0);
        draws.unit(ask.number) >= rejected
    }
}
