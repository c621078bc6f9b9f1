//! Instances by their role in disaggregated serving: the label `llm-d.ai/role`.

use super::Filter;
use crate::base::Stream;
use crate::policy::{Ask, Badge, Candidate, FleetView, Kind, Meta, Stages};
use alloc::boxed::Box;
use alloc::vec::Vec;

pub(super) const DECODE: Kind<dyn Filter> = Kind {
    meta: Meta {
        id: "decode-filter",
        title: "Decoders only",
        doc: "Keeps instances whose role decodes, and those without a role.",
        source: "llm-d-router, decode-filter",
        badge: Badge::Exact,
        params: &[],
    },
    build: |_| Box::new(ByRole(|role| role.decodes || !role.labelled)),
};

pub(super) const PREFILL: Kind<dyn Filter> = Kind {
    meta: Meta {
        id: "prefill-filter",
        title: "Prefillers only",
        doc: "Keeps instances whose role computes prompts.",
        source: "llm-d-router, prefill-filter",
        badge: Badge::Exact,
        params: &[],
    },
    build: |_| Box::new(ByRole(|role| role.prefills)),
};

pub(super) const ENCODE: Kind<dyn Filter> = Kind {
    meta: Meta {
        id: "encode-filter",
        title: "Encoders only",
        doc: "Keeps instances whose role encodes images.",
        source: "llm-d-router, encode-filter",
        badge: Badge::Exact,
        params: &[],
    },
    build: |_| Box::new(ByRole(|role| role.encodes)),
};

struct ByRole(fn(Stages) -> bool);

impl Filter for ByRole {
    fn filter(&mut self, _: &Ask<'_>, fleet: &FleetView<'_>, candidates: &mut Vec<Candidate>, _: &mut Stream) {
        candidates.retain(|c| (self.0)(fleet.stages(c.at())));
    }
}
