//! Predicted latencies: how soon each instance would answer this request.
//!
//! llm-d trains quantile models online. Here an oracle stands for them: the steps that the tokens in flight on the instance
//! and this prompt take, beside the batch of the last scrape, by the simulator's own law of step times; and an error. The
//! queue for places in the batch and for KV blocks is not foreseen.

use crate::base::{Dur, PS_PER_MS, Stream, math};
use crate::policy::{Ask, Badge, Engines, FleetView, Meta, Param, ParamKind, Params};
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// The plugin.
pub static META: Meta = Meta {
    id: "predicted-latency-producer",
    title: "Predicted latency",
    doc: "Predicts each request's TTFT and TPOT on each instance. In place of trained models: the time that all prompt tokens \
          in flight and its own take there, and one step of its batch, times a lognormal error of 5 % on average.",
    source: "llm-d-router, predicted-latency-producer; llm-d-latency-predictor reports the error",
    badge: Badge::Approximated,
    params: &[
        Param {
            id: "sloBufferFactor",
            kind: ParamKind::Number { min: 0.01, max: 100.0, default: 1.0 },
            doc: "Factor on the target of the time between tokens.",
        },
        Param {
            id: "streamingMode",
            kind: ParamKind::Boolean { default: false },
            doc: "Whether the time between tokens is predicted and compared with its target.",
        },
        Param {
            id: "predictInProduce",
            kind: ParamKind::Boolean { default: true },
            doc: "Whether anything is predicted.",
        },
        Param {
            id: "samplingMean",
            kind: ParamKind::Number { min: 1.0, max: 1e9, default: 1000.0 },
            doc: "Tokens between samples for training; an oracle is not trained.",
        },
        Param {
            id: "contextTTL",
            kind: ParamKind::Duration { min_ms: 1, max_ms: 86_400_000, default: "5m" },
            doc: "How long a request's state is kept; here until it ends.",
        },
        Param {
            id: "endpointRoleLabel",
            kind: ParamKind::Text { default: "" },
            doc: "Label with the role that models are trained by; an oracle is not trained.",
        },
    ],
};

/// Standard deviation of the logarithm of the error: 5 % · √(π/2), so that its mean size is the 5 % that
/// llm-d-latency-predictor reports.
const ERROR_LOG_SD: f64 = 0.062_665_706_865_775_01;

/// What is predicted of a request on an instance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// Time to first token, ms.
    pub ttft_ms: f64,
    /// Time between tokens, ms.
    pub tpot_ms: f64,
    /// What the time between tokens is compared with, ms; none: it is not.
    pub tpot_limit_ms: Option<f64>,
}

/// How far below its targets a request is predicted to stay.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Headroom {
    /// Of the time to first token, ms.
    pub ttft_ms: f64,
    /// Of the time between tokens, ms.
    pub tpot_ms: f64,
}

impl Headroom {
    /// Of a prediction; a request without a target has 0 as its target, as in llm-d.
    #[must_use]
    pub fn of(ask: &Ask<'_>, p: Prediction) -> Headroom {
        Headroom {
            ttft_ms: ask.slo_ttft.map_or(0.0, Dur::as_ms_f64) - p.ttft_ms,
            tpot_ms: p.tpot_limit_ms.map_or(0.0, |limit| limit - p.tpot_ms),
        }
    }

    /// Whether both targets are met.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        self.ttft_ms >= 0.0 && self.tpot_ms >= 0.0
    }
}

/// The producer.
pub struct PredictedLatency {
    buffer: f64,
    streaming: bool,
    on: bool,
    errors: Stream,
    /// Targets of the time between tokens of those running, ps, by instance, with how many have each.
    targets: Vec<BTreeMap<u64, u32>>,
    /// The target of each class.
    by_class: Vec<u64>,
}

impl PredictedLatency {
    /// For so many instances and classes, with these errors.
    #[must_use]
    pub fn new(params: &Params<'_>, (instances, classes): (usize, usize), errors: Stream) -> Self {
        PredictedLatency {
            buffer: params.number("sloBufferFactor"),
            streaming: params.boolean("streamingMode"),
            on: params.boolean("predictInProduce"),
            errors,
            targets: vec![BTreeMap::new(); instances],
            by_class: vec![0; classes],
        }
    }

    /// Predicts for every instance; `fleet` has the tokens already.
    pub fn predict(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, into: &mut [Option<Prediction>]) {
        if !self.on {
            return into.fill(None);
        }
        let mut errors = self.errors.several(ask.number);
        for (i, prediction) in into.iter_mut().enumerate() {
            let mut off = || math::exp(ERROR_LOG_SD * math::normal_quantile(errors.unit()));
            let (ttft, tpot) = foreseen(ask, fleet, i);
            let asked = ask.slo_tpot.map_or(0.0, Dur::as_ms_f64);
            let tightest = self.targets[i].first_key_value().map_or(f64::INFINITY, |(&ps, _)| ms(ps));
            *prediction = Some(Prediction {
                ttft_ms: ttft.as_ms_f64() * off(),
                tpot_ms: tpot.as_ms_f64() * off(),
                tpot_limit_ms: self.streaming.then(|| asked.min(tightest) * self.buffer),
            });
        }
    }

    /// A request is sent to an instance.
    pub fn sent(&mut self, ask: &Ask<'_>, instance: u32) {
        let Some(target) = ask.slo_tpot.map(Dur::as_ps).filter(|_| self.streaming) else { return };
        self.by_class[ask.class as usize] = target;
        *self.targets[instance as usize].entry(target).or_default() += 1;
    }

    /// A request of this class has ended.
    pub fn ended(&mut self, instance: u32, class: u32) {
        let targets = &mut self.targets[instance as usize];
        let target = self.by_class[class as usize];
        if let Some(n) = targets.get_mut(&target) {
            *n -= 1;
            if *n == 0 {
                targets.remove(&target);
            }
        }
    }
}

fn ms(ps: u64) -> f64 {
    ps as f64 / PS_PER_MS as f64
}

/// TTFT and TPOT without an error.
fn foreseen(ask: &Ask<'_>, fleet: &FleetView<'_>, i: usize) -> (Dur, Dur) {
    let (engines, instance): (&dyn Engines, u32) = (fleet.engines, i as u32);
    let running = fleet.running[i];
    let held = fleet.kv_usage[i] * engines.kv_tokens(instance) as f64;
    let context = (held / f64::from(running.max(1))) as u32;
    let piece = u64::from(engines.step_tokens(instance).saturating_sub(running).max(1));
    let tokens = fleet.in_flight_tokens[i] + u64::from(fleet.uncached[i].max(1));
    let (whole, rest) = (tokens / piece, tokens % piece);
    let step = |tokens: u64| engines.step(instance, tokens as u32, running, context);
    let mut ttft = engines.front_end(instance, ask.prompt_tokens, running + 1);
    if whole > 0 {
        ttft += Dur::from_ps(step(piece).as_ps().saturating_mul(whole));
    }
    if rest > 0 {
        ttft += step(rest);
    }
    (ttft, engines.step(instance, 0, running + 1, context))
}
