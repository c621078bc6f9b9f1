//! Links that were made once: each opens as what it was, whatever is written today. Nothing in `links.txt` is ever changed or
//! taken out; what a new way of writing makes is added.

use playground_core::MODEL_VERSION;
use playground_core::scenario::{Edit, Policies, Scenario};
use playground_core::study::compare::link::{read, write};
use serde_json::{Value, json};

const LINKS: &str = include_str!("links.txt");

/// The landing scenario with these settings.
fn with(settings: &[(&str, Value)]) -> Scenario {
    let set =
        |s: Scenario, (path, value): &(&str, Value)| Edit::new("", path, value.clone()).apply(&s).expect("applies");
    settings.iter().fold(Scenario::default(), set)
}

/// What a link holds, by its name.
fn scenarios(name: &str) -> Vec<Scenario> {
    let replicas = "topology.pools[0].replicas";
    let landing = || with(&[]);
    let routed = || Scenario { policies: Policies::single("random-picker"), ..landing() };
    let sized = |n: u32| with(&[(replicas, json!(n)), ("workload.classes[0].slo.ttft_ms", json!(500.0))]);
    let mut named = with(&[("title", json!("Grüße & mehr: 100 %")), ("run.seed", json!(7))]);
    named.extra.insert("future".into(), json!({ "x": [1, null] }));
    match name {
        "landing" => vec![landing()],
        "named" => vec![named],
        "two" => vec![landing(), routed()],
        "two-named" => vec![named, sized(6)],
        "three" => vec![landing(), routed(), sized(6)],
        "four" => vec![sized(3), routed(), named, sized(12)],
        other => panic!("what {other} holds is not known"),
    }
}

#[test]
fn every_link_that_was_made_opens_as_what_it_was() {
    for line in LINKS.lines() {
        let (name, link) = line.split_once(' ').expect("a name and a link");
        let read = read(link);
        let a = read.a.expect("opens");
        let others = read.others.into_iter().map(|part| part.expect("opens").scenario);
        let found: Vec<Scenario> = [a.scenario].into_iter().chain(others).collect();
        let expected = scenarios(name);
        assert_eq!(found, expected, "{name}");
        if a.model_version == MODEL_VERSION {
            assert_eq!(write(&expected), link, "{name} is written as it was");
        }
    }
    assert!(LINKS.lines().count() >= 6);
}
