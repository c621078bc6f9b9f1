//! Names that llm-d has given up, and what replaces them: applied when a configuration is read, and again when one is
//! written, so that nothing deprecated leaves the simulator.

use super::document::{Entry, Marks, named};
use crate::report::{Fate, Line};
use crate::values::{list_mut, map_mut, text_of};
use serde_json::{Map, Value, json};

/// Rewrites every deprecated name of a configuration; a line for each.
pub(super) fn modernise(config: &mut Value, marks: &Marks<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    top_level(config, marks, &mut lines);
    let before: Vec<Value> = config.get("plugins").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut after = Plugins { kept: Vec::new(), dropped: Vec::new(), renamed: Vec::new(), data_renamed: Vec::new() };
    for (i, plugin) in before.iter().enumerate() {
        let entry = Entry { path: format!("plugins[{i}]"), marks };
        after.take(plugin.clone(), &before, &entry, &mut lines);
    }
    if config.get("plugins").is_some() {
        config["plugins"] = Value::Array(core::mem::take(&mut after.kept));
    }
    after.rename_references(config);
    lines
}

/// Settings that moved below others.
fn top_level(config: &mut Value, marks: &Marks<'_>, lines: &mut Vec<Line>) {
    let Some(map) = config.as_object_mut() else { return };
    if let Some(detector) = map.remove("saturationDetector") {
        let flow = map.entry("flowControl").or_insert_with(|| json!({}));
        let new = "flowControl.saturationDetector";
        let taken = flow.as_object_mut().is_some_and(|flow| match flow.contains_key("saturationDetector") {
            true => false,
            false => flow.insert("saturationDetector".into(), detector).is_none(),
        });
        let note = if taken { "moved" } else { "left out: both are set, and the router takes the new one" };
        lines.push(Line::deprecated("saturationDetector", marks.at("saturationDetector"), new, note));
    }
    if let Some(parser) = map.remove("parser") {
        let handler = map.entry("requestHandler").or_insert_with(|| json!({}));
        let taken = handler.as_object_mut().is_some_and(|handler| match handler.contains_key("parsers") {
            true => false,
            false => handler.insert("parsers".into(), json!([parser])).is_none(),
        });
        let note = if taken { "moved" } else { "left out: both are set, and the router takes the new one" };
        lines.push(Line::deprecated("parser", marks.at("parser"), "requestHandler.parsers", note));
    }
}

/// The plugins of a configuration as they are rewritten.
struct Plugins {
    kept: Vec<Value>,
    /// Names that nothing may refer to any more.
    dropped: Vec<String>,
    /// (old name, new name) in profiles and everywhere else.
    renamed: Vec<(String, String)>,
    /// (old name, new name) in the data layer alone.
    data_renamed: Vec<(String, String)>,
}

impl Plugins {
    fn take(&mut self, mut plugin: Value, all: &[Value], entry: &Entry<'_>, lines: &mut Vec<Line>) {
        let kind = text_of(&plugin, "type").to_string();
        let old = named(&plugin).to_string();
        let at = entry.at("type");
        let setting = format!("plugins.{old}");
        let mut deprecated = |to: &str, note: &str| lines.push(Line::deprecated(&*setting, at, to, note));
        match kind.as_str() {
            "disagg-headers-handler" | "prefill-header-handler" => {
                deprecated("disagg-profile-handler", "left out: the profile handler sets the headers itself");
                return self.dropped.push(old);
            }
            "pd-profile-handler" => {
                deprecated("disagg-profile-handler", "renamed");
                self.retype(&mut plugin, "disagg-profile-handler", &old);
            }
            "tokenizer" => {
                deprecated("token-producer", "renamed; check its parameters, which differ where vLLM tokenises");
                self.retype(&mut plugin, "token-producer", &old);
            }
            "by-label-selector" => {
                deprecated("label-selector-filter", "renamed");
                self.retype(&mut plugin, "label-selector-filter", &old);
            }
            "by-label" => self.by_label(&mut plugin, &old, &mut deprecated),
            "precise-prefix-cache-scorer" => {
                deprecated("precise-prefix-cache-producer and prefix-cache-scorer", "split in two");
                return self.split_precise(&plugin, &old, all, entry, lines);
            }
            _ => {}
        }
        parameters(&mut plugin, entry, lines);
        self.kept.push(plugin);
    }

    /// Another type; a plugin that was named by its type is named by the new one.
    fn retype(&mut self, plugin: &mut Value, kind: &str, old: &str) {
        plugin["type"] = kind.into();
        if plugin.get("name").is_none() {
            self.renamed.push((old.into(), kind.into()));
        }
    }

