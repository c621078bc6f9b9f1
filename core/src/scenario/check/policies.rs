//! Policies: references lead somewhere, parameters are in range, unknown plugins are flagged and kept.

use super::super::disagg::ChosenDisagg;
use super::super::policies::Profile;
use super::super::policies::{Plugin, Policies};
use super::super::{Diagnostic, Edit};
use super::within;
use crate::policy::pick::{self, Picker};
use crate::policy::score::{self, Scorer};
use crate::policy::{Kind, Meta, Role, admit, all, decide, disagg as handler, produce};
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
    if policies.scheduling_profiles.len() != 1 && policies.handler().is_none() {
        found.push(
            Diagnostic::error(
                "policies.schedulingProfiles",
                format!(
                    "has {} profiles; without a {} one is simulated",
                    policies.scheduling_profiles.len(),
                    handler::META.id
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
    /// Which roles its filters keep.
    pub(in crate::scenario) filters: Vec<fn(Role) -> bool>,
    /// (weight, scorer).
    pub(in crate::scenario) scorers: Vec<(f64, Chosen<dyn Scorer>)>,
    pub(in crate::scenario) picker: Chosen<dyn Picker>,
    /// Parameters of the prefix index, its defaults where it is not declared: llm-d adds it by itself.
    pub(in crate::scenario) prefix: Map<String, Value>,
    /// Parameters of the saturation detector, likewise.
    pub(in crate::scenario) detector: Map<String, Value>,
}

/// The plugins of the profile that serves requests, or decides where they decode.
pub(in crate::scenario) fn profile(policies: &Policies) -> Option<ChosenProfile> {
    match policies.handler() {
        Some(handler) => chosen(policies, policies.profile(handler.decode)?),
        None => chosen(policies, policies.scheduling_profiles.first()?),
    }
}

/// What computes prompts apart, where a handler asks for it.
pub(in crate::scenario) fn disagg(policies: &Policies) -> Option<ChosenDisagg> {
    let handler = policies.handler()?;
    let decider = policies.plugin(handler.decider?)?;
    Some(ChosenDisagg {
        prefill: chosen(policies, policies.profile(handler.prefill)?)?,
        decider: (decide::find(&decider.kind)?, decider.parameters.clone()),
    })
}

/// A profile's plugins; llm-d's default picker where it names none.
fn chosen(policies: &Policies, profile: &Profile) -> Option<ChosenProfile> {
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
    let filters = used().filter_map(|(_, plugin)| match plugin.kind.as_str() {
        id if id == handler::DECODE_FILTER.id => Some(Role::decodes as fn(Role) -> bool),
        id if id == handler::PREFILL_FILTER.id => Some(Role::prefills as fn(Role) -> bool),
        _ => None,
    });
    Some(ChosenProfile {
        filters: filters.collect(),
        scorers,
        picker: picker.or_else(|| Some((pick::find(DEFAULT_PICKER)?, Map::new())))?,
        prefix: declared(produce::APPROX_PREFIX.id),
        detector: declared(admit::UTILIZATION_DETECTOR.id),
    })
}

fn default_policies() -> Value {
    serde_json::to_value(Policies::default()).unwrap_or_default()
}
