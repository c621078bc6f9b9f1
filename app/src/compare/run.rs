//! Simulates all sides: workers of their own, so that the answer keeps its own; one load of one side is one job.
//!
//! It begins once the answer of the side in hand is there, ends when a setting moves, and takes from the memory whatever
//! was simulated before: also by the answer, where a side's window is its own.

use super::case::Variants;
use crate::browser;
use crate::pool::{Crew, News, SHOW_MS, Stage};
use crate::state::{Key, Memory};
use crate::wire::{Simulated, Task, Ticket};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use playground_core::report::Report;
use playground_core::scenario::Load;
use playground_core::study::compare::{Side, Window, points, simulates};
use playground_core::study::{Answer, CurvePoint, Fidelity};
use std::cell::{OnceCell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Duration;

/// A comparison, and what was found so far.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) variants: Arc<Variants>,
    /// Of every side, once the own load of all is there.
    found: Option<Vec<Arc<Answer>>>,
    pub(super) done: usize,
    pub(super) total: usize,
    /// How many of them were known before.
    pub(super) remembered: usize,
    pub(super) stage: Stage,
    pub(super) spent_ms: f64,
}

impl Run {
    pub(super) fn is_running(&self) -> bool {
        self.stage == Stage::Running
    }

    /// The answers of every side, the baseline's first; none before the own load of all is there.
    pub(super) fn answers(&self) -> Option<Vec<&Answer>> {
        self.found.as_ref().map(|all| all.iter().map(|answer| &**answer).collect())
    }
}

/// What is known of a comparison beside what is shown.
struct Asked {
    ticket: Ticket,
    variants: Arc<Variants>,
    keys: Vec<Key>,
    /// Of every side, in the order in which it came.
    got: Vec<Vec<(CurvePoint, Report)>>,
    total: usize,
    remembered: usize,
    show: Option<TimeoutHandle>,
    began_ms: f64,
}

impl Asked {
    fn new(variants: &Arc<Variants>) -> Self {
        Asked {
            ticket: 0,
            variants: Arc::clone(variants),
            keys: variants.scenarios.iter().map(Key::of).collect(),
            got: vec![Vec::new(); variants.scenarios.len()],
            total: 0,
            remembered: 0,
            show: None,
            began_ms: browser::now_ms(),
        }
    }

    /// The window of all at a load, and under what a side's report is remembered.
    fn place(&self, side: Side, load: Load) -> (Window, Key) {
        let plans = &self.variants.plans;
        let window = Window::shared(plans, load);
        let key = &self.keys[side.index()];
        let own = window == Window::own(&plans[side.index()], load);
        (window, if own { key.clone() } else { key.within(window) })
    }

    /// Whether the own load of every side is there.
    fn has_own(&self) -> bool {
        self.got.iter().all(|got| got.iter().any(|(p, _)| p.own))
    }

    fn answers(&self) -> Option<Vec<Arc<Answer>>> {
        let of = |(plan, got): (_, &Vec<_>)| Answer::assemble(plan, Fidelity::Settled, got.clone()).map(Arc::new);
        self.variants.plans.iter().zip(&self.got).map(of).collect()
    }
}

/// One per page; its workers start with the first comparison.
pub(super) struct Runner {
    run: RwSignal<Option<Run>>,
    crew: OnceCell<Rc<Crew>>,
    memory: Memory,
    asked: RefCell<Option<Asked>>,
    me: Weak<Runner>,
}

impl Runner {
    pub(super) fn new(run: RwSignal<Option<Run>>, memory: Memory) -> Rc<Self> {
        Rc::new_cyclic(|me| Runner { run, crew: OnceCell::new(), memory, asked: RefCell::new(None), me: me.clone() })
    }

    /// What is to be compared now, if anything; `free` says whether a comparison may begin.
    pub(super) fn follow(&self, variants: Option<&Arc<Variants>>, free: bool) {
        let shown = self.run.with_untracked(|r| r.as_ref().map(|r| Arc::clone(&r.variants)));
        match variants {
            None => {
                self.cancel();
                if shown.is_some() {
                    self.run.set(None);
                }
            }
            Some(variants) if shown.as_ref().is_some_and(|old| old == variants) => {}
            Some(variants) => {
                self.cancel();
                if free {
                    self.start(variants);
                }
            }
        }
    }

