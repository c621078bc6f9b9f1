//! In which settings scenarios differ, as people call them; and what that makes of the names of the sides.

use crate::form::names;
use crate::panel;
use crate::say;
use crate::state::catalogue;
use playground_core::catalog::Catalog;
use playground_core::policy;
use playground_core::scenario::{Plugin, Policies, Scenario};
use playground_core::study::compare::{Side, settings};
use serde_json::Value;

/// Fields that say nothing about the results: words, axes, the shape's version.
const WORDS: [&str; 3] = ["title", "note", "schema_version"];
const AXES: [&str; 2] = ["sweep", "run.load"];
/// Settings of a side that its name has room for.
const NAMED_MAX: usize = 2;
/// Longest value, characters.
const VALUE_MAX: usize = 80;

/// A setting in which they differ.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Setting {
    pub(super) name: String,
    /// Of every side.
    pub(super) values: Vec<String>,
}

/// What the routing is called.
const ROUTING: &str = "Routing";

/// Every setting in which they differ and which may change the results.
pub(super) fn differing(all: &[&Scenario]) -> Vec<Setting> {
    let catalogs: Vec<Catalog> = all.iter().map(|s| s.topology.catalog(catalogue()).into_owned()).collect();
    let single = all.iter().all(|s| s.workload.classes.len() == 1);
    let mut found = Vec::new();
    let mut rest = Vec::new();
    for (path, values) in settings(all) {
        let of =
            |field: &str| path.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        if WORDS.into_iter().chain(AXES).any(of) {
            continue;
        }
        let mut name = label(&path);
        if single {
            name = name.replace("Class 1: ", "");
        }
        let values = values.iter().zip(&catalogs).map(|(v, catalog)| value(&path, v, catalog)).collect();
        let setting = Setting { name, values };
        if of("policies") { rest.push(setting) } else { found.push(setting) }
    }
    if !rest.is_empty() {
        let known = routing(&all.iter().map(|s| &s.policies).collect::<Vec<_>>());
        // What the list of plugins does not tell is told by path.
        found.extend(if known.is_empty() { rest } else { known });
    }
    found
}

/// How routing differs: the way, and parameters of plugins that two or more have.
fn routing(all: &[&Policies]) -> Vec<Setting> {
    let mut found = Vec::new();
    let ways: Vec<String> = all.iter().map(|p| panel::summary(p)).collect();
    if ways.iter().any(|way| *way != ways[0]) {
        found.push(Setting { name: ROUTING.into(), values: ways });
    }
    let mut kinds: Vec<&str> = Vec::new();
    for plugin in all.iter().flat_map(|p| &p.plugins) {
        let of_each = || all.iter().map(|p| p.plugins.iter().find(|other| other.kind == plugin.kind));
        if !kinds.contains(&plugin.kind.as_str()) && of_each().flatten().count() > 1 {
            kinds.push(&plugin.kind);
            found.extend(parameters(&plugin.kind, &of_each().collect::<Vec<_>>()));
        }
    }
    found
}

/// Parameters of a plugin that are not alike wherever it is; where it is not, they are nothing.
fn parameters(kind: &str, all: &[Option<&Plugin>]) -> Vec<Setting> {
    let title = policy::all().find(|m| m.id == kind).map_or(kind, |m| m.title);
    let there = || all.iter().flatten();
    let mut keys: Vec<&String> = there().flat_map(|p| p.parameters.keys()).collect();
    keys.sort();
    keys.dedup();
    let differ = keys.into_iter().filter(|key| {
        let mut values = there().map(|p| p.parameters.get(*key));
        let first = values.next();
        values.any(|v| Some(v) != first)
    });
    let plain = |v: Option<&Value>| v.map_or_else(|| "default".to_owned(), |v| simple(v, ""));
    let value = |plugin: &Option<&Plugin>, key: &String| match plugin {
        Some(p) => plain(p.parameters.get(key)),
        None => say::NOTHING.to_owned(),
    };
    let one =
        |key: &String| Setting { name: format!("{title}: {key}"), values: all.iter().map(|p| value(p, key)).collect() };
    differ.map(one).collect()
}

