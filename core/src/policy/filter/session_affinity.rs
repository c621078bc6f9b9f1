//! A conversation stays where it began: a hard pin.

use super::Filter;
use crate::base::{Id, Stream};
use crate::policy::session::{self, Sessions};
use crate::policy::{Ask, Badge, Candidate, FleetView, Instance, Kind, Meta};
use alloc::boxed::Box;
use alloc::vec::Vec;

pub(super) const KIND: Kind<dyn Filter> = Kind {
    meta: Meta {
        id: "session-affinity-filter",
        title: "Pin a conversation to its server",
        doc: "Keeps only the instance that the conversation's last request went to; all of them for a new one.",
        source: "llm-d-router, session-affinity-filter",
        badge: Badge::Exact,
        params: session::PARAMS,
    },
    build: |p| Box::new(SessionAffinity(Sessions::new(p))),
};

struct SessionAffinity(Sessions);

impl Filter for SessionAffinity {
    fn filter(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, candidates: &mut Vec<Candidate>, _: &mut Stream) {
        if let Some(bound) = self.0.bound(ask, fleet.now) {
            super::keep_or_all(candidates, |i| i == bound as usize);
        }
    }

    fn sent(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, chosen: Id<Instance>) {
        self.0.sent(ask, fleet.now, chosen.index());
    }
}
