//! One job at the workbench: resolved, simulated in slices, reported.
//!
//! Nothing here knows that it runs in a browser: the clock, the pause between slices and the way out are
//! given, so the same loop is tested natively.

use crate::live::pack;
use crate::wire::{Bytes, FromWorker, Job, Simulated, Task};
use playground_core::catalog::Catalog;
use playground_core::report::timeline::ROWS_MAX;
use playground_core::scenario::{Diagnostic, Load, Plan, Scenario, resolve};
use playground_core::study::compare::{Side, SideRun, Window};
use playground_core::study::sweep::{self, Combination, SweepOutcome, SweepPoint, SweepRun};
use playground_core::study::{CurvePoint, Fidelity, PointRun, RecordedRun};
use playground_interop::report::Problem;
use playground_interop::trace::{Form, Mapping, Reading, Scan, Traffic, Writing, write};
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Blob;

/// How long a slice may take before messages are looked at, ms. A message is thus obeyed within one slice
/// and the time of one chunk.
const SLICE_MS: f64 = 8.0;
/// Events between two looks at the clock: some hundred microseconds.
const CHUNK_EVENTS: u32 = 512;
/// How often a worker gives a sign of life, ms.
const LIFE_SIGN_MS: f64 = 100.0;
/// Bytes of a recording that are read at once: some hundredths of a second.
const PIECE_BYTES: f64 = 1024.0 * 1024.0;

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

    /// The plan of a scenario with the settings of a combination, or why that cannot be deployed.
    fn plan_of(&self, scenario: &str, combination: &Combination) -> Result<Plan, Vec<Diagnostic>> {
        let parsed = Scenario::from_json(scenario).map_err(|d| vec![d])?;
        sweep::plan(&parsed, combination, &self.catalog)
    }

    /// A side of a comparison at a load.
    fn side(&self, scenario: &str, load: Load, window: Window) -> Result<SideRun, Vec<Diagnostic>> {
        let parsed = Scenario::from_json(scenario).map_err(|d| vec![d])?;
        SideRun::new(&parsed, load, window, &self.catalog)
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
    /// Bytes of what the browser has, from one place to another, or why they cannot be read.
    fn piece(&self, of: &Blob, from: f64, to: f64) -> impl Future<Output = Result<Vec<u8>, String>>;
    /// Lets messages in, then goes on.
    fn pause(&self) -> impl Future<Output = ()>;
}

/// What can be simulated a chunk at a time.
trait Slices {
    /// Handles up to `events` events; true once it is over.
    fn advance(&mut self, events: u32) -> bool;
    /// How far it is, 0 to 1.
    fn done_frac(&self) -> f64;
}

impl Slices for PointRun<'_> {
    fn advance(&mut self, events: u32) -> bool {
        PointRun::advance(self, events)
    }
    fn done_frac(&self) -> f64 {
        self.progress()
    }
}

impl Slices for SideRun {
    fn advance(&mut self, events: u32) -> bool {
        SideRun::advance(self, events)
    }
    fn done_frac(&self) -> f64 {
        self.progress()
    }
}

impl Slices for RecordedRun {
    fn advance(&mut self, events: u32) -> bool {
        RecordedRun::advance(self, events)
    }
    fn done_frac(&self) -> f64 {
        self.progress()
    }
}

impl Slices for Writing {
    fn advance(&mut self, events: u32) -> bool {
        Writing::advance(self, events)
    }
    fn done_frac(&self) -> f64 {
        self.progress()
    }
}

impl Slices for SweepRun<'_> {
    fn advance(&mut self, events: u32) -> bool {
        SweepRun::advance(self, events)
    }
    fn done_frac(&self) -> f64 {
        // How many of its loads are simulated is its own affair: the page counts combinations.
        0.0
    }
}

/// Does a job to its end, or until it is not wanted any more.
pub(crate) async fn work(job: Job, bench: &RefCell<Bench>, outside: &impl Outside) {
    let (ticket, number) = (job.ticket, job.number);
    outside.say(match answer(&job, bench, outside).await {
        Ok(Some(answer)) => FromWorker::Done { ticket, number, answer },
        Ok(None) => super::inbox::dropped(&job),
        Err(findings) => FromWorker::Failed { ticket, number, findings },
    });
}

