//! Who is first in a flow: who came first, who may wait least, or whose first token is due soonest.

use super::{Ordering, Queued};
use crate::policy::{Badge, Kind, Meta};
use alloc::boxed::Box;

pub(super) const FCFS: Kind<dyn Ordering> = Kind {
    meta: Meta {
        id: "fcfs-ordering-policy",
        title: "First come, first served",
        doc: "By the time of arrival.",
        source: "llm-d-router, fcfs-ordering-policy",
        badge: Badge::Exact,
        params: &[],
    },
    build: |_| Box::new(By(|queued| queued.at.as_ps())),
};

pub(super) const EDF: Kind<dyn Ordering> = Kind {
    meta: Meta {
        id: "edf-ordering-policy",
        title: "Earliest deadline",
        doc: "By the time of arrival and how long the request may wait.",
        source: "llm-d-router, edf-ordering-policy",
        badge: Badge::Exact,
        params: &[],
    },
    build: |_| Box::new(By(|queued| queued.at.as_ps() + queued.ttl.as_ps())),
};

pub(super) const SLO_DEADLINE: Kind<dyn Ordering> = Kind {
    meta: Meta {
        id: "slo-deadline-ordering-policy",
        title: "Soonest due",
        doc: "By the time of arrival and the target of the time to first token; those without a target last.",
        source: "llm-d-router, slo-deadline-ordering-policy",
        badge: Badge::Exact,
        params: &[],
    },
    build: |_| Box::new(By(|queued| queued.slo_ttft.map_or(u64::MAX, |target| queued.at.as_ps() + target.as_ps()))),
};

struct By(fn(&Queued) -> u64);

impl Ordering for By {
    fn key(&self, queued: &Queued) -> u64 {
        (self.0)(queued)
    }
}
