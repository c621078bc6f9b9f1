//! The traffic: how requests arrive, and classes of them with their lengths and targets.

use super::Extra;
use crate::base::{Dist, math};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// All traffic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Workload {
    /// How requests arrive.
    pub arrival: Arrival,
    /// Kinds of requests.
    pub classes: Vec<TrafficClass>,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for Workload {
    fn default() -> Self {
        Workload { arrival: Arrival::default(), classes: Vec::from([TrafficClass::default()]), extra: Extra::new() }
    }
}

/// The arrival process of all classes together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Arrival {
    /// `poisson`: independent exponential gaps.
    #[serde(rename = "type")]
    pub kind: String,
    /// Offered load, requests per second.
    pub rate_rps: f64,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for Arrival {
    fn default() -> Self {
        Arrival { kind: "poisson".into(), rate_rps: 40.0, extra: Extra::new() }
    }
}

/// One kind of request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrafficClass {
    /// Name for people.
    pub name: String,
    /// Share of all requests; the shares of all classes add up to 1.
    pub share: f64,
    /// llm-d's priority: higher is served first, below 0 may be shed.
    pub priority: i32,
    /// Prompt length.
    pub input: Length,
    /// Output length.
    pub output: Length,
    /// Targets.
    pub slo: Slo,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for TrafficClass {
    fn default() -> Self {
        TrafficClass {
            name: "chat".into(),
            share: 1.0,
            priority: 0,
            input: Length::lognormal(512.0, 256.0, 1, 8192),
            output: Length::lognormal(256.0, 128.0, 1, 4096),
            slo: Slo::default(),
            extra: Extra::new(),
        }
    }
}

/// A distribution of token counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Length {
    /// `lognormal`, `exponential` or `constant`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Mean, tokens; of a lognormal, before clipping.
    pub mean: f64,
    /// Standard deviation, tokens; of a lognormal, before clipping.
    pub std_dev: f64,
    /// Smallest, tokens.
    pub min: u32,
    /// Largest, tokens.
    pub max: u32,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Length {
    /// A lognormal law by its moments before clipping.
    #[must_use]
    pub fn lognormal(mean: f64, std_dev: f64, min: u32, max: u32) -> Self {
        Length { kind: "lognormal".into(), mean, std_dev, min, max, extra: Extra::new() }
    }

    /// Always the same.
    #[must_use]
    pub fn constant(tokens: u32) -> Self {
        Length {
            kind: "constant".into(),
            mean: f64::from(tokens),
            std_dev: 0.0,
            min: tokens,
            max: tokens,
            extra: Extra::new(),
        }
    }
}

impl Default for Length {
    fn default() -> Self {
        Length::lognormal(512.0, 256.0, 1, 8192)
    }
}

/// Targets of one class. A target that is absent is not asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Slo {
    /// Share of requests (TTFT, E2E) or of gaps between tokens (ITL) that must meet the target, percent.
    pub percentile: f64,
    /// Time to first token, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttft_ms: Option<f64>,
    /// Time between tokens, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub itl_ms: Option<f64>,
    /// Time to the last token, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e2e_ms: Option<f64>,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for Slo {
    /// The targets of inference-perf's interactive chat (source key `inference-perf-chat`).
    fn default() -> Self {
        Slo { percentile: 99.0, ttft_ms: Some(1000.0), itl_ms: Some(50.0), e2e_ms: None, extra: Extra::new() }
    }
}

impl Length {
    /// The distribution, if its type is one this version knows.
    #[must_use]
    pub fn dist(&self) -> Option<Dist> {
        match self.kind.as_str() {
            "constant" => Some(Dist::Constant(math::round(self.mean) as u32)),
            "lognormal" => Some(Dist::lognormal(self.mean, self.std_dev, self.min, self.max)),
            "exponential" => Some(Dist::Exponential { mean: self.mean, min: self.min, max: self.max }),
            _ => None,
        }
    }
}