    fn by_label(&mut self, plugin: &mut Value, old: &str, deprecated: &mut impl FnMut(&str, &str)) {
        let parameters = plugin.get("parameters").cloned().unwrap_or_default();
        let values = parameters.get("validValues").cloned().unwrap_or_else(|| json!([]));
        let has = |role: &str| values.as_array().is_some_and(|all| all.iter().any(|v| v == role));
        if parameters.get("allowsNoLabel").and_then(Value::as_bool).unwrap_or(false) {
            if text_of(&parameters, "label") == "llm-d.ai/role" && has("decode") {
                deprecated("decode-filter", "renamed: it keeps instances without a role too");
                self.retype(plugin, "decode-filter", old);
                map_mut(plugin).remove("parameters");
            } else {
                deprecated("label-selector-filter", "kept: a selector cannot also admit instances without the label");
            }
            return;
        }
        deprecated("label-selector-filter", "renamed, its values as a selector");
        self.retype(plugin, "label-selector-filter", old);
        plugin["parameters"] = json!({"matchExpressions": [
            {"key": text_of(&parameters, "label"), "operator": "In", "values": values}
        ]});
    }

    fn split_precise(&mut self, plugin: &Value, old: &str, all: &[Value], entry: &Entry<'_>, lines: &mut Vec<Line>) {
        let free = |name: &str| all.iter().all(|other| named(other) != name);
        let mut producer = json!({"type": "precise-prefix-cache-producer"});
        if !free("precise-prefix-cache-producer") {
            producer["name"] = format!("{old}-producer").into();
        }
        if let Some(parameters) = plugin.get("parameters") {
            producer["parameters"] = parameters.clone();
        }
        parameters(&mut producer, entry, lines);
        let producer_name = named(&producer).to_string();
        let mut scorer =
            json!({"type": "prefix-cache-scorer", "parameters": {"prefixMatchInfoProducerName": producer_name}});
        if !free("prefix-cache-scorer") {
            scorer["name"] = old.into();
        }
        self.renamed.push((old.into(), named(&scorer).into()));
        self.data_renamed.push((old.into(), producer_name));
        self.kept.extend([producer, scorer]);
    }

    fn rename_references(&self, config: &mut Value) {
        if let Some(profiles) = config.get_mut("schedulingProfiles") {
            for profile in list_mut(profiles) {
                if let Some(references) = profile.get_mut("plugins").and_then(Value::as_array_mut) {
                    references.retain(|r| !self.dropped.iter().any(|name| text_of(r, "pluginRef") == name));
                }
            }
        }
        let Some(map) = config.as_object_mut() else { return };
        for (key, part) in map.iter_mut().filter(|(key, _)| *key != "plugins") {
            let first: &[(String, String)] = if key == "dataLayer" { &self.data_renamed } else { &[] };
            rename(part, first, &self.renamed);
        }
        // Plugins name each other in their parameters.
        if let Some(plugins) = map.get_mut("plugins") {
            for plugin in list_mut(plugins) {
                if let Some(parameters) = plugin.get_mut("parameters") {
                    rename(parameters, &self.data_renamed, &self.renamed);
                }
            }
        }
    }
}

/// Replaces names wherever a setting refers to a plugin.
fn rename(part: &mut Value, first: &[(String, String)], then: &[(String, String)]) {
    match part {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                let refers =
                    ["pluginRef", "Ref", "Name", "prefill", "decode", "encode"].iter().any(|end| key.ends_with(end));
                match value {
                    Value::String(name) if refers => {
                        if let Some((_, new)) = first.iter().chain(then).find(|(old, _)| old == name) {
                            *name = new.clone();
                        }
                    }
                    other => rename(other, first, then),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, first, then)),
        _ => {}
    }
}

/// Prompt throughput that the affinity filter assumes, tokens per second, and characters of a token where the router
/// estimates: llm-d-router's defaults.
const PEAK_PREFILL_THROUGHPUT: f64 = 15_928.0;
const CHARACTERS_PER_TOKEN: u64 = 4;

