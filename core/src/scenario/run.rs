//! How long and how often to simulate, and over which loads.

use super::Extra;
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// Settings of the experiment itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Run {
    /// Every random draw follows from it.
    pub seed: u64,
    /// Independent repetitions of each load; intervals come from their spread.
    pub replications: u32,
    /// Requests measured in each repetition at the nominal capacity. Every load simulates the same time, so a
    /// load of half the capacity measures half as many.
    pub requests: u32,
    /// Simulated time before measuring, s; absent: three times as long as a request stays at each load. 0 measures from
    /// the first request on, with the burst in which all clients of a closed loop begin, as benchmarks do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warmup_s: Option<f64>,
    /// How the warm-up is found where `warmup_s` is absent: `residences`, from the time that a request stays, or `mser-5`,
    /// from a first run at each load.
    pub warmup_rule: String,
    /// Loads of the curve.
    pub load: LoadAxis,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for Run {
    fn default() -> Self {
        Run {
            seed: 42,
            replications: 4,
            requests: 2500,
            warmup_s: None,
            warmup_rule: "residences".into(),
            load: LoadAxis::default(),
            extra: Extra::new(),
        }
    }
}

/// Loads of the curve: those that ask for evenly spaced fractions of the nominal capacity; in a closed loop, the clients
/// that do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LoadAxis {
    /// Lowest load over capacity.
    pub min_frac: f64,
    /// Highest load over capacity.
    pub max_frac: f64,
    /// How many loads.
    pub points: u32,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for LoadAxis {
    fn default() -> Self {
        LoadAxis { min_frac: 0.2, max_frac: 1.3, points: 12, extra: Extra::new() }
    }
}
