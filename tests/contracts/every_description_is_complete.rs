//! Every policy describes itself: forms, the check, links and documentation are made from it.

use playground_core::catalog::Catalog;
use playground_core::policy::disagg;
use playground_core::policy::pick::{PICKERS, find};
use playground_core::policy::{Badge, OPAQUE, ParamKind, all};
use playground_core::scenario::{Plugin, PluginRef, Policies, Scenario, check, decode, encode};
use playground_tests::swarm::disaggregated;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

#[test]
fn ids_are_unique_and_written_like_plugin_types() {
    let ids: BTreeSet<&str> = all().map(|meta| meta.id).collect();
    assert_eq!(ids.len(), all().count());
    for id in ids {
        assert!(id.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !id.starts_with('-'), "{id}");
    }
}

#[test]
fn words_are_there() {
    for meta in all() {
        assert!(!meta.title.is_empty() && !meta.source.is_empty() && !meta.badge.word().is_empty(), "{}", meta.id);
        assert!(meta.doc.ends_with('.'), "{}: a sentence ends with a full stop", meta.id);
        assert!(!meta.doc.contains("  "), "{}: {}", meta.id, meta.doc);
        assert!(meta.params.iter().all(|p| p.doc.ends_with('.')), "{}", meta.id);
    }
}

#[test]
fn defaults_and_both_ends_are_acceptable_and_nothing_else() {
    for (meta, param) in all().flat_map(|meta| meta.params.iter().map(move |p| (meta, p))) {
        let name = format!("{}.{}", meta.id, param.id);
        let (good, mut bad) = match param.kind {
            ParamKind::Integer { min, max, .. } => (
                vec![json!(min), json!(max)],
                vec![json!(min - 1), json!(max + 1), json!(0.5), json!(true), json!("1")],
            ),
            ParamKind::Number { min, max, .. } => {
                (vec![json!(min), json!(max)], vec![json!(min - 1.0), json!(max * 1.5 + 1.0), json!(true), json!("1")])
            }
            ParamKind::Boolean { .. } => (vec![json!(false), json!(true)], vec![json!(0), json!(1.0), json!("1")]),
            ParamKind::Word { words, .. } => (words.iter().map(|w| json!(w)).collect(), vec![json!("1"), json!("")]),
            ParamKind::Text { .. } | ParamKind::Plugin { .. } => (vec![json!(""), json!("x")], vec![json!(1)]),
            ParamKind::Duration { min_ms, max_ms, .. } => {
                let ms = |ms: u32| json!(format!("{ms}ms"));
                (vec![ms(min_ms), ms(max_ms)], vec![json!(5), json!("1"), json!("soon"), ms(max_ms + 1)])
            }
            ParamKind::Names { keys } => {
                (vec![json!({ keys[0]: "a-plugin" })], vec![json!({ keys[0]: 1 }), json!({ "else": "a-plugin" })])
            }
            ParamKind::Texts => (vec![json!([]), json!(["a"])], vec![json!("1"), json!({})]),
            ParamKind::Labels => (vec![json!({}), json!({ "a": "b" })], vec![json!("1"), json!({ "a": 1 })]),
            ParamKind::Table { columns } => {
                let row: Map<String, Value> = columns.iter().map(|c| (c.id.into(), c.kind.default_value())).collect();
                (vec![json!([]), json!([row])], vec![json!("1"), json!([{ "no-such-column": 1 }]), json!({})])
            }
        };
        bad.extend([json!([1]), Value::Null]);
        for good in good.into_iter().chain([param.kind.default_value()]) {
            assert_eq!(param.kind.objection(&good), None, "{name} = {good}");
        }
        for bad in bad {
            assert!(param.kind.objection(&bad).is_some_and(|words| !words.is_empty()), "{name} = {bad}");
        }
    }
}

#[test]
fn the_registry_finds_them_and_scenarios_can_use_them() {
    for kind in PICKERS {
        assert!(find(kind.meta.id).is_some_and(|found| found.meta.id == kind.meta.id));
        let mut s = Scenario { policies: Policies::single(kind.meta.id), ..Scenario::default() };
        for param in kind.meta.params {
            s.policies.plugins[0].parameters.insert(param.id.into(), param.kind.default_value());
        }
        assert_eq!(check(&s, &Catalog::builtin()), [], "{}", kind.meta.id);
        assert_eq!(decode(&encode(&s)).expect("opens").scenario, s, "{}", kind.meta.id);
    }
    assert!(find("no-such-picker").is_none());
}

#[test]
fn plugins_that_are_kept_are_no_others() {
    let mut ids: BTreeSet<&str> = all().map(|meta| meta.id).collect();
    for meta in OPAQUE {
        assert!(ids.insert(meta.id), "{}", meta.id);
        assert!(meta.badge == Badge::Ignored && meta.doc.ends_with('.') && meta.params.is_empty(), "{}", meta.id);
    }
    assert!(all().all(|meta| meta.badge != Badge::Ignored));
}

/// Every plugin with all its parameters at their defaults is a sound scenario, simulates and survives a link.
#[test]
fn every_plugin_can_be_declared_used_and_linked() {
    for meta in all() {
        let mut s = Scenario { policies: Policies::single("random-picker"), ..Scenario::default() };
        let mut plugin = Plugin::new(meta.id);
        meta.params.iter().for_each(|p| crate::set(&mut plugin.parameters, p.id, p.kind.default_value()));
        if meta.id != "random-picker" {
            s.policies.plugins.insert(0, plugin);
        }
        let reference = PluginRef { plugin_ref: meta.id.into(), ..PluginRef::default() };
        s.policies.scheduling_profiles[0].plugins.insert(0, reference);
        if meta.id == disagg::META.id {
            // It needs profiles of its own, and says so.
            s.policies = disaggregated("always-disagg-pd-decider", &[]);
            s.topology.pools[0].role = "both".into();
        }
        if meta.params.iter().any(|p| p.id == "topologyProducerName") {
            // llm-d does not add what says where instances are, so the check says that it is missing, and adds it.
            let found = check(&s, &Catalog::builtin());
            assert_eq!(found.len(), 1, "{found:?}");
            s = found[0].fixes[0].apply(&s).expect("leads somewhere");
        }
        assert_eq!(check(&s, &Catalog::builtin()), [], "{}", meta.id);
        assert_eq!(decode(&encode(&s)).expect("opens").scenario, s, "{}", meta.id);
    }
}
