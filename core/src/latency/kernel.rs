//! Which kernel multiplies weights of a format on a GPU, and how fast.
//!
//! A GPU multiplies a format's numbers where it has the arithmetic for them; elsewhere weights are read as they are and
//! widened to bf16 on the way, as vLLM's Marlin kernels do: that saves bandwidth and no arithmetic.

use crate::base::math;
use crate::catalog::{Arithmetic, Gpu, StepConstants, WeightFormat};

const US: f64 = 1e-6;

/// A dense matrix product.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gemm {
    latency: f64,
    compute_rate: f64,
    memory_rate: f64,
    bytes_per_weight: f64,
}

/// A layer of experts.
#[derive(Clone, Copy, Debug)]
pub(super) struct ExpertGemm {
    /// Router, permutation, two grouped launches, s.
    latency: f64,
    /// Whether reading weights and computing overlap, or follow each other.
    overlaps: bool,
    /// T tokens touch as many experts as T to this power would if routing were balanced.
    spread: f64,
    compute_rate: f64,
    memory_rate: f64,
    bytes_per_weight: f64,
}

/// What multiplies.
enum Family {
    Bf16,
    /// Peak, FLOP/s, and shares of it and of the bandwidth that kernels reach.
    Narrow {
        four_bit: bool,
        flops: f64,
        compute_eff: f64,
        memory_eff: f64,
    },
    WeightOnly,
}

fn family(format: &WeightFormat, gpu: &Gpu) -> Family {
    match (format.arithmetic, gpu.rate(format.arithmetic)) {
        (Arithmetic::Bf16, _) if format.bytes_per_weight >= 2.0 => Family::Bf16,
        (Arithmetic::Bf16, _) | (_, None) => Family::WeightOnly,
        (arithmetic, Some(rate)) => Family::Narrow {
            four_bit: arithmetic == Arithmetic::Fp4,
            flops: rate.dense_tflops * 1e12,
            compute_eff: rate.gemm_compute_eff,
            memory_eff: rate.gemm_memory_eff,
        },
    }
}

impl Gemm {
    pub(super) fn new(format: &WeightFormat, gpu: &Gpu, k: &StepConstants) -> Self {
        let served = gpu.gemm_compute_eff * k.gemm_compute_scale;
        let read = (gpu.gemm_memory_eff * k.gemm_memory_scale).min(1.0);
        let (latency_us, compute_rate, memory_eff) = match family(format, gpu) {
            Family::Bf16 => (k.gemm_latency_us, served * gpu.bf16_flops(), read),
            Family::Narrow { four_bit, flops, compute_eff, memory_eff } => {
                let (compute_scale, memory_scale) = if four_bit {
                    (k.four_bit_compute_scale, k.four_bit_memory_scale)
                } else {
                    (k.eight_bit_compute_scale, k.eight_bit_memory_scale)
                };
                let rate = (compute_eff * compute_scale).min(served) * flops;
                (k.narrow_latency_us, rate, (memory_eff * memory_scale).min(read))
            }
            Family::WeightOnly => {
                let rate = served * k.weight_only_compute_scale * gpu.bf16_flops();
                (k.gemm_latency_us, rate, read * k.weight_only_memory_scale)
            }
        };
        let memory_rate = memory_eff * gpu.bandwidth();
        Gemm { latency: latency_us * US, compute_rate, memory_rate, bytes_per_weight: format.bytes_per_weight }
    }

    /// Seconds of M×K by K×N.
    pub(super) fn seconds(&self, m: f64, n: f64, k: f64) -> f64 {
        let compute = 2.0 * m * n * k / self.compute_rate;
        let memory = (self.bytes_per_weight * n * k + 2.0 * m * k + 2.0 * m * n) / self.memory_rate;
        self.latency + math::norm4(compute, memory)
    }

    pub(super) fn compute_rate(&self) -> f64 {
        self.compute_rate
    }
}

impl ExpertGemm {
    pub(super) fn new(format: &WeightFormat, gpu: &Gpu, k: &StepConstants) -> Self {
        let bf16 = gpu.bf16_flops();
        let (overlaps, spread) = (false, k.narrow_experts_spread);
        let (latency_us, memory_eff, compute_rate, overlaps, spread) = match family(format, gpu) {
            Family::Bf16 => {
                let rate = k.bf16_experts_compute_eff * bf16;
                (k.bf16_experts_latency_us, k.bf16_experts_memory_eff, rate, true, 1.0)
            }
            Family::Narrow { four_bit, flops, compute_eff, .. } => {
                let reached = flops * (compute_eff / gpu.gemm_compute_eff).min(1.0);
                if four_bit {
                    let rate = k.four_bit_experts_compute_eff * reached;
                    (k.four_bit_experts_latency_us, k.four_bit_experts_memory_eff, rate, overlaps, spread)
                } else {
                    let rate = k.eight_bit_experts_compute_eff * reached;
                    (k.eight_bit_experts_latency_us, k.eight_bit_experts_memory_eff, rate, overlaps, spread)
                }
            }
            Family::WeightOnly => {
                let rate = k.weight_only_experts_compute_eff * bf16;
                (k.weight_only_experts_latency_us, k.weight_only_experts_memory_eff, rate, overlaps, spread)
            }
        };
        ExpertGemm {
            latency: latency_us * US,
            overlaps,
            spread,
            compute_rate,
            memory_rate: memory_eff.min(1.0) * gpu.bandwidth(),
            bytes_per_weight: format.bytes_per_weight,
        }
    }

    /// Experts of `count` that `tokens` tokens touch, each sent to `per_token`: E(1 − (1 − k/E)^T) if routing is balanced.
    pub(super) fn touched(&self, count: f64, per_token: f64, tokens: f64) -> f64 {
        let spread = if self.spread < 1.0 { math::pow(tokens, self.spread) } else { tokens };
        count * (1.0 - math::pow(1.0 - per_token / count, spread))
    }

    /// Seconds of computing `flops` on `params` weights, moving `activation_bytes` beside them.
    pub(super) fn seconds(&self, flops: f64, params: f64, activation_bytes: f64) -> f64 {
        let compute = flops / self.compute_rate;
        let memory = (params * self.bytes_per_weight + activation_bytes) / self.memory_rate;
        let both = if self.overlaps { math::norm2(compute, memory) } else { compute + memory };
        self.latency + both
    }

    pub(super) fn bytes_per_weight(&self) -> f64 {
        self.bytes_per_weight
    }
}
