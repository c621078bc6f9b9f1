//! From an EndpointPickerConfig to policies: every setting is kept, and what the router would fill in is filled in.

use super::deprecated::{api_version, modernise};
use super::document::{Marks, named};
use super::known::{self, Stage};
use crate::report::{Fate, Line, Problem};
use crate::values::{list_mut, text_of};
use crate::yaml::{Data, Node};
use playground_core::scenario::{Policies, Scenario};
use serde_json::{Value, json};

/// The kind of document this reads.
pub const KIND: &str = "EndpointPickerConfig";
/// llm-d adds this picker to a profile that names none.
const DEFAULT_PICKER: &str = "max-score-picker";

/// Policies, and what became of each setting.
///
/// # Errors
/// When this is no such configuration, or a setting has another shape than the router's.
pub fn read(config: &Node) -> Result<(Policies, Vec<Line>), Problem> {
    if !matches!(config.data, Data::Map(_)) {
        return Err(config.problem("an EndpointPickerConfig is a map with `plugins` and `schedulingProfiles`"));
    }
    let marks = Marks { root: Some(config) };
    let version = config.get("apiVersion").and_then(Node::text).unwrap_or_default();
    let mut lines = Vec::new();
    match api_version(version, &marks) {
        Some(line) => lines.push(line),
        None => {
            return Err(Problem {
                at: marks.at("apiVersion").or(Some(config.at)),
                message: format!(
                    "apiVersion “{version}” is not one of llm-d.ai/v1alpha1, llm-d.ai/v1 and \
                     inference.networking.x-k8s.io/v1alpha1"
                ),
            });
        }
    }
    let mut value = config.to_value();
    lines.extend(modernise(&mut value, &marks));
    if let Some(map) = value.as_object_mut() {
        map.remove("apiVersion");
        map.remove("kind");
        // What is absent is empty, not the simulator's own default.
        map.entry("plugins").or_insert_with(|| json!([]));
    }
    fill_in(&mut value, &marks, &mut lines);
    let policies: Policies = serde_path_to_error::deserialize(&value).map_err(|e| {
        let path = e.path().to_string();
        Problem { at: marks.at(&path).or(Some(config.at)), message: format!("`{path}` cannot be read: {}", e.inner()) }
    })?;
    describe(&policies, &marks, &mut lines);
    Ok((policies, lines))
}

/// What the router adds by itself: a profile of everything, pickers, weights.
pub(super) fn fill_in(config: &mut Value, marks: &Marks<'_>, lines: &mut Vec<Line>) {
    let mut declared: Vec<(String, Option<Stage>)> =
        list_mut(&mut config["plugins"]).iter().map(|p| (named(p).into(), known::stage(text_of(p, "type")))).collect();
    let has_profiles = config.get("schedulingProfiles").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
    if !has_profiles {
        let places = [Stage::Filter, Stage::Scorer, Stage::Picker];
        let used = declared.iter().filter(|(_, stage)| stage.is_some_and(|s| places.contains(&s)));
        let references: Vec<Value> = used.map(|(name, _)| json!({"pluginRef": name})).collect();
        config["schedulingProfiles"] = json!([{"name": "default", "plugins": references}]);
        let note = "absent: one profile of every filter, scorer and picker, as the router makes it; it does not say in \
                    which order filters run";
        lines.push(Line::new("schedulingProfiles", marks.at("plugins"), Fate::Exact, note));
    }
    let is_picker = |name: &str, declared: &[(String, Option<Stage>)]| {
        declared.iter().any(|(n, stage)| n == name && *stage == Some(Stage::Picker))
            // Pickers that only the simulator has.
            || playground_core::policy::pick::find(name).is_some()
    };
    let mut profiles = config["schedulingProfiles"].take();
    for (i, profile) in list_mut(&mut profiles).iter_mut().enumerate() {
        let at = marks.at(&format!("schedulingProfiles[{i}]"));
        let name = text_of(profile, "name").to_string();
        let Some(references) = profile.get_mut("plugins").and_then(Value::as_array_mut) else { continue };
        for reference in references.iter_mut().filter(|r| r.is_object()) {
            let stage = declared.iter().find(|(n, _)| n == text_of(reference, "pluginRef")).and_then(|(_, s)| *s);
            if stage == Some(Stage::Scorer) && reference.get("weight").is_none_or(Value::is_null) {
                reference["weight"] = json!(1.0);
            }
        }
        if references.iter().any(|r| is_picker(text_of(r, "pluginRef"), &declared)) {
            continue;
        }
        let other = declared.iter().find(|(_, stage)| *stage == Some(Stage::Picker)).map(|(name, _)| name.clone());
        let picker = other.unwrap_or_else(|| DEFAULT_PICKER.into());
        if declared.iter().all(|(name, _)| *name != picker) {
            declared.push((picker.clone(), Some(Stage::Picker)));
            if let Some(plugins) = config["plugins"].as_array_mut() {
                plugins.push(json!({"type": picker}));
            }
        }
        let note = format!("names no picker: {picker} is added, as the router does");
        lines.push(Line::new(format!("schedulingProfiles.{name}"), at, Fate::Exact, note));
        references.push(json!({"pluginRef": picker}));
    }
    config["schedulingProfiles"] = profiles;
}

