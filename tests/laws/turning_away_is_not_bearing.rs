//! Who is turned away has no latency. A router that turns many away has good latencies to show, and is not praised for it.

use playground_core::catalog::Catalog;
use playground_core::scenario::{Plugin, PluginRef, Policies, Scenario, resolve};
use playground_core::study::{Fidelity, LoadCurve, Verdict};
use serde_json::json;

/// What is said of the default fleet with a filter that leaves instances with no more than so much in flight.
fn with_at_most(in_flight: u32, priority: i32) -> Verdict {
    let mut s = Scenario { policies: Policies::single("random-picker"), ..Scenario::default() };
    let mut filter = Plugin::new("utilization-filter");
    filter.parameters.insert("conditions".into(), json!([{ "metric": "active-requests", "maxValue": in_flight }]));
    let first = PluginRef { plugin_ref: filter.kind.clone(), ..PluginRef::default() };
    s.policies.scheduling_profiles[0].plugins.insert(0, first);
    s.policies.plugins.push(filter);
    s.workload.classes[0].priority = priority;
    s.run.requests = 1000;
    s.run.replications = 2;
    LoadCurve::run(&resolve(&s, &Catalog::builtin()).expect("sound"), Fidelity::Settled).verdict
}

#[test]
fn who_turns_most_away_bears_no_load() {
    let verdict = with_at_most(0, 0);
    assert!(!verdict.meets && verdict.highest_good.is_none(), "{}", verdict.sentence);
    let said =
        ["% of requests come to nothing, most of them unroutable.", "the share of requests that is served is missed"];
    assert!(said.iter().all(|words| verdict.sentence.contains(words)), "{}", verdict.sentence);
}

#[test]
fn who_turns_nobody_away_is_judged_by_latencies() {
    let verdict = with_at_most(1_000_000, 0);
    assert!(verdict.highest_good.is_some() && !verdict.sentence.contains("nothing"), "{}", verdict.sentence);
}

/// What may be shed by its priority does not count, and is said.
#[test]
fn requests_that_may_be_shed_may_be_turned_away() {
    let verdict = with_at_most(0, -1);
    assert!(verdict.meets && verdict.sentence.contains("come to nothing"), "{}", verdict.sentence);
}
