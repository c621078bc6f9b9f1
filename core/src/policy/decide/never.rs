//! Never: every prompt is computed where it is decoded, for comparison.

use super::{Decider, Stage};
use crate::base::Stream;
use crate::policy::{Ask, Badge, FleetView, Kind, Meta};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Decider> = Kind {
    meta: Meta {
        id: "never-disagg-pd-decider",
        title: "Never apart",
        doc: "Every prompt is computed by the instance that decodes; the prefill pool is idle.",
        source: "for comparison; as llm-d's prefix-based-pd-decider with nonCachedTokens 0",
        badge: Badge::Textbook,
        params: &[],
    },
    build: |_| Box::new(Never),
};

struct Never;

impl Decider for Never {
    fn disaggregates(&mut self, _: &Ask<'_>, _: &FleetView<'_>, _: &Stage<'_>, _: &mut Stream) -> bool {
        false
    }

    fn share(&self, _: f64) -> Option<f64> {
        Some(0.0)
    }
}
