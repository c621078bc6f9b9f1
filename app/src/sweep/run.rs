//! Runs a sweep: workers of its own, so that the answer keeps its own; one combination is one job.
//!
//! The pool's rules are those of the answer's: what a dead worker held is tried once more, silence is death. What was
//! found stays, however the sweep ends.

use crate::browser;
use crate::pool::{self, Act, Event, Failure, Schedule, TICK_MS, Threads};
use crate::wire::{Task, Ticket};
use leptos::leptos_dom::helpers::{IntervalHandle, TimeoutHandle};
use leptos::prelude::*;
use playground_core::scenario::{Scenario, SweepAxis};
use playground_core::study::sweep::{Combination, SweepPoint, combinations};
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::time::Duration;

/// How often what came in is shown, ms.
const SHOW_MS: u64 = 250;
/// Time a worker takes for one combination, ms, before one was measured here.
const COMBINATION_MS: f64 = 350.0;

/// How a sweep stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stage {
    Running,
    Done,
    /// Cancelled; what was found stays.
    Stopped,
    Failed(String),
}

/// A sweep, and what was found so far.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Run {
    /// Tells sweeps apart.
    pub(super) number: Ticket,
    /// What was swept.
    pub(super) scenario: Scenario,
    pub(super) total: usize,
    /// In the order in which they were asked for.
    pub(super) points: Vec<SweepPoint>,
    pub(super) stage: Stage,
    pub(super) spent_ms: f64,
}

impl Run {
    pub(super) fn is_running(&self) -> bool {
        self.stage == Stage::Running
    }
}

/// Workers of a sweep: of several, one is left to the answer.
pub(super) fn workers() -> usize {
    let all = pool::size(browser::window().navigator().hardware_concurrency());
    if all > 2 { all - 1 } else { all }
}

struct Crew {
    schedule: Schedule,
    threads: Threads,
    ticket: Ticket,
    /// Place of a combination in the order of asking, by its index.
    order: Vec<u32>,
    incoming: Vec<SweepPoint>,
    show: Option<TimeoutHandle>,
    watch: Option<IntervalHandle>,
    began_ms: f64,
}

/// One per page; its workers start with the first sweep.
pub(super) struct Runner {
    run: RwSignal<Option<Run>>,
    /// Time a worker takes for one combination, ms.
    pub(super) combination_ms: RwSignal<f64>,
    crew: RefCell<Option<Crew>>,
    me: Weak<Runner>,
}

impl Runner {
    pub(super) fn new(run: RwSignal<Option<Run>>) -> Rc<Self> {
        Rc::new_cyclic(|me| Runner {
            run,
            combination_ms: RwSignal::new(COMBINATION_MS),
            crew: RefCell::new(None),
            me: me.clone(),
        })
    }

    /// Sweeps a scenario; a sweep under way ends.
    pub(super) fn start(&self, scenario: Scenario, axes: &[SweepAxis]) {
        self.raise();
        let all = combinations(axes);
        let mut order = vec![0; all.len()];
        for (place, combination) in all.iter().enumerate() {
            order[combination.index as usize] = place as u32;
        }
        let text = scenario.to_value().to_string();
        let mut run =
            Run { number: 0, scenario, total: all.len(), points: Vec::new(), stage: Stage::Running, spent_ms: 0.0 };
        let acts = {
            let mut crew = self.crew.borrow_mut();
            let Some(crew) = crew.as_mut() else { return };
            let (ticket, acts) = crew.schedule.put(&text, all.into_iter().map(Task::Combination));
            (crew.ticket, crew.order) = (ticket, order);
            run.number = ticket;
            crew.began_ms = browser::now_ms();
            crew.incoming.clear();
            acts
        };
        browser::mark("sweep-began", &[("combinations", run.total as f64)]);
        self.run.set(Some(run));
        self.perform(acts);
        self.keep_watch();
    }

    /// Stops, and keeps what was found.
    pub(super) fn cancel(&self) {
        let acts = self.crew.borrow_mut().as_mut().map(|crew| crew.schedule.cancel());
        self.perform(acts.unwrap_or_default());
        self.end(Stage::Stopped);
    }

    /// Starts the workers, once.
    fn raise(&self) {
        if self.crew.borrow().is_some() {
            return;
        }
        let listener = self.me.clone();
        let threads = Threads::new(Rc::new(move |place, generation, event| {
            if let Some(this) = listener.upgrade() {
                this.hear(place, generation, event);
            }
        }));
        let (schedule, acts) = Schedule::new(workers());
        *self.crew.borrow_mut() = Some(Crew {
            schedule,
            threads,
            ticket: 0,
            order: Vec::new(),
            incoming: Vec::new(),
            show: None,
            watch: None,
            began_ms: 0.0,
        });
        self.perform(acts);
    }

