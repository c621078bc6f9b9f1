//! Textbook pickers by load: the candidate with the fewest requests, of all or of a few drawn at random.

use super::Picker;
use crate::base::{Id, Stream};
use crate::policy::{Ask, Badge, Candidate, FleetView, Instance, Kind, Meta, Param, ParamKind};
use alloc::boxed::Box;
use alloc::vec::Vec;

pub(super) const JOIN_SHORTEST_QUEUE: Kind<dyn Picker> = Kind {
    meta: Meta {
        id: "join-shortest-queue-picker",
        title: "Join the shortest queue",
        doc: "Picks the candidate with the fewest requests in flight, counted by the router and so never stale; ties at \
              random. Not an llm-d plugin.",
        source: "Winston 1977, Optimality of the shortest line discipline",
        badge: Badge::Textbook,
        params: &[],
    },
    build: |_| Box::new(Fewest { load: |fleet, i| u64::from(fleet.in_flight[i]), of: usize::MAX, drawn: Vec::new() }),
};

pub(super) const LEAST_LOADED: Kind<dyn Picker> = Kind {
    meta: Meta {
        id: "least-loaded-picker",
        title: "Least loaded",
        doc: "Picks the candidate with the smallest sum of requests waiting and running, as of the last scrape, and in \
              flight; ties at random. Not an llm-d plugin.",
        source: "inference-sim, least-loaded",
        badge: Badge::Textbook,
        params: &[],
    },
    build: |_| {
        let load = |fleet: &FleetView<'_>, i: usize| {
            u64::from(fleet.waiting[i]) + u64::from(fleet.running[i]) + u64::from(fleet.in_flight[i])
        };
        Box::new(Fewest { load, of: usize::MAX, drawn: Vec::new() })
    },
};

pub(super) const POWER_OF_CHOICES: Kind<dyn Picker> = Kind {
    meta: Meta {
        id: "power-of-choices-picker",
        title: "Best of a few",
        doc: "Draws a few different candidates at random and picks the one with the fewest requests in flight; ties at \
              random. Not an llm-d plugin.",
        source: "Mitzenmacher 2001, The power of two choices in randomized load balancing",
        badge: Badge::Textbook,
        params: &[Param {
            id: "choices",
            kind: ParamKind::Integer { min: 1, max: 1024, default: 2 },
            doc: "Candidates that are drawn.",
        }],
    },
    build: |p| {
        let of = usize::try_from(p.integer("choices")).expect("checked to be in range");
        Box::new(Fewest { load: |fleet, i| u64::from(fleet.in_flight[i]), of, drawn: Vec::new() })
    },
};

struct Fewest {
    load: fn(&FleetView<'_>, usize) -> u64,
    /// How many candidates are looked at.
    of: usize,
    /// Places of candidates, those drawn first.
    drawn: Vec<u32>,
}

impl Picker for Fewest {
    fn pick(
        &mut self,
        ask: &Ask<'_>,
        fleet: &FleetView<'_>,
        candidates: &[Candidate],
        draws: &mut Stream,
    ) -> Option<Id<Instance>> {
        let n = u32::try_from(candidates.len()).ok().filter(|&n| n > 0)?;
        let mut draws = draws.several(ask.number);
        self.drawn.clear();
        self.drawn.extend(0..n);
        if self.of < candidates.len() {
            // The first places of a shuffle.
            for i in 0..self.of {
                let other = i + draws.below(n - i as u32) as usize;
                self.drawn.swap(i, other);
            }
            self.drawn.truncate(self.of);
        }
        let load = |place: u32| (self.load)(fleet, candidates[place as usize].at());
        let fewest = self.drawn.iter().map(|&place| load(place)).min()?;
        self.drawn.retain(|&place| load(place) == fewest);
        let chosen = self.drawn[draws.below(self.drawn.len() as u32) as usize];
        Some(candidates[chosen as usize].instance)
    }
}
