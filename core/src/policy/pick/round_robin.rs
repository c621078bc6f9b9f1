//! Round robin: each candidate in turn.
//!
//! Over a fixed set it splits a Poisson stream into more regular ones (Erlang gaps), so instances queue
//! less than under random routing at the same load.

use super::Picker;
use crate::base::{Id, Stream};
use crate::policy::{Ask, Badge, Candidate, FleetView, Instance, Kind, Meta};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Picker> = Kind {
    meta: Meta {
        id: "round-robin-picker",
        title: "Round robin",
        doc: "Sends requests to the candidates in turn. Not an llm-d plugin: the usual baseline.",
        source: "textbook",
        badge: Badge::Textbook,
        params: &[],
    },
    build: |_| Box::new(RoundRobin { turn: 0 }),
};

struct RoundRobin {
    turn: usize,
}

impl Picker for RoundRobin {
    fn pick(
        &mut self,
        _: &Ask<'_>,
        _: &FleetView<'_>,
        candidates: &[Candidate],
        _: &mut Stream,
    ) -> Option<Id<Instance>> {
        if candidates.is_empty() {
            return None;
        }
        let chosen = candidates[self.turn % candidates.len()].instance;
        self.turn = (self.turn + 1) % candidates.len();
        Some(chosen)
    }
}
