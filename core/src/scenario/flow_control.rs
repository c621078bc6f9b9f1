//! The router's own queue, in the shape of EndpointPickerConfig's `flowControl`.

use super::Extra;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Settings of the queue. Absent means llm-d's default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct FlowControl {
    /// Most bytes of requests in all, as Kubernetes writes quantities: `10Gi`; absent or 0: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<Value>,
    /// Most requests in all: `1k`; absent or 0: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_requests: Option<Value>,
    /// How long a request may wait: `60s`.
    #[serde(rename = "defaultRequestTTL", skip_serializing_if = "Option::is_none")]
    pub default_request_ttl: Option<String>,
    /// How long it may wait while there is no instance, which does not happen here.
    #[serde(rename = "noEndpointRequestTTL", skip_serializing_if = "Option::is_none")]
    pub no_endpoint_request_ttl: Option<String>,
    /// Settings of bands that are not declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_priority_band: Option<BandSettings>,
    /// Settings of bands of negative priority that are not declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_negative_priority_band: Option<BandSettings>,
    /// Declared bands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub priority_bands: Vec<PriorityBand>,
    /// Up to which saturation bands may send, by the plugin's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_limit_policy_plugin_ref: Option<String>,
    /// What says how saturated the pool is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saturation_detector: Option<PluginName>,
    /// Whether requests of negative priority in flight may be ended for those that wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_eviction: Option<bool>,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl FlowControl {
    /// Whether it says more than what detects saturation, and so needs the feature gate.
    #[must_use]
    pub fn needs_the_gate(&self) -> bool {
        let detector = self.saturation_detector.clone();
        *self != FlowControl { saturation_detector: detector, ..FlowControl::default() }
    }
}

/// A reference to a plugin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PluginName {
    /// Its name.
    pub plugin_ref: String,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// One declared band.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PriorityBand {
    /// Its priority.
    pub priority: i32,
    /// The rest.
    #[serde(flatten)]
    pub settings: BandSettings,
}

/// Settings of a band. Absent means llm-d's default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct BandSettings {
    /// Most bytes of requests; absent or 0: 1 GB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<Value>,
    /// Most requests; absent or 0: 5000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_requests: Option<Value>,
    /// Who is next among flows, by the plugin's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fairness_policy_ref: Option<String>,
    /// Who is next in a flow, by the plugin's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordering_policy_ref: Option<String>,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A whole quantity as Kubernetes writes it: a number, or a text with a decimal (`k`, `M`, `G`, `T`) or binary (`Ki`, `Mi`,
/// `Gi`, `Ti`) unit. None where it cannot be read.
#[must_use]
pub fn quantity(value: &Value) -> Option<u64> {
    const UNITS: [(&str, u64); 9] = [
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("Ti", 1 << 40),
        ("k", 1000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("T", 1_000_000_000_000),
        ("", 1),
    ];
    let Some(text) = value.as_str() else { return value.as_u64() };
    let text = text.trim();
    let (unit, factor) = UNITS.iter().find(|(unit, _)| text.ends_with(unit))?;
    let number = &text[..text.len() - unit.len()];
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    number.parse::<u64>().ok().filter(|_| plain)?.checked_mul(*factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn quantities_are_read_as_kubernetes_writes_them() {
        for (text, n) in [(json!("1k"), 1000), (json!("10Gi"), 10 << 30), (json!("500"), 500), (json!(7), 7)] {
            assert_eq!(quantity(&text), Some(n), "{text}");
        }
        for bad in [json!(""), json!("k"), json!("-1"), json!("1kk"), json!("1.5k"), json!("99999999999Ti"), json!(-1)]
        {
            assert_eq!(quantity(&bad), None, "{bad}");
        }
    }

    #[test]
    fn a_flow_control_block_survives_reading_and_writing() {
        let block = json!({
            "maxBytes": "10Gi",
            "maxRequests": "1k",
            "defaultRequestTTL": "60s",
            "saturationDetector": { "pluginRef": "concurrency-detector" },
            "priorityBands": [{ "priority": -10, "maxRequests": "50", "orderingPolicyRef": "fcfs-ordering-policy", "x": 1 }],
            "new": true,
        });
        let read: FlowControl = serde_json::from_value(block.clone()).expect("reads");
        assert_eq!(read.priority_bands[0].priority, -10);
        assert_eq!(serde_json::to_value(&read).expect("writes"), block);
    }
}
