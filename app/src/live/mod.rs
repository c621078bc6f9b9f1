//! One run as it goes: what the engines do over time, the cluster with every request as a dot, and each request's way
//! through it.
//!
//! `run` has it written down by a worker and `pack` brings it here; `film` finds what a moment or a pixel needs; `lanes`
//! and `picture` draw it on `paper`; `clock` lets time pass; `view`, `list` and `trace` are the page around it.

mod clock;
mod film;
mod lanes;
mod list;
mod pack;
mod paper;
mod picture;
mod run;
mod trace;
mod view;
mod words;

pub(crate) use pack::pack;
pub(crate) use view::view;

use crate::details::Details;
use crate::pool::Stage;
use crate::state::{Shown, Store, Tab};
use film::Film;
use leptos::prelude::*;
use run::Runner;
use std::rc::Rc;
use std::sync::Arc;

/// Length of what is seen of a run at first, s.
const WINDOW_S: f64 = 20.0;
/// The shortest that can be seen, s.
const WINDOW_MIN_S: f64 = 0.01;
/// Where in what is seen the present stands when that moves on.
const LEFT_FRAC: f64 = 0.1;

/// The run of the page. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    store: Store,
    details: Details,
    film: RwSignal<Option<Arc<Film>>>,
    stage: RwSignal<Option<Stage>>,
    /// The moment, s.
    at: RwSignal<f64>,
    /// What is seen of the run, s.
    window: RwSignal<(f64, f64)>,
    /// The first instance seen.
    first: RwSignal<usize>,
    playing: RwSignal<bool>,
    /// Simulated time in a second.
    speed: RwSignal<f64>,
    /// The request that is looked at.
    picked: RwSignal<Option<u32>>,
    /// What the ear is told.
    said: RwSignal<String>,
    runner: StoredValue<Rc<Runner>, LocalStorage>,
}

impl Live {
    pub(crate) fn new(store: Store, details: Details) -> Self {
        let (film, stage) = (RwSignal::new(None), RwSignal::new(None));
        let live = Live {
            store,
            details,
            film,
            stage,
            at: RwSignal::new(0.0),
            window: RwSignal::new((0.0, WINDOW_S)),
            first: RwSignal::new(0),
            playing: RwSignal::new(false),
            speed: RwSignal::new(1.0),
            picked: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            runner: StoredValue::new_local(Runner::new(film, stage)),
        };
        live.follow();
        clock::start(live);
        live
    }

    /// Has the run written down that belongs to the answer, whenever somebody looks.
    fn follow(self) {
        let (store, details) = (self.store, self.details);
        let wanted = Memo::new(move |_| {
            if store.tab.get() != Tab::Live {
                return None;
            }
            let revision = store.shown.with(|s| s.as_ref().filter(|s| Shown::is_settled(s)).map(|s| s.revision))?;
            Some((revision, details.load()?))
        });
        let asked = StoredValue::new(None);
        Effect::new(move |_| {
            let Some(now) = wanted.get().filter(|now| asked.get_value() != Some(*now)) else { return };
            asked.set_value(Some(now));
            self.playing.set(false);
            let runner = self.runner.with_value(Rc::clone);
            store.scenario.with_untracked(|s| runner.start(s, now.1));
        });
        Effect::new(move |_| {
            let Some(film) = self.film.get() else { return };
            self.picked.set(None);
            self.first.set(0);
            self.at.set(film.begin);
            let from = (film.begin - WINDOW_S * LEFT_FRAC).max(0.0);
            self.window.set((from, (from + WINDOW_S).min(film.until.max(WINDOW_MIN_S))));
        });
    }

    /// Calls with the run; none while there is none.
    fn with<T>(self, f: impl FnOnce(&Film) -> T) -> Option<T> {
        self.film.with(|film| film.as_deref().map(f))
    }

    /// Goes to a moment, and sees to it that it is seen.
    fn seek(self, t: f64) {
        let Some(until) = untrack(|| self.with(|film| film.until)) else { return };
        let t = t.clamp(0.0, until);
        let (from, to) = self.window.get_untracked();
        let length = to - from;
        if t < from || t > to || (t == to && to < until) {
            let from = (t - length * LEFT_FRAC).min(until - length).max(0.0);
            self.window.set((from, from + length));
        }
        self.at.set(t);
    }

    /// Sees so many times as much of the run.
    fn zoom(self, by: f64) {
        let Some(until) = untrack(|| self.with(|film| film.until)) else { return };
        let ((from, to), at) = (self.window.get_untracked(), self.at.get_untracked());
        let longest = until.max(WINDOW_MIN_S);
        let length = ((to - from) * by).clamp(WINDOW_MIN_S.min(longest), longest);
        // The present stays where it is on the screen.
        let place = ((at - from) / (to - from)).clamp(0.0, 1.0);
        let from = (at - length * place).min(until - length).max(0.0);
        self.window.set((from, from + length));
    }

    /// Goes to the next missed target, or to the one before.
    fn miss(self, forward: bool) {
        let at = self.at.get_untracked();
        let Some(found) = untrack(|| self.with(|film| film.miss_beside(at, forward))).flatten() else {
            return self.said.set("No other target is missed.".into());
        };
        self.see_miss(found);
    }

    /// Goes to the first missed target.
    fn first_miss(self) {
        if let Some(found) = untrack(|| self.with(|film| film.misses.first().copied())).flatten() {
            self.see_miss(found);
        }
    }

    fn see_miss(self, (at, request): (f64, u32)) {
        self.playing.set(false);
        self.seek(at);
        self.picked.set(Some(request));
        let words = untrack(|| self.with(|film| words::miss(film, request))).flatten();
        self.said.set(words.unwrap_or_default());
    }

    /// Goes to the next event, or to the one before.
    fn event(self, forward: bool) {
        self.playing.set(false);
        let at = self.at.get_untracked();
        if let Some(at) = untrack(|| self.with(|film| film.event_beside(at, forward))).flatten() {
            self.seek(at);
        }
    }

    /// Plays or pauses; from the beginning where the run is over.
    fn toggle(self) {
        let Some(until) = untrack(|| self.with(|film| film.until)) else { return };
        if !self.playing.get_untracked() && self.at.get_untracked() >= until {
            self.seek(0.0);
        }
        self.playing.update(|playing| *playing = !*playing);
    }
}
