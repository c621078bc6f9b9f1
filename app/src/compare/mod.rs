//! The comparison: up to four scenarios under the same random numbers, each against the first, as sentences, a table and
//! figures.
//!
//! `case` says what there is to compare, `run` has it simulated, `names` and `words` put it into words, `view`, `sides`,
//! `numbers` and `overlay` put it on the page, `saved` into files.

mod case;
mod names;
mod numbers;
mod overlay;
mod run;
mod saved;
mod sides;
mod view;
mod words;

pub(crate) use case::Variants;
pub(crate) use sides::{add, leave, rebase, rebasing, remove, removing, view as sides, which as which_side};
pub(crate) use view::{embedded, view};

use crate::panel;
use crate::pool::Stage;
use crate::state::{Experiment, Memory, Phase, Store, Tab, catalogue};
use case::Case;
use leptos::prelude::*;
use names::Setting;
use playground_core::scenario::{Policies, Scenario};
use playground_core::study::Answer;
use playground_core::study::compare::Side;
use run::{Run, Runner};
use std::rc::Rc;
use std::sync::Arc;

/// The comparison of the page. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Compare {
    store: Store,
    /// Settings in which the sides differ.
    settings: Memo<Vec<Setting>>,
    case: Memo<Case>,
    run: RwSignal<Option<Run>>,
    runner: StoredValue<Rc<Runner>, LocalStorage>,
    /// How figures are laid out.
    layout: RwSignal<Layout>,
}

/// Where the sides are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// All in one figure.
    Overlay,
    /// Each in a figure of its own, on the same axes.
    Apart,
}

impl Layout {
    /// Its name in tests.
    fn name(self) -> &'static str {
        match self {
            Layout::Overlay => "overlay",
            Layout::Apart => "apart",
        }
    }
}

impl Compare {
    /// From now on, whatever is compared is simulated once its part of the page is on.
    pub(crate) fn new(store: Store, memory: Memory) -> Self {
        let settings = Memo::new(move |_| case::settings(&store.followed()));
        let case = Memo::new(move |_| {
            let experiment = store.followed();
            settings.with(|s| Case::of(&experiment, s, catalogue()))
        });
        let run = RwSignal::new(None);
        let runner = StoredValue::new_local(Runner::new(run, memory));
        let answering = Memo::new(move |_| {
            matches!(store.phase.get(), Phase::Running | Phase::Draft) && !store.work.with(|w| w.stopped)
        });
        let on = move || store.embedded || store.tab.get() == Tab::Compare;
        Effect::new(move |_| {
            let free = on() && !answering.get();
            case.with(|c| runner.with_value(Rc::clone).follow(c.variants(), free));
        });
        Compare { store, settings, case, run, runner, layout: RwSignal::new(Layout::Overlay) }
    }

    /// Whether what is shown is of other settings than those of now.
    fn is_stale(self) -> bool {
        self.run.with(|r| r.as_ref().is_some_and(|r| self.case.with(|c| c.variants() != Some(&r.variants))))
    }

    fn is_running(self) -> bool {
        self.run.with(|r| r.as_ref().is_some_and(Run::is_running))
    }

    /// The sides there are, followed.
    fn sides(self) -> &'static [Side] {
        sides::all(self.store)
    }

    /// Whether every load of all is there, as they are now.
    fn is_whole(self) -> bool {
        self.run.with(|r| r.as_ref().is_some_and(|r| r.stage == Stage::Done)) && !self.is_stale()
    }

    /// Calls with what was found, once the own load of every side is there.
    fn with_answers<T>(self, f: impl FnOnce(&Run, &[&Answer]) -> T) -> Option<T> {
        self.run.with(|run| {
            let run = run.as_ref()?;
            Some(f(run, &run.answers()?))
        })
    }

    /// Stops a comparison that is being simulated, and keeps what was found.
    pub(crate) fn cancel(self) {
        self.runner.with_value(Rc::clone).cancel();
    }

    fn start(self) {
        if let Some(variants) = self.case.get_untracked().variants() {
            self.runner.with_value(Rc::clone).start(variants);
        }
    }

    /// All sides, where they make pairs; followed.
    pub(crate) fn variants(self) -> Option<Arc<Variants>> {
        self.case.with(|case| case.variants().cloned())
    }

    /// Why several sides make no pairs, where they do not; followed.
    pub(crate) fn why_no_pairs(self) -> Option<String> {
        self.case.with(|case| case.why_no_pairs(self.sides()))
    }

    /// That the sides are not sent the same requests, where they are not; followed.
    pub(crate) fn unlike(self) -> Option<String> {
        (!case::is_like_for_like(&self.store.followed())).then(|| case::unlike(self.sides()))
    }

    /// A side's name, by what differs; followed.
    pub(crate) fn name(self, side: Side) -> String {
        self.settings.with(|s| names::side(s, side))
    }
}

/// Begins a comparison with a copy: A stays, B is what is being edited.
pub(crate) fn with_copy(store: Store) {
    let scenario = store.scenario.get_untracked();
    store.compare("Compare with a copy", Experiment::comparing(scenario.clone(), scenario));
}

/// Another way to route to compare the scenario's with: what to press, and what it is compared with.
pub(crate) fn routing_offer(scenario: &Scenario) -> (&'static str, Experiment) {
    let with = |policies: Policies| Scenario { policies, ..scenario.clone() };
    match panel::rival(&scenario.policies) {
        (baseline, true) => {
            ("Compare with round-robin routing", Experiment::comparing(with(baseline), scenario.clone()))
        }
        (profile, false) => {
            ("Compare with llm-d’s default profile", Experiment::comparing(scenario.clone(), with(profile)))
        }
    }
}

/// Begins the comparison that [`routing_offer`] offers.
pub(crate) fn with_other_routing(store: Store) {
    let (label, experiment) = store.scenario.with_untracked(routing_offer);
    store.compare(label, experiment);
}
