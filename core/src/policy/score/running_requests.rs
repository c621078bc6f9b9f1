//! Smallest batch: requests running at each instance, as of the last scrape.

use super::{Scorer, spread};
use crate::policy::{Ask, Badge, Candidate, FleetView, Kind, Meta, Response};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Scorer> = Kind {
    meta: Meta {
        id: "running-requests-size-scorer",
        title: "Smallest batch",
        doc: "(max − running) / (max − min) over the candidates; 1 for all when they are equal.",
        source: "llm-d-router, running-requests-size-scorer",
        badge: Badge::Exact,
        params: &[],
    },
    build: |_| Box::new(RunningRequests),
};

struct RunningRequests;

impl Scorer for RunningRequests {
    fn score(&mut self, _: &Ask<'_>, fleet: &FleetView<'_>, weight: f64, candidates: &mut [Candidate]) {
        spread::fewest_is_best(weight, candidates, |i| fleet.running[i]);
    }

    fn response(&self) -> Option<Response> {
        Some(spread::response())
    }
}
