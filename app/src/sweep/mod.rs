//! The sweep: every combination of a few settings, each with the highest load it sustains, as a picture and a table.
//!
//! `run` has it simulated, `words` and `table` say what was found, `view` and `plot` put it on the page.

mod axes;
mod plot;
mod run;
mod table;
mod view;
mod words;

pub(crate) use view::view;

use crate::state::{Experiment, Gesture, Store, Tab, Tone};
use axes::Field;
use leptos::prelude::*;
use playground_core::scenario::{Scenario, SweepAxis};
use playground_core::study::sweep::{COMBINATIONS_MAX, Combination};
use run::{Run, Runner};
use std::rc::Rc;

/// The sweep of the page. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Sweep {
    store: Store,
    fields: RwSignal<Vec<Field>>,
    /// The axes, or which of them is no list of values, and why.
    axes: Memo<Result<Vec<SweepAxis>, Vec<Option<String>>>>,
    run: RwSignal<Option<Run>>,
    stale: Memo<bool>,
    runner: StoredValue<Rc<Runner>, LocalStorage>,
}

impl Sweep {
    pub(crate) fn new(store: Store) -> Self {
        let fields = RwSignal::new(store.scenario.with_untracked(axes::of));
        let swept = Memo::new(move |_| store.scenario.with(|s| s.sweep.clone()));
        Effect::new(move |before: Option<()>| {
            swept.with(|_| ());
            // Another scenario with other axes was opened.
            if before.is_some() {
                fields.set(store.scenario.with_untracked(axes::of));
            }
        });
        let axes = Memo::new(move |_| {
            // Every value is tried on the scenario: only while somebody looks is that done again with every edit.
            if store.tab.get() == Tab::Sweep {
                store.scenario.track();
            }
            let read: Vec<_> =
                store.scenario.with_untracked(|s| fields.with(|all| all.iter().map(|f| f.axis(s)).collect()));
            if read.iter().all(Result::is_ok) {
                Ok(read.into_iter().flatten().collect())
            } else {
                Err(read.into_iter().map(Result::err).collect())
            }
        });
        let run = RwSignal::new(None);
        let runner = StoredValue::new_local(Runner::new(run));
        Sweep { store, fields, axes, run, stale: stale(store, run), runner }
    }

    /// How many combinations the axes make.
    fn count(self) -> Option<usize> {
        self.axes.with(|axes| Some(axes.as_ref().ok()?.iter().map(|a| a.values.len()).product()))
    }

    /// Whether they can be run.
    fn is_ready(self) -> bool {
        self.count().is_some_and(|n| (1..=COMBINATIONS_MAX).contains(&n))
    }

    /// Puts the axes into the scenario, and so into the link, once all of them can be read.
    fn keep(self) {
        let Ok(axes) = self.axes.get_untracked() else { return };
        let value = serde_json::to_value(axes::kept(axes)).unwrap_or_default();
        if let Err(reason) = self.store.set("sweep", value, Gesture::Done) {
            crate::browser::complain(&reason);
        }
    }

    /// Sweeps over one setting less.
    fn remove(self, i: usize) {
        self.fields.update(|all| {
            if all.len() > 1 && i < all.len() {
                all.remove(i);
            }
        });
        self.store.part();
        self.keep();
    }

    fn runner(self) -> Rc<Runner> {
        self.runner.with_value(Rc::clone)
    }

    fn start(self) {
        if let (true, Ok(axes)) = (untrack(|| self.is_ready()), self.axes.get_untracked()) {
            self.runner().start(self.store.scenario.get_untracked(), &axes);
        }
    }

    fn is_running(self) -> bool {
        self.run.with(|r| r.as_ref().is_some_and(Run::is_running))
    }

    /// Whether there is something that does not change any more.
    fn is_over(self) -> bool {
        self.run.with(|r| r.as_ref().is_some_and(|r| !r.is_running() && !r.points.is_empty()))
    }

    fn cancel(self) {
        self.runner().cancel();
    }

    /// Gives the scenario the settings of a point, in one step, and shows its answer.
    fn open(self, index: u32) {
        let combination = self.run.with_untracked(|r| {
            let mut all = r.as_ref()?.points.iter().map(|p| &p.combination);
            all.find(|c| c.index == index).cloned()
        });
        let Some(combination) = combination else { return };
        let label = words::settings(&combination);
        match combination.apply(&self.store.scenario.get_untracked()) {
            Ok(scenario) => {
                self.store.dismiss("sweep");
                self.store.open(&format!("Open {label}"), Experiment { scenario, ..self.store.experiment() });
                self.store.show(Tab::Answer);
            }
            Err(found) => {
                let text = format!("{label} cannot be opened: {} {}.", found.path, found.message);
                self.store.announce("sweep", Tone::Problem, text);
            }
        }
    }
}

/// Whether the scenario differs from the swept one in more than the swept settings and the load, which every combination
/// has of its own. Points that come in change nothing about it.
fn stale(store: Store, run: RwSignal<Option<Run>>) -> Memo<bool> {
    let number = Memo::new(move |_| run.with(|r: &Option<Run>| r.as_ref().map(|r| r.number)));
    let swept = Memo::new(move |_| {
        number.track();
        run.with_untracked(|r| r.as_ref().map(|r| (r.any.clone(), bare(&r.scenario, &r.any))))
    });
    Memo::new(move |_| {
        swept.with(|swept| {
            swept.as_ref().is_some_and(|(any, swept)| store.scenario.with(|now| bare(now, any)) != *swept)
        })
    })
}

/// A scenario with the settings of a combination, at a load of no matter, without words.
fn bare(scenario: &Scenario, combination: &Combination) -> Option<Scenario> {
    let mut bare = combination.apply(scenario).ok()?;
    if let Some(load) = bare.workload.arrival.load() {
        bare.workload.arrival.set_load(load.of(1.0));
    }
    bare.title.clear();
    bare.note.clear();
    bare.sweep.clear();
    Some(bare)
}
