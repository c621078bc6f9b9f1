//! Keeps the answer up to date with the scenario: checks it, asks the pool as the ladder says, and publishes
//! what comes back.
//!
//! Checking and resolving take microseconds and happen here, on the page, so findings appear beside the
//! control at once. Simulating happens in the workers only.

use super::cache::{Key, Memory};
use super::ladder::{Ladder, REST_MS, Step};
use super::question::Question;
use super::{Phase, Store, Tone, Work, catalogue, link};
use crate::browser;
use crate::pool::{Crew, Failure, News};
use crate::wire::{Simulated, Ticket};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use playground_core::report::Report;
use playground_core::scenario::examine;
use playground_core::study::{CurvePoint, Fidelity};
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Duration;

const CRASHED_ADVICE: &str = "The last result stays; change the scenario, or run it again.";
const NO_WORKERS_ADVICE: &str = "A browser extension or a policy may forbid them.";

/// How often a settled curve that is still coming in over its draft is redrawn, ms …
const PARTIAL_SETTLED_MS: u64 = 100;
/// … and a draft that takes long: a quick one is drawn whole, since a curve that grows while a slider moves
/// says less than one that bends.
const PARTIAL_DRAFT_MS: u64 = 300;
/// How often figures in words and tables follow drafts of a control that moves on, ms: nobody reads faster, and every
/// change of a table is a new layout.
const CALM_MS: f64 = 250.0;
/// Loads with which a draft ends that is overtaken: they make a curve, and the next one is due.
const DRAFT_LOADS_MIN: usize = 5;

#[derive(Default)]
struct Inner {
    ladder: Ladder,
    question: Option<Question>,
    /// Counts the changes of the scenario.
    revision: u32,
    rest: Option<TimeoutHandle>,
    partial: Option<TimeoutHandle>,
    /// When the tables followed last, ms.
    calm_ms: f64,
}

/// One per page.
pub(crate) struct Conductor {
    store: Store,
    crew: Rc<Crew>,
    memory: Memory,
    inner: RefCell<Inner>,
    me: Weak<Conductor>,
}

impl Conductor {
    /// Starts the workers; `memory` is where reports are kept.
    pub(crate) fn new(store: Store, workers: usize, memory: Memory) -> Rc<Self> {
        Rc::new_cyclic(|me: &Weak<Conductor>| {
            let listener = me.clone();
            let crew = Crew::new(workers, move |news| {
                if let Some(this) = listener.upgrade() {
                    this.hear(news);
                }
            });
            Conductor { store, crew, memory, inner: RefCell::default(), me: me.clone() }
        })
    }

    /// The scenario changed: check it, and simulate it if it is sound.
    pub(crate) fn changed(&self) {
        let (found, plan) = self.store.scenario.with_untracked(|s| examine(s, catalogue()));
        if self.store.findings.with_untracked(|old| *old != found) {
            self.store.findings.set(found);
        }
        self.inner.borrow_mut().revision += 1;
        match plan {
            None => self.halt(Phase::Stale),
            Some(plan) => {
                self.store.plan.set(Some(Arc::new(plan)));
                self.enter(Phase::Running);
                let steps = self.inner.borrow_mut().ladder.edited();
                steps.into_iter().for_each(|step| self.take(step));
            }
        }
    }

    /// Number of the last change.
    pub(crate) fn revision(&self) -> u32 {
        self.inner.borrow().revision
    }

    /// Stops what is under way and shows what there is of it.
    pub(crate) fn cancel(&self) {
        self.publish(false);
        let revision = self.inner.borrow().revision;
        let answered = self.store.shown.with_untracked(|s| s.as_ref().is_some_and(|s| s.revision == revision));
        self.halt(if answered { Phase::Draft } else { Phase::Stale });
        self.store.work.update(|w| w.stopped = true);
    }

    fn halt(&self, phase: Phase) {
        {
            let mut inner = self.inner.borrow_mut();
            inner.ladder.stop();
            inner.question = None;
        }
        self.crew.cancel();
        self.follow_calmly();
        self.enter(phase);
    }

    fn enter(&self, phase: Phase) {
        browser::set_root_data("state", phase.word());
        if self.store.phase.with_untracked(|old| *old != phase) {
            self.store.phase.set(phase);
        }
    }