    /// Simulates all sides; a comparison under way ends.
    pub(super) fn start(&self, variants: &Arc<Variants>) {
        let crew = self.crew.get_or_init(|| Crew::beside(self.me.clone(), Runner::hear));
        let mut asked = Asked::new(variants);
        let texts: Vec<String> = variants.scenarios.iter().map(|s| s.to_value().to_string()).collect();
        let mut tasks = Vec::new();
        for point in points(&variants.plans) {
            for &side in variants.sides() {
                let plan = &variants.plans[side.index()];
                if !simulates(plan, &point) {
                    continue;
                }
                asked.total += 1;
                let (window, key) = asked.place(side, point.load);
                let whole = Fidelity::Settled.follows_to_end(plan, point.load);
                match self.memory.borrow_mut().get(&key, Fidelity::Settled, point.load, whole) {
                    Some(report) => asked.got[side.index()].push((point, report)),
                    None => tasks.push((texts[side.index()].clone(), Task::Side { side, point, window })),
                }
            }
        }
        asked.remembered = asked.total - tasks.len();
        browser::mark("compare-began", &[("loads", asked.total as f64), ("new", tasks.len() as f64)]);
        crew.put(tasks.into_iter(), |ticket| {
            asked.ticket = ticket;
            self.forget(Some(asked));
            self.show(Stage::Running);
        });
    }

    /// Stops, and keeps what was found.
    pub(super) fn cancel(&self) {
        if !self.run.with_untracked(|r| r.as_ref().is_some_and(Run::is_running)) {
            return;
        }
        if let Some(crew) = self.crew.get() {
            crew.cancel();
        }
        self.show(Stage::Stopped);
        self.forget(None);
    }

    fn forget(&self, next: Option<Asked>) {
        if let Some(timer) = self.asked.replace(next).and_then(|old| old.show) {
            timer.clear();
        }
    }

    fn hear(&self, news: News) {
        match news {
            News::Answered { ticket, answer: Simulated::Side { side, point, report } } => {
                self.found(ticket, side, point, *report);
            }
            News::Answered { .. } => unreachable!("a comparison asks for sides alone"),
            News::Progress { .. } => {}
            News::Finished { ticket } => self.end(ticket, Stage::Done),
            News::GaveUp { ticket, why } => self.end(ticket, Stage::Failed(why.reason())),
        }
    }

    fn found(&self, ticket: Ticket, side: Side, point: CurvePoint, report: Report) {
        let first = {
            let mut asked = self.asked.borrow_mut();
            let Some(asked) = asked.as_mut().filter(|a| a.ticket == ticket) else { return };
            let (_, key) = asked.place(side, point.load);
            self.memory.borrow_mut().put(&key, Fidelity::Settled, point.load, &report);
            let before = asked.has_own();
            asked.got[side.index()].push((point, report));
            !before && asked.has_own()
        };
        if first {
            browser::mark("compare-first", &[]);
            return self.show(Stage::Running);
        }
        if let Some(asked) = self.asked.borrow_mut().as_mut().filter(|a| a.show.is_none()) {
            let me = self.me.clone();
            let show = move || {
                if let Some(this) = me.upgrade() {
                    this.show(Stage::Running);
                }
            };
            asked.show = set_timeout_with_handle(show, Duration::from_millis(SHOW_MS)).ok();
        }
    }

    /// Puts what came in on the page.
    fn show(&self, stage: Stage) {
        let run = {
            let mut asked = self.asked.borrow_mut();
            let Some(asked) = asked.as_mut() else { return };
            if let Some(timer) = asked.show.take() {
                timer.clear();
            }
            let done = asked.got.iter().map(Vec::len).sum();
            Run {
                variants: Arc::clone(&asked.variants),
                found: asked.answers(),
                done,
                total: asked.total,
                remembered: asked.remembered,
                stage,
                spent_ms: browser::now_ms() - asked.began_ms,
            }
        };
        self.run.set(Some(run));
    }

    fn end(&self, ticket: Ticket, stage: Stage) {
        if self.asked.borrow().as_ref().is_none_or(|a| a.ticket != ticket) {
            return;
        }
        browser::mark(if stage == Stage::Done { "compare-done" } else { "compare-ended" }, &[]);
        self.show(stage);
        self.forget(None);
    }
}
