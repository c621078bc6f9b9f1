//! The same scenario gives the same bits however often, in whatever slices and in whatever order it is simulated.

use playground_core::base::Dur;
use playground_core::cluster::{Progress, Sim};
use playground_core::report::RunRecord;
use playground_core::scenario::{Load, Plan, Scenario};
use playground_core::study::{Answer, Fidelity, LoadCurve, PointRun};
use playground_tests::swarm::{even_capacity_rps, small_scenario};
use playground_tests::{Dice, fleet};

fn in_slices(plan: &Plan, rate: f64, mut slice: impl FnMut() -> u32) -> RunRecord {
    let mut sim = Sim::new(plan, Load::Rate(rate), 0, Dur::from_secs_f64(200.0 / rate));
    while sim.advance(slice()) == Progress::Running {}
    sim.into_record()
}

#[test]
fn one_replication_event_by_event() {
    for seed in 0..50 {
        let s = small_scenario(seed);
        let (plan, rate) = (fleet::plan(&s), 0.8 * even_capacity_rps(&s));
        let whole = in_slices(&plan, rate, || u32::MAX);
        let mut dice = Dice::new(seed);
        assert!(whole == in_slices(&plan, rate, || u32::MAX), "seed {seed}: twice");
        assert!(whole == in_slices(&plan, rate, || 1), "seed {seed}: one event at a time");
        assert!(
            whole == in_slices(&plan, rate, || dice.below(50)),
            "seed {seed}: in slices of all sizes, empty ones too"
        );
    }
}

#[test]
fn a_whole_study_in_any_order() {
    let plan = fleet::plan(&small_study());
    let fidelity = Fidelity::Draft;
    let want = LoadCurve::run(&plan, fidelity);
    let mut parts: Vec<_> = LoadCurve::points(&plan, fidelity)
        .into_iter()
        .map(|point| {
            let mut run = PointRun::new(&plan, point.load, fidelity);
            while !run.advance(97) {}
            (point, run.report().expect("everything is simulated"))
        })
        .collect();
    for _ in 0..parts.len() {
        parts.rotate_left(1);
        let got = Answer::assemble(&plan, fidelity, parts.clone()).expect("the own load is there");
        assert_eq!(got.study_digest, want.study_digest);
        assert!(got == want);
    }
}

#[test]
fn another_seed_is_another_study() {
    let answer = |seed| {
        let mut s = small_study();
        s.run.seed = seed;
        LoadCurve::run(&fleet::plan(&s), Fidelity::Draft).study_digest
    };
    assert_ne!(answer(1), answer(2));
}

fn small_study() -> Scenario {
    let mut s = Scenario::default();
    (s.run.requests, s.run.replications, s.run.load.points) = (300, 2, 4);
    s
}
