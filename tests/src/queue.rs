//! The engine as a queue: a step law without physics, prompts of one token, and outputs long enough that whole
//! tokens are as good as time.
//!
//! What whole tokens cost. A request of N tokens takes N steps, its prompt's among them, so its service is N·step
//! exactly; with a mean of [`TOKENS`] the rounding of an exponential length shifts its mean by 1/(24·TOKENS²). Who
//! arrives in the middle of a step waits for its end, half a step on average and only where others are being served
//! and a place is free: at most 1/(2·TOKENS) of a service, 0.025 %. Every interval of the suite is wider than that by
//! a factor of ten.

use crate::fleet;
use playground_core::base::Dur;
use playground_core::catalog::Catalog;
use playground_core::report::Report;
use playground_core::scenario::{EngineArgs, Length, Load, Policies, Scenario, StepLaw, resolve};

/// Mean output, tokens.
pub const TOKENS: u32 = 2000;
/// Mean service time of a request served alone, s.
pub const SERVICE_S: f64 = 1.0;

/// A queue to simulate.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Places: how many are served at once; none for no limit.
    pub places: Option<u32>,
    /// Whether a step takes as long as its batch is large, instead of always the same.
    pub shared: bool,
    /// Law of the service time: `exponential`, `constant` or `lognormal`.
    pub service: &'static str,
    /// Standard deviation of a lognormal service time over its mean.
    pub variation: f64,
    /// Engines side by side, and the picker that deals requests to them.
    pub engines: (u32, &'static str),
}

impl Queue {
    /// One engine with this many places and exponential service times: M/M/c.
    #[must_use]
    pub fn places(places: u32) -> Self {
        Queue {
            places: Some(places),
            shared: false,
            service: "exponential",
            variation: 1.0,
            engines: (1, "round-robin-picker"),
        }
    }

    /// The scenario that makes the engine this queue.
    #[must_use]
    pub fn scenario(&self, seed: u64, rate_rps: f64, warmup_s: f64) -> Scenario {
        let step_us = SERVICE_S * 1e6 / f64::from(TOKENS);
        let mut s = Scenario::default();
        s.run.seed = seed;
        s.run.warmup_s = Some(warmup_s);
        s.workload.arrival.rate_rps = rate_rps;
        s.policies = Policies::single(self.engines.1);
        let pool = &mut s.topology.pools[0];
        pool.model = "llama-3.1-8b".into();
        pool.replicas = self.engines.0;
        pool.engine = EngineArgs {
            max_num_batched_tokens: Some(8192),
            max_num_seqs: Some(self.places.unwrap_or(8192)),
            // A queue has no memory of its customers.
            enable_prefix_caching: Some(false),
            num_gpu_blocks_override: Some(100_000_000),
            async_scheduling: Some(false),
            step_law: Some(StepLaw {
                step_us: if self.shared { 0.0 } else { step_us },
                per_sequence_us: if self.shared { step_us } else { 0.0 },
                ..StepLaw::default()
            }),
            ..EngineArgs::default()
        };
        let class = &mut s.workload.classes[0];
        class.input = Length::constant(1);
        let mean = f64::from(TOKENS);
        // Longer than fifty times the mean is as good as never.
        class.output = Length {
            kind: self.service.into(),
            mean,
            std_dev: self.variation * mean,
            min: 1,
            max: 50 * TOKENS,
            ..Length::default()
        };
        s
    }

    /// Simulates it at a rate, `requests` long, so many times over.
    ///
    /// # Panics
    /// When the scenario is refused.
    #[must_use]
    pub fn report(&self, seed: u64, rate_rps: f64, warmup_s: f64, effort: Effort) -> Report {
        let scenario = self.scenario(seed, rate_rps, warmup_s);
        let plan = resolve(&scenario, &Catalog::builtin()).expect("a sound scenario");
        let horizon = Dur::from_secs_f64(f64::from(effort.requests) / rate_rps);
        fleet::report(&plan, Load::Rate(rate_rps), effort.replications, horizon)
    }
}

/// How much is simulated for one interval.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Independent repetitions.
    pub replications: u32,
    /// Requests measured in each, on average.
    pub requests: u32,
}