/// The name of a field; its path where it has none.
fn label(path: &str) -> String {
    let name = names::of(path);
    if path.ends_with(&name) && path != name { path.to_owned() } else { name }
}

fn value(path: &str, value: &Value, catalog: &Catalog) -> String {
    let last = path.rsplit('.').next().unwrap_or(path);
    let text = match (last, value) {
        ("ttft_ms" | "itl_ms" | "e2e_ms", Value::Null) => "no target".into(),
        ("prefix" | "conversation", Value::Null) => "none".into(),
        (_, Value::Null) => "default".into(),
        ("seed", Value::Number(seed)) => seed.to_string(),
        ("model", Value::String(id)) => catalog.model(id).map_or(id.clone(), |m| name(&m.hf_id)),
        ("gpu", Value::String(id)) => catalog.gpu(id).map_or(id.clone(), |g| g.name.clone()),
        (_, Value::Array(items)) => list(items),
        (_, Value::Object(fields)) => {
            let part = |(key, v): (&String, &Value)| format!("{} {}", names::of(key).to_lowercase(), simple(v, key));
            fields.iter().map(part).collect::<Vec<_>>().join(", ")
        }
        _ => simple(value, last),
    };
    if text.chars().count() <= VALUE_MAX { text } else { text.chars().take(VALUE_MAX).chain(['…']).collect() }
}

/// A repository without its publisher.
fn name(hf_id: &str) -> String {
    hf_id.rsplit('/').next().unwrap_or(hf_id).to_owned()
}

