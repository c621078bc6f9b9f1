//! Sheddable requests are rejected with a probability that rises steeply with saturation.

use super::Admitter;
use crate::base::{Stream, math};
use crate::policy::detect::{KV_USAGE, QUEUE_DEPTH, Thresholds};
use crate::policy::{Ask, Badge, FleetView, Kind, Meta, Param, ParamKind, Response};
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
            QUEUE_DEPTH,
            KV_USAGE,
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
    build: |p| Box::new(Probabilistic { thresholds: Thresholds::new(p), power: p.number("power"), k: p.number("k") }),
};

struct Probabilistic {
    thresholds: Thresholds,
    power: f64,
    k: f64,
}

impl Probabilistic {
    fn saturation(&self, fleet: &FleetView<'_>) -> f64 {
        if fleet.waiting.is_empty() {
            return 1.0;
        }
        let each = fleet.waiting.iter().zip(fleet.kv_usage);
        let sum: f64 = each.map(|(&q, &kv)| self.thresholds.saturation(q, kv)).sum();
        sum / fleet.waiting.len() as f64
    }
}

/// Probability that a request of negative priority is rejected.
fn rejected(k: f64, power: f64, saturation: f64) -> f64 {
    (k * math::pow(saturation, power)).min(1.0)
}

impl Admitter for Probabilistic {
    fn admits(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, draws: &mut Stream) -> bool {
        if ask.priority >= 0 {
            return true;
        }
        draws.unit(ask.number) >= rejected(self.k, self.power, self.saturation(fleet))
    }

    fn response(&self) -> Option<Response> {
        let Probabilistic { ref thresholds, power, k } = *self;
        // Where it becomes certain, and as much again.
        let certain = math::pow(1.0 / k, 1.0 / power);
        let to = if certain.is_finite() { (2.0 * certain).clamp(0.01, 100.0) } else { 1.0 };
        Some(Response::new(thresholds.signal(), to, "rejected", move |s| rejected(k, power, s)))
    }
}
