//! Shortest queue: requests waiting at each instance, as of the last scrape.

use super::{Scorer, spread};
use crate::policy::{Ask, Badge, Candidate, FleetView, Kind, Meta, Response};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Scorer> = Kind {
    meta: Meta {
        id: "queue-scorer",
        title: "Shortest queue",
        doc: "(max − waiting) / (max − min) over the candidates; 1 for all when they are equal.",
        source: "llm-d-router, queue-scorer",
        badge: Badge::Exact,
        params: &[],
    },
    build: |_| Box::new(Queue),
};

struct Queue;

impl Scorer for Queue {
    fn score(&mut self, _: &Ask<'_>, fleet: &FleetView<'_>, weight: f64, candidates: &mut [Candidate]) {
        spread::fewest_is_best(weight, candidates, |i| fleet.waiting[i]);
    }

    fn response(&self) -> Option<Response> {
        Some(spread::response())
    }
}
