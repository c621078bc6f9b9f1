//! The next step: one change at a time, each against the scenario as it is under the same random numbers, the one that
//! helps most first; one click makes it.
//!
//! `changes` says what could be changed, `run` has it simulated, `rank` orders and words it, `binds` says which resource is
//! nearest to its limit, `view` puts it on the page. All but the button comes when that is first pressed.

mod binds;
mod changes;
mod rank;
mod run;
mod view;

pub(crate) use binds::sentence as binding;
pub(crate) use view::view;

use crate::part::{self, Coming, Missing};
use crate::state::{Experiment, Memory, Store, catalogue};
use leptos::prelude::*;
use run::{Run, Runner};
use std::rc::Rc;
use wasm_split_helpers::wasm_split;

/// The next step of the page. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Next {
    store: Store,
    run: RwSignal<Option<Run>>,
    runner: StoredValue<Rc<Runner>, LocalStorage>,
}

impl Next {
    pub(crate) fn new(store: Store, memory: Memory) -> Self {
        let run = RwSignal::new(None);
        let next = Next { store, run, runner: StoredValue::new_local(Runner::new(run, memory)) };
        // Changes of another scenario are no next steps of this one.
        Effect::new(move |_| {
            let stale =
                store.scenario.with(|s| run.with_untracked(|r: &Option<Run>| r.as_ref().is_some_and(|r| r.base != *s)));
            if stale {
                next.cancel();
                run.set(None);
            }
        });
        next
    }

    /// Simulates every change.
    pub(crate) fn start(self) {
        part::call(self.store, || Box::pin(start_part()), move |start| start(self));
    }

    /// Stops, and keeps what was found.
    pub(crate) fn cancel(self) {
        self.runner.with_value(Rc::clone).cancel();
    }

    /// Makes a change: one step for undo.
    fn apply(self, index: usize) {
        let made = self.run.with_untracked(|r| r.as_ref().map(|r| r.changes[index].clone()));
        if let Some(change) = made {
            let now = self.store.experiment();
            self.store.open(&change.label, Experiment { scenario: change.scenario, ..now });
        }
    }

    /// Shows a change beside the scenario as it is.
    fn compare(self, index: usize) {
        let made = self.run.with_untracked(|r| r.as_ref().map(|r| (r.base.clone(), r.changes[index].clone())));
        if let Some((base, change)) = made {
            self.store.compare(&format!("Compare with {}", change.label), Experiment::comparing(base, change.scenario));
        }
    }
}

#[wasm_split(tabs, fallible)]
fn start_part() -> Result<fn(Next), Missing> {
    Ok(|next| {
        let base = next.store.scenario.get_untracked();
        next.runner.with_value(Rc::clone).start(&base, catalogue());
    })
}

/// What was found, as a table.
fn found() -> Coming<fn(Next) -> AnyView> {
    Box::pin(found_part())
}

#[wasm_split(tabs, fallible)]
fn found_part() -> Result<fn(Next) -> AnyView, Missing> {
    Ok(view::found)
}
