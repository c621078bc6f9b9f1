//! The pool under all that can happen to it: questions that overtake each other, deaths, silence.

use super::*;
use playground_core::catalog::Catalog;
use playground_core::report::Report;
use playground_core::scenario::{Load, Scenario, resolve};
use playground_core::study::PointRun;

fn points(n: u32) -> Vec<CurvePoint> {
    (0..n).map(|index| CurvePoint { index, load: Load::Rate(f64::from(index + 1)), own: index == 0 }).collect()
}

/// A pool whose workers are all up.
fn pool(size: usize) -> Schedule {
    let (mut pool, acts) = Schedule::new(size);
    assert_eq!(acts.len(), size);
    for worker in 0..size {
        assert_eq!(pool.heard(worker, 0, FromWorker::Ready), []);
    }
    pool
}

/// (worker, job number) of every job handed out.
fn handed(acts: &[Act]) -> Vec<(usize, u32)> {
    acts.iter()
        .filter_map(|act| match act {
            Act::Post { worker, message: ToWorker::Run(job) } => Some((*worker, job.number)),
            _ => None,
        })
        .collect()
}

fn report() -> Box<Report> {
    let mut small = Scenario::default();
    (small.run.requests, small.run.replications) = (10, 1);
    let plan = resolve(&small, &Catalog::builtin()).expect("is sound");
    let mut run = PointRun::new(&plan, Load::Rate(1.0), Fidelity::Settled);
    while !run.advance(u32::MAX) {}
    Box::new(run.report().expect("is over"))
}

fn done(ticket: Ticket, number: u32) -> FromWorker {
    let point = points(number + 1)[number as usize];
    FromWorker::Done { ticket, number, answer: Simulated::Load { point, report: report() } }
}

#[test]
fn jobs_go_round_and_one_waits_at_hand() {
    let (_, acts) = pool(2).ask("s", Fidelity::Settled, &points(7));
    assert_eq!(handed(&acts), [(0, 0), (1, 1), (0, 2), (1, 3)]);
}

#[test]
fn of_short_jobs_two_wait_at_hand() {
    let (_, acts) = pool(2).ask("s", Fidelity::Draft, &points(7));
    assert_eq!(handed(&acts), [(0, 0), (1, 1), (0, 2), (1, 3), (0, 4), (1, 5)]);
}

#[test]
fn nothing_is_handed_out_before_a_worker_is_up() {
    let (mut pool, _) = Schedule::new(2);
    assert_eq!(handed(&pool.ask("s", Fidelity::Settled, &points(3)).1), []);
    assert_eq!(handed(&pool.heard(1, 0, FromWorker::Ready)), [(1, 0), (1, 1)]);
    assert_eq!(handed(&pool.heard(0, 0, FromWorker::Ready)), [(0, 2)]);
}

#[test]
fn a_ticket_is_finished_when_its_last_load_is() {
    let mut pool = pool(1);
    let (ticket, _) = pool.ask("s", Fidelity::Settled, &points(3));
    assert_eq!(handed(&pool.heard(0, 0, done(ticket, 0))), [(0, 2)]);
    assert!(!pool.heard(0, 0, done(ticket, 1)).contains(&Act::Tell(News::Finished { ticket })));
    let last = pool.heard(0, 0, done(ticket, 2));
    assert!(matches!(last[..], [Act::Tell(News::Answered { .. }), Act::Tell(News::Finished { .. })]), "{last:?}");
}

#[test]
fn a_ticket_without_loads_is_finished_at_once() {
    let (ticket, acts) = pool(1).ask("s", Fidelity::Draft, &[]);
    assert_eq!(acts, [Act::Tell(News::Finished { ticket })]);
}

#[test]
fn the_latest_ticket_wins() {
    let mut pool = pool(2);
    let (old, _) = pool.ask("a", Fidelity::Settled, &points(9));
    let (new, acts) = pool.ask("b", Fidelity::Draft, &points(2));
    let cancels = acts.iter().filter(|a| matches!(a, Act::Post { message: ToWorker::Cancel { .. }, .. })).count();
    assert_eq!(cancels, 2);
    // The new jobs are sent at once, behind the cancel: nobody waits for the old ones to be dropped.
    assert_eq!(handed(&acts), [(0, 0), (1, 1)]);
    assert_eq!(pool.heard(0, 0, done(old, 0)), [], "too late");
    assert_eq!(pool.heard(0, 0, FromWorker::Dropped { ticket: old, number: 2 }), []);
    assert!(!pool.heard(0, 0, done(new, 0)).is_empty());
}

