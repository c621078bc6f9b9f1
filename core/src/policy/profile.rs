//! A scheduling profile: scorers rate the instances, a picker chooses.

use super::pick::Picker;
use super::produce::ApproxPrefix;
use super::score::Scorer;
use super::{Ask, Candidate, FleetView, Instance};
use crate::base::{Id, Stream};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// How one run places its requests.
pub struct SchedulingProfile {
    /// (weight, scorer).
    pub scorers: Vec<(f64, Box<dyn Scorer>)>,
    /// The last stage.
    pub picker: Box<dyn Picker>,
    /// Where prompts went, if a scorer asks for it.
    pub prefix: Option<ApproxPrefix>,
    /// Every instance, with room for its score.
    pub candidates: Vec<Candidate>,
}

impl SchedulingProfile {
    /// Chooses an instance for a request, and remembers where it went.
    pub fn route(&mut self, ask: &Ask<'_>, view: &FleetView<'_>, draws: &mut Stream) -> Option<Id<Instance>> {
        self.look_up(ask);
        let chosen = self.choose(ask, view, draws)?;
        self.sent(chosen);
        Some(chosen)
    }

    /// Works out which instance is believed to hold how much of a prompt.
    pub fn look_up(&mut self, ask: &Ask<'_>) {
        if let Some(prefix) = &mut self.prefix {
            prefix.look_up(ask.prompt);
        }
    }

    /// The fleet with the columns of prefix matches filled in, as of the last lookup; where this profile keeps none, as
    /// given.
    #[must_use]
    pub fn seen<'a>(&'a self, view: &FleetView<'a>) -> FleetView<'a> {
        seen(self.prefix.as_ref(), view)
    }

    /// Chooses an instance for the request that was looked up.
    pub fn choose(&mut self, ask: &Ask<'_>, view: &FleetView<'_>, draws: &mut Stream) -> Option<Id<Instance>> {
        let view = seen(self.prefix.as_ref(), view);
        for candidate in &mut self.candidates {
            candidate.score = 0.0;
        }
        for (weight, scorer) in &mut self.scorers {
            scorer.score(ask, &view, *weight, &mut self.candidates);
        }
        self.picker.pick(ask, &view, &self.candidates, draws)
    }

    /// The request that was looked up is sent to an instance.
    pub fn sent(&mut self, instance: Id<Instance>) {
        if let Some(prefix) = &mut self.prefix {
            prefix.sent(instance.index());
        }
    }
}

fn seen<'a>(prefix: Option<&'a ApproxPrefix>, view: &FleetView<'a>) -> FleetView<'a> {
    prefix.map_or(*view, |prefix| FleetView {
        prefix_match: prefix.matched(),
        prefix_blocks: prefix.blocks(),
        prefix_block_tokens: prefix.block_tokens(),
        ..*view
    })
}
