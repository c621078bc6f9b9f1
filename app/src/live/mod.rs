//! Runs as they go: what the engines do over time, the cluster with every request as a dot, and each request's way
//! through it. One run, or those of all sides of a comparison at the same moment.
//!
//! `ask` says which runs, `run` has them written down by a worker and `pack` brings them here. `film` finds what a moment or
//! a pixel needs in one, `reels` over all; `clock` is the time of all. `lanes` and `picture` draw one on `paper`. `view`,
//! `controls`, `screens`, `list` and `trace` are the page around it.

mod ask;
mod clock;
mod controls;
mod film;
mod lanes;
mod list;
mod pack;
mod paper;
mod picture;
mod reels;
mod run;
mod screens;
mod trace;
mod view;
mod words;

pub(crate) use pack::pack;
pub(crate) use view::view;

use crate::compare::Compare;
use crate::details::Details;
use crate::pool::Stage;
use crate::state::{Store, Tab};
use ask::Ask;
use clock::Clock;
use leptos::prelude::*;
use reels::{Find, Reel, Reels};
use run::Runner;
use std::rc::Rc;
use std::sync::Arc;

/// The runs of the page. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    store: Store,
    details: Details,
    compare: Compare,
    reels: RwSignal<Option<Arc<Reels>>>,
    stage: RwSignal<Option<Stage>>,
    clock: Clock,
    /// Whether all sides of a comparison are looked at, or the one in hand alone.
    together: RwSignal<bool>,
    /// The first instance seen.
    first: RwSignal<usize>,
    /// The request that is looked at.
    picked: RwSignal<Option<u32>>,
    /// What the ear is told.
    said: RwSignal<String>,
    runner: StoredValue<Rc<Runner>, LocalStorage>,
}

impl Live {
    pub(crate) fn new(store: Store, details: Details, compare: Compare) -> Self {
        let (reels, stage) = (RwSignal::new(None), RwSignal::new(None));
        let live = Live {
            store,
            details,
            compare,
            reels,
            stage,
            clock: Clock::new(),
            together: RwSignal::new(true),
            first: RwSignal::new(0),
            picked: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            runner: StoredValue::new_local(Runner::new(reels, stage)),
        };
        live.follow();
        live.clock.start(move || live.is_on());
        live
    }

    fn is_on(self) -> bool {
        self.store.tab.get() == Tab::Live
    }

    /// Has the runs written down that belong to the answer, whenever somebody looks.
    fn follow(self) {
        let wanted = Memo::new(move |_| self.wanted());
        let asked = StoredValue::new(None);
        Effect::new(move |_| {
            let Some(ask) = wanted.get().filter(|ask| asked.with_value(|old| old.as_ref() != Some(ask))) else {
                return;
            };
            asked.set_value(Some(ask.clone()));
            self.clock.playing.set(false);
            self.runner.with_value(Rc::clone).start(ask);
        });
        Effect::new(move |_| {
            let Some((begin, until)) = self.with(|reels| (reels.begin(), reels.until())) else { return };
            self.picked.set(None);
            self.first.set(0);
            self.clock.rewind(begin, until);
        });
    }

    /// What is to be looked at: nothing before the scenario as it is now has its answer.
    fn wanted(self) -> Option<Ask> {
        if !self.is_on() {
            return None;
        }
        let (scenario, load) = (self.store.scenario.get(), self.details.load()?);
        let plan = self.store.shown.with(|shown| {
            let shown = shown.as_ref().filter(|s| s.is_settled() && s.revision == self.store.revision())?;
            Some(Arc::clone(&shown.plan))
        })?;
        Some(match self.compare.variants().filter(|_| self.together.get()) {
            Some(variants) => Ask::together(&variants, |side| self.compare.name(side), load),
            None => Ask::alone(scenario, &plan, load),
        })
    }

    /// Calls with the runs; none while there are none.
    fn with<T>(self, f: impl FnOnce(&Reels) -> T) -> Option<T> {
        self.reels.with(|reels| reels.as_deref().map(f))
    }

    /// Calls with one of them.
    fn with_reel<T>(self, place: usize, f: impl FnOnce(&Reels, &Reel) -> T) -> Option<T> {
        self.with(|reels| reels.all().get(place).map(|reel| f(reels, reel))).flatten()
    }

    /// Goes to the next missed target, or to the one before.
    fn miss(self, forward: bool) {
        let at = self.clock.at.get_untracked();
        match untrack(|| self.with(|reels| reels.miss_beside(at, forward))).flatten() {
            Some(find) => self.see(find, words::miss_found),
            None => self.said.set("No other target is missed.".into()),
        }
    }

    /// Goes to the first missed target.
    fn first_miss(self) {
        if let Some(find) = untrack(|| self.with(Reels::first_miss)).flatten() {
            self.see(find, words::miss_found);
        }
    }

    /// Goes to the first request that loses its blocks.
    fn first_preempted(self) {
        if let Some(find) = untrack(|| self.with(Reels::first_preempted)).flatten() {
            self.see(find, words::preempted_found);
        }
    }

    /// Goes to where most requests are in queues.
    fn longest_queue(self) {
        if let Some((find, _)) = untrack(|| self.with(Reels::longest_queue)).flatten() {
            self.see(find, words::queue_found);
        }
    }

    /// Goes to what was found, on all sides, and says what it is.
    fn see(self, find: Find, say: fn(&Reels, Find) -> String) {
        self.clock.playing.set(false);
        self.clock.seek(find.at);
        if find.request.is_some() {
            self.picked.set(find.request);
        }
        self.said.set(untrack(|| self.with(|reels| say(reels, find))).unwrap_or_default());
    }

    /// Goes to the next event, or to the one before.
    fn event(self, forward: bool) {
        self.clock.playing.set(false);
        let at = self.clock.at.get_untracked();
        if let Some(at) = untrack(|| self.with(|reels| reels.event_beside(at, forward))).flatten() {
            self.clock.seek(at);
        }
    }
}
