//! A draft is the beginning of the settled run: its requests are the first of the settled ones, and fare the same.

use playground_core::engine::Stepping;
use playground_core::scenario::Scenario;
use playground_core::stats::Sketch;
use playground_core::study::{Fidelity, LoadCurve};
use playground_tests::fleet;

#[test]
fn its_measured_requests_fare_the_same() {
    let plan = fleet::plan(&Scenario::default());
    for load in [0.3, 0.9, 1.2] {
        let rate = load * plan.capacity_rps();
        let begun = fleet::record(&plan, rate, 300.0, Stepping::Jump);
        let whole = fleet::record(&plan, rate, 900.0, Stepping::Jump);
        assert_eq!((begun.begin, begun.in_system[0]), (whole.begin, whole.in_system[0]));
        let (begun, whole) = (fleet::total(&begun), fleet::total(&whole));
        assert!(begun.arrived < whole.arrived);
        for (name, a, b) in
            [("ttft", &begun.ttft, &whole.ttft), ("tpot", &begun.tpot, &whole.tpot), ("e2e", &begun.e2e, &whole.e2e)]
        {
            assert!(
                contains(&values(b), &values(a)),
                "{name} at {load}: a value of the draft is not in the settled run"
            );
        }
    }
}

#[test]
fn its_loads_are_loads_of_the_settled_curve() {
    let plan = fleet::plan(&Scenario::default());
    let settled = LoadCurve::points(&plan, Fidelity::Settled);
    let draft = LoadCurve::points(&plan, Fidelity::Draft);
    assert!(draft.len() < settled.len());
    assert!(draft.iter().all(|point| settled.contains(point)));
    let own = draft[0].load;
    let (draft, settled) = (Fidelity::Draft.budget(&plan, own), Fidelity::Settled.budget(&plan, own));
    assert!(draft.replications <= settled.replications && draft.horizon <= settled.horizon);
}

/// What a sketch counted, ascending, each value at the middle of its bucket.
fn values(sketch: &Sketch) -> Vec<f64> {
    let n = sketch.n();
    (0..n).map(|i| sketch.quantile_ms((i as f64 + 0.5) / n as f64).expect("counted")).collect()
}

/// Whether every value of `part` is in `all`, as often.
fn contains(all: &[f64], part: &[f64]) -> bool {
    let mut all = all.iter();
    part.iter().all(|value| all.any(|other| other == value))
}
