//! Workers at work: asks go in, news comes out. Starting, replacing and watching them happens here.

use super::schedule::{Act, News, Schedule, TICK_MS};
use super::threads::{Event, Threads};
use crate::browser;
use crate::wire::{Task, Ticket};
use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::set_interval_with_handle;
use playground_core::study::{CurvePoint, Fidelity};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

/// Workers for one asker, who has one question at a time.
pub(crate) struct Crew {
    schedule: RefCell<Schedule>,
    threads: RefCell<Threads>,
    /// Ticks while there is a question.
    watch: RefCell<Option<IntervalHandle>>,
    tell: Box<dyn Fn(News)>,
    me: Weak<Crew>,
}

impl Crew {
    /// Starts as many workers as there is room for beside the answer's, whose owner is told what comes of its questions.
    pub(crate) fn beside<T: 'static>(owner: Weak<T>, hear: fn(&T, News)) -> Rc<Self> {
        Crew::new(super::beside(), move |news| {
            if let Some(owner) = owner.upgrade() {
                hear(&owner, news);
            }
        })
    }

    /// Starts this many workers; `tell` is told what comes of questions.
    pub(crate) fn new(workers: usize, tell: impl Fn(News) + 'static) -> Rc<Self> {
        let (schedule, acts) = Schedule::new(workers);
        let crew = Rc::new_cyclic(|me: &Weak<Crew>| {
            let listener = me.clone();
            let threads = Threads::new(Rc::new(move |place, generation, event| {
                if let Some(this) = listener.upgrade() {
                    this.hear(place, generation, event);
                }
            }));
            Crew {
                schedule: RefCell::new(schedule),
                threads: RefCell::new(threads),
                watch: RefCell::new(None),
                tell: Box::new(tell),
                me: me.clone(),
            }
        });
        crew.perform(acts);
        crew
    }

    /// Asks for these loads of a scenario; `begin` gets the ticket before there is any news of it.
    pub(crate) fn ask(&self, scenario: &str, fidelity: Fidelity, points: &[CurvePoint], begin: impl FnOnce(Ticket)) {
        let asked = self.schedule.borrow_mut().ask(scenario, fidelity, points);
        self.set_out(asked, begin);
    }

    /// The same for tasks of any kind, each on a scenario of its own.
    pub(crate) fn put(&self, tasks: impl Iterator<Item = (String, Task)>, begin: impl FnOnce(Ticket)) {
        let asked = self.schedule.borrow_mut().put(tasks);
        self.set_out(asked, begin);
    }

    fn set_out(&self, (ticket, acts): (Ticket, Vec<Act>), begin: impl FnOnce(Ticket)) {
        begin(ticket);
        self.perform(acts);
        self.keep_watch();
    }

    /// Ends the question; there is no news of it any more.
    pub(crate) fn cancel(&self) {
        let acts = self.schedule.borrow_mut().cancel();
        self.perform(acts);
    }

    fn hear(&self, place: usize, generation: u32, event: Event) {
        let acts = match event {
            Event::Message(message) => self.schedule.borrow_mut().heard(place, generation, message),
            Event::Death(reason) => self.schedule.borrow_mut().died(place, generation, &reason),
        };
        self.perform(acts);
    }

    fn perform(&self, acts: Vec<Act>) {
        for act in acts {
            match act {
                Act::Spawn { worker, generation } => {
                    let started = self.threads.borrow_mut().spawn(worker, generation);
                    if let Err(error) = started {
                        self.hear(worker, generation, Event::Death(browser::reason(&error)));
                    }
                }
                Act::Post { worker, message } => self.threads.borrow().post(worker, &message),
                Act::Tell(news) => (self.tell)(news),
            }
        }
    }

    fn keep_watch(&self) {
        if self.watch.borrow().is_some() {
            return;
        }
        let (me, last) = (self.me.clone(), Cell::new(browser::now_ms()));
        let tick = move || {
            let Some(this) = me.upgrade() else { return };
            let now = browser::now_ms();
            let elapsed = now - last.replace(now);
            let acts = this.schedule.borrow_mut().tick(elapsed);
            this.perform(acts);
            if !this.schedule.borrow().is_busy()
                && let Some(watch) = this.watch.borrow_mut().take()
            {
                watch.clear();
            }
        };
        *self.watch.borrow_mut() = set_interval_with_handle(tick, Duration::from_millis(TICK_MS as u64)).ok();
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        if let Some(watch) = self.watch.borrow_mut().take() {
            watch.clear();
        }
    }
}
