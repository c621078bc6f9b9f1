//! Fairness between flows without a memory of what they used: one order for all, or each in turn.

use super::{Fairness, FlowView};
use crate::base::Time;
use crate::policy::{Badge, Kind, Meta};
use alloc::boxed::Box;

pub(super) const GLOBAL_STRICT: Kind<dyn Fairness> = Kind {
    meta: Meta {
        id: "global-strict-fairness-policy",
        title: "One order for all flows",
        doc: "The flow whose first request comes first by the band's ordering policy, as if there were one flow.",
        source: "llm-d-router, global-strict-fairness-policy",
        badge: Badge::Exact,
        params: &[],
    },
    build: |_| Box::new(GlobalStrict),
};

pub(super) const ROUND_ROBIN: Kind<dyn Fairness> = Kind {
    meta: Meta {
        id: "round-robin-fairness-policy",
        title: "Flows in turn",
        doc: "The next flow that has requests, after the one that was last.",
        source: "llm-d-router, round-robin-fairness-policy",
        badge: Badge::Exact,
        params: &[],
    },
    build: |_| Box::new(RoundRobin { last: None }),
};

struct GlobalStrict;

impl Fairness for GlobalStrict {
    fn pick(&mut self, _: Time, flows: &[FlowView]) -> Option<usize> {
        let heads = flows.iter().enumerate().filter_map(|(place, flow)| Some((flow.head?, place)));
        heads.min().map(|(_, place)| place)
    }
}

struct RoundRobin {
    /// The class of the flow that was last.
    last: Option<u32>,
}

impl Fairness for RoundRobin {
    fn pick(&mut self, _: Time, flows: &[FlowView]) -> Option<usize> {
        let with_requests = || flows.iter().enumerate().filter(|(_, flow)| flow.head.is_some());
        let after = |class: u32| self.last.is_some_and(|last| class > last);
        let next = with_requests().find(|(_, flow)| after(flow.class)).or_else(|| with_requests().next())?;
        self.last = Some(next.1.class);
        Some(next.0)
    }
}
