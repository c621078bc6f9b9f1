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
    /// Chooses an instance for a request. `view`'s columns of prefix matches are filled in here.
    pub fn route(&mut self, ask: &Ask<'_>, view: &FleetView<'_>, draws: &mut Stream) -> Option<Id<Instance>> {
        let mut view = *view;
        if let Some(prefix) = &mut self.prefix {
            prefix.look_up(ask.prompt);
            view.prefix_match = prefix.matched();
            view.prefix_blocks = prefix.blocks();
            view.prefix_block_tokens = prefix.block_tokens();
        }
        for candidate in &mut self.candidates {
            candidate.score = 0.0;
        }
        for (weight, scorer) in &mut self.scorers {
            scorer.score(ask, &view, *weight, &mut self.candidates);
        }
        let chosen = self.picker.pick(ask, &view, &self.candidates, draws)?;
        if let Some(prefix) = &mut self.prefix {
            prefix.sent(chosen.index());
        }
        Some(chosen)
    }
}
