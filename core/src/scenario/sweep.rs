//! Settings to sweep: each axis a field of the scenario and the values it takes.

use super::{Extra, Scenario};
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

    /// An axis over what the scenario has at this path, half of it and twice it, as far as they are such values.
    #[must_use]
    pub fn around(path: &str, scenario: &Scenario) -> Self {
        let now = scenario.get(path).unwrap_or_default();
        let values = match (now.as_u64(), now.as_f64()) {
            (Some(n), _) if n > 1 => Vec::from([Value::from(n / 2), n.into(), n.saturating_mul(2).into()]),
            (Some(n), _) => Vec::from([Value::from(n), (n + 1).into()]),
            (None, Some(x)) if x > 0.0 && x <= 1.0 => Vec::from([Value::from(x / 2.0), x.into()]),
            (None, Some(x)) => Vec::from([Value::from(x / 2.0), x.into(), (x * 2.0).into()]),
            _ => Vec::from([now]),
        };
        SweepAxis { path: path.into(), values, extra: Extra::new() }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_around_one_are_of_its_kind() {
        let around = |path: &str| SweepAxis::around(path, &Scenario::default()).values;
        assert_eq!(around("topology.pools[0].replicas"), [2, 4, 8].map(Value::from));
        assert_eq!(around("topology.pools[0].engine.tensor_parallel_size"), [1, 2].map(Value::from));
        assert_eq!(around("workload.classes[0].share"), [0.5, 1.0].map(Value::from), "no more than all of it");
    }
}
