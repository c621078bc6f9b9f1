//! Which kernel multiplies weights of a format on a GPU, and how fast.
//!
//! A GPU multiplies a format's numbers where it has the arithmetic for them; elsewhere weights are read as they are and
//! widened to bf16 on the way, as vLLM's Marlin kernels do: that saves bandwidth and no arithmetic.

use super::constants as k;
use crate::base::math;
use crate::catalog::{Arithmetic, Gpu, WeightFormat};

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
    kernel: k::ExpertKernel,
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
    pub(super) fn new(format: &WeightFormat, gpu: &Gpu) -> Self {
        let served = gpu.gemm_compute_eff * k::GEMM_COMPUTE_SCALE;
        let (latency, compute_rate, memory_eff) = match family(format, gpu) {
            Family::Bf16 => (k::GEMM_LATENCY, served * gpu.bf16_flops(), gpu.gemm_memory_eff),
            Family::Narrow { four_bit, flops, compute_eff, memory_eff } => {
                let c = if four_bit { k::FOUR_BIT_PRODUCT } else { k::EIGHT_BIT_PRODUCT };
                let memory_eff = (memory_eff * c.memory_scale).min(gpu.gemm_memory_eff);
                (c.latency, (compute_eff * c.compute_scale).min(served) * flops, memory_eff)
            }
            Family::WeightOnly => {
                let c = k::WEIGHT_ONLY_PRODUCT;
                (c.latency, served * c.compute_scale * gpu.bf16_flops(), gpu.gemm_memory_eff * c.memory_scale)
            }
        };
        let memory_rate = memory_eff * gpu.bandwidth();
        Gemm { latency, compute_rate, memory_rate, bytes_per_weight: format.bytes_per_weight }
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
    pub(super) fn new(format: &WeightFormat, gpu: &Gpu) -> Self {
        let (kernel, flops) = match family(format, gpu) {
            Family::Bf16 => (k::BF16_EXPERTS, gpu.bf16_flops()),
            Family::Narrow { four_bit, flops, compute_eff, .. } => {
                let kernel = if four_bit { k::FOUR_BIT_EXPERTS } else { k::EIGHT_BIT_EXPERTS };
                (kernel, flops * (compute_eff / gpu.gemm_compute_eff).min(1.0))
            }
            Family::WeightOnly => (k::WEIGHT_ONLY_EXPERTS, gpu.bf16_flops()),
        };
        ExpertGemm {
            kernel,
            compute_rate: kernel.compute_eff * flops,
            memory_rate: kernel.memory_eff * gpu.bandwidth(),
            bytes_per_weight: format.bytes_per_weight,
        }
    }

    /// Experts of `count` that `tokens` tokens touch, each sent to `per_token`: E(1 − (1 − k/E)^T) if routing is balanced.
    pub(super) fn touched(&self, count: f64, per_token: f64, tokens: f64) -> f64 {
        let spread = if self.kernel.spread < 1.0 { math::pow(tokens, self.kernel.spread) } else { tokens };
        count * (1.0 - math::pow(1.0 - per_token / count, spread))
    }

    /// Seconds of computing `flops` on `params` weights, moving `activation_bytes` beside them.
    pub(super) fn seconds(&self, flops: f64, params: f64, activation_bytes: f64) -> f64 {
        let compute = flops / self.compute_rate;
        let memory = (params * self.bytes_per_weight + activation_bytes) / self.memory_rate;
        let both = if self.kernel.overlaps { math::norm2(compute, memory) } else { compute + memory };
        self.kernel.latency + both
    }

    pub(super) fn bytes_per_weight(&self) -> f64 {
        self.bytes_per_weight
    }
}
