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
    /// `early`: of a release whose kernels for scales per block take longer.
    pub(super) fn new(format: &WeightFormat, gpu: &Gpu, k: &StepConstants, early: bool) -> Self {
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
                    let more = if early && format.blocks { k.early_block_experts_us } else { 0.0 };
                    (k.eight_bit_experts_latency_us + more, k.eight_bit_experts_memory_eff, rate, overlaps, spread)
                }
            }
            Family::WeightOnly => {
                let rate = k.weight_only_experts_compute_eff * gpu.widened_experts_compute_scale * bf16;
                let read = k.weight_only_experts_memory_eff * gpu.widened_experts_memory_scale;
                (k.weight_only_experts_latency_us, read, rate, overlaps, spread)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    fn experts(c: &Catalog, format: &str, gpu: &str, early: bool) -> ExpertGemm {
        let format = c.weight_formats.iter().find(|f| f.id == format).expect("a format of the catalogue");
        ExpertGemm::new(format, c.gpu(gpu).expect("a GPU of the catalogue"), &c.constants, early)
    }

    #[test]
    fn experts_that_are_widened_multiply_no_faster_on_newer_gpus() {
        let c = Catalog::builtin();
        let rates = ["h100-sxm", "h200-sxm", "b200-sxm", "b300-sxm"].map(|gpu| experts(&c, "int4-group32", gpu, false));
        for rate in &rates {
            assert!((rate.compute_rate / rates[0].compute_rate - 1.0).abs() < 0.1, "{rate:?}");
            assert!(
                rate.memory_rate >= rates[0].memory_rate && rate.memory_rate < 1.5 * rates[0].memory_rate,
                "{rate:?}"
            );
        }
    }

    #[test]
    fn only_experts_with_a_scale_per_block_take_longer_in_early_releases() {
        let c = Catalog::builtin();
        for format in &c.weight_formats {
            for gpu in ["a100-80g-sxm", "h200-sxm", "b200-sxm"] {
                let [late, early] = [false, true].map(|early| experts(&c, &format.id, gpu, early));
                let native = c.gpu(gpu).expect("known").rate(format.arithmetic).is_some();
                let more = if format.blocks && native { c.constants.early_block_experts_us * US } else { 0.0 };
                assert!((early.latency - late.latency - more).abs() < 1e-12, "{} on {gpu}", format.id);
                assert_eq!(early.memory_rate, late.memory_rate);
            }
        }
    }
}
