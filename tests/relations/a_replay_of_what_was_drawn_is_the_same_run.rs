//! Requests that are written down and sent again fare as they did when they were drawn.

use playground_core::base::Dur;
use playground_core::cluster::{Progress, Sim};
use playground_core::report::{End, Outcome};
use playground_core::scenario::{Length, Load, Plan, Scenario};
use playground_core::stats::Sketch;
use playground_core::workload::{Process, Recorded, Replay, ReplayError, Source};
use playground_tests::fleet;

/// The first requests of replication 0, as they are drawn at a rate.
fn drawn(s: &Scenario, rate: f64, n: usize) -> Vec<Recorded> {
    let classes = s.workload.classes.iter().map(|c| c.source().expect("a sound class")).collect();
    let mut source = Source::new(s.run.seed, 0, Process::Poisson, rate, classes);
    let request = |_| {
        let a = source.draw();
        let (prompt_tokens, output_tokens) = (a.prompt_tokens, a.output_tokens);
        Recorded { at: a.at, class: a.class, prompt_tokens, output_tokens, prefix: (0, 0), body: None }
    };
    (0..n).map(request).collect()
}

fn replayed(plan: &Plan, requests: Vec<Recorded>, clients: Option<u32>) -> Vec<Outcome> {
    let replay = Replay::new(requests, plan.classes().len() as u32).expect("a sound recording");
    let mut sim = Sim::replay(plan, replay, clients);
    while sim.advance(u32::MAX) == Progress::Running {}
    sim.into_outcomes().0
}

#[test]
fn request_by_request() {
    let mut s = Scenario::default();
    s.run.warmup_s = Some(0.0);
    // Short answers: the last of those measured ends long before the recording does.
    s.workload.classes[0].output = Length::lognormal(64.0, 32.0, 1, 200);
    let plan = fleet::plan(&s);
    let rate = 0.8 * plan.capacity_rps();
    let requests = drawn(&s, rate, 3000);
    // Who is measured arrives before the horizon ends; the rest of the recording keeps the fleet as busy meanwhile.
    let measured = 300;
    let end = requests[measured].at;
    let outcomes = replayed(&plan, requests, None);
    let mut sim = Sim::new(&plan, Load::Rate(rate), 0, Dur::from_ps(end.as_ps()));
    while sim.advance(u32::MAX) == Progress::Running {}
    let record = fleet::total(&sim.into_record());
    let sketch = |value: &dyn Fn(&Outcome) -> Option<Dur>| {
        let mut sketch = Sketch::new();
        outcomes[..measured].iter().filter_map(value).for_each(|span| sketch.insert(span, 1));
        sketch
    };
    assert_eq!(record.arrived, measured as u64);
    assert!(record.e2e == sketch(&|o| o.e2e), "latencies to the last token differ");
    assert!(record.ttft == sketch(&|o| o.ttft), "latencies to the first token differ");
}

#[test]
fn no_more_are_in_flight_than_there_are_clients() {
    let s = Scenario::default();
    let plan = fleet::plan(&s);
    let requests = drawn(&s, 10_000.0, 600);
    for clients in [1, 7, 64] {
        let outcomes = replayed(&plan, requests.clone(), Some(clients));
        assert!(outcomes.iter().zip(&requests).all(|(o, r)| o.end == End::Done && o.sent >= r.at));
        let mut changes: Vec<(u64, i32)> = Vec::new();
        for o in &outcomes {
            let ended = o.sent + o.e2e.expect("it ended well");
            changes.extend([(o.sent.as_ps(), 1), (ended.as_ps(), -1)]);
        }
        // At one moment, ends come before beginnings.
        changes.sort_unstable();
        let mut in_flight = 0;
        for (at, change) in changes {
            in_flight += change;
            assert!(in_flight <= clients as i32, "{in_flight} at {at} ps, with {clients} clients");
        }
    }
}

#[test]
fn what_cannot_be_replayed_is_refused_with_a_reason() {
    let sound = drawn(&Scenario::default(), 10.0, 3);
    let with = |change: &dyn Fn(&mut Vec<Recorded>)| {
        let mut requests = sound.clone();
        change(&mut requests);
        Replay::new(requests, 1).err()
    };
    assert_eq!(with(&|_| {}), None);
    assert_eq!(with(&|r| r.clear()), Some(ReplayError::Empty));
    assert_eq!(with(&|r| r.swap(0, 2)), Some(ReplayError::OutOfOrder(1)));
    assert_eq!(with(&|r| r[1].output_tokens = 0), Some(ReplayError::Lengths(1)));
    assert_eq!(with(&|r| r[2].prefix = (1, u32::MAX)), Some(ReplayError::Lengths(2)));
    assert_eq!(with(&|r| r[0].class = 1), Some(ReplayError::Class(0)));
}
