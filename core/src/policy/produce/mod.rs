//! Producers: what the router works out for the other plugins before they are asked.

mod approx_prefix;
mod in_flight;
mod lru;
mod precise_prefix;
mod predicted_latency;
mod topology;

pub use approx_prefix::{ApproxPrefix, META as APPROX_PREFIX};
pub use in_flight::{InFlight, META as IN_FLIGHT};
pub use precise_prefix::{META as PRECISE_PREFIX, PrecisePrefix};
pub use predicted_latency::{Headroom, META as PREDICTED_LATENCY, PredictedLatency, Prediction};
pub use topology::{Level, META as TOPOLOGY, Topology};

use super::{Ask, FleetView, Meta, Param, ParamKind};
use alloc::vec::Vec;

/// What one producer says of a prompt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrefixInfo {
    /// Blocks of the prompt that each instance is believed to hold.
    pub matched: Vec<u32>,
    /// Blocks of the prompt, a last partial one included where the producer counts it.
    pub blocks: u32,
    /// Tokens of a block.
    pub block_tokens: u32,
}

impl PrefixInfo {
    /// The share of the prompt that an instance holds; 0 where nothing is known.
    #[must_use]
    pub fn share(&self, instance: usize) -> f64 {
        if self.blocks == 0 { 0.0 } else { f64::from(self.matched[instance]) / f64::from(self.blocks) }
    }

    /// Tokens of a prompt that the instance would have to compute.
    #[must_use]
    pub fn uncached(&self, instance: usize, prompt_tokens: u32) -> u32 {
        prompt_tokens.saturating_sub(self.matched[instance].saturating_mul(self.block_tokens))
    }
}

/// Knows which instance holds how much of a prompt.
pub trait PrefixProducer {
    /// Looks a prompt up; `info` has a place for each instance.
    fn look_up(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, info: &mut PrefixInfo);

    /// The prompt that was looked up last is sent to an instance.
    fn sent(&mut self, fleet: &FleetView<'_>, instance: u32);

    /// Whether it reads the engines' caches, which then have to be as of the moment.
    fn reads_caches(&self) -> bool {
        false
    }
}

/// Every producer's description.
pub static PRODUCERS: [&Meta; 5] = [&APPROX_PREFIX, &PRECISE_PREFIX, &IN_FLIGHT, &PREDICTED_LATENCY, &TOPOLOGY];

/// llm-d's parameter of plugins that read prefix matches.
pub const PREFIX_SOURCE: Param = Param {
    id: "prefixMatchInfoProducerName",
    kind: ParamKind::Plugin { of: &["approx-prefix-cache-producer", "precise-prefix-cache-producer"] },
    doc: "The producer of prefix matches; empty: the approximate one.",
};

/// llm-d's parameter of plugins that read what is in flight.
pub const IN_FLIGHT_SOURCE: Param = Param {
    id: "inFlightLoadProducerName",
    kind: ParamKind::Plugin { of: &["inflight-load-producer"] },
    doc: "The producer that counts what is in flight; empty: the default one.",
};

/// llm-d's parameter of plugins that read predicted latencies.
pub const PREDICTION_SOURCE: Param = Param {
    id: "latencyPredictionInfoProducerName",
    kind: ParamKind::Plugin { of: &["predicted-latency-producer"] },
    doc: "The producer of predicted latencies; empty: the default one.",
};

/// llm-d's parameter of plugins that read where instances are.
pub const TOPOLOGY_SOURCE: Param = Param {
    id: "topologyProducerName",
    kind: ParamKind::Plugin { of: &["topology-extractor"] },
    doc: "What says where instances are; empty: the default one.",
};
