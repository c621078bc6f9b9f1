//! What a person edits: a deployment, its traffic, its policies, its targets, and how long to simulate.
//!
//! Plain data with public fields, the same in a file, a link and the form. Fields this version does not
//! know are kept and written back. [`check`](fn@check) says what is wrong with it and how to mend it;
//! [`resolve`] turns it into a [`Plan`] that can be simulated.

mod capacity;
mod check;
mod chosen;
pub mod codec;
mod diagnostic;
mod disagg;
mod edit;
mod flow_control;
mod load;
mod loads;
mod own;
mod plan;
mod policies;
mod presets;
pub mod readable;
mod run;
mod speculation;
mod spoken;
mod sweep;
mod topology;
mod workload;

pub use check::check;
pub use codec::{Decoded, LinkError, decode, encode};
pub use diagnostic::{Diagnostic, Severity};
pub use disagg::TransferPlan;
pub use edit::{Edit, EditError};
pub use flow_control::{BandSettings, FlowControl, PluginName, PriorityBand, quantity};
pub use load::Load;
pub use own::{BLOCK_KINDS, BlockColumn, BlockKind, OwnBlocks, OwnGpu, OwnModel, SOURCE as OWN_SOURCE};
pub use plan::{ClassPlan, EngineConfig, OffloadPlan, Plan, PoolPlan, Scheduling, SchedulingPolicy, examine, resolve};
pub use policies::{FLOW_CONTROL_GATE, Plugin, PluginRef, Policies, Profile};
pub use presets::{PRESETS, Preset};
pub use readable::encode_readable;
pub use run::{LoadAxis, Run};
pub use speculation::{DRAFTS_MAX, Speculation, SpeculativeConfig};
pub use sweep::{SweepAxis, default_axes};
pub use topology::{EngineArgs, KvTransfer, Pool, StepLaw, Topology};
pub use workload::{Arrival, Length, SharedPrefix, Slo, TrafficClass, Turns, Workload};

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Settings this version does not know: kept, named to the user, and written back.
pub type Extra = Map<String, Value>;

/// Version of the scenario's shape. 0 makes no promise yet.
pub const SCHEMA_VERSION: u32 = 0;

/// Longest title and note, characters.
pub const TEXT_MAX: usize = 280;

/// One experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scenario {
    /// Version of this shape.
    pub schema_version: u32,
    /// One line for a heading.
    pub title: String,
    /// What the reader should know.
    pub note: String,
    /// The machines.
    pub topology: Topology,
    /// The traffic.
    pub workload: Workload,
    /// How requests are placed, in the shape of llm-d's EndpointPickerConfig.
    pub policies: Policies,
    /// How long and how often to simulate.
    pub run: Run,
    /// Settings to sweep; empty: those of a first look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sweep: Vec<SweepAxis>,
    /// What imported documents say beyond what is simulated, by format: written back when they are exported.
    #[serde(skip_serializing_if = "Extra::is_empty")]
    pub imported: Extra,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for Scenario {
    /// The landing scenario: interactive chat with Qwen3-14B on four H100.
    fn default() -> Self {
        Scenario {
            schema_version: SCHEMA_VERSION,
            title: "Interactive chat on four H100".into(),
            note: String::new(),
            topology: Topology::default(),
            workload: Workload::default(),
            policies: Policies::default(),
            run: Run::default(),
            sweep: Vec::new(),
            imported: Extra::new(),
            extra: Extra::new(),
        }
    }
}

impl Scenario {
    /// Reads a scenario from JSON; a setting that is absent takes its default.
    ///
    /// # Errors
    /// A diagnostic that names the field which cannot be read, and why.
    pub fn from_json(text: &str) -> Result<Self, Diagnostic> {
        let value: Value =
            serde_json::from_str(text).map_err(|e| Diagnostic::error("", alloc::format!("this is not JSON: {e}")))?;
        Self::from_value(value)
    }

    /// Reads a scenario from a JSON value.
    ///
    /// # Errors
    /// As [`Scenario::from_json`].
    pub fn from_value(value: Value) -> Result<Self, Diagnostic> {
        serde_path_to_error::deserialize(value).map_err(|e| {
            let why = spoken::spoken(&alloc::format!("{}", e.inner()));
            Diagnostic::error(&alloc::format!("{}", e.path()), alloc::format!("cannot be read: {why}"))
        })
    }

    /// The scenario as a JSON value, its keys sorted: the canonical form.
    ///
    /// # Panics
    /// Never: every field is plain data with text keys.
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).expect("plain data with text keys is always JSON")
    }

    /// Paths of the settings this version does not know.
    #[must_use]
    pub fn unknown_settings(&self) -> alloc::vec::Vec<String> {
        let mut paths = alloc::vec::Vec::new();
        let mut note = |prefix: &str, extra: &Extra| {
            paths.extend(extra.keys().map(|key| alloc::format!("{prefix}{key}")));
        };
        note("", &self.extra);
        note("topology.", &self.topology.extra);
        for (i, pool) in self.topology.pools.iter().enumerate() {
            note(&alloc::format!("topology.pools[{i}]."), &pool.extra);
            note(&alloc::format!("topology.pools[{i}].engine."), &pool.engine.extra);
            if let Some(config) = &pool.engine.speculative_config {
                note(&alloc::format!("topology.pools[{i}].engine.speculative_config."), &config.extra);
            }
            if let Some(law) = &pool.engine.step_law {
                note(&alloc::format!("topology.pools[{i}].engine.step_law."), &law.extra);
            }
        }
        if let Some(transfer) = &self.topology.kv_transfer {
            note("topology.kv_transfer.", &transfer.extra);
        }
        for (i, gpu) in self.topology.gpus.iter().enumerate() {
            note(&alloc::format!("topology.gpus[{i}]."), &gpu.extra);
        }
        for (i, model) in self.topology.models.iter().enumerate() {
            note(&alloc::format!("topology.models[{i}]."), &model.extra);
            for (j, blocks) in model.blocks.iter().enumerate() {
                let unknown = blocks.unknown().map(|key| (key.clone(), Value::Null)).collect();
                note(&alloc::format!("topology.models[{i}].blocks[{j}]."), &unknown);
            }
        }
        note("workload.", &self.workload.extra);
        note("workload.arrival.", &self.workload.arrival.extra);
        for (i, class) in self.workload.classes.iter().enumerate() {
            note(&alloc::format!("workload.classes[{i}]."), &class.extra);
            note(&alloc::format!("workload.classes[{i}].input."), &class.input.extra);
            note(&alloc::format!("workload.classes[{i}].output."), &class.output.extra);
            note(&alloc::format!("workload.classes[{i}].slo."), &class.slo.extra);
            if let Some(prefix) = &class.prefix {
                note(&alloc::format!("workload.classes[{i}].prefix."), &prefix.extra);
            }
            if let Some(turns) = &class.conversation {
                note(&alloc::format!("workload.classes[{i}].conversation."), &turns.extra);
            }
        }
        note("policies.", &self.policies.extra);
        if let Some(flow) = &self.policies.flow_control {
            note("policies.flowControl.", &flow.extra);
            for (i, band) in flow.priority_bands.iter().enumerate() {
                note(&alloc::format!("policies.flowControl.priorityBands[{i}]."), &band.settings.extra);
            }
        }
        note("run.", &self.run.extra);
        note("run.load.", &self.run.load.extra);
        paths
    }
}
