//! The traffic: how requests arrive, and classes of them with their lengths and targets.

use super::{Extra, Load};
use crate::base::{Dist, Empirical, math};
use crate::workload::{ClassSource, Conversation, Prefix, Process};
use alloc::string::String;
use alloc::sync::Arc;
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
    /// `poisson`: independent exponential gaps; `gamma`: gaps of another variation, `cv`; `constant`: equal gaps;
    /// `on-off`: Poisson for `on_s`, nothing for `off_s`; `ramp`: Poisson, rising over `ramp_s`; `closed-loop`: a client
    /// sends its next request when its last one has ended, `max_concurrency` of them; `poisson-in-stages` and
    /// `poisson-per-second`: as inference-perf paces requests, under the names `constant` and `poisson`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Offered load, requests per second; the mean of `on-off`, the last rate of `ramp`; without effect on `closed-loop`.
    pub rate_rps: f64,
    /// Most clients at once, as vLLM's benchmark names it: a request is sent when it is due and a client is free, and
    /// a client is busy until the answer, or the last one of its conversation, has come. Absent: as many as it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrency: Option<u32>,
    /// Of `gamma`: standard deviation of a gap over its mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cv: Option<f64>,
    /// Of `on-off`: length of a period of arrivals, s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_s: Option<f64>,
    /// Of `on-off`: length of a pause, s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_s: Option<f64>,
    /// Of `ramp`: how long the rate rises, s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ramp_s: Option<f64>,
    /// Of `ramp`: first rate over the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ramp_from_frac: Option<f64>,
    /// Of `poisson-in-stages`: length of a stage, at whose end a request arrives, s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage_s: Option<f64>,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for Arrival {
    fn default() -> Self {
        Arrival {
            kind: "poisson".into(),
            rate_rps: 40.0,
            max_concurrency: None,
            cv: None,
            on_s: None,
            off_s: None,
            ramp_s: None,
            ramp_from_frac: None,
            stage_s: None,
            extra: Extra::new(),
        }
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
    /// New prompt tokens of a conversation's first turn.
    pub input: Length,
    /// Output length.
    pub output: Length,
    /// What prompts have in common; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<SharedPrefix>,
    /// How conversations go on; absent: one turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<Turns>,
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
            prefix: None,
            conversation: None,
            slo: Slo::default(),
            extra: Extra::new(),
        }
    }
}

/// What prompts of a class have in common: system prompts, documents, examples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SharedPrefix {
    /// Tokens of the shared prefix.
    pub tokens: u32,
    /// How many different ones, each as likely.
    pub groups: u32,
    /// How many different prompts follow each, each as likely; 0: every prompt is new.
    pub prompts_per_group: u32,
    /// Whether those prompts are sent in turn, in an order drawn once, as inference-perf does; else each is drawn.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub in_turn: bool,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for SharedPrefix {
    fn default() -> Self {
        SharedPrefix { tokens: 1024, groups: 1, prompts_per_group: 0, in_turn: false, extra: Extra::new() }
    }
}

/// How conversations go on: the next prompt is all that was said before, and something new.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Turns {
    /// Turns of a conversation.
    pub turns: Length,
    /// New prompt tokens of a later turn.
    pub input: Length,
    /// Time between an answer and the next turn, ms.
    pub think_ms: Length,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for Turns {
    /// Those of inference-perf's interactive chat (source key `inference-perf-chat`).
    fn default() -> Self {
        Turns {
            turns: Length::lognormal(4.0, 2.5, 1, 15),
            input: Length::lognormal(50.0, 40.0, 10, 1000),
            think_ms: Length::lognormal(45_000.0, 40_000.0, 5_000, 300_000),
            extra: Extra::new(),
        }
    }
}

