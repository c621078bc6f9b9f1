//! Policies in the shape of llm-d's EndpointPickerConfig, so that import and export lose nothing.

use super::{Extra, FlowControl};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// llm-d's feature gate of the router's own queue.
pub const FLOW_CONTROL_GATE: &str = "flowControl";

/// Plugins and the profiles that use them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Policies {
    /// Declared plugins.
    pub plugins: Vec<Plugin>,
    /// Profiles: which plugins place a request, and with which weight.
    pub scheduling_profiles: Vec<Profile>,
    /// What is switched on: `flowControl`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub feature_gates: Vec<String>,
    /// The router's own queue; of it, without the feature gate, only the saturation detector counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_control: Option<FlowControl>,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for Policies {
    fn default() -> Self {
        Policies::single("round-robin-picker")
    }
}

impl Policies {
    /// One profile with this picker alone.
    #[must_use]
    pub fn single(picker: &str) -> Self {
        Policies {
            plugins: Vec::from([Plugin::new(picker)]),
            scheduling_profiles: Vec::from([Profile {
                name: "default".into(),
                plugins: Vec::from([PluginRef { plugin_ref: picker.into(), ..PluginRef::default() }]),
                extra: Extra::new(),
            }]),
            feature_gates: Vec::new(),
            flow_control: None,
            extra: Extra::new(),
        }
    }

    /// Whether requests queue at the router.
    #[must_use]
    pub fn has_flow_control(&self) -> bool {
        self.feature_gates.iter().any(|gate| gate == FLOW_CONTROL_GATE)
    }

    /// The plugin a reference names: by its name, or by its type where it has none.
    #[must_use]
    pub fn plugin(&self, reference: &str) -> Option<&Plugin> {
        self.plugins.iter().find(|p| p.name() == reference)
    }
}

/// One declared plugin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plugin {
    /// llm-d's plugin type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Name to refer to it by; absent: its type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its parameters, those unknown included.
    #[serde(skip_serializing_if = "Extra::is_empty")]
    pub parameters: Extra,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Plugin {
    /// A plugin with its defaults.
    #[must_use]
    pub fn new(kind: &str) -> Self {
        Plugin { kind: kind.into(), ..Plugin::default() }
    }

    /// What profiles call it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.kind)
    }
}

/// One scheduling profile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Its plugins.
    pub plugins: Vec<PluginRef>,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A profile's use of a plugin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PluginRef {
    /// Which plugin.
    pub plugin_ref: String,
    /// Weight of a scorer; absent: 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}
