//! A class split into two identical halves is the same traffic.
//!
//! Lengths are drawn per class, so only with constant ones is it the same request by request; with random ones it is
//! the same in law.

use playground_core::engine::Stepping;
use playground_core::report::report;
use playground_core::scenario::{Length, Load, Scenario};
use playground_tests::fleet;

fn halves(s: &Scenario) -> Scenario {
    let mut split = s.clone();
    split.workload.classes[0].share = 0.5;
    split.workload.classes.push(split.workload.classes[0].clone());
    split
}

#[test]
fn to_the_bit_where_lengths_are_constant() {
    let mut one = Scenario::default();
    one.workload.classes[0].input = Length::constant(300);
    one.workload.classes[0].output = Length::constant(100);
    let run = |s: &Scenario| fleet::record(&fleet::plan(s), 100.0, 3000.0, Stepping::Jump);
    let (whole, split) = (run(&one), run(&halves(&one)));
    assert!(split.classes.iter().all(|class| class.arrived > 1000), "both halves get requests");
    assert!(fleet::total(&whole) == fleet::total(&split));
    assert_eq!(whole.instances, split.instances);
    assert_eq!((whole.over, whole.in_system_area), (split.over, split.in_system_area));
}

#[test]
fn in_law_where_lengths_vary() {
    let one = Scenario::default();
    let means = |s: &Scenario| {
        let plan = fleet::plan(s);
        let rate = 0.6 * plan.capacity_rps();
        let records: Vec<_> = (0..20)
            .map(|seed| {
                let mut s = s.clone();
                s.run.seed = seed;
                fleet::record(&fleet::plan(&s), rate, 1000.0, Stepping::Jump)
            })
            .collect();
        let e2e = report(&plan, Load::Rate(rate), &records).total.metrics.e2e_ms;
        (e2e.mean.expect("measured"), e2e.hi.mean.expect("an interval") - e2e.mean.expect("measured"))
    };
    let ((whole, w), (split, v)) = (means(&one), means(&halves(&one)));
    // Half-widths of 95 % on either side: a difference beyond twice both happens once in 10⁴ such tests.
    assert!((whole - split).abs() < 2.0 * (w * w + v * v).sqrt(), "{whole} ± {w} ms, {split} ± {v} ms");
}
