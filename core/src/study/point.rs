//! One offered load, replication after replication, in slices.

use super::{Budget, Fidelity};
use crate::cluster::{Progress, Sim};
use crate::report::{Report, RunRecord, report};
use crate::scenario::{Load, Plan};
use alloc::vec::Vec;

/// A load being simulated: advanced in slices, so that whoever drives it can stop in between.
pub struct PointRun<'p> {
    plan: &'p Plan,
    load: Load,
    budget: Budget,
    done: Vec<RunRecord>,
    current: Option<Sim>,
}

impl<'p> PointRun<'p> {
    /// Ready to simulate a load at a fidelity.
    #[must_use]
    pub fn new(plan: &'p Plan, load: Load, fidelity: Fidelity) -> Self {
        PointRun { plan, load, budget: fidelity.budget(plan, load), done: Vec::new(), current: None }
    }

    /// Handles up to `events` events; true once everything is simulated.
    pub fn advance(&mut self, events: u32) -> bool {
        if self.done.len() as u32 == self.budget.replications {
            return true;
        }
        let replication = self.done.len() as u32;
        let Budget { horizon, follow, .. } = self.budget;
        let new = || Sim::new(self.plan, self.load, replication, horizon).following(follow);
        let sim = self.current.get_or_insert_with(new);
        if sim.advance(events) == Progress::Over {
            let record = self.current.take().map(Sim::into_record).expect("it was just advanced");
            self.done.push(record);
        }
        self.done.len() as u32 == self.budget.replications
    }

    /// Share of the work that is done, by whole replications.
    #[must_use]
    pub fn progress(&self) -> f64 {
        self.done.len() as f64 / f64::from(self.budget.replications)
    }

    /// The report, once everything is simulated.
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        (self.done.len() as u32 == self.budget.replications).then(|| report(self.plan, self.load, &self.done))
    }
}