    /// Calls back with this conductor, if it still exists then.
    fn later(&self, f: impl FnOnce(&Conductor) + 'static) -> impl FnOnce() + 'static {
        let me = self.me.clone();
        move || {
            if let Some(this) = me.upgrade() {
                f(&this);
            }
        }
    }

    fn take(&self, step: Step) {
        match step {
            Step::ArmFrame => {
                let frame = self.later(|this| {
                    let step = this.inner.borrow_mut().ladder.frame();
                    step.into_iter().for_each(|s| this.take(s));
                });
                // A hidden page has no frames.
                if document().hidden() { set_timeout(frame, Duration::ZERO) } else { request_animation_frame(frame) }
            }
            Step::ArmRest => {
                let rested = self.later(|this| {
                    let step = this.inner.borrow_mut().ladder.rested();
                    step.into_iter().for_each(|s| this.take(s));
                });
                let timer = set_timeout_with_handle(rested, Duration::from_millis(REST_MS as u64)).ok();
                if let Some(old) = std::mem::replace(&mut self.inner.borrow_mut().rest, timer) {
                    old.clear();
                }
            }
            Step::Ask(fidelity) => self.ask(fidelity),
        }
    }

    /// Asks for every load that is not known yet.
    fn ask(&self, fidelity: Fidelity) {
        let Some(plan) = self.store.plan.get_untracked() else { return };
        let (key, text) = self.store.scenario.with_untracked(|s| (Key::of(s), s.to_value().to_string()));
        let (asked, missing) = {
            let Inner { ladder, revision, .. } = &mut *self.inner.borrow_mut();
            let cache = &mut *self.memory.borrow_mut();
            // Nothing is quicker than what is known already.
            let known = fidelity == Fidelity::Draft && Question::is_known(&plan, &key, cache);
            if known {
                ladder.stop();
            }
            let fidelity = if known { Fidelity::Settled } else { fidelity };
            Question::new(plan, key, fidelity, *revision, cache)
        };
        self.crew.ask(&text, asked.fidelity, &missing, |ticket| {
            self.inner.borrow_mut().question = Some(Question { ticket, ..asked });
            self.note_work(None);
        });
    }

    fn hear(&self, news: News) {
        match news {
            News::Answered { ticket, answer: Simulated::Load { point, report } } => {
                self.deliver(ticket, point, *report)
            }
            News::Answered { .. } => unreachable!("an answer asks for loads alone"),
            News::Progress { .. } => {}
            News::Finished { ticket } => self.finish(ticket),
            News::GaveUp { ticket, why } => self.give_up(ticket, why),
        }
    }

    fn deliver(&self, ticket: Ticket, point: CurvePoint, report: Report) {
        let (first, ends) = {
            let inner = &mut *self.inner.borrow_mut();
            let Some(question) = inner.question.as_mut().filter(|q| q.ticket == ticket) else { return };
            self.memory.borrow_mut().put(&question.key, question.fidelity, point.load, &report);
            question.got.push((point, report));
            let (got, total) = (question.got.len(), question.total);
            let ends = inner.ladder.is_overtaken() && question.has_own() && (DRAFT_LOADS_MIN..total).contains(&got);
            (self.store.shown.with_untracked(Option::is_none), ends)
        };
        if ends {
            self.publish(false);
            self.go_on();
        } else if first {
            self.publish(false);
        } else {
            self.publish_soon();
        }
    }

    fn finish(&self, ticket: Ticket) {
        let began = self.inner.borrow().question.as_ref().filter(|q| q.ticket == ticket).map(|q| q.began_ms);
        let Some(began) = began else { return };
        self.note_work(Some(browser::now_ms() - began));
        self.publish(true);
        self.go_on();
    }

    /// The question is answered: on to what waits for that.
    fn go_on(&self) {
        let step = self.inner.borrow_mut().ladder.finished();
        step.into_iter().for_each(|s| self.take(s));
    }

    fn note_work(&self, spent_ms: Option<f64>) {
        let inner = self.inner.borrow();
        let Some(q) = &inner.question else { return };
        self.store.work.set(Work { done: q.got.len(), spent_ms, ..Work::begun(q.fidelity, q.total) });
    }

    fn publish_soon(&self) {
        if self.inner.borrow().partial.is_some() {
            return;
        }
        let publish = self.later(|this| {
            this.inner.borrow_mut().partial = None;
            this.publish(false);
        });
        let fidelity = self.inner.borrow().question.as_ref().map(|q| q.fidelity);
        let pause = if fidelity == Some(Fidelity::Settled) { PARTIAL_SETTLED_MS } else { PARTIAL_DRAFT_MS };
        self.inner.borrow_mut().partial = set_timeout_with_handle(publish, Duration::from_millis(pause)).ok();
    }

    /// Puts what is there on the page: all of it, or what came so far.
    fn publish(&self, whole: bool) {
        if let Some(timer) = self.inner.borrow_mut().partial.take() {
            timer.clear();
        }
        if !whole {
            // With the figures, not with every load: each note is a frame of its own.
            self.note_work(None);
        }
        let before = self.store.shown.get_untracked();
        let shown = self.inner.borrow().question.as_ref().and_then(|q| q.shown(before, whole));
        let Some(shown) = shown else { return };
        let (settled, has_draft) = (shown.is_settled(), shown.draft.is_some());
        self.store.shown.set(Some(shown));
        self.follow_calmly();
        if settled {
            self.enter(Phase::Settled);
            link::write_soon(self.store);
        } else if has_draft {
            self.enter(Phase::Draft);
        }
    }

    /// Lets the tables follow what is shown, unless they did so just now and another draft is due.
    fn follow_calmly(&self) {
        let now_ms = browser::now_ms();
        {
            let inner = &mut *self.inner.borrow_mut();
            if inner.ladder.is_overtaken() && now_ms - inner.calm_ms < CALM_MS {
                return;
            }
            inner.calm_ms = now_ms;
        }
        self.store.calm.set(self.store.shown.get_untracked());
    }

    fn give_up(&self, ticket: Ticket, why: Failure) {
        if self.inner.borrow().question.as_ref().is_none_or(|q| q.ticket != ticket) {
            return;
        }
        let text = match why {
            Failure::Refused(findings) => {
                self.store.findings.set(findings);
                return self.halt(Phase::Stale);
            }
            Failure::Crashed(reason) => {
                format!("The simulation stopped twice on this scenario ({reason}). {CRASHED_ADVICE}")
            }
            Failure::NoWorkers(reason) => {
                format!("The simulator's workers cannot be started here ({reason}). {NO_WORKERS_ADVICE}")
            }
        };
        self.store.announce("workers", Tone::Problem, text);
        self.halt(Phase::Error);
        self.store.work.update(|w| w.stopped = true);
    }
}
