//! A scheduling profile: filters remove instances, scorers rate those that are left, a picker chooses.

use super::filter::Filter;
use super::pick::Picker;
use super::score::Scorer;
use super::{Ask, Candidate, FleetView, Instance, Why};
use crate::base::{Id, Stream};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// How one run places its requests. Weights are not normalised: for the highest score only their ratios matter, for a
/// choice at random their sizes do.
pub struct SchedulingProfile {
    filters: Vec<(Box<dyn Filter>, Stream)>,
    /// (weight, scorer).
    scorers: Vec<(f64, Box<dyn Scorer>)>,
    picker: Box<dyn Picker>,
    draws: Stream,
    instances: u32,
    candidates: Vec<Candidate>,
    /// The last choice, where it is asked for.
    why: Option<Why>,
}

impl SchedulingProfile {
    /// A profile over so many instances. Each filter has draws of its own, the picker has `draws`.
    #[must_use]
    pub fn new(
        filters: Vec<(Box<dyn Filter>, Stream)>,
        scorers: Vec<(f64, Box<dyn Scorer>)>,
        (picker, draws): (Box<dyn Picker>, Stream),
        instances: u32,
    ) -> Self {
        SchedulingProfile { filters, scorers, picker, draws, instances, candidates: Vec::new(), why: None }
    }

    /// From now on the last choice is written down.
    pub fn explain(&mut self) {
        self.why = Some(Why::default());
    }

    /// The last choice, where it is written down.
    #[must_use]
    pub fn why(&self) -> Option<&Why> {
        self.why.as_ref()
    }

    /// Chooses an instance for a request; none when the filters leave nobody.
    pub fn choose(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>) -> Option<Id<Instance>> {
        self.candidates.clear();
        self.candidates.extend((0..self.instances).map(|i| Candidate { instance: Id::new(i), score: 0.0 }));
        for (filter, draws) in &mut self.filters {
            filter.filter(ask, fleet, &mut self.candidates, draws);
        }
        if let Some(why) = &mut self.why {
            why.begin();
        }
        for (weight, scorer) in &mut self.scorers {
            scorer.score(ask, fleet, *weight, &mut self.candidates);
            if let Some(why) = &mut self.why {
                why.scored(&self.candidates);
            }
        }
        if let Some(why) = &mut self.why {
            why.end(&self.candidates);
        }
        self.picker.pick(ask, fleet, &self.candidates, &mut self.draws)
    }

    /// The request is sent to the instance that was chosen.
    pub fn sent(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, chosen: Id<Instance>) {
        for (filter, _) in &mut self.filters {
            filter.sent(ask, fleet, chosen);
        }
        for (_, scorer) in &mut self.scorers {
            scorer.sent(ask, fleet, chosen);
        }
    }
}