/// A value that is no list and no object, with the unit that its field's name ends with.
fn simple(value: &Value, field: &str) -> String {
    let unit = match field.rsplit('_').next() {
        Some("ms") => " ms",
        Some("s") if field.contains('_') => " s",
        Some("rps") => " req/s",
        _ => "",
    };
    match value {
        Value::Bool(on) => if *on { "on" } else { "off" }.into(),
        Value::Number(n) => format!("{}{unit}", n.as_f64().map_or_else(|| n.to_string(), say::plain)),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A list by the names of its items, or by their number.
fn list(items: &[Value]) -> String {
    let named: Option<Vec<&str>> = items.iter().map(|i| i.get("name")?.as_str().filter(|n| !n.is_empty())).collect();
    named.filter(|n| !n.is_empty()).map_or_else(|| items.len().to_string(), |names| names.join(", "))
}

/// What a side is called: by its own values of what differs.
pub(super) fn side(settings: &[Setting], side: Side) -> String {
    let one = |s: &Setting| {
        let value = s.values.get(side.index()).map_or(say::NOTHING, String::as_str);
        if s.name == ROUTING { value.to_owned() } else { format!("{} {value}", s.name) }
    };
    let mut parts: Vec<String> = settings.iter().take(NAMED_MAX).map(one).collect();
    match settings.len().saturating_sub(NAMED_MAX) {
        0 => {}
        more => parts.push(format!("{more} more")),
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::scenario::{SharedPrefix, TrafficClass};

    fn found(change: impl FnOnce(&mut Scenario)) -> Vec<(String, String, String)> {
        let a = Scenario::default();
        let mut b = a.clone();
        change(&mut b);
        differing(&[&a, &b]).into_iter().map(|s| (s.name, s.values[0].clone(), s.values[1].clone())).collect()
    }

    fn s(name: &str, values: &[&str]) -> Setting {
        Setting { name: name.into(), values: values.iter().map(|v| (*v).to_owned()).collect() }
    }

    #[test]
    fn of_several_a_setting_has_the_value_of_each() {
        let mut all = vec![Scenario::default(); 4];
        (all[1].topology.pools[0].replicas, all[3].topology.pools[0].replicas) = (6, 8);
        all[2].policies = Policies::single("random-picker");
        let found = differing(&all.iter().collect::<Vec<_>>());
        let routing = s("Routing", &["Round robin", "Round robin", "Random", "Round robin"]);
        assert_eq!(found, [s("Replicas", &["4", "6", "4", "8"]), routing]);
        assert_eq!(differing(&[&all[0]]), []);
    }

    fn one(name: &str, a: &str, b: &str) -> Vec<(String, String, String)> {
        vec![(name.into(), a.into(), b.into())]
    }

    #[test]
    fn settings_have_the_names_and_values_of_the_form() {
        assert_eq!(found(|s| s.topology.pools[0].replicas = 8), one("Replicas", "4", "8"));
        assert_eq!(found(|s| s.topology.pools[0].model = "qwen3-32b".into()), one("Model", "Qwen3-14B", "Qwen3-32B"));
        assert_eq!(
            found(|s| s.topology.pools[0].engine.max_num_seqs = Some(64)),
            one("Max sequences", "default", "64")
        );
        assert_eq!(found(|s| s.workload.classes[0].slo.ttft_ms = None), one("TTFT target", "1,000 ms", "no target"));
        assert_eq!(
            found(|s| s.workload.classes[0].input.mean = 2000.0).first().map(|s| s.0.as_str()),
            Some("Mean prompt")
        );
        assert_eq!(found(|s| s.policies = Policies::single("random-picker")), one("Routing", "Round robin", "Random"));
        let extra = |s: &mut Scenario| drop(s.topology.pools[0].extra.insert("zone".into(), "eu".into()));
        assert_eq!(found(extra), one("topology.pools[0].zone", "default", "eu"));
    }

    #[test]
    fn lists_and_parts_are_told_by_what_is_in_them() {
        let batch = TrafficClass { name: "batch".into(), ..TrafficClass::default() };
        let classes = found(|s| s.workload.classes.push(batch));
        assert_eq!(classes, one("Traffic classes", "chat", "chat, batch"));
        let prefix = SharedPrefix { tokens: 6000, groups: 150, ..SharedPrefix::default() };
        let shared = found(|s| s.workload.classes[0].prefix = Some(prefix));
        assert!(shared[0].1 == "none" && shared[0].2.contains("length of the prefix 6,000"), "{shared:?}");
    }

    #[test]
    fn words_and_axes_are_no_differences() {
        let none = found(|s| {
            (s.title, s.note) = ("other".into(), "words".into());
            s.run.load.points = 5;
            s.sweep.push(playground_core::scenario::SweepAxis::numbers("topology.pools[0].replicas", &[1]));
        });
        assert_eq!(none, []);
    }

    #[test]
    fn weights_and_parameters_of_a_profile_are_told() {
        let (a, _) = panel::rival(&Policies::default());
        let mut b = a.clone();
        b.scheduling_profiles[0].plugins[2].weight = Some(9.0);
        let weights = routing(&[&a, &b]);
        assert_eq!(weights.len(), 1);
        assert!(
            weights[0].values[0] == "llm-d's default profile"
                && weights[0].values[1].contains("Longest cached prefix ×9"),
            "{weights:?}"
        );
        let mut c = a.clone();
        c.plugins[0].parameters.insert("x".into(), 5.into());
        let x = |all: &[&str]| s("Shortest queue: x", all);
        assert_eq!(routing(&[&a, &c])[0], x(&["default", "5"]));
        // One that has no such plugin has no such parameter either.
        let random = Policies::single("random-picker");
        assert_eq!(routing(&[&a, &random, &c])[1], x(&["default", "—", "5"]));
        assert_eq!(routing(&[&a, &random]).len(), 1);
    }

    #[test]
    fn sides_are_called_by_what_differs() {
        let all = [
            s("Routing", &["Round robin", "Random", "Random"]),
            s("Replicas", &["4", "8", "9"]),
            s("GPU", &["x", "y", "x"]),
        ];
        assert_eq!(side(&all[..1], Side::A), "Round robin");
        assert_eq!(side(&all[1..2], Side::B), "Replicas 8");
        assert_eq!(side(&all, Side::B), "Random, Replicas 8, 1 more");
        assert_eq!(side(&all[1..], Side::C), "Replicas 9, GPU x");
        assert_eq!(side(&[], Side::A), "");
    }
}
