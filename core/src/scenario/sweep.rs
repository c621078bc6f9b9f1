//! Settings to sweep: each axis a field of the scenario and the values it takes.

use super::Extra;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One axis.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SweepAxis {
    /// The field, as in `topology.pools[0].replicas`.
    pub path: String,
    /// The values it takes.
    pub values: Vec<Value>,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl SweepAxis {
    /// An axis over whole numbers.
    #[must_use]
    pub fn numbers(path: &str, values: &[u32]) -> Self {
        SweepAxis { path: path.into(), values: values.iter().map(|&v| Value::from(v)).collect(), extra: Extra::new() }
    }

    /// The field in a word or two.
    #[must_use]
    pub fn label(&self) -> &str {
        match self.path.rsplit('.').next().unwrap_or_default() {
            "tensor_parallel_size" => "TP",
            other => other,
        }
    }
}

/// The sweep of a first look: tensor parallelism × replicas × token budget of the first pool, 64 combinations.
#[must_use]
pub fn default_axes() -> Vec<SweepAxis> {
    Vec::from([
        SweepAxis::numbers("topology.pools[0].engine.tensor_parallel_size", &[1, 2, 4, 8]),
        SweepAxis::numbers("topology.pools[0].replicas", &[1, 2, 3, 4]),
        SweepAxis::numbers("topology.pools[0].engine.max_num_batched_tokens", &[512, 2048, 8192, 16_384]),
    ])
}
