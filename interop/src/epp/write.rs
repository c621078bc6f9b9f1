//! From policies to an EndpointPickerConfig that the router takes: strict, explicit, nothing deprecated.

use super::deprecated::modernise;
use super::document::{Marks, named};
use super::known;
use super::read::{KIND, fill_in};
use crate::report::{Fate, Line};
use crate::values::{map_mut, text_of};
use crate::yaml;
use playground_core::scenario::{Diagnostic, Edit, Policies};
use serde_json::{Value, json};

/// What an EndpointPickerConfig may say at its top: the router refuses everything else.
pub(super) const FIELDS: [&str; 8] = [
    "apiVersion",
    "kind",
    "featureGates",
    "plugins",
    "schedulingProfiles",
    "dataLayer",
    "flowControl",
    "requestHandler",
];
/// Order of settings in the text.
const ORDER: [&str; 14] = [
    "apiVersion",
    "kind",
    "featureGates",
    "plugins",
    "type",
    "name",
    "pluginRef",
    "weight",
    "parameters",
    "extractors",
    "schedulingProfiles",
    "flowControl",
    "dataLayer",
    "requestHandler",
];

/// Thresholds at which the utilization detector never gates, as llm-d's sample for the admitter sets them.
const QUEUE_NEVER: u64 = 999_999_999;
const KV_NEVER: f64 = 1.0;

/// The configuration as text, and what was changed on the way.
///
/// # Errors
/// When the policies use what llm-d does not have.
pub fn write(policies: &Policies) -> Result<(String, Vec<Line>), Vec<Diagnostic>> {
    let refused: Vec<Diagnostic> = policies
        .plugins
        .iter()
        .enumerate()
        .filter(|(_, plugin)| known::is_textbook(&plugin.kind))
        .map(|(i, plugin)| {
            let path = format!("policies.plugins[{i}].type");
            let message = format!("is {}, a textbook policy that llm-d does not have", plugin.kind);
            let fix = json!(Policies::single("random-picker"));
            Diagnostic::error(&path, message).fix(Edit::new("Place at random, as llm-d can", "policies", fix))
        })
        .collect();
    if !refused.is_empty() {
        return Err(refused);
    }
    let mut config = serde_json::to_value(policies).unwrap_or_default();
    let marks = Marks { root: None };
    let mut lines = modernise(&mut config, &marks);
    fill_in(&mut config, &marks, &mut lines);
    neutralise_detector(&mut config, &mut lines);
    let map = map_mut(&mut config);
    map.retain(|key, _| {
        let known = FIELDS.contains(&key.as_str());
        if !known {
            let note = "left out: the router knows no such setting and would not start";
            lines.push(Line::new(key.as_str(), None, Fate::Ignored, note));
        }
        known
    });
    map.insert("apiVersion".into(), "llm-d.ai/v1alpha1".into());
    map.insert("kind".into(), KIND.into());
    Ok((yaml::write(&config, &ORDER), lines))
}

/// Beside a probabilistic admitter, the utilization detector must not gate: the router would hold requests back before
/// the admitter sees them.
fn neutralise_detector(config: &mut Value, lines: &mut Vec<Line>) {
    let plugins = config.get("plugins").and_then(Value::as_array).cloned().unwrap_or_default();
    if plugins.iter().all(|p| text_of(p, "type") != "probabilistic-admitter") {
        return;
    }
    let reference = config.pointer("/flowControl/saturationDetector/pluginRef").and_then(Value::as_str);
    let chosen = plugins.iter().position(|p| match reference {
        Some(name) => named(p) == name,
        None => text_of(p, "type") == "utilization-detector",
    });
    let mut plugins = plugins;
    let at = match chosen {
        Some(at) if text_of(&plugins[at], "type") != "utilization-detector" => {
            let note = "left as it is; where it gates, requests wait before the probabilistic admitter sees them";
            return lines.push(Line::new(format!("plugins.{}", named(&plugins[at])), None, Fate::Exact, note));
        }
        Some(at) => at,
        None => {
            plugins.push(json!({"type": "utilization-detector"}));
            plugins.len() - 1
        }
    };
    let parameters = map_mut(map_mut(&mut plugins[at]).entry("parameters").or_insert_with(|| json!({})));
    let off = parameters.get("queueDepthThreshold").and_then(Value::as_u64).is_some_and(|n| n >= QUEUE_NEVER)
        && parameters.get("kvCacheUtilThreshold").and_then(Value::as_f64).is_some_and(|x| x >= KV_NEVER);
    if !off {
        parameters.insert("queueDepthThreshold".into(), QUEUE_NEVER.into());
        parameters.insert("kvCacheUtilThreshold".into(), KV_NEVER.into());
        let note = "switched off, so that the probabilistic admitter alone decides";
        lines.push(Line::new(format!("plugins.{}", named(&plugins[at])), None, Fate::Exact, note));
    }
    let name = named(&plugins[at]).to_string();
    config["plugins"] = Value::Array(plugins);
    let flow = map_mut(map_mut(config).entry("flowControl").or_insert_with(|| json!({})));
    flow.insert("saturationDetector".into(), json!({"pluginRef": name}));
}