/// What comes of a job; none once it is not wanted.
async fn answer(
    job: &Job,
    bench: &RefCell<Bench>,
    outside: &impl Outside,
) -> Result<Option<Simulated>, Vec<Diagnostic>> {
    let planned = || bench.borrow_mut().plan(&job.scenario);
    Ok(match job.task.clone() {
        Task::Load { point, fidelity } => load(job, point, fidelity, &*planned()?, outside).await,
        Task::Combination(combination) => {
            let plan = bench.borrow().plan_of(&job.scenario, &combination);
            look_at(job, combination, plan, outside).await
        }
        Task::Record { side, load, window } => {
            let run = RecordedRun::within(&*planned()?, load, window, ROWS_MAX);
            record(job, side, run, outside).await
        }
        Task::Trace { form } => trace(job, form, &*planned()?, outside).await,
        Task::Scan { blob, mapping } => {
            scan(job, blob.size(), mapping, outside, |from, to| outside.piece(&blob, from, to)).await
        }
        Task::Side { side, point, window } => {
            let run = bench.borrow().side(&job.scenario, point.load, window)?;
            measure(job, side, point, run, outside).await
        }
    })
}

/// Simulates one load; none once the job is not wanted.
async fn load(
    job: &Job,
    point: CurvePoint,
    fidelity: Fidelity,
    plan: &Plan,
    outside: &impl Outside,
) -> Option<Simulated> {
    let mut run = PointRun::new(plan, point.load, fidelity);
    in_slices(job, &mut run, outside).await.then(|| {
        let report = run.report().map(Box::new).expect("every replication is over");
        Simulated::Load { point, report }
    })
}

/// Writes a run down; none once the job is not wanted.
async fn record(job: &Job, side: Option<Side>, mut run: RecordedRun, outside: &impl Outside) -> Option<Simulated> {
    in_slices(job, &mut run, outside).await.then(|| {
        let timeline = run.into_timeline();
        let rows = Bytes(pack(&timeline));
        Simulated::Recorded { side, about: Box::new(timeline.about), rows }
    })
}

/// Writes what the first run sends as a recording; none once the job is not wanted.
async fn trace(job: &Job, form: Form, plan: &Plan, outside: &impl Outside) -> Option<Simulated> {
    let mut run = Writing::new(plan);
    in_slices(job, &mut run, outside).await.then(|| {
        let classes: Vec<String> = plan.classes().iter().map(|class| class.name.clone()).collect();
        Simulated::Trace(Bytes(write(&run.into_sent(), &classes, form).into_bytes()))
    })
}

/// Reads a recording of this many bytes piece by piece, and sums it up; none once the job is not wanted.
async fn scan<Piece: Future<Output = Result<Vec<u8>, String>>>(
    job: &Job,
    size: f64,
    mapping: Option<Mapping>,
    outside: &impl Outside,
    piece: impl Fn(f64, f64) -> Piece,
) -> Option<Simulated> {
    let mut reading = Reading::new(mapping);
    let (mut at, mut said) = (0.0, outside.now_ms());
    while at < size && !reading.is_over() {
        let to = size.min(at + PIECE_BYTES);
        match piece(at, to).await {
            Ok(bytes) => reading.feed(&bytes),
            Err(why) => {
                let trouble = Some(Problem::whole(format!("cannot be read: {why}")));
                return Some(Simulated::Scanned(Box::new(Scan { trouble, ..Scan::default() }), None));
            }
        }
        at = to;
        if outside.now_ms() - said > LIFE_SIGN_MS {
            said = outside.now_ms();
            outside.say(FromWorker::Progress { ticket: job.ticket, number: job.number, done_frac: at / size });
        }
        outside.pause().await;
        if !outside.wants(job) {
            return None;
        }
    }
    let (scan, trace) = reading.finish();
    Some(Simulated::Scanned(Box::new(scan), trace.map(|trace| Box::new(Traffic::of(&trace)))))
}

/// Simulates one load of a side; none once the job is not wanted.
async fn measure(
    job: &Job,
    side: Side,
    point: CurvePoint,
    mut run: SideRun,
    outside: &impl Outside,
) -> Option<Simulated> {
    in_slices(job, &mut run, outside).await.then(|| {
        let report = run.report().map(Box::new).expect("every replication is over");
        Simulated::Side { side, point, report }
    })
}

/// Looks for the highest load that a combination sustains; none once the job is not wanted.
async fn look_at(
    job: &Job,
    combination: Combination,
    plan: Result<Plan, Vec<Diagnostic>>,
    outside: &impl Outside,
) -> Option<Simulated> {
    let outcome = match &plan {
        Err(findings) => SweepOutcome::Impossible(findings.clone()),
        Ok(plan) => {
            let mut run = SweepRun::new(plan);
            if !in_slices(job, &mut run, outside).await {
                return None;
            }
            run.outcome()
        }
    };
    Some(Simulated::Combination(Box::new(SweepPoint { combination, outcome })))
}