#[test]
fn a_settled_ticket_leaves_a_worker_for_drafts() {
    let (_, acts) = pool(4).ask("s", Fidelity::Settled, &points(13));
    assert!(handed(&acts).iter().all(|(worker, _)| *worker < 3));
    let (_, acts) = pool(4).ask("s", Fidelity::Draft, &points(7));
    assert!(handed(&acts).iter().any(|(worker, _)| *worker == 3));
    let (_, acts) = pool(2).ask("s", Fidelity::Settled, &points(13));
    assert!(handed(&acts).iter().any(|(worker, _)| *worker == 1), "of two, both work");
}

#[test]
fn a_dead_worker_is_replaced_and_its_jobs_are_retried_once() {
    let mut pool = pool(1);
    let (ticket, _) = pool.ask("s", Fidelity::Draft, &points(2));
    assert_eq!(pool.died(0, 0, "boom"), [Act::Spawn { worker: 0, generation: 1 }]);
    assert_eq!(pool.heard(0, 0, done(ticket, 0)), [], "the dead are not heard");
    assert_eq!(handed(&pool.heard(0, 1, FromWorker::Ready)), [(0, 0), (0, 1)]);
    let acts = pool.died(0, 1, "boom");
    assert!(acts.contains(&Act::Tell(News::GaveUp { ticket, why: Failure::Crashed("boom".into()) })), "{acts:?}");
    // The next question is served.
    pool.heard(0, 2, FromWorker::Ready);
    assert_eq!(handed(&pool.ask("s", Fidelity::Draft, &points(1)).1), [(0, 0)]);
}

#[test]
fn a_job_that_only_waited_is_not_blamed() {
    let mut pool = pool(1);
    let (ticket, _) = pool.ask("s", Fidelity::Draft, &points(2));
    pool.died(0, 0, "boom");
    pool.heard(0, 1, FromWorker::Ready);
    pool.heard(0, 1, done(ticket, 0));
    let acts = pool.died(0, 1, "boom");
    assert!(!acts.iter().any(|a| matches!(a, Act::Tell(News::GaveUp { .. }))), "job 1 died once: {acts:?}");
}

#[test]
fn silence_is_death_only_while_there_is_something_to_say() {
    let mut pool = pool(1);
    for _ in 0..100 {
        assert_eq!(pool.tick(TICK_MS), []);
    }
    let (ticket, _) = pool.ask("s", Fidelity::Draft, &points(1));
    // A tab that slept for an hour is no reason.
    assert_eq!(pool.tick(3_600_000.0), []);
    pool.heard(0, 0, FromWorker::Progress { ticket, number: 0, done_frac: 0.5 });
    let ticks = (SILENT_MS_MAX / TICK_MS) as usize;
    for _ in 0..ticks {
        assert_eq!(pool.tick(TICK_MS), []);
    }
    assert_eq!(pool.tick(TICK_MS), [Act::Spawn { worker: 0, generation: 1 }]);
}

#[test]
fn workers_that_cannot_start_are_given_up() {
    let (mut pool, _) = Schedule::new(1);
    let (ticket, _) = pool.ask("s", Fidelity::Draft, &points(1));
    assert_eq!(pool.died(0, 0, "blocked"), [Act::Spawn { worker: 0, generation: 1 }]);
    let acts = pool.died(0, 1, "blocked");
    assert_eq!(acts, [Act::Tell(News::GaveUp { ticket, why: Failure::NoWorkers("blocked".into()) })]);
    let (ticket, acts) = pool.ask("s", Fidelity::Draft, &points(1));
    assert_eq!(acts, [Act::Tell(News::GaveUp { ticket, why: Failure::NoWorkers("blocked".into()) })]);
}

#[test]
fn a_refused_scenario_is_given_up_with_its_findings() {
    let mut pool = pool(2);
    let (ticket, _) = pool.ask("s", Fidelity::Draft, &points(4));
    let acts = pool.heard(0, 0, FromWorker::Failed { ticket, number: 0, findings: vec![] });
    assert!(acts.contains(&Act::Tell(News::GaveUp { ticket, why: Failure::Refused(vec![]) })));
    assert_eq!(pool.heard(1, 0, done(ticket, 1)), []);
}

#[test]
fn a_cancelled_ticket_delivers_nothing_more() {
    let mut pool = pool(1);
    let (ticket, _) = pool.ask("s", Fidelity::Settled, &points(5));
    assert_eq!(pool.cancel(), [Act::Post { worker: 0, message: ToWorker::Cancel { ticket } }]);
    assert_eq!(pool.heard(0, 0, done(ticket, 0)), []);
    assert_eq!(pool.heard(0, 0, FromWorker::Dropped { ticket, number: 1 }), []);
}
