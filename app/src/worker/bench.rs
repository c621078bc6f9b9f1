//! One job at the workbench: resolved, simulated in slices, reported.
//!
//! Nothing here knows that it runs in a browser: the clock, the pause between slices and the way out are
//! given, so the same loop is tested natively.

use crate::wire::{FromWorker, Job};
use playground_core::catalog::Catalog;
use playground_core::scenario::{Diagnostic, Plan, Scenario, resolve};
use playground_core::study::PointRun;
use std::rc::Rc;

/// How long a slice may take before messages are looked at, ms. A message is thus obeyed within one slice
/// and the time of one chunk.
const SLICE_MS: f64 = 8.0;
/// Events between two looks at the clock: some hundred microseconds.
const CHUNK_EVENTS: u32 = 512;
/// How often a worker gives a sign of life, ms.
const LIFE_SIGN_MS: f64 = 100.0;

/// What is kept between jobs: the catalogue, and the plan of the last scenario.
pub(crate) struct Bench {
    catalog: Catalog,
    last: Option<(String, Rc<Plan>)>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Bench { catalog: Catalog::builtin(), last: None }
    }

    /// The plan of a scenario; that of the job before, if it is the same text.
    pub(crate) fn plan(&mut self, scenario: &str) -> Result<Rc<Plan>, Vec<Diagnostic>> {
        if let Some((text, plan)) = &self.last
            && text == scenario
        {
            return Ok(Rc::clone(plan));
        }
        let parsed = Scenario::from_json(scenario).map_err(|d| vec![d])?;
        let plan = Rc::new(resolve(&parsed, &self.catalog)?);
        self.last = Some((scenario.to_owned(), Rc::clone(&plan)));
        Ok(plan)
    }
}

/// The outside of a job: the clock, who still wants it, where answers go.
pub(crate) trait Outside {
    /// Milliseconds since some fixed moment.
    fn now_ms(&self) -> f64;
    /// Whether the job is still wanted.
    fn wants(&self, job: &Job) -> bool;
    /// Sends to the page.
    fn say(&self, message: FromWorker);
    /// Lets messages in, then goes on.
    fn pause(&self) -> impl Future<Output = ()>;
}

/// Simulates a job to its end, or until it is not wanted any more.
pub(crate) async fn work(job: Job, plan: Rc<Plan>, outside: &impl Outside) {
    let begin = outside.now_ms();
    let progress = |done_frac| FromWorker::Progress { ticket: job.ticket, number: job.number, done_frac };
    outside.say(progress(0.0));
    let mut said = begin;
    let mut run = PointRun::new(&plan, job.point.rate_rps, job.fidelity);
    loop {
        let slice = outside.now_ms();
        let mut over = false;
        while !over && outside.now_ms() - slice < SLICE_MS {
            over = run.advance(CHUNK_EVENTS);
        }
        if over {
            break;
        }
        if outside.now_ms() - said > LIFE_SIGN_MS {
            said = outside.now_ms();
            outside.say(progress(run.progress()));
        }
        outside.pause().await;
        if !outside.wants(&job) {
            outside.say(super::inbox::dropped(&job));
            return;
        }
    }
    let report = run.report().map(Box::new).expect("every replication is over");
    let spent_ms = outside.now_ms() - begin;
    outside.say(FromWorker::Done { ticket: job.ticket, number: job.number, point: job.point, report, spent_ms });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ToWorker;
    use crate::worker::inbox::Inbox;
    use playground_core::study::{CurvePoint, Fidelity, LoadCurve};
    use std::cell::{Cell, RefCell};
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    /// A clock that ticks at every look, and a page that may change its mind at the n-th pause.
    struct Scripted {
        clock: Cell<f64>,
        pauses: Cell<u32>,
        cancel_at: Option<u32>,
        inbox: RefCell<Inbox>,
        said: RefCell<Vec<FromWorker>>,
    }

    impl Outside for Scripted {
        fn now_ms(&self) -> f64 {
            self.clock.set(self.clock.get() + 5.0);
            self.clock.get()
        }
        fn wants(&self, job: &Job) -> bool {
            self.inbox.borrow().wants(job)
        }
        fn say(&self, message: FromWorker) {
            self.said.borrow_mut().push(message);
        }
        async fn pause(&self) {
            self.pauses.set(self.pauses.get() + 1);
            if Some(self.pauses.get()) == self.cancel_at {
                self.inbox.borrow_mut().take(ToWorker::Cancel { ticket: 1 });
            }
        }
    }

    fn simulate(cancel_at: Option<u32>) -> Vec<FromWorker> {
        let scenario = Scenario::default().to_value().to_string();
        let plan = Bench::new().plan(&scenario).expect("the landing scenario is sound");
        let point = LoadCurve::points(&plan, Fidelity::Draft)[0];
        let job = Job { ticket: 1, number: 0, scenario, point, fidelity: Fidelity::Draft };
        let outside = Scripted {
            clock: Cell::new(0.0),
            pauses: Cell::new(0),
            cancel_at,
            inbox: RefCell::default(),
            said: RefCell::default(),
        };
        let done = pin!(work(job, plan, &outside)).poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(done, Poll::Ready(()), "no pause of this page waits");
        outside.said.into_inner()
    }

    #[test]
    fn slices_add_up_to_the_report_of_one_go() {
        let said = simulate(None);
        let Some(FromWorker::Done { point, report, .. }) = said.last() else { panic!("{said:?}") };
        let plan = resolve(&Scenario::default(), &Catalog::builtin()).expect("the landing scenario is sound");
        let mut at_once = PointRun::new(&plan, point.rate_rps, Fidelity::Draft);
        while !at_once.advance(u32::MAX) {}
        assert_eq!(**report, at_once.report().expect("is over"));
        assert!(said.iter().any(|m| matches!(m, FromWorker::Progress { done_frac, .. } if *done_frac > 0.0)));
    }

    #[test]
    fn a_cancelled_job_ends_at_the_next_pause() {
        let said = simulate(Some(1));
        assert_eq!(said.last(), Some(&FromWorker::Dropped { ticket: 1, number: 0 }));
        assert!(said.len() <= 2, "{said:?}");
    }

    #[test]
    fn a_scenario_that_cannot_be_simulated_says_why() {
        let text = r#"{"topology":{"pools":[{"replicas":0}]}}"#;
        let findings = Bench::new().plan(text).err().expect("is refused");
        assert_eq!(findings[0].path, "topology.pools[0].replicas");
    }

    #[test]
    fn the_plan_of_the_same_text_is_not_made_twice() {
        let mut bench = Bench::new();
        let first = bench.plan("{}").expect("resolves");
        assert!(Rc::ptr_eq(&first, &bench.plan("{}").expect("resolves")));
        let own = CurvePoint { index: 0, rate_rps: first.rate_rps(), own: true };
        assert!(own.rate_rps > 0.0);
    }
}
