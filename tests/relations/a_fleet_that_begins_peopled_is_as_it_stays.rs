//! Where the estimate says who is in the fleet when a run begins, the run is steady from the beginning on: the number in
//! system moves about as it does later, and what is measured is what a run that began empty measures after a long warm-up.

use playground_core::catalog::Catalog;
use playground_core::report::Report;
use playground_core::scenario::{Scenario, resolve};
use playground_core::study::{Fidelity, PointRun};

fn at(frac: f64, change: impl Fn(&mut Scenario)) -> Report {
    let mut s = Scenario::default();
    s.run.requests = 8000;
    let capacity_rps = resolve(&s, &Catalog::builtin()).expect("sound").capacity_rps();
    s.workload.arrival.rate_rps = capacity_rps * frac;
    change(&mut s);
    let plan = resolve(&s, &Catalog::builtin()).expect("sound");
    let mut run = PointRun::new(&plan, plan.load(), Fidelity::Settled);
    while !run.advance(u32::MAX) {}
    run.report().expect("over")
}

#[test]
fn as_many_are_there_in_the_beginning_as_later() {
    for frac in [0.3, 0.6, 0.8] {
        let report = at(frac, |_| ());
        let inside = &report.series.in_system;
        let later = inside[20..].iter().sum::<f64>() / inside[20..].len() as f64;
        assert!((inside[0] / later - 1.0).abs() < 0.2, "at {frac}: {} in the beginning, {later} later", inside[0]);
    }
}

#[test]
fn what_is_measured_is_what_an_empty_fleet_comes_to() {
    for frac in [0.3, 0.6, 0.8, 0.9] {
        let (peopled, empty) = (at(frac, |_| ()), at(frac, |s| s.run.warmup_s = Some(120.0)));
        assert!(peopled.run.warmup_s < 10.0);
        let of = |r: &Report| {
            let m = &r.total.metrics;
            [m.ttft_ms.mean, m.itl_ms.mean, m.e2e_ms.mean].map(|mean| mean.expect("they were served"))
        };
        for (a, b) in of(&peopled).into_iter().zip(of(&empty)) {
            assert!((a / b - 1.0).abs() < 0.03, "at {frac}: {a} and {b} ms");
        }
    }
}

#[test]
fn where_it_is_not_known_who_is_there_nobody_is() {
    let peopled = at(0.5, |_| ()).series.in_system[0];
    let begins_empty = |what: &str, change: fn(&mut Scenario)| {
        let first = at(0.5, change).series.in_system[0];
        assert!(first < 0.6 * peopled, "{what}: {first} of {peopled}");
    };
    begins_empty("a warm-up that is given", |s| s.run.warmup_s = Some(20.0));
    begins_empty("one that is to be found", |s| s.run.warmup_rule = "mser-5".into());
    begins_empty("limited clients", |s| s.workload.arrival.max_concurrency = Some(10_000));
    begins_empty("a class that may be shed", |s| s.workload.classes[0].priority = -1);
    begins_empty("a rate that grows", |s| s.workload.arrival.kind = "ramp".into());
}
