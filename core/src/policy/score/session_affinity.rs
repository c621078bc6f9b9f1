//! A conversation would rather stay where it is.

use super::{Scorer, add};
use crate::base::Id;
use crate::policy::session::{self, Sessions};
use crate::policy::{Ask, Badge, Candidate, FleetView, Instance, Kind, Meta};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Scorer> = Kind {
    meta: Meta {
        id: "session-affinity-scorer",
        title: "Keep a conversation on its server",
        doc: "1 for the instance that the conversation's last request went to, 0 for all others; 0 for all of a new one.",
        source: "llm-d-router, session-affinity-scorer",
        badge: Badge::Exact,
        params: session::PARAMS,
    },
    build: |p| Box::new(SessionAffinity(Sessions::new(p))),
};

struct SessionAffinity(Sessions);

impl Scorer for SessionAffinity {
    fn score(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, weight: f64, candidates: &mut [Candidate]) {
        if let Some(bound) = self.0.bound(ask, fleet.now) {
            add(weight, candidates, |i| if i == bound as usize { 1.0 } else { 0.0 });
        }
    }

    fn sent(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, chosen: Id<Instance>) {
        self.0.sent(ask, fleet.now, chosen.index());
    }
}