/// A line for every setting that is kept.
fn describe(policies: &Policies, marks: &Marks<'_>, lines: &mut Vec<Line>) {
    // Plugins may have moved while deprecated names were replaced; their old places are found by name.
    let place = |name: &str, field: &str| {
        let plugins = marks.root?.get("plugins")?.items();
        let is = |p: &Node, key: &str| p.get(key).and_then(Node::text) == Some(name);
        let i = plugins.iter().position(|p| is(p, "name")).or_else(|| plugins.iter().position(|p| is(p, "type")))?;
        marks.at(&format!("plugins[{i}]{field}")).or_else(|| marks.at(&format!("plugins[{i}]")))
    };
    for plugin in &policies.plugins {
        let name = plugin.name();
        let (fate, note) = known::fate(&plugin.kind);
        lines.push(Line::new(format!("plugins.{name}"), place(name, ""), fate, note));
        let meta = known::registered(&plugin.kind);
        for (key, value) in &plugin.parameters {
            let (fate, note) = match meta.map(|meta| meta.params.iter().find(|p| p.id == key)) {
                Some(Some(param)) => match param.kind.objection(value) {
                    None => (fate, String::new()),
                    Some(objection) => (Fate::Ignored, format!("{objection}: change it before simulating")),
                },
                Some(None) => (Fate::Ignored, format!("not a parameter of {} simulated here; kept", plugin.kind)),
                None => (fate, String::new()),
            };
            let at = place(name, &format!(".parameters.{key}"));
            lines.push(Line::new(format!("plugins.{name}.parameters.{key}"), at, fate, note));
        }
    }
    for (i, profile) in policies.scheduling_profiles.iter().enumerate() {
        for (j, reference) in profile.plugins.iter().enumerate() {
            let at = marks.at(&format!("schedulingProfiles[{i}].plugins[{j}]"));
            let setting = format!("schedulingProfiles.{}.{}", profile.name, reference.plugin_ref);
            lines.push(used(policies, &reference.plugin_ref, reference.weight, setting, at));
        }
    }
    top_level(policies, marks, lines);
}

/// A line for a profile's use of a plugin.
fn used(
    policies: &Policies,
    name: &str,
    weight: Option<f64>,
    setting: String,
    at: Option<crate::report::Mark>,
) -> Line {
    let Some(plugin) = policies.plugin(name) else {
        return Line::new(
            setting,
            at,
            Fate::Ignored,
            "names a plugin that is not declared; the router would not start",
        );
    };
    let (fate, _) = known::fate(&plugin.kind);
    let note = match (weight, known::stage(&plugin.kind)) {
        (Some(weight), Some(Stage::Scorer)) => format!("weight {weight}"),
        (Some(_), Some(_)) => "its weight has no effect: only scorers have one".into(),
        _ => String::new(),
    };
    Line::new(setting, at, fate, note)
}

/// A line for each other part, and for what is unknown within them.
fn top_level(policies: &Policies, marks: &Marks<'_>, lines: &mut Vec<Line>) {
    let whole = Scenario { policies: policies.clone(), ..Scenario::default() };
    let unknown: Vec<String> =
        whole.unknown_settings().iter().filter_map(|path| path.strip_prefix("policies.").map(String::from)).collect();
    let Ok(Value::Object(parts)) = serde_json::to_value(policies) else { return };
    for key in parts.keys().filter(|key| !["plugins", "schedulingProfiles"].contains(&key.as_str())) {
        let line = if unknown.contains(key) {
            let note = match super::write::FIELDS.contains(&key.as_str()) {
                true => "kept; not simulated by this release",
                false => "the router knows no such setting and would not start; kept here, left out of an export",
            };
            Line::new(key, marks.at(key), Fate::Ignored, note)
        } else {
            Line::new(key, marks.at(key), Fate::Exact, "")
        };
        lines.push(line);
    }
    for path in unknown.iter().filter(|path| path.contains('.')) {
        lines.push(Line::new(path, marks.at(path), Fate::Ignored, "kept; not simulated by this release"));
    }
}
