//! With llm-d's topology filter, prompts are computed on the host where they are decoded.

use playground_core::base::Dur;
use playground_core::cluster::{Progress, Sim};
use playground_core::report::timeline::{Timeline, What};
use playground_core::scenario::{Load, Plugin, PluginRef, Pool, Scenario};
use playground_tests::fleet;
use playground_tests::swarm::disaggregated;

/// Two hosts, each with a pool that computes prompts and one that decodes, of two replicas each.
fn two_hosts(near: bool) -> Scenario {
    let mut s = Scenario { policies: disaggregated("always-disagg-pd-decider", &[]), ..Scenario::default() };
    let pool = |role: &str, host: &str| {
        let mut pool = Pool { role: role.into(), replicas: 2, ..Pool::default() };
        pool.labels.insert("kubernetes.io/hostname".into(), host.into());
        pool
    };
    s.topology.pools =
        [("prefill", "a"), ("prefill", "b"), ("decode", "a"), ("decode", "b")].map(|(r, h)| pool(r, h)).into();
    if near {
        s.policies.plugins.extend(["topology-extractor", "topology-affinity-filter"].map(Plugin::new));
        let reference = PluginRef { plugin_ref: "topology-affinity-filter".into(), ..PluginRef::default() };
        let prefill = s.policies.scheduling_profiles.iter_mut().find(|p| p.name == "prefill").expect("it is there");
        prefill.plugins.insert(1, reference);
    }
    s
}

/// Of the requests of a run, those whose prompt was placed on the host where they decode, and all.
fn on_one_host(s: &Scenario) -> (usize, usize) {
    let plan = fleet::plan(s);
    let mut sim = Sim::new(&plan, Load::Rate(5.0), 0, Dur::from_secs_f64(60.0)).recorded(&plan, u32::MAX);
    while sim.advance(u32::MAX) == Progress::Running {}
    let told: Timeline = sim.into_timeline().expect("it is written down");
    let placed = |request: u32, what: What| {
        let mark = told.marks.iter().find(|m| m.request == request && m.what == what)?;
        Some(mark.instance / 2 % 2)
    };
    let hosts: Vec<[u32; 2]> = (0..told.requests.len() as u32)
        .filter_map(|r| Some([placed(r, What::Placed)?, placed(r, What::PlacedApart)?]))
        .collect();
    (hosts.iter().filter(|[a, b]| a == b).count(), hosts.len())
}

#[test]
fn prompts_are_computed_on_the_host_where_they_are_decoded() {
    let (same, all) = on_one_host(&two_hosts(true));
    assert!(all > 200 && same == all, "{same} of {all}");
    let (same, all) = on_one_host(&two_hosts(false));
    assert!(same > all / 3 && same < 2 * all / 3, "at random, {same} of {all}");
}
