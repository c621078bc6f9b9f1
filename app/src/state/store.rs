//! The one store: the scenario with its past, what the check found, the answer, and how it is looked at.

use super::experiment::{Beside, Experiment, is_shared};
use super::history::History;
use super::{Conductor, Phase, Shown, Tab, Work, link};
use crate::browser;
use crate::form::names;
use leptos::prelude::*;
use playground_core::report::Statistic;
use playground_core::scenario::{Diagnostic, Edit, Plan, Scenario, SweepAxis, default_axes};
use playground_core::study::Fidelity;
use playground_core::study::compare::Side;
use serde_json::Value;
use std::rc::Rc;
use std::sync::Arc;

/// Whether a control is still being moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gesture {
    /// More will follow: a drag, typing.
    Moving,
    /// Let go, chosen, clicked.
    Done,
}

/// How loud a banner is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Good to know.
    Note,
    /// Something is missing or failed.
    Problem,
}

/// A message across the page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Banner {
    /// What it is about; one banner each.
    pub(crate) topic: &'static str,
    pub(crate) tone: Tone,
    pub(crate) text: String,
}

/// Everything the page shows, as signals. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Store {
    /// What is being edited.
    pub(crate) scenario: RwSignal<Scenario>,
    /// What it is compared with.
    pub(crate) beside: RwSignal<Option<Beside>>,
    /// The same as JSON, for controls that are bound to a path.
    pub(crate) json: Memo<Value>,
    /// What the check found.
    pub(crate) findings: RwSignal<Vec<Diagnostic>>,
    /// The last scenario that could be resolved.
    pub(crate) plan: RwSignal<Option<Arc<Plan>>>,
    /// The answer.
    pub(crate) shown: RwSignal<Option<Shown>>,
    /// The same for tables and tiles, which follow a control that moves only now and then.
    pub(crate) calm: RwSignal<Option<Shown>>,
    pub(crate) phase: RwSignal<Phase>,
    pub(crate) work: RwSignal<Work>,
    pub(crate) banners: RwSignal<Vec<Banner>>,
    /// Whether nothing tells that the link which was opened is whole.
    pub(crate) unverified: RwSignal<bool>,
    /// Which part of the page is on.
    pub(crate) tab: RwSignal<Tab>,
    /// Statistic of the charts.
    pub(crate) statistic: RwSignal<Statistic>,
    /// Whether latency axes are logarithmic.
    pub(crate) log_y: RwSignal<bool>,
    /// What undo and redo would do.
    pub(crate) undo_label: RwSignal<Option<String>>,
    pub(crate) redo_label: RwSignal<Option<String>>,
    /// Whether the page sits in somebody else's.
    pub(crate) embedded: bool,
    history: StoredValue<History<Experiment>>,
    conductor: StoredValue<Option<Rc<Conductor>>, LocalStorage>,
}

impl Store {
    /// A store with this experiment; nothing is simulated before [`Store::conduct`].
    pub(crate) fn new(experiment: Experiment, embedded: bool) -> Self {
        let tab = if experiment.beside.is_some() { Tab::Compare } else { Tab::Answer };
        let scenario = RwSignal::new(experiment.scenario);
        Store {
            scenario,
            beside: RwSignal::new(experiment.beside),
            json: Memo::new(move |_| scenario.with(Scenario::to_value)),
            findings: RwSignal::default(),
            plan: RwSignal::new(None),
            shown: RwSignal::new(None),
            calm: RwSignal::new(None),
            phase: RwSignal::new(Phase::Running),
            work: RwSignal::new(Work::begun(Fidelity::Draft, 0)),
            banners: RwSignal::default(),
            unverified: RwSignal::new(false),
            tab: RwSignal::new(tab),
            statistic: RwSignal::new(Statistic::P99),
            log_y: RwSignal::new(true),
            undo_label: RwSignal::new(None),
            redo_label: RwSignal::new(None),
            embedded,
            history: StoredValue::new(History::default()),
            conductor: StoredValue::new_local(None),
        }
    }

    /// Makes a field one more axis of the sweep, and shows it there.
    pub(crate) fn sweep_over(self, path: &str) {
        let axes = self.scenario.with_untracked(|s| {
            let mut axes = if s.sweep.is_empty() { default_axes() } else { s.sweep.clone() };
            if axes.iter().all(|axis| axis.path != path) {
                axes.push(SweepAxis::around(path, s));
            }
            axes
        });
        self.part();
        match serde_json::to_value(axes).map_err(|e| e.to_string()).and_then(|v| self.set("sweep", v, Gesture::Done)) {
            Ok(()) => self.show(Tab::Sweep),
            Err(reason) => browser::complain(&reason),
        }
    }

    /// From now on every change is simulated.
    pub(crate) fn conduct(self, conductor: Rc<Conductor>) {
        self.conductor.set_value(Some(conductor));
        self.changed();
    }

    /// The value of a field, now and after every change of it.
    pub(crate) fn value(self, path: &str) -> Memo<Value> {
        let pointer = pointer(path);
        Memo::new(move |_| self.json.with(|root| root.pointer(&pointer).cloned().unwrap_or(Value::Null)))
    }

    /// Sets a field.
    ///
    /// # Errors
    /// Why the value cannot be this field's, in words that follow the field's name.
    pub(crate) fn set(self, path: &str, value: impl Into<Value>, gesture: Gesture) -> Result<(), String> {
        self.apply(&Edit::new(&names::of(path), path, value), gesture)
    }