/// Simulates to the end, and lets messages in between slices; false once the job is not wanted.
async fn in_slices(job: &Job, run: &mut impl Slices, outside: &impl Outside) -> bool {
    let progress = |done_frac| FromWorker::Progress { ticket: job.ticket, number: job.number, done_frac };
    let mut said = outside.now_ms();
    loop {
        let slice = outside.now_ms();
        let mut over = false;
        while !over && outside.now_ms() - slice < SLICE_MS {
            over = run.advance(CHUNK_EVENTS);
        }
        if over {
            return true;
        }
        if outside.now_ms() - said > LIFE_SIGN_MS {
            said = outside.now_ms();
            outside.say(progress(run.done_frac()));
        }
        outside.pause().await;
        if !outside.wants(job) {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ToWorker;
    use crate::worker::inbox::Inbox;
    use playground_core::scenario::SweepAxis;
    use playground_core::study::LoadCurve;
    use playground_interop::trace::{of_run, read};
    use std::cell::Cell;
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
        async fn piece(&self, _: &Blob, _: f64, _: f64) -> Result<Vec<u8>, String> {
            unreachable!("there is no browser that would have any")
        }
        async fn pause(&self) {
            self.pauses.set(self.pauses.get() + 1);
            if Some(self.pauses.get()) == self.cancel_at {
                self.inbox.borrow_mut().take(ToWorker::Cancel { ticket: 1 });
            }
        }
    }

    fn scripted(cancel_at: Option<u32>) -> Scripted {
        Scripted {
            clock: Cell::new(0.0),
            pauses: Cell::new(0),
            cancel_at,
            inbox: RefCell::default(),
            said: RefCell::default(),
        }
    }

    fn simulate(task: Task, cancel_at: Option<u32>) -> Vec<FromWorker> {
        let scenario = Scenario::default().to_value().to_string();
        let job = Job { ticket: 1, number: 0, scenario, task };
        let outside = scripted(cancel_at);
        let bench = RefCell::new(Bench::new());
        let done = pin!(work(job, &bench, &outside)).poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(done, Poll::Ready(()), "no pause of this page waits");
        outside.said.into_inner()
    }

    fn first_load() -> Task {
        let plan = resolve(&Scenario::default(), &Catalog::builtin()).expect("the landing scenario is sound");
        Task::Load { point: LoadCurve::points(&plan, Fidelity::Settled)[0], fidelity: Fidelity::Settled }
    }

    fn combination(replicas: u32) -> Combination {
        sweep::combinations(&[SweepAxis::numbers("topology.pools[0].replicas", &[replicas])])[0].clone()
    }

    #[test]
    fn a_run_written_down_in_slices_is_the_one_written_down_at_once() {
        let plan = resolve(&Scenario::default(), &Catalog::builtin()).expect("the landing scenario is sound");
        let load = plan.load();
        let task = Task::Record { side: Some(Side::C), load, window: Window::own(&plan, load) };
        let said = simulate(task, None);
        let Some(FromWorker::Done { answer: Simulated::Recorded { side: Some(Side::C), about, rows }, .. }) =
            said.last()
        else {
            panic!("{:?}", said.len())
        };
        let mut whole = RecordedRun::new(&plan, load, ROWS_MAX);
        while !whole.advance(u32::MAX) {}
        let whole = whole.into_timeline();
        assert_eq!((&**about, &rows.0), (&whole.about, &pack(&whole)));
    }

    #[test]
    fn what_a_run_sends_is_read_again_as_it_was() {
        let plan = resolve(&Scenario::default(), &Catalog::builtin()).expect("the landing scenario is sound");
        let sent: Vec<_> = of_run(&plan).into_iter().map(|sent| sent.request).collect();
        for form in [Form::Csv, Form::Jsonl] {
            let said = simulate(Task::Trace { form }, None);
            let Some(FromWorker::Done { answer: Simulated::Trace(text), .. }) = said.last() else {
                panic!("{:?}", said.len())
            };
            let again = read(&mut &text.0[..], None).expect("is ours");
            assert_eq!((again.requests, again.classes), (sent.clone(), vec!["chat".to_owned()]));
        }
    }

    /// Reads a recording of many pieces; beyond `broken_at` the browser cannot.
    fn scanned(cancel_at: Option<u32>, broken_at: f64) -> Option<Simulated> {
        let text = "at_s,input_tokens,output_tokens\n".to_owned() + &"1.25,100,20\n".repeat(400_000);
        let job = Job { ticket: 1, number: 0, scenario: String::new(), task: first_load() };
        let outside = scripted(cancel_at);
        let piece = async |from: f64, to: f64| {
            if to > broken_at {
                Err("it is gone".into())
            } else {
                Ok(text.as_bytes()[from as usize..to as usize].to_vec())
            }
        };
        let read = pin!(scan(&job, text.len() as f64, None, &outside, piece));
        let Poll::Ready(answer) = read.poll(&mut Context::from_waker(Waker::noop())) else { panic!("it waits") };
        answer
    }

    #[test]
    fn a_recording_is_read_in_pieces_until_it_is_not_wanted() {
        let answer = scanned(None, f64::INFINITY);
        let Some(Simulated::Scanned(scan, Some(traffic))) = answer else { panic!("{answer:?}") };
        assert_eq!((scan.rows, traffic.requests, traffic.input.p50), (400_000, 400_000, 100));
        assert_eq!(scanned(Some(2), f64::INFINITY), None);
        let broken = scanned(None, 3e6);
        let Some(Simulated::Scanned(scan, None)) = broken else { panic!("{broken:?}") };
        assert!(scan.trouble.is_some_and(|p| p.message.contains("it is gone")));
    }

    #[test]
    fn a_combination_in_slices_is_the_one_of_the_sweep() {
        let axes = [SweepAxis::numbers("topology.pools[0].replicas", &[1])];
        let whole = sweep::run(&Scenario::default(), &axes, &Catalog::builtin(), |_| ());
        let said = simulate(Task::Combination(combination(1)), None);
        let Some(FromWorker::Done { answer: Simulated::Combination(point), .. }) = said.last() else {
            panic!("{said:?}")
        };
        assert_eq!(**point, whole[0]);
    }

    #[test]
    fn a_combination_that_cannot_be_deployed_is_an_answer() {
        let said = simulate(Task::Combination(combination(0)), None);
        let [FromWorker::Done { answer: Simulated::Combination(point), .. }] = &said[..] else { panic!("{said:?}") };
        assert!(matches!(&point.outcome, SweepOutcome::Impossible(found) if !found.is_empty()));
    }

    #[test]
    fn a_cancelled_combination_ends_at_the_next_pause() {
        let said = simulate(Task::Combination(combination(1)), Some(1));
        assert_eq!(said.last(), Some(&FromWorker::Dropped { ticket: 1, number: 0 }));
    }

    #[test]
    fn a_side_in_slices_is_the_scenario_alone_where_its_window_is_its_own() {
        let plan = resolve(&Scenario::default(), &Catalog::builtin()).expect("the landing scenario is sound");
        let point = CurvePoint { index: 0, load: Load::Rate(30.0), own: false };
        let window = Window::own(&plan, point.load);
        let side = simulate(Task::Side { side: Side::B, point, window }, None);
        let alone = simulate(Task::Load { point, fidelity: Fidelity::Settled }, None);
        let (
            Some(FromWorker::Done { answer: Simulated::Side { side: Side::B, report, .. }, .. }),
            Some(FromWorker::Done { answer: Simulated::Load { report: same, .. }, .. }),
        ) = (side.last(), alone.last())
        else {
            panic!("{side:?}")
        };
        assert_eq!(report, same);
        let stopped = simulate(Task::Side { side: Side::A, point, window }, Some(1));
        assert_eq!(stopped.last(), Some(&FromWorker::Dropped { ticket: 1, number: 0 }));
    }

    #[test]
    fn slices_add_up_to_the_report_of_one_go() {
        let said = simulate(first_load(), None);
        let Some(FromWorker::Done { answer: Simulated::Load { point, report }, .. }) = said.last() else {
            panic!("{said:?}")
        };
        let plan = resolve(&Scenario::default(), &Catalog::builtin()).expect("the landing scenario is sound");
        let mut at_once = PointRun::new(&plan, point.load, Fidelity::Settled);
        while !at_once.advance(u32::MAX) {}
        assert_eq!(**report, at_once.report().expect("is over"));
        assert!(said.iter().any(|m| matches!(m, FromWorker::Progress { done_frac, .. } if *done_frac > 0.0)));
    }

    #[test]
    fn a_cancelled_job_ends_at_the_next_pause() {
        let said = simulate(first_load(), Some(1));
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
        let own = CurvePoint { index: 0, load: first.load(), own: true };
        assert!(own.load.amount() > 0.0);
    }
}
