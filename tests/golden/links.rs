//! Links that were made once: each opens as what it was, whatever is written today. Nothing in `links.txt` is ever changed or
//! taken out; what a new way of writing makes is added.

use playground_core::MODEL_VERSION;
use playground_core::scenario::{Edit, PRESETS, Policies, Preset, Scenario, decode, encode, encode_readable};
use playground_core::study::compare::link::{read, write};
use serde_json::{Value, json};

const LINKS: &str = include_str!("links.txt");
/// What stands before the names of links of codec `p`; their presets stay what they were, or are new versions.
const READABLE: &str = "readable-";

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
    let preset = |name: &str| Preset::find(name).expect("is there").scenario().expect("reads");
    if let Some(preset_name) = name.strip_prefix(READABLE) {
        return vec![preset(preset_name)];
    }
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
        let written = if name.starts_with(READABLE) { encode_readable(&expected[0]) } else { Some(write(&expected)) };
        if a.model_version == MODEL_VERSION {
            assert_eq!(written.as_deref(), Some(link), "{name} is written as it was");
        }
    }
    assert!(LINKS.lines().count() >= 6);
}

#[test]
fn every_preset_has_its_link() {
    for preset in PRESETS {
        let link = encode_readable(&preset.scenario().expect("reads")).expect("a preset is one");
        let named = |line: &str| line == format!("{READABLE}{} {link}", preset.name);
        assert!(LINKS.lines().any(named), "{READABLE}{} {link}", preset.name);
    }
}

/// A link names a preset: one that is published is never changed, a changed one is the next version.
#[test]
fn every_preset_is_what_it_was_when_it_was_published() {
    for line in include_str!("presets.txt").lines() {
        let (name, link) = line.split_once(' ').expect("a name and a link");
        let was = decode(link).expect("opens").scenario;
        let now = decode(&format!("0.p.{name}")).unwrap_or_else(|e| panic!("{name}: {e}")).scenario;
        assert_eq!(now, was, "{name} is not what it was: make it a new version");
    }
    for preset in PRESETS {
        let name = format!("{}@{} ", preset.name, preset.version);
        let line = format!("{name}{}", encode(&preset.scenario().expect("reads")));
        assert!(include_str!("presets.txt").lines().any(|l| l.starts_with(&name)), "add to presets.txt: {line}");
    }
}
