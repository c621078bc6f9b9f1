//! What passes the check can be simulated: no panic, and every number of the report is one.

use crate::extremes::{applied, applied_to, edit, own_edit, with_own};
use playground_core::catalog::Catalog;
use playground_core::cluster::{Progress, Sim};
use playground_core::report::{Report, report};
use playground_core::scenario::{Load, Plan, Scenario, encode, resolve};
use playground_core::study::{Budget, Fidelity};
use playground_tests::swarm::{even_capacity_rps, small_scenario};
use proptest::collection::vec;
use proptest::prelude::*;

/// Longest run of a test, events: a run that goes on is left alone.
const EVENTS_MAX: u32 = 3_000;

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn settings_at_their_ends(edits in vec(edit(), 0..8)) {
        begin_if_sound(&applied(&edits));
    }

    #[test]
    fn models_and_gpus_at_their_ends(edits in vec(own_edit(), 0..8)) {
        begin_if_sound(&applied_to(with_own(), &edits));
    }
}

fn begin_if_sound(s: &Scenario) {
    if let Ok(plan) = resolve(s, &Catalog::builtin()) {
        let loads = plan.loads();
        for load in [plan.load(), loads[0], loads[loads.len() - 1]] {
            begin(&plan, load, s);
        }
    }
}

#[test]
fn small_fleets_of_all_kinds() {
    for seed in 0..200 {
        let s = small_scenario(seed);
        begin(&resolve(&s, &Catalog::builtin()).expect("sound"), Load::Rate(even_capacity_rps(&s)), &s);
    }
}

/// Simulates the beginning of a draft, and looks at its numbers if it comes to an end.
fn begin(plan: &Plan, load: Load, s: &Scenario) {
    assert!(plan.capacity_rps().is_finite() && plan.capacity_rps() > 0.0, "#{}", encode(s));
    let Budget { horizon, .. } = Fidelity::Draft.budget(plan, load);
    let mut sim = Sim::new(plan, load, 0, horizon);
    if sim.advance(EVENTS_MAX) == Progress::Over {
        let report = report(plan, load, &[sim.into_record()]);
        // JSON has no word for what is not a number, so such a report would not read as it was written.
        let text = serde_json::to_string(&report).expect("a report is JSON");
        let read: Report =
            serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e} in the report of #{}", encode(s)));
        assert!(read == report, "#{}: {text}", encode(s));
    }
}
