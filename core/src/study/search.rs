//! The highest sustainable load of one deployment, by bisection on simulated loads: of a rate, or of a number of clients.
//!
//! A load is sustained when the fleet keeps up (the number in system grows by no more than 2 % of arrivals, beyond what
//! chance explains), every target of every class is met, and hardly anybody is turned away ([`super::served`]).

use super::served::sustained;
use super::{Fidelity, PointRun};
use crate::report::Report;
use crate::scenario::{Load, Plan};

/// Loads looked at: each halves what is left of the range, 8 leave less than half a percent of it.
const STEPS: u32 = 8;
/// The range begins at nothing and ends at this multiple of the nominal capacity, which few deployments exceed.
const RANGE: f64 = 1.2;

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Sustainable {
    /// The highest load that was sustained, and its report; none when not even the lowest was.
    pub best: Option<(Load, Report)>,
    /// The lowest load that was not.
    pub first_bad: Load,
}

/// A search in progress.
pub struct RateSearch<'p> {
    plan: &'p Plan,
    fidelity: Fidelity,
    /// The range, over the nominal capacity.
    low: f64,
    high: f64,
    steps: u32,
    best: Option<(Load, Report)>,
    current: Option<(f64, Load, PointRun<'p>)>,
}

impl<'p> RateSearch<'p> {
    /// A search that has not begun.
    #[must_use]
    pub fn new(plan: &'p Plan, fidelity: Fidelity) -> Self {
        RateSearch { plan, fidelity, low: 0.0, high: RANGE, steps: 0, best: None, current: None }
    }

    /// Handles up to `events` events; true once the search is over.
    pub fn advance(&mut self, events: u32) -> bool {
        if self.steps == STEPS {
            return true;
        }
        let middle = (self.low + self.high) / 2.0;
        let (plan, fidelity) = (self.plan, self.fidelity);
        let (_, _, run) = self.current.get_or_insert_with(|| {
            let load = plan.load_at(middle);
            (middle, load, PointRun::new(plan, load, fidelity))
        });
        if !run.advance(events) {
            return false;
        }
        let (load_frac, load, run) = self.current.take().expect("it was just advanced");
        let report = run.report().expect("everything is simulated");
        self.steps += 1;
        if sustained(self.plan.classes().iter().map(|c| c.priority), &report) {
            self.low = load_frac;
            self.best = Some((load, report));
        } else {
            self.high = load_frac;
        }
        self.steps == STEPS
    }

    /// What was found so far.
    #[must_use]
    pub fn result(self) -> Sustainable {
        Sustainable { best: self.best, first_bad: self.plan.load_at(self.high) }
    }
}
