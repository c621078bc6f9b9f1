//! Flow control: gates are known, quantities and durations can be read, references lead to plugins of the right kind.

use super::super::{BandSettings, Diagnostic, Edit, FLOW_CONTROL_GATE, Policies, quantity};
use super::policies::names_a;
use super::within;
use crate::policy::{detect, duration, flow};
use alloc::format;
use alloc::vec::Vec;
use serde_json::Value;

/// Most declared bands.
const BANDS_MAX: usize = 64;
/// Longest wait, s.
const TTL_MAX_S: f64 = 86_400.0;

pub(super) fn check(policies: &Policies, found: &mut Vec<Diagnostic>) {
    for (i, gate) in policies.feature_gates.iter().enumerate().filter(|(_, gate)| *gate != FLOW_CONTROL_GATE) {
        found.push(Diagnostic::warning(
            &format!("policies.featureGates[{i}]"),
            format!("“{gate}” is not known to this release; it is kept, but has no effect"),
        ));
    }
    let Some(flow) = &policies.flow_control else { return };
    let at = |field: &str| format!("policies.flowControl.{field}");
    if !policies.has_flow_control() && flow.needs_the_gate() {
        found.push(
            Diagnostic::warning(
                "policies.flowControl",
                format!(
                    "has no effect but its saturation detector: “{FLOW_CONTROL_GATE}” is not among the feature gates"
                ),
            )
            .fix(Edit::new(
                "Switch it on",
                "policies.featureGates",
                Value::from(Vec::from([FLOW_CONTROL_GATE])),
            )),
        );
    }
    check_quantity(&at("maxBytes"), flow.max_bytes.as_ref(), found);
    check_quantity(&at("maxRequests"), flow.max_requests.as_ref(), found);
    check_ttl(&at("defaultRequestTTL"), flow.default_request_ttl.as_deref(), found);
    check_ttl(&at("noEndpointRequestTTL"), flow.no_endpoint_request_ttl.as_deref(), found);
    if let Some(detector) = &flow.saturation_detector {
        let known = |id: &str| detect::find(id).is_some();
        names_a(
            policies,
            &at("saturationDetector.pluginRef"),
            &detector.plugin_ref,
            "saturation detector",
            known,
            found,
        );
    }
    if let Some(name) = &flow.usage_limit_policy_plugin_ref {
        let known = |id: &str| flow::USAGE_LIMITS.iter().any(|kind| kind.meta.id == id);
        names_a(policies, &at("usageLimitPolicyPluginRef"), name, "usage limit policy", known, found);
    }
    if flow.priority_bands.len() > BANDS_MAX {
        let n = flow.priority_bands.len();
        found.push(Diagnostic::error(
            &at("priorityBands"),
            format!("has {n} bands, at most {BANDS_MAX} can be simulated"),
        ));
        return;
    }
    for (i, band) in flow.priority_bands.iter().enumerate() {
        let path = at(&format!("priorityBands[{i}]"));
        if flow.priority_bands[..i].iter().any(|other| other.priority == band.priority) {
            let priority = band.priority;
            found.push(Diagnostic::error(&format!("{path}.priority"), format!("is {priority}, as another band's is")));
        }
        check_band(policies, &path, &band.settings, found);
    }
    if let Some(band) = &flow.default_priority_band {
        check_band(policies, &at("defaultPriorityBand"), band, found);
    }
    if let Some(band) = &flow.default_negative_priority_band {
        check_band(policies, &at("defaultNegativePriorityBand"), band, found);
    }
}

fn check_band(policies: &Policies, path: &str, band: &BandSettings, found: &mut Vec<Diagnostic>) {
    check_quantity(&format!("{path}.maxBytes"), band.max_bytes.as_ref(), found);
    check_quantity(&format!("{path}.maxRequests"), band.max_requests.as_ref(), found);
    if let Some(name) = &band.fairness_policy_ref {
        let known = |id: &str| flow::FAIRNESS.iter().any(|kind| kind.meta.id == id);
        names_a(policies, &format!("{path}.fairnessPolicyRef"), name, "fairness policy", known, found);
    }
    if let Some(name) = &band.ordering_policy_ref {
        let known = |id: &str| flow::ORDERING.iter().any(|kind| kind.meta.id == id);
        names_a(policies, &format!("{path}.orderingPolicyRef"), name, "ordering policy", known, found);
    }
}

fn check_quantity(path: &str, value: Option<&Value>, found: &mut Vec<Diagnostic>) {
    if let Some(value) = value.filter(|v| quantity(v).is_none()) {
        found.push(
            Diagnostic::error(path, format!("must be a quantity, as 1000, “1k” or “10Gi”, and is {value}"))
                .fix(Edit::new("Leave it out", path, Value::Null)),
        );
    }
}

fn check_ttl(path: &str, text: Option<&str>, found: &mut Vec<Diagnostic>) {
    let Some(text) = text else { return };
    match duration(text) {
        Some(ttl) => within(found, path, ttl.as_secs_f64(), 0.001..=TTL_MAX_S, "s"),
        None => found.push(
            Diagnostic::error(path, format!("must be a duration, as “60s” or “1m30s”, and is “{text}”"))
                .fix(Edit::new("Set to 60s", path, "60s")),
        ),
    }
}
