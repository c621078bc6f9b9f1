//! How many KV blocks are left once weights and working memory are in place.
//!
//! ```text
//! blocks = ⌊(utilisation·M − W − O) / (block_size · kv_bytes_per_token_per_gpu)⌋
//! O      = context + collectives [tp > 1] + 0.4 · 2·MBT·(3f/tp + 6h) + 10·MNS·V
//! ```
//!
//! M usable memory of one GPU, W weights on it, f width of what a token's MLP computes, h hidden size, V
//! vocabulary, MBT `max_num_batched_tokens`, MNS `max_num_seqs`. KV heads are split over tp and repeat
//! beyond their number, and so do the weights that make them; latents are not split. Layers with a window and recurrent
//! states take blocks per sequence: [`KvLaw`]. Reproduces the block counts seven servers reported within 1.1 %.

use super::constants as k;
use super::kv_law::KvLaw;
use super::spread::Spread;
use super::work::Work;
use crate::base::math;
use crate::catalog::{Block, Gpu, Model, Precision};

/// What a ratio of whole numbers may be off by: a layer that drafts adds the same share to both.
const ROUNDING: f64 = 1e-9;
const GIB: f64 = 1_073_741_824.0;
/// Bytes of a number that is not quantised.
const BF16_BYTES: f64 = 2.0;

/// What the sizing depends on.
#[derive(Clone, Copy, Debug)]
pub struct MemoryDemand<'a> {
    /// The model.
    pub model: &'a Model,
    /// The accelerator.
    pub gpu: &'a Gpu,
    /// How the model is held in memory.
    pub precision: &'a Precision,
    /// GPUs one replica is split over.
    pub tensor_parallel: u32,
    /// How it lies beyond that.
    pub spread: Spread,
    /// Share of GPU memory the engine may use.
    pub gpu_memory_utilization: f64,
    /// Token budget of one step.
    pub max_num_batched_tokens: u32,
    /// Largest number of sequences in a batch.
    pub max_num_seqs: u32,
    /// Tokens per KV block.
    pub block_size: u32,
    /// What drafts, if anything that takes memory does.
    pub drafter: Option<DrafterMemory<'a>>,
}

/// A drafter that lies in the same memory.
#[derive(Clone, Copy, Debug)]
pub enum DrafterMemory<'a> {
    /// A layer like those of the model.
    Layer,
    /// A smaller model, and how it is held.
    Model(&'a Model, &'a Precision),
}

/// How one GPU's memory is spent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KvSizing {
    /// Blocks that fit; 0 when not even the weights do.
    pub blocks: u32,
    /// Weights on one GPU, GiB.
    pub weights_gib: f64,
    /// Working memory on one GPU, GiB.
    pub overhead_gib: f64,
    /// What is left for KV on one GPU, GiB; negative by how much is missing.
    pub kv_gib: f64,
    /// KV of one token on one GPU, bytes, in the layers that keep every token.
    pub kv_bytes_per_token: f64,
    /// The same in layers that keep no more than a window.
    pub window_bytes_per_token: f64,
    /// Recurrent states of one sequence on one GPU, bytes.
    pub state_bytes: f64,
    /// Blocks a sequence holds besides one for each `block_size` tokens.
    pub law: KvLaw,
}

/// Sizes the KV cache of one replica.
#[must_use]
pub fn kv_sizing(d: &MemoryDemand<'_>) -> KvSizing {
    let overhead_gib = overhead_gib(d);
    let held = Held::of(d.model, d.precision, d);
    let drafter = match d.drafter {
        None => Held::default(),
        Some(DrafterMemory::Layer) => held.of_one_layer(d),
        Some(DrafterMemory::Model(model, precision)) => Held::of(model, precision, d),
    };
    let weights = held.weights + drafter.weights;
    let (all, window, state) = (held.all + drafter.all, held.window + drafter.window, held.state + drafter.state);
    let weights_gib = weights / GIB;
    let kv_gib = d.gpu_memory_utilization * d.gpu.memory_usable_gib - weights_gib - overhead_gib;
    let block_bytes = all * f64::from(d.block_size);
    let law = KvLaw {
        window_blocks: math::ceil(window / all - ROUNDING) as u32,
        window_tokens: if window > 0.0 { d.model.span_tokens().unwrap_or(0) } else { 0 },
        state_blocks: math::ceil(state / block_bytes) as u32,
    };
    KvSizing {
        blocks: math::floor(kv_gib.max(0.0) * GIB / block_bytes) as u32,
        weights_gib,
        overhead_gib,
        kv_gib,
        kv_bytes_per_token: all,
        window_bytes_per_token: window,
        state_bytes: state,
        law,
    }
}

