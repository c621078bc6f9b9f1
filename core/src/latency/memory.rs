//! How many KV blocks are left once weights and working memory are in place.
//!
//! ```text
//! blocks = ⌊(utilisation·M − W/tp − O) / (block_size · kv_bytes_per_token_per_gpu)⌋
//! O      = context + collectives [tp > 1] + 0.4 · 2·MBT·(3f/tp + 6h) + 10·MNS·V
//! ```
//!
//! M usable memory of one GPU, W weights, f width of what a token's MLP computes, h hidden size, V
//! vocabulary, MBT `max_num_batched_tokens`, MNS `max_num_seqs`. KV heads are split over tp and repeat
//! beyond their number. Reproduces the block counts seven servers reported within 1.1 %.

use super::constants as k;
use crate::base::math;
use crate::catalog::{Gpu, Model};

const GIB: f64 = 1_073_741_824.0;

/// What the sizing depends on.
#[derive(Clone, Copy, Debug)]
pub struct MemoryDemand<'a> {
    /// The model.
    pub model: &'a Model,
    /// The accelerator.
    pub gpu: &'a Gpu,
    /// GPUs one replica is split over.
    pub tensor_parallel: u32,
    /// Share of GPU memory the engine may use.
    pub gpu_memory_utilization: f64,
    /// Token budget of one step.
    pub max_num_batched_tokens: u32,
    /// Largest number of sequences in a batch.
    pub max_num_seqs: u32,
    /// Tokens per KV block.
    pub block_size: u32,
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
    /// KV of one token on one GPU, bytes.
    pub kv_bytes_per_token: f64,
}

/// Sizes the KV cache of one replica.
#[must_use]
pub fn kv_sizing(d: &MemoryDemand<'_>) -> KvSizing {
    let tp = f64::from(d.tensor_parallel);
    let weights_gib = d.model.weight_bytes() as f64 / tp / GIB;
    let overhead_gib = overhead_gib(d);
    let kv_gib = d.gpu_memory_utilization * d.gpu.memory_usable_gib - weights_gib - overhead_gib;
    let kv_bytes_per_token = d.model.kv_bytes_per_token() as f64 / tp.min(f64::from(d.model.kv_heads));
    let blocks = math::floor(kv_gib.max(0.0) * GIB / (kv_bytes_per_token * f64::from(d.block_size)));
    KvSizing { blocks: blocks as u32, weights_gib, overhead_gib, kv_gib, kv_bytes_per_token }
}

fn overhead_gib(d: &MemoryDemand<'_>) -> f64 {
    let tp = f64::from(d.tensor_parallel);
    let width = match d.model.experts {
        Some(e) => f64::from(e.per_token) * f64::from(e.intermediate_size),
        None => f64::from(d.model.intermediate_size),
    };
    let collectives = if d.tensor_parallel > 1 { k::COLLECTIVE_GIB } else { 0.0 };
    let widest = 2.0 * f64::from(d.max_num_batched_tokens) * (3.0 * width / tp + 6.0 * f64::from(d.model.hidden_size));
    let sampler = k::SAMPLER_BYTES * f64::from(d.max_num_seqs) * f64::from(d.model.vocab_size);
    k::CONTEXT_GIB + collectives + (k::ACTIVATION_SHARE * widest + sampler) / GIB
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn memory_adds_up() {
        let c = Catalog::builtin();
        let d = MemoryDemand {
            model: c.model("qwen3-14b").expect("in the catalogue"),
            gpu: c.gpu("h100-sxm").expect("in the catalogue"),
            tensor_parallel: 1,
            gpu_memory_utilization: 0.92,
            max_num_batched_tokens: 8192,
            max_num_seqs: 256,
            block_size: 16,
        };
        let one = kv_sizing(&d);
        assert!((one.weights_gib + one.overhead_gib + one.kv_gib - 0.92 * 79.1).abs() < 1e-9);
        assert!((one.kv_bytes_per_token - 163_840.0).abs() < 1e-9);
        let two = kv_sizing(&MemoryDemand { tensor_parallel: 2, ..d });
        assert!(two.blocks > 2 * one.blocks, "half the weights and half the KV per token on each GPU");
    }

    #[test]
    fn a_model_too_large_leaves_no_block() {
        let c = Catalog::builtin();
        let got = kv_sizing(&MemoryDemand {
            model: c.model("llama-3.1-70b").expect("in the catalogue"),
            gpu: c.gpu("l40s").expect("in the catalogue"),
            tensor_parallel: 1,
            gpu_memory_utilization: 0.92,
            max_num_batched_tokens: 2048,
            max_num_seqs: 256,
            block_size: 16,
        });
        assert_eq!(got.blocks, 0);
        assert!(got.kv_gib < -80.0);
    }
}
