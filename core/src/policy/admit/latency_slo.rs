//! Sheddable requests with targets are rejected where no instance is predicted to meet them.

use super::Admitter;
use crate::base::Stream;
use crate::policy::produce::{Headroom, PREDICTION_SOURCE};
use crate::policy::{Ask, Badge, FleetView, Kind, Meta};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Admitter> = Kind {
    meta: Meta {
        id: "latency-slo-admitter",
        title: "Shed what would be late",
        doc: "Rejects a request of negative priority with targets when no instance is predicted to meet them, none is idle \
              and none has less than 2 % of its KV blocks in use.",
        source: "llm-d-router, latency-slo-admitter",
        badge: Badge::Exact,
        params: &[PREDICTION_SOURCE],
    },
    build: |p| {
        p.reads_predictions(PREDICTION_SOURCE.id);
        Box::new(LatencySlo)
    },
};

/// KV use below which an instance counts as cold.
const COLD_KV_USAGE: f64 = 0.02;

struct LatencySlo;

impl Admitter for LatencySlo {
    fn admits(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, _: &mut Stream) -> bool {
        if ask.priority >= 0 || (ask.slo_ttft.is_none() && ask.slo_tpot.is_none()) {
            return true;
        }
        (0..fleet.waiting.len()).any(|i| {
            let meets = fleet.prediction(i).is_some_and(|p| Headroom::of(ask, p).is_positive());
            meets || fleet.running[i] == 0 || fleet.kv_usage[i] < COLD_KV_USAGE
        })
    }
}