/// A distribution of token counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Length {
    /// `lognormal`, `normal`, `uniform`, `exponential`, `constant` or `empirical`.
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
    /// Of `empirical`, which needs nothing else: the values, tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<u32>,
    /// How likely each value is, relative to the others; empty: all alike.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<f64>,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Length {
    /// A lognormal law by its moments before clipping.
    #[must_use]
    pub fn lognormal(mean: f64, std_dev: f64, min: u32, max: u32) -> Self {
        let (values, weights) = (Vec::new(), Vec::new());
        Length { kind: "lognormal".into(), mean, std_dev, min, max, values, weights, extra: Extra::new() }
    }

    /// Always the same.
    #[must_use]
    pub fn constant(tokens: u32) -> Self {
        Length { kind: "constant".into(), ..Length::lognormal(f64::from(tokens), 0.0, tokens, tokens) }
    }

    /// These values, each as likely.
    #[must_use]
    pub fn empirical(values: Vec<u32>) -> Self {
        Length { kind: "empirical".into(), values, ..Length::default() }
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
            "normal" => Some(Dist::Normal { mean: self.mean, std_dev: self.std_dev, min: self.min, max: self.max }),
            "uniform" => Some(Dist::Uniform { min: self.min, max: self.max }),
            "exponential" => Some(Dist::Exponential { mean: self.mean, min: self.min, max: self.max }),
            "empirical" => Empirical::new(&self.values, &self.weights).map(|law| Dist::Empirical(Arc::new(law))),
            _ => None,
        }
    }
}

impl Arrival {
    /// The process, if its type is one this version knows.
    #[must_use]
    pub fn process(&self) -> Option<Process> {
        match self.kind.as_str() {
            "poisson" => Some(Process::Poisson),
            "constant" => Some(Process::Constant),
            "gamma" => Some(Process::Gamma { cv: self.cv.unwrap_or(2.0) }),
            "on-off" => Some(Process::OnOff { on_s: self.on_s.unwrap_or(10.0), off_s: self.off_s.unwrap_or(10.0) }),
            "ramp" => Some(Process::Ramp {
                from: self.ramp_from_frac.unwrap_or(0.0),
                to: 1.0,
                over_s: self.ramp_s.unwrap_or(60.0),
            }),
            "poisson-in-stages" => Some(Process::PoissonInStages { stage_s: self.stage_s.unwrap_or(120.0) }),
            "poisson-per-second" => Some(Process::PoissonPerSecond),
            "closed-loop" => Some(Process::AtOnce),
            _ => None,
        }
    }

    /// Whether clients wait for their answers before they send again, and nothing else paces them.
    #[must_use]
    pub fn is_closed_loop(&self) -> bool {
        self.process() == Some(Process::AtOnce)
    }

    /// The load it asks for; none for a closed loop without a number of clients.
    #[must_use]
    pub fn load(&self) -> Option<Load> {
        if self.is_closed_loop() {
            self.max_concurrency.map(Load::Concurrency)
        } else {
            Some(Load::Rate(self.rate_rps))
        }
    }

    /// Sets the load. The process must be of its kind.
    pub fn set_load(&mut self, load: Load) {
        match load {
            Load::Rate(rps) => self.rate_rps = rps,
            Load::Concurrency(clients) => self.max_concurrency = Some(clients),
        }
    }
}

impl TrafficClass {
    /// What its requests are like, if its distributions are ones this version knows.
    #[must_use]
    pub fn source(&self) -> Option<ClassSource> {
        let prefix = self.prefix.as_ref().map_or_else(Prefix::default, |p| Prefix {
            tokens: p.tokens,
            groups: p.groups,
            prompts: p.prompts_per_group,
            in_turn: p.in_turn,
        });
        let conversation = match &self.conversation {
            None => None,
            Some(t) => {
                Some(Conversation { turns: t.turns.dist()?, input: t.input.dist()?, think_ms: t.think_ms.dist()? })
            }
        };
        Some(ClassSource {
            share: self.share,
            input: self.input.dist()?,
            output: self.output.dist()?,
            prefix,
            conversation,
        })
    }
}
