//! Runs a sweep: workers of its own, so that the answer keeps its own; one combination is one job.
//!
//! The pool's rules are those of the answer's: what a dead worker held is tried once more, silence is death. What was
//! found stays, however the sweep ends.

use crate::browser;
use crate::pool::{self, Crew, News, SHOW_MS, Stage};
use crate::wire::{Simulated, Task, Ticket};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use playground_core::base::Order;
use playground_core::scenario::{Scenario, SweepAxis};
use playground_core::study::sweep::{Combination, SweepPoint, combinations};
use std::cell::{OnceCell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

/// Time a worker takes for one combination, ms, before one was measured here.
const COMBINATION_MS: f64 = 350.0;

/// A sweep, and what was found so far.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Run {
    /// Tells sweeps apart.
    pub(super) number: Ticket,
    /// What was swept.
    pub(super) scenario: Scenario,
    /// One of the combinations: it has the swept settings.
    pub(super) any: Combination,
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

/// What is known of the sweep beside what is shown.
#[derive(Default)]
struct Asked {
    ticket: Ticket,
    /// Place of a combination in the order of asking, by its index.
    order: Vec<u32>,
    incoming: Vec<SweepPoint>,
    show: Option<TimeoutHandle>,
    began_ms: f64,
}

/// One per page; its workers start with the first sweep.
pub(super) struct Runner {
    run: RwSignal<Option<Run>>,
    /// Time a worker takes for one combination, ms.
    pub(super) combination_ms: RwSignal<f64>,
    crew: OnceCell<Rc<Crew>>,
    asked: RefCell<Asked>,
    me: Weak<Runner>,
}

impl Runner {
    pub(super) fn new(run: RwSignal<Option<Run>>) -> Rc<Self> {
        Rc::new_cyclic(|me| Runner {
            run,
            combination_ms: RwSignal::new(COMBINATION_MS),
            crew: OnceCell::new(),
            asked: RefCell::default(),
            me: me.clone(),
        })
    }

    /// Sweeps a scenario; a sweep under way ends.
    pub(super) fn start(&self, scenario: Scenario, axes: &[SweepAxis]) {
        let crew = self.crew.get_or_init(|| Crew::beside(self.me.clone(), Runner::hear));
        let all = combinations(axes);
        let total = all.len();
        let Some(any) = all.first().cloned() else { return };
        let mut order = vec![0; total];
        for (place, combination) in all.iter().enumerate() {
            order[combination.index as usize] = place as u32;
        }
        let text = scenario.to_value().to_string();
        crew.put(all.into_iter().map(|c| (text.clone(), Task::Combination(c))), |number| {
            let began_ms = browser::now_ms();
            let old = self.asked.replace(Asked { ticket: number, order, began_ms, ..Asked::default() });
            if let Some(timer) = old.show {
                timer.clear();
            }
            browser::mark("sweep-began", &[("combinations", total as f64)]);
            let (points, stage) = (Vec::new(), Stage::Running);
            self.run.set(Some(Run { number, scenario, any, total, points, stage, spent_ms: 0.0 }));
        });
    }

    /// Stops, and keeps what was found.
    pub(super) fn cancel(&self) {
        if let Some(crew) = self.crew.get() {
            crew.cancel();
        }
        self.end(Stage::Stopped);
    }

    fn hear(&self, news: News) {
        match news {
            News::Answered { ticket, answer: Simulated::Combination(point) } => self.found(ticket, *point),
            News::Answered { .. } => unreachable!("a sweep asks for combinations alone"),
            News::Progress { .. } => {}
            News::Finished { .. } => self.end(Stage::Done),
            News::GaveUp { why, .. } => self.end(Stage::Failed(why.reason())),
        }
    }

    fn found(&self, ticket: Ticket, point: SweepPoint) {
        {
            let mut asked = self.asked.borrow_mut();
            if asked.ticket != ticket {
                return;
            }
            asked.incoming.push(point);
        }
        if self.run.with_untracked(|r| r.as_ref().is_some_and(|r| r.points.is_empty())) {
            browser::mark("sweep-first-point", &[]);
            return self.show(None);
        }
        let mut asked = self.asked.borrow_mut();
        if asked.show.is_some() {
            return;
        }
        let me = self.me.clone();
        let show = move || {
            if let Some(this) = me.upgrade() {
                this.show(None);
            }
        };
        asked.show = set_timeout_with_handle(show, Duration::from_millis(SHOW_MS)).ok();
    }

    /// Puts what came in on the page; with a stage, as the last word.
    fn show(&self, stage: Option<Stage>) {
        let (incoming, order, spent_ms) = {
            let mut asked = self.asked.borrow_mut();
            if let Some(timer) = asked.show.take() {
                timer.clear();
            }
            (std::mem::take(&mut asked.incoming), asked.order.clone(), browser::now_ms() - asked.began_ms)
        };
        self.run.update(|run| {
            let Some(run) = run else { return };
            let place = |c: &Combination| order.get(c.index as usize).copied();
            run.points.extend(incoming);
            run.points.order_by_key(|p| place(&p.combination));
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
        let (points, spent_ms) =
            self.run.with_untracked(|r| r.as_ref().map_or((0, 0.0), |r| (r.points.len(), r.spent_ms)));
        if points > 0 {
            self.combination_ms.set(spent_ms * pool::beside().min(points) as f64 / points as f64);
        }
        browser::mark(if done { "sweep-done" } else { "sweep-ended" }, &[("points", points as f64)]);
    }
}
