//! Releases of vLLM: the defaults that change results.

use super::{Gpu, table};
use alloc::string::String;
use alloc::vec::Vec;

/// One release.
#[derive(Clone, Debug, PartialEq)]
pub struct EngineVersion {
    /// Version as vLLM writes it, major.minor.
    pub version: String,
    /// Default share of GPU memory the engine may use.
    pub gpu_memory_utilization: f64,
    /// Default tokens per KV block.
    pub block_size: u32,
    /// Whether scheduling runs one batch ahead of execution.
    pub async_scheduling: bool,
    /// Whether a waiting request is admitted only if its whole known sequence fits now.
    pub reserve_full_sequence: bool,
    /// Whether prompts that begin alike share what was computed, by default.
    pub prefix_caching: bool,
    /// Whether blocks that hold nothing are reused before all others when let go.
    pub empty_blocks_first: bool,
    /// Default `max_num_batched_tokens` of `vllm serve` by size of GPU: large, medium, small.
    pub batched_tokens: [u32; 3],
    /// Default `max_num_seqs` by size of GPU: large, medium, small.
    pub seqs: [u32; 3],
    /// Largest decode batch that runs as a CUDA graph, tokens.
    pub graph_tokens_max: u32,
    /// Whether the cap on a request's tokens in a step is off while there is only one request.
    pub threshold_spares_one_alone: bool,
    /// Whether a request that loses its own blocks by priority keeps those behind it from the step.
    pub own_victim_ends_pass: bool,
    /// Whether one that loses its blocks by priority, with no tokens in the step, makes the next one miss the step.
    pub idle_victim_costs_a_turn: bool,
    /// Whether its API server takes longer than later ones before a request reaches the engine.
    pub early_front_end: bool,
    /// Whether its layers of experts whose fp8 weights have a scale per block take longer than those of later ones.
    pub early_block_experts: bool,
    /// Settings of the scheduler that not every release has: those that this one has.
    pub settings: Vec<String>,
    /// Source key.
    pub source: String,
}

impl EngineVersion {
    /// Whether this release has a setting that not every release has.
    #[must_use]
    pub fn has_setting(&self, name: &str) -> bool {
        self.settings.iter().any(|setting| setting == name)
    }

    /// Default (`max_num_batched_tokens`, `max_num_seqs`) on this GPU: vLLM sorts GPUs by memory, from
    /// 160 GiB and from 70 GiB up, and counts the A100 as small whatever it holds.
    #[must_use]
    pub fn batch_defaults(&self, gpu: &Gpu) -> (u32, u32) {
        let size = match gpu.memory_usable_gib {
            gib if gib >= 160.0 => 0,
            gib if gib >= 70.0 && gpu.architecture != "ampere" => 1,
            _ => 2,
        };
        (self.batched_tokens[size], self.seqs[size])
    }
}

pub(super) fn read(csv: &str) -> Vec<EngineVersion> {
    table::collect(csv, |row| EngineVersion {
        version: row.text(),
        gpu_memory_utilization: row.value(),
        block_size: row.value(),
        async_scheduling: row.flag(),
        reserve_full_sequence: row.flag(),
        prefix_caching: row.flag(),
        empty_blocks_first: row.flag(),
        batched_tokens: [row.value(), row.value(), row.value()],
        seqs: [row.value(), row.value(), row.value()],
        graph_tokens_max: row.value(),
        threshold_spares_one_alone: row.flag(),
        own_victim_ends_pass: row.flag(),
        idle_victim_costs_a_turn: row.flag(),
        early_front_end: row.flag(),
        early_block_experts: row.flag(),
        settings: row.text().split(' ').map(String::from).collect(),
        source: row.text(),
    })
}
