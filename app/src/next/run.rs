//! Simulates every change at the scenario's own load: workers of their own, and one window for all, so that each makes
//! pairs with the scenario as it is.

use super::changes::{self, Change, Impossible};
use crate::browser;
use crate::pool::{Crew, News, Stage};
use crate::state::{Key, Memory};
use crate::wire::{Simulated, Task, Ticket};
use leptos::prelude::*;
use playground_core::catalog::Catalog;
use playground_core::report::Report;
use playground_core::scenario::{Plan, Scenario, resolve};
use playground_core::study::compare::{Side, Window};
use playground_core::study::{CurvePoint, Fidelity};
use std::cell::{OnceCell, RefCell};
use std::rc::{Rc, Weak};

/// Changes of a scenario, and what was found so far.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) base: Scenario,
    pub(super) changes: Vec<Change>,
    pub(super) impossible: Vec<Impossible>,
    /// Of the scenario as it is.
    pub(super) base_report: Option<Report>,
    /// Of each change.
    pub(super) reports: Vec<Option<Report>>,
    pub(super) stage: Stage,
}

impl Run {
    fn new(base: &Scenario, changes: Vec<Change>, impossible: Vec<Impossible>) -> Self {
        let reports = vec![None; changes.len()];
        Run { base: base.clone(), changes, impossible, base_report: None, reports, stage: Stage::Running }
    }

    pub(super) fn is_running(&self) -> bool {
        self.stage == Stage::Running
    }

    /// Simulations that are there, and all of them.
    pub(super) fn counts(&self) -> (usize, usize) {
        let done = self.reports.iter().chain([&self.base_report]).filter(|r| r.is_some()).count();
        (done, self.reports.len() + 1)
    }

    /// The scenario as it is has number 0, changes follow.
    fn put(&mut self, number: u32, report: Report) {
        match (number as usize).checked_sub(1) {
            None => self.base_report = Some(report),
            Some(i) if i < self.reports.len() => self.reports[i] = Some(report),
            Some(_) => {}
        }
    }
}

/// What all are measured over: the longest warm-up, and the longest horizon that any pair has.
fn window(base: &Plan, plans: &[Plan]) -> Window {
    let own = Window::own(base, base.load());
    let shared = plans.iter().map(|plan| Window::shared(&[base, plan], base.load()));
    shared.fold(own, |all, one| Window {
        warmup_ps: all.warmup_ps.max(one.warmup_ps),
        horizon_ps: all.horizon_ps.max(one.horizon_ps),
    })
}

/// What is known of a question beside what is shown.
struct Asked {
    ticket: Ticket,
    keys: Vec<Key>,
}

/// One per page; its workers start with the first question.
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

    /// Simulates every change of a scenario; what cannot be simulated has no next step.
    pub(super) fn start(&self, base: &Scenario, catalog: &Catalog) {
        let Ok(plan) = resolve(base, catalog) else { return };
        let (possible, impossible) = changes::all(base, &plan, catalog);
        let (changes, plans): (Vec<Change>, Vec<Plan>) = possible.into_iter().unzip();
        let window = window(&plan, &plans);
        let load = plan.load();
        let scenarios: Vec<&Scenario> = [base].into_iter().chain(changes.iter().map(|c| &c.scenario)).collect();
        let keys: Vec<Key> = scenarios.iter().map(|s| Key::of(s).within(window)).collect();
        let mut known = Vec::new();
        let mut tasks = Vec::new();
        for (number, (scenario, key)) in (0u32..).zip(scenarios.into_iter().zip(&keys)) {
            let point = CurvePoint { index: number, load, own: true };
            match self.memory.borrow_mut().get(key, Fidelity::Settled, load, true) {
                Some(report) => known.push((number, report)),
                None => {
                    let side = if number == 0 { Side::A } else { Side::B };
                    tasks.push((scenario.to_value().to_string(), Task::Side { side, point, window }));
                }
            }
        }
        let mut run = Run::new(base, changes, impossible);
        for (number, report) in known {
            run.put(number, report);
        }
        browser::mark("next-began", &[("changes", run.reports.len() as f64), ("new", tasks.len() as f64)]);
        let crew = self.crew.get_or_init(|| Crew::beside(self.me.clone(), Runner::hear));
        crew.put(tasks.into_iter(), |ticket| {
            self.asked.replace(Some(Asked { ticket, keys }));
            self.run.set(Some(run));
        });
    }

    /// Stops, and keeps what was found.
    pub(super) fn cancel(&self) {
        if self.run.with_untracked(|r| r.as_ref().is_some_and(Run::is_running)) {
            if let Some(crew) = self.crew.get() {
                crew.cancel();
            }
            self.end(Stage::Stopped);
        }
    }

    fn hear(&self, news: News) {
        let is_ours = |ticket: Ticket| self.asked.borrow().as_ref().is_some_and(|a| a.ticket == ticket);
        match news {
            News::Answered { ticket, answer: Simulated::Side { point, report, .. } } if is_ours(ticket) => {
                if let Some(key) = self.asked.borrow().as_ref().and_then(|a| a.keys.get(point.index as usize)) {
                    self.memory.borrow_mut().put(key, Fidelity::Settled, point.load, &report);
                }
                self.run.update(|run| {
                    if let Some(run) = run {
                        run.put(point.index, *report);
                    }
                });
            }
            News::Answered { .. } => {}
            News::Finished { ticket } if is_ours(ticket) => self.end(Stage::Done),
            News::GaveUp { ticket, why } if is_ours(ticket) => self.end(Stage::Failed(why.reason())),
            News::Progress { .. } | News::Finished { .. } | News::GaveUp { .. } => {}
        }
    }

    fn end(&self, stage: Stage) {
        self.asked.replace(None);
        browser::mark("next-ended", &[]);
        self.run.update(|run| {
            if let Some(run) = run {
                run.stage = stage;
            }
        });
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use playground_core::study::compare::SideRun;

    /// Every change of a small landing scenario, simulated here.
    pub(in crate::next) fn whole(change: impl FnOnce(&mut Scenario)) -> Run {
        let mut base = Scenario::default();
        (base.run.requests, base.run.replications) = (400, 4);
        change(&mut base);
        let catalog = Catalog::builtin();
        let plan = resolve(&base, &catalog).expect("is sound");
        let (possible, impossible) = changes::all(&base, &plan, &catalog);
        let (changes, plans): (Vec<Change>, Vec<Plan>) = possible.into_iter().unzip();
        let window = window(&plan, &plans);
        let simulate = |s: &Scenario| {
            let mut run = SideRun::new(s, plan.load(), window, &catalog).expect("is sound");
            while !run.advance(u32::MAX) {}
            run.report().expect("is over")
        };
        let mut run = Run::new(&base, changes, impossible);
        run.put(0, simulate(&base));
        for i in 0..run.changes.len() {
            let report = simulate(&run.changes[i].scenario);
            run.put(i as u32 + 1, report);
        }
        run
    }

    #[test]
    fn all_are_measured_over_the_same_time() {
        let run = whole(|_| ());
        let base = run.base_report.as_ref().expect("is there");
        let time = |r: &Report| (r.run.warmup_s, r.run.horizon_s, r.run.seed, r.run.replications);
        assert!(run.reports.iter().flatten().all(|r| time(r) == time(base)));
        assert_eq!(run.counts(), (run.changes.len() + 1, run.changes.len() + 1));
    }
}
