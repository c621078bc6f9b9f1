//! In other units of time everything happens alike: twice the step law and half the rate, twice the latencies.

use playground_core::engine::Stepping;
use playground_core::scenario::{Scenario, StepLaw};
use playground_tests::fleet;
use playground_tests::world::{Law, Outcome, Request, World, bounded_lattice_world};

#[test]
fn exactly_in_small_worlds() {
    for seed in 0..2000 {
        let world = bounded_lattice_world(seed, 10);
        let law = world.law;
        let twice = World {
            law: Law {
                step: 2 * law.step,
                sequence: 2 * law.sequence,
                token: 2 * law.token,
                context: 2 * law.context,
                span: law.span.map(|(tokens, per_token)| (tokens, 2 * per_token)),
            },
            requests: world.requests.iter().map(|r| Request { at: 2 * r.at, ..*r }).collect(),
            ..world.clone()
        };
        let (one, two) = (world.run(Stepping::Jump), twice.run(Stepping::Jump));
        let doubled = |times: &[Option<u64>]| times.iter().map(|t| t.map(|t| 2 * t)).collect::<Vec<_>>();
        assert_eq!(doubled(&one.first), two.first, "seed {seed}: {world:?}");
        assert_eq!(doubled(&one.done), two.done, "seed {seed}: {world:?}");
        let counts = |o: &Outcome| (o.record.steps, o.record.kv_used_sum, o.record.preemptions, o.itl.n());
        assert_eq!(counts(&one), counts(&two), "seed {seed}: {world:?}");
    }
}

#[test]
fn up_to_the_rounding_of_arrivals_in_a_fleet() {
    let scenario = |factor: f64| {
        let mut s = Scenario::default();
        s.run.warmup_s = Some(20.0 * factor);
        s.topology.pools[0].engine.step_law = Some(StepLaw {
            step_us: 5000.0 * factor,
            per_sequence_us: 50.0 * factor,
            per_token_us: 20.0 * factor,
            per_context_token_us: 0.5 * factor,
            ..StepLaw::default()
        });
        s
    };
    let run = |factor: f64| {
        let plan = fleet::plan(&scenario(factor));
        let record = fleet::record(&plan, 10.0 / factor, 2000.0, Stepping::Jump);
        (fleet::total(&record), record.arrived)
    };
    let ((one, arrived), (two, _)) = (run(1.0), run(2.0));
    assert_eq!((one.arrived, one.ends, one.tokens_in_horizon), (two.arrived, two.ends, two.tokens_in_horizon));
    // Each gap is rounded to half a picosecond; a moment depends on at most all gaps before it, once in either run.
    let rounding_ms = 2.0 * arrived as f64 * 1e-9;
    for (name, a, b) in [("ttft", &one.ttft, &two.ttft), ("itl", &one.itl, &two.itl), ("e2e", &one.e2e, &two.e2e)] {
        let (a, b) = (a.mean_ms().expect("measured"), b.mean_ms().expect("measured"));
        assert!((2.0 * a - b).abs() <= rounding_ms, "{name}: {a} ms, {b} ms");
    }
}
