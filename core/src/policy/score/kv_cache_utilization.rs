//! Emptiest KV cache, as of the last scrape. Blocks that are idle but remembered count as free.

use super::{Scorer, add};
use crate::policy::{Ask, Badge, Candidate, FleetView, Kind, Meta, Response, Signal};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Scorer> = Kind {
    meta: Meta {
        id: "kv-cache-utilization-scorer",
        title: "Emptiest KV cache",
        doc: "1 − share of KV blocks in use.",
        source: "llm-d-router, kv-cache-utilization-scorer",
        badge: Badge::Exact,
        params: &[],
    },
    build: |_| Box::new(KvCacheUtilization),
};

struct KvCacheUtilization;

fn free(used: f64) -> f64 {
    1.0 - used
}

impl Scorer for KvCacheUtilization {
    fn score(&mut self, _: &Ask<'_>, fleet: &FleetView<'_>, weight: f64, candidates: &mut [Candidate]) {
        add(weight, candidates, |i| free(fleet.kv_usage[i]));
    }

    fn response(&self) -> Option<Response> {
        Some(Response::new(Signal::KvUse, 1.0, "score", free))
    }
}