/// Rewrites deprecated parameters of one plugin.
fn parameters(plugin: &mut Value, entry: &Entry<'_>, lines: &mut Vec<Line>) {
    let kind = text_of(plugin, "type").to_string();
    let setting = format!("plugins.{}.parameters", named(plugin));
    let Some(given) = plugin.get_mut("parameters").and_then(Value::as_object_mut) else { return };
    let mut deprecated = |key: &str, to: &str, note: String| {
        let at = entry.at(&format!("parameters.{key}"));
        lines.push(Line::deprecated(format!("{setting}.{key}"), at, to, note));
    };
    match kind.as_str() {
        "prefix-cache-affinity-filter" => affinity_penalty(given, &mut deprecated),
        "approx-prefix-cache-producer" => {
            for key in ["hashBlockSize", "blockSize"] {
                let Some(characters) = given.remove(key) else { continue };
                let tokens = characters.as_u64().map_or(16, |n| n.div_ceil(CHARACTERS_PER_TOKEN).max(1));
                given.entry("blockSizeTokens").or_insert_with(|| tokens.into());
                deprecated(key, "blockSizeTokens", format!("{characters} characters are about {tokens} tokens"));
            }
            // The router uses it only where the limit in tokens is 0.
            if given.get("maxPrefixTokensToMatch").is_none_or(|n| n != 0)
                && given.remove("maxPrefixBlocksToMatch").is_some()
            {
                let note = "left out: the limit in tokens decides";
                deprecated("maxPrefixBlocksToMatch", "maxPrefixTokensToMatch", note.into());
            }
        }
        "precise-prefix-cache-producer" => {
            let processor = given.get_mut("tokenProcessorConfig").and_then(Value::as_object_mut);
            let size = processor.and_then(|processor| {
                let size = processor.remove("blockSize")?;
                Some(processor.entry("blockSizeTokens").or_insert(size).clone())
            });
            if let Some(size) = size {
                let new = "tokenProcessorConfig.blockSizeTokens";
                deprecated("tokenProcessorConfig.blockSize", new, format!("renamed: {size}"));
            }
        }
        "disagg-profile-handler" => flat_handler(given, &mut deprecated),
        "active-request-scorer" if given.remove("requestTimeout").is_some() => {
            deprecated("requestTimeout", "nothing", "left out: the router ignores it".into());
        }
        "program-aware-fairness" if given.remove("lasDecayFactor").is_some() => {
            deprecated("lasDecayFactor", "the half-life of attained service", "left out: the router refuses it".into());
        }
        _ => {}
    }
}

/// A penalty in tokens becomes one in time.
fn affinity_penalty(given: &mut Map<String, Value>, deprecated: &mut impl FnMut(&str, &str, String)) {
    let Some(old) = given.remove("maxTokensInFlightPenalty") else { return };
    let peak = given.get("peakPrefillThroughput").and_then(Value::as_f64).filter(|x| *x > 0.0);
    let ms = old.as_f64().map(|tokens| (1000.0 * tokens / peak.unwrap_or(PEAK_PREFILL_THROUGHPUT)).round());
    let in_time = given.get("maxTTFTPenaltyMs").and_then(Value::as_f64).unwrap_or(0.0);
    let note = match ms {
        // Releases that had both switched the newer one off with 0.
        Some(ms) if in_time == 0.0 && ms > 0.0 && ms < 1e15 => {
            given.insert("maxTTFTPenaltyMs".into(), (ms as u64).into());
            format!("{old} tokens take about {ms} ms to prefill")
        }
        _ => "left out: maxTTFTPenaltyMs decides".into(),
    };
    deprecated("maxTokensInFlightPenalty", "maxTTFTPenaltyMs", note);
}

/// Flat names of profiles and deciders become lists by role.
fn flat_handler(given: &mut Map<String, Value>, deprecated: &mut impl FnMut(&str, &str, String)) {
    const FLAT: [(&str, &str, &str); 6] = [
        ("deciderPluginName", "deciders", "prefill"),
        ("prefillDeciderPluginName", "deciders", "prefill"),
        ("encodeDeciderPluginName", "deciders", "encode"),
        ("decodeProfile", "profiles", "decode"),
        ("prefillProfile", "profiles", "prefill"),
        ("encodeProfile", "profiles", "encode"),
    ];
    for (old, group, role) in FLAT {
        let Some(name) = given.remove(old) else { continue };
        let roles = given.entry(group).or_insert_with(|| json!({}));
        if let Some(roles) = roles.as_object_mut() {
            roles.entry(role).or_insert(name);
        }
        deprecated(old, &format!("{group}.{role}"), "moved".into());
    }
    for old in ["threshold", "hashBlockSize", "primaryPort"] {
        if given.remove(old).is_some() {
            let note = "left out: the decider has a threshold of its own";
            deprecated(old, "parameters of prefix-based-pd-decider", note.into());
        }
    }
}

/// A line for an API group that is not today's.
pub(super) fn api_version(version: &str, marks: &Marks<'_>) -> Option<Line> {
    let at = marks.at("apiVersion");
    match version {
        "llm-d.ai/v1alpha1" => Some(Line::new("apiVersion", at, Fate::Exact, "")),
        "llm-d.ai/v1" => Some(Line::new(
            "apiVersion",
            at,
            Fate::Exact,
            "as newer guides write it; exported as llm-d.ai/v1alpha1, which every release of the router reads",
        )),
        "inference.networking.x-k8s.io/v1alpha1" => {
            Some(Line::deprecated("apiVersion", at, "llm-d.ai/v1alpha1", "the same shape under its old group"))
        }
        _ => None,
    }
}
