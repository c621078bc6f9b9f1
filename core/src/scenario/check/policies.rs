//! Policies: references lead somewhere, parameters are in range, unknown plugins are flagged and kept.

use super::super::policies::{Plugin, Policies};
use super::super::{Diagnostic, Edit};
use crate::policy::pick::{self, Picker};
use crate::policy::{Kind, Meta, all};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde_json::{Map, Value};

/// llm-d adds this picker to a profile that names none.
const DEFAULT_PICKER: &str = "max-score-picker";
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
        check_plugin(&format!("policies.plugins[{i}]"), plugin, found);
    }
    if policies.scheduling_profiles.len() != 1 {
        found.push(
            Diagnostic::error(
                "policies.schedulingProfiles",
                format!("has {} profiles; this release simulates one", policies.scheduling_profiles.len()),
            )
            .fix(Edit::new("Use the default profile", "policies", default_policies())),
        );
        return;
    }
    for (j, reference) in policies.scheduling_profiles[0].plugins.iter().enumerate() {
        if policies.plugin(&reference.plugin_ref).is_none() {
            let path = format!("policies.schedulingProfiles[0].plugins[{j}].pluginRef");
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
    }
}

fn check_plugin(path: &str, plugin: &Plugin, found: &mut Vec<Diagnostic>) {
    let Some(meta) = all().find(|meta| meta.id == plugin.kind) else {
        found.push(Diagnostic::warning(
            &format!("{path}.type"),
            format!("“{}” is not simulated by this release; it is kept, but has no effect", plugin.kind),
        ));
        return;
    };
    for (key, value) in &plugin.parameters {
        check_parameter(&format!("{path}.parameters.{key}"), meta, key, value, found);
    }
}

fn check_parameter(path: &str, meta: &Meta, key: &str, value: &Value, found: &mut Vec<Diagnostic>) {
    match meta.params.iter().find(|p| p.id == key) {
        None => found.push(Diagnostic::warning(
            path,
            format!("is not a parameter of {} known to this release; it is kept, but has no effect", meta.id),
        )),
        Some(param) => {
            if let Some(objection) = param.kind.objection(value) {
                let default = param.kind.default_value();
                found.push(Diagnostic::error(path, objection).fix(Edit::new(
                    &format!("Set to {default}"),
                    path,
                    default,
                )));
            }
        }
    }
}

/// A picker and its parameters as given.
pub(in crate::scenario) type ChosenPicker = (&'static Kind<dyn Picker>, Map<String, Value>);

/// The picker of the first profile with its parameters; llm-d's default where the profile names none.
pub(in crate::scenario) fn picker(policies: &Policies) -> Option<ChosenPicker> {
    let profile = policies.scheduling_profiles.first()?;
    let named = profile
        .plugins
        .iter()
        .filter_map(|reference| policies.plugin(&reference.plugin_ref))
        .find_map(|plugin| Some((pick::find(&plugin.kind)?, plugin.parameters.clone())));
    named.or_else(|| Some((pick::find(DEFAULT_PICKER)?, Map::new())))
}

fn default_policies() -> Value {
    serde_json::to_value(Policies::default()).unwrap_or_default()
}
