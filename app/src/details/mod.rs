//! A close look at one load: what happened when, whole distributions, what the first token waited for, every class.
//!
//! `figures` and `tables` put a report on the page, `words` says it, `view` puts all of it together.

mod figures;
mod tables;
mod view;
mod words;

pub(crate) use view::{chooser, view};

use crate::state::{Shown, Store, Tab};
use leptos::prelude::*;
use playground_core::report::Report;
use playground_core::scenario::Load;
use playground_core::study::Answer;

/// The close look of the page. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Details {
    store: Store,
    /// The load that was chosen; none: the scenario's own.
    chosen: RwSignal<Option<Load>>,
}

impl Details {
    pub(crate) fn new(store: Store) -> Self {
        Details { store, chosen: RwSignal::new(None) }
    }

    /// Shows this load closely.
    pub(crate) fn open(self, load: Load) {
        self.choose(load);
        self.store.show(Tab::Details);
    }

    fn choose(self, load: Load) {
        let own = self.store.scenario.with_untracked(|s| s.workload.arrival.load());
        self.chosen.set(Some(load).filter(|load| own != Some(*load)));
    }

    /// The load that is looked at, where there is an answer.
    pub(crate) fn load(self) -> Option<Load> {
        self.look(|report, _| report.load)
    }

    /// Whether anybody looks.
    fn is_on(self) -> bool {
        self.store.tab.get() == Tab::Details
    }

    /// Calls with the report that is looked at, and the answer it is part of; none while there is nothing, or nobody
    /// looks.
    fn with<T>(self, f: impl FnOnce(&Report, &Answer) -> T) -> Option<T> {
        if !self.is_on() {
            return None;
        }
        self.look(f)
    }

    /// The same whoever looks.
    fn look<T>(self, f: impl FnOnce(&Report, &Answer) -> T) -> Option<T> {
        let chosen = self.chosen.get();
        self.store.shown.with(|shown| {
            let answer = shown.as_ref().and_then(Shown::answer)?;
            Some(f(nearest(answer, chosen), answer))
        })
    }
}

/// The report of a load, or of the one that is nearest to it: loads of a curve move when the scenario changes. The
/// scenario's own where none was chosen, or one of another kind.
fn nearest(answer: &Answer, chosen: Option<Load>) -> &Report {
    let own = &answer.report;
    let Some(chosen) = chosen.filter(|c| c.is_closed() == own.load.is_closed()) else { return own };
    let far = |report: &Report| (report.load.amount() - chosen.amount()).abs();
    answer.curve.iter().map(|c| &c.report).chain([own]).min_by(|a, b| far(a).total_cmp(&far(b))).unwrap_or(own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::catalog::Catalog;
    use playground_core::scenario::{Scenario, resolve};
    use playground_core::study::{Fidelity, LoadCurve};

    #[test]
    fn a_load_that_is_gone_is_the_nearest_one() {
        let mut s = Scenario::default();
        (s.run.requests, s.run.replications, s.run.load.points) = (50, 1, 4);
        let answer = LoadCurve::run(&resolve(&s, &Catalog::builtin()).expect("is sound"), Fidelity::Settled);
        let own = answer.report.load;
        assert_eq!(nearest(&answer, None).load, own);
        assert_eq!(nearest(&answer, Some(Load::Concurrency(3))).load, own);
        assert_eq!(nearest(&answer, Some(Load::Rate(own.amount() + 0.01))).load, own);
        assert_eq!(nearest(&answer, Some(Load::Rate(1e9))).load, answer.curve[3].report.load);
        let third = answer.curve[2].report.load;
        assert_eq!(nearest(&answer, Some(third)).load, third);
    }
}
