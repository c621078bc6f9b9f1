//! Policies: references lead somewhere, parameters are in range, unknown plugins are flagged and kept.

use super::super::policies::{Plugin, Policies, Profile};
use super::super::{Diagnostic, Edit};
use super::{flow_control, within};
use crate::policy::produce::{self, TOPOLOGY_SOURCE};
use crate::policy::{Meta, OPAQUE, Param, ParamKind, all, at, disagg};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde_json::{Map, Value};

/// Largest weight of a scorer.
const WEIGHT_MAX: f64 = 1000.0;
/// Most plugins, and most references of a profile: every reference is looked for among the plugins.
const PLUGINS_MAX: usize = 256;

pub(super) fn check(policies: &Policies, found: &mut Vec<Diagnostic>) {
    let references = policies.scheduling_profiles.iter().map(|profile| profile.plugins.len());
    let most = references.chain([policies.plugins.len()]).max().unwrap_or_default();
    if most > PLUGINS_MAX {
        found.push(
            Diagnostic::error("policies", format!("lists {most} plugins, at most {PLUGINS_MAX} can be simulated"))
                .fix(Edit::new("Use the default profile", "policies", default_policies())),
        );
        return;
    }
    for (i, plugin) in policies.plugins.iter().enumerate() {
        check_plugin(policies, &format!("policies.plugins[{i}]"), plugin, found);
    }
    flow_control::check(policies, found);
    if policies.scheduling_profiles.len() != 1 && policies.handler().is_none() {
        found.push(
            Diagnostic::error(
                "policies.schedulingProfiles",
                format!(
                    "has {} profiles; without a {} one is simulated",
                    policies.scheduling_profiles.len(),
                    disagg::META.id
                ),
            )
            .fix(Edit::new("Use the default profile", "policies", default_policies())),
        );
        return;
    }
    for (i, profile) in policies.scheduling_profiles.iter().enumerate() {
        check_profile(&format!("policies.schedulingProfiles[{i}]"), profile, policies, found);
    }
}

fn check_profile(path: &str, profile: &Profile, policies: &Policies, found: &mut Vec<Diagnostic>) {
    for (j, reference) in profile.plugins.iter().enumerate() {
        if policies.plugin(&reference.plugin_ref).is_none() {
            let path = format!("{path}.plugins[{j}].pluginRef");
            let mut finding =
                Diagnostic::error(&path, format!("names “{}”, which is not among the plugins", reference.plugin_ref));
            for plugin in &policies.plugins {
                finding = finding.fix(Edit::new(&format!("Use {}", plugin.name()), &path, plugin.name()));
            }
            if finding.fixes.is_empty() {
                finding = finding.fix(Edit::new("Use the default profile", "policies", default_policies()));
            }
            found.push(finding);
        }
        if let Some(weight) = reference.weight {
            within(found, &format!("{path}.plugins[{j}].weight"), weight, 0.0..=WEIGHT_MAX, "");
        }
    }
}

fn check_plugin(policies: &Policies, path: &str, plugin: &Plugin, found: &mut Vec<Diagnostic>) {
    let Some(meta) = all().find(|meta| meta.id == plugin.kind) else {
        let why = OPAQUE.iter().find(|meta| meta.id == plugin.kind).map_or("", |meta| meta.doc);
        let why = why.trim_end_matches('.');
        let because = if why.is_empty() { String::new() } else { format!(" ({why})") };
        found.push(Diagnostic::warning(
            &format!("{path}.type"),
            format!("“{}” is not simulated by this release{because}; it is kept, but has no effect", plugin.kind),
        ));
        return;
    };
    let parameters = format!("{path}.parameters");
    check_names(&parameters, "", meta, &plugin.parameters, found);
    for param in meta.params {
        if let Some(value) = at(&plugin.parameters, param.id) {
            check_parameter(policies, &format!("{parameters}.{}", param.id), param, value, found);
        }
    }
    if meta.params.iter().any(|param| param.id == TOPOLOGY_SOURCE.id) {
        let named = plugin.parameters.get(TOPOLOGY_SOURCE.id).and_then(Value::as_str).filter(|name| !name.is_empty());
        let name = named.unwrap_or(produce::TOPOLOGY.id);
        if policies.plugin(name).is_none() {
            let message = format!("has no effect: “{name}”, which says where instances are, is not among the plugins");
            let mut plugins = policies.plugins.clone();
            plugins.push(Plugin { name: named.map(Into::into), ..Plugin::new(produce::TOPOLOGY.id) });
            let plugins = serde_json::to_value(plugins).unwrap_or_default();
            found.push(Diagnostic::warning(path, message).fix(Edit::new("Add it", "policies.plugins", plugins)));
        }
    }
}

/// Names that the plugin does not know, at any depth.
fn check_names(path: &str, inside: &str, meta: &Meta, given: &Map<String, Value>, found: &mut Vec<Diagnostic>) {
    for (key, value) in given {
        let id = format!("{inside}{key}");
        if meta.params.iter().any(|p| p.id == id) {
            continue;
        }
        let outer = format!("{id}.");
        match value.as_object().filter(|_| meta.params.iter().any(|p| p.id.starts_with(&outer))) {
            Some(settings) => check_names(path, &outer, meta, settings, found),
            None => found.push(Diagnostic::warning(
                &format!("{path}.{id}"),
                format!("is not a parameter of {} known to this release; it is kept, but has no effect", meta.id),
            )),
        }
    }
}

fn check_parameter(policies: &Policies, path: &str, param: &Param, value: &Value, found: &mut Vec<Diagnostic>) {
    if let Some(objection) = param.kind.objection(value) {
        let default = param.kind.default_value();
        let words = format!("Set to {default}");
        found.push(Diagnostic::error(path, objection).fix(Edit::new(&words, path, default)));
        return;
    }
    if let (ParamKind::Plugin { of }, Some(name)) = (param.kind, value.as_str().filter(|name| !name.is_empty())) {
        names_a(policies, path, name, "producer", |id| of.contains(&id), found);
    }
}

/// An error unless `name` is a declared plugin that is `known` to be of the right kind. A type's own name needs no
/// declaration: llm-d adds the plugin with its defaults.
pub(super) fn names_a(
    policies: &Policies,
    path: &str,
    name: &str,
    what: &str,
    known: impl Fn(&str) -> bool,
    found: &mut Vec<Diagnostic>,
) {
    let declared = policies.plugin(name);
    if declared.map_or_else(|| known(name), |plugin| known(&plugin.kind)) {
        return;
    }
    let words = match declared {
        None => format!("names “{name}”, which is not among the plugins"),
        Some(plugin) => format!("names “{name}”, which is a {}, not a {what}", plugin.kind),
    };
    let mut finding = Diagnostic::error(path, words);
    for plugin in policies.plugins.iter().filter(|p| known(&p.kind)) {
        finding = finding.fix(Edit::new(&format!("Use {}", plugin.name()), path, plugin.name()));
    }
    if let Some(meta) = all().find(|meta| known(meta.id)).filter(|_| finding.fixes.is_empty()) {
        finding = finding.fix(Edit::new(&format!("Use {}", meta.id), path, meta.id));
    }
    found.push(finding);
}

fn default_policies() -> Value {
    serde_json::to_value(Policies::default()).unwrap_or_default()
}
