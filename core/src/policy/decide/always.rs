//! Always: every prompt is computed apart.

use super::{Decider, Stage};
use crate::base::Stream;
use crate::policy::{Ask, Badge, FleetView, Kind, Meta};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Decider> = Kind {
    meta: Meta {
        id: "always-disagg-pd-decider",
        title: "Always apart",
        doc: "Every prompt is computed by the prefill pool.",
        source: "llm-d-router, always-disagg-pd-decider",
        badge: Badge::Exact,
        params: &[],
    },
    build: |_| Box::new(Always),
};

struct Always;

impl Decider for Always {
    fn disaggregates(&mut self, _: &Ask<'_>, _: &FleetView<'_>, _: &Stage<'_>, _: &mut Stream) -> bool {
        true
    }

    fn share(&self, _: f64) -> Option<f64> {
        Some(1.0)
    }
}