    /// Makes an edit: of the scenario, and where the field is of the experiment, of what it is compared with too.
    ///
    /// # Errors
    /// As [`Store::set`].
    pub(crate) fn apply(self, edit: &Edit, gesture: Gesture) -> Result<(), String> {
        let before = self.experiment();
        let made = |scenario: &Scenario| edit.apply(scenario).map_err(|error| error.to_string());
        let mut after = Experiment { scenario: made(&before.scenario)?, ..before.clone() };
        if let Some(beside) = after.beside.as_mut().filter(|_| is_shared(&edit.path)) {
            for other in &mut beside.others {
                *other = made(other)?;
            }
        }
        if after != before {
            let now_ms = browser::now_ms();
            self.history.update_value(|h| h.note(&before, &edit.path, &edit.label, now_ms));
            self.put(after);
        }
        if gesture == Gesture::Done {
            self.let_go();
        }
        Ok(())
    }

    /// A control was let go: what follows is another step for undo.
    pub(crate) fn let_go(self) {
        self.history.update_value(History::let_go);
        self.label_history();
    }

    /// What follows is another step for undo, however soon it follows an edit of the same field.
    pub(crate) fn part(self) {
        self.history.update_value(History::part);
    }

    /// What is on the page now.
    pub(crate) fn experiment(self) -> Experiment {
        Experiment { scenario: self.scenario.get_untracked(), beside: self.beside.get_untracked() }
    }

    /// The same, followed.
    pub(crate) fn followed(self) -> Experiment {
        Experiment { scenario: self.scenario.get(), beside: self.beside.get() }
    }

    /// Replaces everything, which undo takes back too.
    pub(crate) fn open(self, label: &str, experiment: Experiment) {
        let before = self.experiment();
        if before != experiment {
            self.history.update_value(|h| {
                h.note(&before, "", label, f64::NEG_INFINITY);
                h.part();
            });
            self.put(experiment);
            self.label_history();
        }
    }

    /// Begins a comparison, and shows it.
    pub(crate) fn compare(self, label: &str, compared: Experiment) {
        self.open(label, compared);
        self.show(Tab::Compare);
    }

    /// Takes a side in hand. It is a way to look at things, so nothing is to be undone.
    pub(crate) fn edit_side(self, side: Side) {
        self.history.update_value(History::part);
        self.put(self.experiment().editing(side));
    }

    /// Puts an experiment in place of what is there.
    fn put(self, experiment: Experiment) {
        let Experiment { scenario, beside } = experiment;
        let same = self.scenario.with_untracked(|now| *now == scenario);
        if self.beside.with_untracked(|now| *now != beside) {
            self.beside.set(beside);
        }
        if same {
            // No answer will come for it.
            return link::write_soon(self);
        }
        self.scenario.set(scenario);
        self.changed();
    }

    pub(crate) fn undo(self) {
        self.travel(History::undo);
    }

    pub(crate) fn redo(self) {
        self.travel(History::redo);
    }

    /// Whether anything was done that could be undone or redone.
    pub(crate) fn is_edited(self) -> bool {
        self.history.with_value(|h| h.undo_label().or(h.redo_label()).is_some())
    }

    fn travel(self, way: fn(&mut History<Experiment>, &Experiment) -> Option<Experiment>) {
        let now = self.experiment();
        if let Some(there) = self.history.try_update_value(|h| way(h, &now)).flatten() {
            self.put(there);
            self.label_history();
        }
    }

    fn label_history(self) {
        self.history.with_value(|h| {
            self.undo_label.set(h.undo_label().map(str::to_owned));
            self.redo_label.set(h.redo_label().map(str::to_owned));
        });
    }

    fn changed(self) {
        self.with_conductor(Conductor::changed);
    }

    /// Whether the answer is the last word on the scenario as it is now, followed.
    pub(crate) fn is_settled(self) -> bool {
        self.phase.get() == Phase::Settled
    }

    /// Stops what is being simulated.
    pub(crate) fn cancel(self) {
        self.with_conductor(Conductor::cancel);
    }

    /// Simulates the scenario as it is, again.
    pub(crate) fn run_again(self) {
        self.dismiss("workers");
        self.changed();
    }

    /// Number of the last change, by which results are told apart.
    pub(crate) fn revision(self) -> u32 {
        self.with_conductor(Conductor::revision).unwrap_or(0)
    }

    fn with_conductor<T>(self, f: impl FnOnce(&Conductor) -> T) -> Option<T> {
        self.conductor.with_value(Clone::clone).map(|conductor| f(&conductor))
    }

    /// Shows a banner in place of the one on the same topic.
    pub(crate) fn announce(self, topic: &'static str, tone: Tone, text: String) {
        self.banners.update(|all| {
            all.retain(|b| b.topic != topic);
            all.push(Banner { topic, tone, text });
        });
    }

    /// Takes a banner away.
    pub(crate) fn dismiss(self, topic: &'static str) {
        if self.banners.with_untracked(|all| all.iter().any(|b| b.topic == topic)) {
            self.banners.update(|all| all.retain(|b| b.topic != topic));
        }
    }
}

/// `a.b[0].c` as a JSON pointer: `/a/b/0/c`.
fn pointer(path: &str) -> String {
    path.split(['.', '[']).map(|part| format!("/{}", part.trim_end_matches(']'))).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_path_becomes_a_pointer() {
        assert_eq!(super::pointer("topology.pools[0].engine.max_num_seqs"), "/topology/pools/0/engine/max_num_seqs");
        assert_eq!(super::pointer("title"), "/title");
    }
}