    fn hear(&self, place: usize, generation: u32, event: Event) {
        let acts = self.crew.borrow_mut().as_mut().map(|crew| match event {
            Event::Message(message) => crew.schedule.heard(place, generation, message),
            Event::Death(reason) => crew.schedule.died(place, generation, &reason),
        });
        self.perform(acts.unwrap_or_default());
    }

    fn perform(&self, acts: Vec<Act>) {
        for act in acts {
            match act {
                Act::Spawn { worker, generation } => {
                    let started = self.crew.borrow_mut().as_mut().map(|crew| crew.threads.spawn(worker, generation));
                    if let Some(Err(error)) = started {
                        self.hear(worker, generation, Event::Death(browser::reason(&error)));
                    }
                }
                Act::Post { worker, message } => {
                    if let Some(crew) = self.crew.borrow().as_ref() {
                        crew.threads.post(worker, &message);
                    }
                }
                Act::Found { ticket, point, .. } => self.found(ticket, *point),
                Act::Finished { .. } => self.end(Stage::Done),
                Act::GiveUp { why, .. } => self.end(Stage::Failed(match why {
                    Failure::Refused(_) => "the simulator refuses the scenario".into(),
                    Failure::Crashed(reason) => format!("the simulation stopped twice on one combination: {reason}"),
                    Failure::NoWorkers(reason) => format!("the simulator's workers cannot be started here: {reason}"),
                })),
                // Only the answer asks for loads.
                Act::Deliver { .. } => {}
            }
        }
    }

    fn found(&self, ticket: Ticket, point: SweepPoint) {
        let first = {
            let mut crew = self.crew.borrow_mut();
            let Some(crew) = crew.as_mut().filter(|c| c.ticket == ticket) else { return };
            crew.incoming.push(point);
            self.run.with_untracked(|r| r.as_ref().is_some_and(|r| r.points.is_empty()))
        };
        if first {
            browser::mark("sweep-first-point", &[]);
            return self.show(None);
        }
        let mut crew = self.crew.borrow_mut();
        let Some(crew) = crew.as_mut().filter(|c| c.show.is_none()) else { return };
        let me = self.me.clone();
        let show = move || {
            if let Some(this) = me.upgrade() {
                this.show(None);
            }
        };
        crew.show = set_timeout_with_handle(show, Duration::from_millis(SHOW_MS)).ok();
    }

    /// Puts what came in on the page; with a stage, as the last word.
    fn show(&self, stage: Option<Stage>) {
        let (incoming, order, spent_ms) = {
            let mut crew = self.crew.borrow_mut();
            let Some(crew) = crew.as_mut() else { return };
            if let Some(timer) = crew.show.take() {
                timer.clear();
            }
            (std::mem::take(&mut crew.incoming), crew.order.clone(), browser::now_ms() - crew.began_ms)
        };
        self.run.update(|run| {
            let Some(run) = run else { return };
            let place = |c: &Combination| order.get(c.index as usize).copied();
            run.points.extend(incoming);
            run.points.sort_by_key(|p| place(&p.combination));
            run.spent_ms = spent_ms;
            if let Some(stage) = stage {
                run.stage = stage;
            }
        });
    }

    fn end(&self, stage: Stage) {
        if !self.run.with_untracked(|r| r.as_ref().is_some_and(Run::is_running)) {
            return;
        }
        let done = stage == Stage::Done;
        self.show(Some(stage));
        if let Some(watch) = self.crew.borrow_mut().as_mut().and_then(|c| c.watch.take()) {
            watch.clear();
        }
        let (points, spent_ms) =
            self.run.with_untracked(|r| r.as_ref().map_or((0, 0.0), |r| (r.points.len(), r.spent_ms)));
        if points > 0 {
            self.combination_ms.set(spent_ms * workers().min(points) as f64 / points as f64);
        }
        browser::mark(if done { "sweep-done" } else { "sweep-ended" }, &[("points", points as f64)]);
    }

    /// Watches the workers while a sweep runs.
    fn keep_watch(&self) {
        let (me, last) = (self.me.clone(), std::cell::Cell::new(browser::now_ms()));
        let tick = move || {
            let Some(this) = me.upgrade() else { return };
            let now = browser::now_ms();
            let elapsed = now - last.replace(now);
            let acts = this.crew.borrow_mut().as_mut().map(|crew| crew.schedule.tick(elapsed));
            this.perform(acts.unwrap_or_default());
        };
        let watch = set_interval_with_handle(tick, Duration::from_millis(TICK_MS as u64)).ok();
        let old = self.crew.borrow_mut().as_mut().and_then(|c| std::mem::replace(&mut c.watch, watch));
        if let Some(old) = old {
            old.clear();
        }
    }
}
