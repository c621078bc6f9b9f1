//! Constants of the step model that are not a property of one GPU, each with its source.
//!
//! Kernel efficiencies are per GPU and live in the catalogue. What is here was fitted, one set for all
//! GPUs and models in bf16: source key `step-fit-2026-11` in `core/data/SOURCES.md` unless said.

use crate::base::Dur;

const US: f64 = 1e-6;

/// Matrix products in a served model reach this fraction of what the kernel tables promise.
pub(super) const GEMM_COMPUTE_SCALE: f64 = 0.85;
/// Reading the KV cache reaches this multiple of what the kernel tables promise.
pub(super) const KV_READ_SCALE: f64 = 1.03;
/// Fixed time of one matrix product, s.
pub(super) const GEMM_LATENCY: f64 = 3.0 * US;
/// Fixed time per layer: norms, rotary embedding, activation, residual, s.
pub(super) const LAYER_LATENCY: f64 = 17.0 * US;
/// Fixed time of attention per layer, s.
pub(super) const ATTENTION_LATENCY: f64 = 13.0 * US;
/// Prefill attention at this many tokens reaches half of its long-sequence rate: reproduces the kernel
/// tables' utilisation of 0.29 at 1k, 0.44 at 2k and 0.54 at 4k tokens together with the next constant.
pub(super) const ATTENTION_HALF_TOKENS: f64 = 1100.0;
/// Long-sequence rate of prefill attention over the table's value at 4k to 8k tokens (0.62 / 0.54).
pub(super) const ATTENTION_LONG_SCALE: f64 = 0.62 / 0.54;
/// Fixed time of an expert layer: router, permutation, two grouped launches, s.
pub(super) const EXPERT_LATENCY: f64 = 40.0 * US;
/// Fraction of peak bandwidth at which expert weights are read.
pub(super) const EXPERT_MEMORY_EFF: f64 = 0.92;
/// Fraction of the bf16 peak that expert products reach; assumed, the data do not identify it.
pub(super) const EXPERT_COMPUTE_EFF: f64 = 0.5;
/// Fraction of peak bandwidth of element-wise kernels: aiconfigurator's generic memory efficiency.
pub(super) const ELEMENTWISE_MEMORY_EFF: f64 = 0.8;
/// Bytes per token and hidden unit that a layer's element-wise kernels move: six reads and writes of bf16.
pub(super) const ELEMENTWISE_BYTES: f64 = 24.0;
/// All-reduce in a served model against its measured table: the latency part.
pub(super) const ALL_REDUCE_LATENCY_SCALE: f64 = 0.9;
/// All-reduce in a served model against its measured table: the part that grows with bytes.
pub(super) const ALL_REDUCE_BYTES_SCALE: f64 = 1.1;
/// Host work per sequence and step that overlapping does not hide, s.
pub(super) const SEQUENCE_LATENCY: f64 = 5.0 * US;
/// Sampling with top-k or top-p, per sequence, for a vocabulary of [`SAMPLING_VOCABULARY`], s.
pub(super) const SAMPLING_LATENCY: f64 = 20.0 * US;
/// Vocabulary that [`SAMPLING_LATENCY`] is for; it grows in proportion.
pub(super) const SAMPLING_VOCABULARY: f64 = 128_000.0;
/// Extra time of a step that mixes prefill in, s.
pub(super) const MIXED_LATENCY: f64 = 100.0 * US;
/// Extra time per piece of prompt in a step, s.
pub(super) const CHUNK_LATENCY: f64 = 100.0 * US;

/// From a request's arrival to the engine: HTTP, chat template, tokenisation, hand-over. Fitted as 6.5 ms
/// and 0.4 ms per request; identified as a sum, and alike in vLLM 0.15 and 0.23.
pub const FRONT_END_BEFORE: Dur = Dur::from_us(6_900);
/// From a token in the engine to the client: detokenisation and streaming.
pub const FRONT_END_AFTER: Dur = Dur::from_us(500);

/// GiB that CUDA context and libraries keep. Fitted to the KV block counts of seven servers.
pub(super) const CONTEXT_GIB: f64 = 0.30;
/// GiB that collective communication keeps, with tensor parallelism.
pub(super) const COLLECTIVE_GIB: f64 = 0.35;
/// Share of the widest activation of a profiling step that is alive at its peak.
pub(super) const ACTIVATION_SHARE: f64 = 0.4;
/// Bytes per sequence and vocabulary entry that the sampler holds: bf16 and f32 logits and a copy.
pub(super) const SAMPLER_BYTES: f64 = 10.0;
