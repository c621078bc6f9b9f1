//! In which settings two scenarios differ, as people call them; and what that makes of the names of the sides.

use crate::form::names;
use crate::panel;
use crate::say;
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
    pub(super) a: String,
    pub(super) b: String,
}

/// What the routing is called.
const ROUTING: &str = "Routing";

/// Every setting in which they differ and which may change the results.
pub(super) fn differing(a: &Scenario, b: &Scenario) -> Vec<Setting> {
    let builtin = Catalog::builtin();
    let [of_a, of_b] = [a, b].map(|s| s.topology.catalog(&builtin));
    let single = a.workload.classes.len() == 1 && b.workload.classes.len() == 1;
    let mut found = Vec::new();
    let mut rest = Vec::new();
    for (path, x, y) in settings(a, b) {
        let of =
            |field: &str| path.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        if WORDS.into_iter().chain(AXES).any(of) {
            continue;
        }
        let mut name = label(&path);
        if single {
            name = name.replace("Class 1: ", "");
        }
        let setting = Setting { name, a: value(&path, &x, &of_a), b: value(&path, &y, &of_b) };
        if of("policies") { rest.push(setting) } else { found.push(setting) }
    }
    if !rest.is_empty() {
        let known = routing(&a.policies, &b.policies);
        // What the list of plugins does not tell is told by path.
        found.extend(if known.is_empty() { rest } else { known });
    }
    found
}

/// How routing differs: the way, and parameters of plugins that both have.
fn routing(a: &Policies, b: &Policies) -> Vec<Setting> {
    let mut found = Vec::new();
    let (x, y) = (panel::summary(a), panel::summary(b));
    if x != y {
        found.push(Setting { name: ROUTING.into(), a: x, b: y });
    }
    for plugin in &a.plugins {
        if let Some(other) = b.plugins.iter().find(|p| p.kind == plugin.kind) {
            found.extend(parameters(plugin, other));
        }
    }
    found
}

fn parameters(a: &Plugin, b: &Plugin) -> Vec<Setting> {
    let title = policy::all().find(|m| m.id == a.kind).map_or(a.kind.as_str(), |m| m.title);
    let mut keys: Vec<&String> = a.parameters.keys().chain(b.parameters.keys()).collect();
    keys.sort();
    keys.dedup();
    let differ = keys.into_iter().filter(|key| a.parameters.get(*key) != b.parameters.get(*key));
    let plain = |v: Option<&Value>| v.map_or_else(|| "default".to_owned(), |v| simple(v, ""));
    let one = |key: &String| Setting {
        name: format!("{title}: {key}"),
        a: plain(a.parameters.get(key)),
        b: plain(b.parameters.get(key)),
    };
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
        let value = if side == Side::A { &s.a } else { &s.b };
        if s.name == ROUTING { value.clone() } else { format!("{} {value}", s.name) }
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
        differing(&a, &b).into_iter().map(|s| (s.name, s.a, s.b)).collect()
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
        let weights = routing(&a, &b);
        assert_eq!(weights.len(), 1);
        assert!(
            weights[0].a == "llm-d's default profile" && weights[0].b.contains("Longest cached prefix ×9"),
            "{weights:?}"
        );
        let mut c = a.clone();
        c.plugins[0].parameters.insert("x".into(), 5.into());
        assert_eq!(
            routing(&a, &c)[0],
            Setting { name: "Shortest queue: x".into(), a: "default".into(), b: "5".into() }
        );
    }

    #[test]
    fn sides_are_called_by_what_differs() {
        let s = |name: &str, a: &str, b: &str| Setting { name: name.into(), a: a.into(), b: b.into() };
        let all = [s("Routing", "Round robin", "Random"), s("Replicas", "4", "8"), s("GPU", "x", "y")];
        assert_eq!(side(&all[..1], Side::A), "Round robin");
        assert_eq!(side(&all[1..2], Side::B), "Replicas 8");
        assert_eq!(side(&all, Side::B), "Random, Replicas 8, 1 more");
        assert_eq!(side(&[], Side::A), "");
    }
}
