//! Every policy describes itself: forms, the check, links and documentation are made from it.

use playground_core::catalog::Catalog;
use playground_core::policy::pick::{PICKERS, find};
use playground_core::policy::{ParamKind, all};
use playground_core::scenario::{Policies, Scenario, check, decode, encode};
use serde_json::{Value, json};
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
        assert!(meta.params.iter().all(|p| p.doc.ends_with('.')), "{}", meta.id);
    }
}

#[test]
fn defaults_and_both_ends_are_acceptable_and_nothing_else() {
    for (meta, param) in all().flat_map(|meta| meta.params.iter().map(move |p| (meta, p))) {
        let name = format!("{}.{}", meta.id, param.id);
        let (good, mut bad) = match param.kind {
            ParamKind::Integer { min, max, .. } => {
                (vec![json!(min), json!(max)], vec![json!(min - 1), json!(max + 1), json!(0.5), json!(true)])
            }
            ParamKind::Number { min, max, .. } => {
                (vec![json!(min), json!(max)], vec![json!(min - 1.0), json!(max + 1.0), json!(true)])
            }
            ParamKind::Boolean { .. } => (vec![json!(false), json!(true)], vec![json!(0), json!(1.0)]),
            ParamKind::Word { words, .. } => (words.iter().map(|w| json!(w)).collect(), vec![json!(""), json!(true)]),
            ParamKind::Names { keys } => {
                (vec![json!({ keys[0]: "a-plugin" })], vec![json!({ keys[0]: 1 }), json!({ "else": "a-plugin" })])
            }
        };
        bad.extend([json!("1"), json!([1]), Value::Null]);
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