impl KvSizing {
    /// Bytes that one sequence of so many tokens keeps on one GPU.
    #[must_use]
    pub fn sequence_bytes(&self, tokens: f64) -> f64 {
        self.kv_bytes_per_token * tokens
            + self.window_bytes_per_token * tokens.min(f64::from(self.law.window_tokens))
            + self.state_bytes
    }
}

/// What a model takes on one GPU, bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    weights: f64,
    /// Of one token, in the layers that keep every token.
    all: f64,
    /// Of one token, in those that keep no more than a window.
    window: f64,
    /// States of one sequence.
    state: f64,
}

impl Held {
    fn of(model: &Model, precision: &Precision, d: &MemoryDemand<'_>) -> Self {
        let (h, tp) = (f64::from(model.hidden_size), f64::from(d.tensor_parallel));
        let mut held = Held { weights: tables_and_norms(model, d), ..Held::default() };
        let stage = d.spread.largest_stage(layers(model));
        for blocks in &model.blocks {
            let count = stage * f64::from(blocks.count);
            let work = Work::of(&blocks.block, h, tp, precision.kv_bytes());
            let (products, routed, bf16) = work.params();
            held.weights += count
                * (products * precision.weights.bytes_per_weight
                    + routed / f64::from(d.spread.expert_ranks) * precision.expert_weights.bytes_per_weight
                    + bf16 * BF16_BYTES);
            for look in &work.looks {
                *(if look.keeps_bounded { &mut held.window } else { &mut held.all }) += count * look.bytes;
            }
            held.state += count * work.state.map_or(0.0, |s| s.bytes);
        }
        held
    }

    /// A layer like those of the demand's model, which this is: it attends, and keeps no state.
    fn of_one_layer(self, d: &MemoryDemand<'_>) -> Self {
        let layers = layers(d.model) * d.spread.largest_stage(layers(d.model));
        let weights = (self.weights - tables_and_norms(d.model, d)) / layers;
        Held { weights, all: self.all / layers, window: self.window / layers, state: 0.0 }
    }
}

/// Layers, of two blocks each.
fn layers(model: &Model) -> f64 {
    model.blocks.iter().map(|b| f64::from(b.count)).sum::<f64>() / 2.0
}

/// Embedding, LM head and norms, bytes on one GPU.
fn tables_and_norms(m: &Model, d: &MemoryDemand<'_>) -> f64 {
    // Of several stages the first has one table and the last the other.
    let tables = if m.tied_embeddings || d.spread.pipeline > 1 { 1.0 } else { 2.0 };
    let wide = f64::from(m.hidden_norms) + tables * f64::from(m.vocab_size);
    BF16_BYTES * wide * f64::from(m.hidden_size) / f64::from(d.tensor_parallel)
}

fn overhead_gib(d: &MemoryDemand<'_>) -> f64 {
    let tp = f64::from(d.tensor_parallel);
    let widths = d.model.blocks.iter().map(|b| match &b.block {
        Block::Experts(e) => {
            f64::from(e.per_token) * f64::from(e.intermediate_size) + f64::from(e.shared_intermediate_size)
        }
        Block::Mlp(m) => f64::from(m.intermediate_size),
        _ => 0.0,
    });
    let width = widths.fold(0.0, f64::max);
    let collectives = if d.tensor_parallel > 1 { k::COLLECTIVE_GIB } else { 0.0 };
    let widest = 2.0 * f64::from(d.max_num_batched_tokens) * (3.0 * width / tp + 6.0 * f64::from(d.model.hidden_size));
    let sampler = k::SAMPLER_BYTES * f64::from(d.max_num_seqs) * f64::from(d.model.vocab_size);
    k::CONTEXT_GIB + collectives + (k::ACTIVATION_SHARE * widest + sampler) / GIB
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
