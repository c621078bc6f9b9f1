//! Policies: references lead somewhere, parameters are in range, unknown plugins are flagged and kept.

use super::super::policies::{Plugin, Policies};
use super::super::{Diagnostic, Edit};
use super::within;
use crate::policy::pick::{self, Picker};
use crate::policy::score::{self, Scorer};
use crate::policy::{Kind, Meta, admit, all, produce};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde_json::{Map, Value};

/// Largest weight of a scorer.
const WEIGHT_MAX: f64 = 1000.0;
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
        if let Some(weight) = reference.weight {
            let path = format!("policies.schedulingProfiles[0].plugins[{j}].weight");
            within(found, &path, weight, 0.0..=WEIGHT_MAX, "");
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

/// A registered policy and its parameters as given.
type Chosen<T> = (&'static Kind<T>, Map<String, Value>);

/// The plugins of the profile, found in the registries.
#[derive(Clone)]
pub(in crate::scenario) struct ChosenProfile {
    /// (weight, scorer).
    pub(in crate::scenario) scorers: Vec<(f64, Chosen<dyn Scorer>)>,
    pub(in crate::scenario) picker: Chosen<dyn Picker>,
    /// Parameters of the prefix index, its defaults where it is not declared: llm-d adds it by itself.
    pub(in crate::scenario) prefix: Map<String, Value>,
    /// Parameters of the saturation detector, likewise.
    pub(in crate::scenario) detector: Map<String, Value>,
}

/// The first profile's plugins; llm-d's default picker where it names none.
pub(in crate::scenario) fn profile(policies: &Policies) -> Option<ChosenProfile> {
    let profile = policies.scheduling_profiles.first()?;
    let used = || profile.plugins.iter().filter_map(|r| Some((r, policies.plugin(&r.plugin_ref)?)));
    let scorers = used()
        .filter_map(|(r, plugin)| {
            Some((r.weight.unwrap_or(1.0), (score::find(&plugin.kind)?, plugin.parameters.clone())))
        })
        .collect();
    let picker = used().find_map(|(_, plugin)| Some((pick::find(&plugin.kind)?, plugin.parameters.clone())));
    let declared = |id: &str| {
        let plugin = policies.plugins.iter().find(|p| p.kind == id);
        plugin.map(|p| p.parameters.clone()).unwrap_or_default()
    };
    Some(ChosenProfile {
        scorers,
        picker: picker.or_else(|| Some((pick::find(DEFAULT_PICKER)?, Map::new())))?,
        prefix: declared(produce::APPROX_PREFIX.id),
        detector: declared(admit::UTILIZATION_DETECTOR.id),
    })
}

fn default_policies() -> Value {
    serde_json::to_value(Policies::default()).unwrap_or_default()
}
