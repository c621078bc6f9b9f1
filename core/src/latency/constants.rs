//! Constants of the step model that are not a property of one GPU, each with its source.
//!
//! Kernel efficiencies are per GPU and live in the catalogue. What is here was fitted, one set for all
//! GPUs and models in bf16, and one for each kind of narrower product: source keys `step-fit-2026-11` and
//! `quantized-fit-2026-11` in `core/data/SOURCES.md` unless said.

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
/// Fixed time of latent attention beyond that of attention and its products, per layer, s: what models with it need
/// beside their kernels' times at tensor parallelism 4 to 8 (`quantized-fit-2026-11`).
pub(super) const LATENT_LATENCY: f64 = 11.0 * US;
/// Fraction of peak bandwidth at which recurrent states are read and written: vLLM's kernels, not fitted.
pub(super) const STATE_MEMORY_EFF: f64 = 0.7;

/// How products of one kind of number differ from what the GPU's kernel tables promise.
#[derive(Clone, Copy, Debug)]
pub(super) struct NarrowProduct {
    /// Fixed time of one product, s.
    pub(super) latency: f64,
    /// Multiple of the arithmetic rate; the share of the peak stays at or below that of bf16.
    pub(super) compute_scale: f64,
    /// Multiple of the rate at which weights are read; the share of the bandwidth stays at or below that of bf16.
    pub(super) memory_scale: f64,
}

/// Products of fp8 weights and activations; int8 is taken to be alike.
pub(super) const EIGHT_BIT_PRODUCT: NarrowProduct =
    NarrowProduct { latency: 5.6 * US, compute_scale: 1.3, memory_scale: 1.05 };
/// Products of 4-bit weights and activations; the fixed time is that of fp8.
pub(super) const FOUR_BIT_PRODUCT: NarrowProduct =
    NarrowProduct { latency: 5.6 * US, compute_scale: 0.85, memory_scale: 0.98 };
/// Products that widen narrow weights to bf16, as multiples of the GPU's bf16 rates (`weight-only`).
pub(super) const WEIGHT_ONLY_PRODUCT: NarrowProduct =
    NarrowProduct { latency: GEMM_LATENCY, compute_scale: 0.60 / 0.82, memory_scale: 0.80 / 0.88 };

/// How experts of one kind of number are computed.
#[derive(Clone, Copy, Debug)]
pub(super) struct ExpertKernel {
    /// Fixed time: router, permutation, two grouped launches, s.
    pub(super) latency: f64,
    /// Fraction of peak bandwidth at which weights are read.
    pub(super) memory_eff: f64,
    /// Fraction of the peak of that arithmetic that the products reach, on a GPU that reaches as much of it in dense
    /// products as in bf16.
    pub(super) compute_eff: f64,
    /// Whether reading weights and computing overlap, or follow each other.
    pub(super) overlaps: bool,
    /// T tokens touch as many experts as T to this power would if routing were balanced.
    pub(super) spread: f64,
}

/// Experts in bf16. The arithmetic is assumed, the data do not identify it.
pub(super) const BF16_EXPERTS: ExpertKernel =
    ExpertKernel { latency: 40.0 * US, memory_eff: 0.92, compute_eff: 0.5, overlaps: true, spread: 1.0 };
/// Experts in fp8; int8 is taken to be alike.
pub(super) const EIGHT_BIT_EXPERTS: ExpertKernel =
    ExpertKernel { latency: 53.0 * US, memory_eff: 0.79, compute_eff: 0.22, overlaps: false, spread: 0.9 };
/// Experts in nvfp4; mxfp4 on GPUs with 4-bit arithmetic is taken to be alike.
pub(super) const FOUR_BIT_EXPERTS: ExpertKernel =
    ExpertKernel { latency: 28.0 * US, memory_eff: 0.91, compute_eff: 0.38, overlaps: false, spread: 0.9 };
/// Experts whose weights are widened to bf16.
pub(super) const WEIGHT_ONLY_EXPERTS: ExpertKernel =
    ExpertKernel { latency: 34.0 * US, memory_eff: 0.66, compute_eff: 0.20, overlaps: false, spread: 0.9 };

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
