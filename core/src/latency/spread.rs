//! How a replica lies on more GPUs than one group of tensor parallelism: stages of layers, and ranks that share experts.
//!
//! ```text
//! pipeline, p stages of ⌈L/p⌉ layers, the batch in k = min(p, sequences) parts that follow each other through them:
//!   step    = ‖ max( blocks + head + (p − 1)·send , k·(⌈L/p⌉/L·blocks + head + send) ) , launching ‖₄ + …
//!   send    = 10 µs + 2·T·h/bandwidth                                                 T tokens of a part
//!   context = 1/p of its time: every stage looks at its own layers of its own part
//! d data-parallel ranks with experts, all of them padded to as many tokens as this one:
//!   experts = of d·T tokens on 1/d of the weights, + the way to them and back
//! gather    = an all-reduce of 2·d·T·h bytes among all GPUs, which is a reduce-scatter and an all-gather
//! deepep    = latency + T/tp·k·h·time of a number
//! ```

use crate::catalog::AllReduceTable;

const US: f64 = 1e-6;

/// Fixed time of handing a part of the batch to the next stage, µs (source key `stage-send`).
const SEND_LATENCY_US: f64 = 10.0;

/// DeepEP's kernels for few tokens on H200, top-8 of hidden size 7168: 13 and 16 µs to the experts and back for one token,
/// 136 and 67 µs for 256, in between on a line; in vLLM not below some 50 µs (source key `deepep-h200`).
const LOW_LATENCY: AllToAllLaw = AllToAllLaw { latency_us: 50.0, tokens: 255.0, tokens_us: 174.0 };
/// Its kernels for many: 290 µs at least, 1.1 and 1.6 ms for 4096 tokens (the same source).
const HIGH_THROUGHPUT: AllToAllLaw = AllToAllLaw { latency_us: 290.0, tokens: 4096.0, tokens_us: 2410.0 };
/// Numbers that a token of those measurements sends.
const MEASURED_NUMBERS: f64 = 8.0 * 7168.0;
/// By how much those for few tokens take longer over 2, 4 and 8 nodes of 8 GPUs: 158, 227 and 259 µs for 64 tokens instead of
/// 69 (the same source).
const NODES: [(u32, f64); 4] = [(8, 1.0), (16, 2.29), (32, 3.29), (64, 3.75)];

/// latency + tokens on a line.
struct AllToAllLaw {
    latency_us: f64,
    /// So many tokens add so many µs.
    tokens: f64,
    tokens_us: f64,
}

/// How tokens get to experts on other ranks, and what came of them back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllToAll {
    /// Every rank gets all tokens, as vLLM has it unless told otherwise.
    Gather,
    /// DeepEP's kernels for few tokens.
    LowLatency,
    /// DeepEP's kernels for many tokens.
    HighThroughput,
}

/// Beyond tensor parallelism.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// Stages that layers are cut into.
    pub pipeline: u32,
    /// Ranks that share their experts, each with a batch of its own; 1: none do.
    pub expert_ranks: u32,
    /// How tokens get to other ranks' experts.
    pub all_to_all: AllToAll,
}

impl Default for Spread {
    fn default() -> Self {
        Spread { pipeline: 1, expert_ranks: 1, all_to_all: AllToAll::Gather }
    }
}

impl Spread {
    /// Of the layers, the share on the GPU that has most of them.
    pub(super) fn largest_stage(&self, layers: f64) -> f64 {
        if self.pipeline <= 1 {
            return 1.0;
        }
        crate::base::math::ceil(layers / f64::from(self.pipeline)) / layers
    }
}

/// Times on the way between ranks and stages.
#[derive(Clone, Debug)]
pub(super) struct Ways {
    pub(super) spread: Spread,
    tensor_parallel: f64,
    hidden: f64,
    /// Among all ranks.
    gather: Option<AllReduceTable>,
    bytes_per_s: f64,
}

impl Ways {
    /// `gather`: all-reduce times among the GPUs of all ranks; `bytes_per_s` from one GPU to the next stage's.
    pub(super) fn new(
        spread: Spread,
        tensor_parallel: u32,
        hidden: f64,
        gather: Option<AllReduceTable>,
        bytes_per_s: f64,
    ) -> Self {
        Ways { spread, tensor_parallel: f64::from(tensor_parallel), hidden, gather, bytes_per_s }
    }

    /// To the experts of other ranks and back, s, for so many tokens on this one, each to so many experts of this width.
    pub(super) fn all_to_all(&self, tokens: f64, per_token: f64, width: f64) -> f64 {
        let ranks = self.spread.expert_ranks;
        if ranks <= 1 {
            return 0.0;
        }
        let law = match self.spread.all_to_all {
            AllToAll::Gather => {
                let bytes = 2.0 * f64::from(ranks) * tokens * self.hidden;
                return self.gather.as_ref().map_or(0.0, |table| table.us(bytes)) * US;
            }
            AllToAll::LowLatency => LOW_LATENCY,
            AllToAll::HighThroughput => HIGH_THROUGHPUT,
        };
        let gpus = ranks * self.tensor_parallel as u32;
        let nodes = NODES.iter().find(|(most, _)| gpus <= *most).map_or(NODES[3].1, |(_, times)| *times);
        let sent = tokens / self.tensor_parallel * (per_token * width / MEASURED_NUMBERS);
        (law.latency_us + nodes * sent * law.tokens_us / law.tokens) * US
    }

    /// To the next stage, s.
    pub(super) fn send(&self, tokens: f64) -> f64 {
        SEND_LATENCY_US * US + 2.0 * tokens * self.hidden / self.bytes_per_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_lies_on_the_lines() {
        let ways = |ranks: u32, all_to_all| {
            Ways::new(Spread { expert_ranks: ranks, all_to_all, ..Spread::default() }, 1, 7168.0, None, 1e9)
        };
        // µs to the experts and back, without what is fixed.
        let grown = |ranks, all_to_all, tokens: f64| {
            let at = |tokens: f64| ways(ranks, all_to_all).all_to_all(tokens, 8.0, 7168.0) / US;
            at(tokens) - at(0.0)
        };
        for (tokens, measured) in [(64.0, 69.0), (128.0, 112.0), (256.0, 203.0)] {
            let predicted = 29.0 + grown(8, AllToAll::LowLatency, tokens);
            assert!((predicted / measured - 1.0).abs() < 0.06, "{tokens}: {predicted} for {measured}");
        }
        assert!((grown(8, AllToAll::HighThroughput, 4096.0) - 2410.0).abs() < 1e-6);
        let across = grown(32, AllToAll::LowLatency, 64.0) / grown(8, AllToAll::LowLatency, 64.0);
        assert!((across - 3.29).abs() < 1e-9);
        assert_eq!(ways(1, AllToAll::LowLatency).all_to_all(64.0, 8.0, 7168.0), 0.0, "one rank has all its experts");
    }
}
