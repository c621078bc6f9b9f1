//! Accelerators: peaks from data sheets, efficiencies from measured kernels, prices with a date.

use super::precision::Arithmetic;
use super::table;
use alloc::string::String;
use alloc::vec::Vec;

/// One accelerator.
#[derive(Clone, Debug, PartialEq)]
pub struct Gpu {
    /// Key used in scenarios.
    pub id: String,
    /// Vendor's name.
    pub name: String,
    /// Architecture: ampere, hopper, ada …
    pub architecture: String,
    /// Memory on the data sheet, GB; memory makers count in GiB.
    pub memory_gb: f64,
    /// Memory the driver reports as total, GiB.
    pub memory_usable_gib: f64,
    /// Peak memory bandwidth, GB/s.
    pub memory_bandwidth_gb_s: f64,
    /// Peak dense bf16, TFLOP/s.
    pub bf16_dense_tflops: f64,
    /// Bandwidth of one GPU's links to its neighbours, per direction, GB/s.
    pub link_gb_s_per_direction: f64,
    /// GPUs those links join; beyond, or at 1, it is PCIe.
    pub link_gpus: u32,
    /// What copies between it and its host's memory reach, per direction, GB/s (source key `host-link`).
    pub host_gb_s: f64,
    /// Fraction of the bf16 peak a large matrix product reaches.
    pub gemm_compute_eff: f64,
    /// Fraction of peak bandwidth at which a small matrix product reads its weights.
    pub gemm_memory_eff: f64,
    /// Fraction of the bf16 peak that long prefill attention reaches.
    pub attention_prefill_eff: f64,
    /// Fraction of peak bandwidth at which decode attention reads the KV cache.
    pub kv_read_eff: f64,
    /// The same, of a cache in fp8.
    pub fp8_kv_read_eff: f64,
    /// Share of peak bandwidth at which weights of experts are read that are widened to bf16 on the way, over that of an
    /// H100 (source key `widened-experts`).
    pub widened_experts_memory_scale: f64,
    /// The same of the share of the bf16 peak that their products reach.
    pub widened_experts_compute_scale: f64,
    /// How much longer whole steps take than these fractions promise: 1 where served models were not compared (source key
    /// `step-scale-2026-11`).
    pub step_scale: f64,
    /// Whether these fractions and the collectives were measured; otherwise they are assumed.
    pub measured: bool,
    /// Typical asking price on demand, USD per GPU-hour.
    pub price_usd_per_gpu_hour: f64,
    /// Lowest price seen.
    pub price_low: f64,
    /// Highest price seen.
    pub price_high: f64,
    /// Source key of the specification.
    pub spec_source: String,
    /// Source key of the efficiencies.
    pub efficiency_source: String,
    /// Source key of the prices.
    pub price_source: String,
    /// What its matrix units multiply besides bf16.
    pub arithmetic: Vec<ArithmeticRate>,
}

/// How fast an accelerator multiplies numbers narrower than bf16.
#[derive(Clone, Debug, PartialEq)]
pub struct ArithmeticRate {
    /// The accelerator.
    pub gpu: String,
    /// The numbers.
    pub arithmetic: Arithmetic,
    /// Peak without sparsity, TFLOP/s (of integers: TOP/s).
    pub dense_tflops: f64,
    /// Fraction of that peak that a large matrix product reaches.
    pub gemm_compute_eff: f64,
    /// Fraction of peak bandwidth at which a small matrix product reads its weights.
    pub gemm_memory_eff: f64,
    /// Whether these fractions were measured; otherwise they are assumed.
    pub measured: bool,
    /// Source key.
    pub source: String,
}

impl Gpu {
    /// Peak memory bandwidth, bytes per second.
    #[must_use]
    pub fn bandwidth(&self) -> f64 {
        self.memory_bandwidth_gb_s * 1e9
    }

    /// Peak dense bf16 rate, FLOP per second.
    #[must_use]
    pub fn bf16_flops(&self) -> f64 {
        self.bf16_dense_tflops * 1e12
    }

    /// How fast it multiplies these numbers; none where it cannot, and none for bf16, which has columns of its own.
    #[must_use]
    pub fn rate(&self, arithmetic: Arithmetic) -> Option<&ArithmeticRate> {
        self.arithmetic.iter().find(|r| r.arithmetic == arithmetic)
    }
}

pub(super) fn read(csv: &str, arithmetic_csv: &str) -> Vec<Gpu> {
    let rates = table::collect(arithmetic_csv, |row| ArithmeticRate {
        gpu: row.text(),
        arithmetic: row.value(),
        dense_tflops: row.value(),
        gemm_compute_eff: row.value(),
        gemm_memory_eff: row.value(),
        measured: row.flag(),
        source: row.text(),
    });
    let mut gpus = table::collect(csv, |row| Gpu {
        id: row.text(),
        name: row.text(),
        architecture: row.text(),
        memory_gb: row.value(),
        memory_usable_gib: row.value(),
        memory_bandwidth_gb_s: row.value(),
        bf16_dense_tflops: row.value(),
        link_gb_s_per_direction: row.value(),
        link_gpus: row.value(),
        host_gb_s: row.value(),
        gemm_compute_eff: row.value(),
        gemm_memory_eff: row.value(),
        attention_prefill_eff: row.value(),
        kv_read_eff: row.value(),
        fp8_kv_read_eff: row.value(),
        widened_experts_memory_scale: row.value(),
        widened_experts_compute_scale: row.value(),
        step_scale: row.value(),
        measured: row.flag(),
        price_usd_per_gpu_hour: row.value(),
        price_low: row.value(),
        price_high: row.value(),
        spec_source: row.text(),
        efficiency_source: row.text(),
        price_source: row.text(),
        arithmetic: Vec::new(),
    });
    for gpu in &mut gpus {
        gpu.arithmetic = rates.iter().filter(|r| r.gpu == gpu.id).cloned().collect();
    }
    gpus
}
