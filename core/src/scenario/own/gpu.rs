//! A GPU of a scenario's own: what a data sheet says of it, and the GPU whose measured efficiencies it is taken to reach.

use crate::catalog::{Arithmetic, ArithmeticRate, Gpu};
use crate::scenario::Extra;
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// One GPU.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnGpu {
    /// Key that pools name it by.
    pub id: String,
    /// Its name.
    pub name: String,
    /// GPU of the catalogue whose architecture it has, and whose shares of the peaks its kernels are taken to reach.
    pub based_on: String,
    /// Memory that the driver reports as total, GiB.
    pub memory_gib: f64,
    /// Peak memory bandwidth, GB/s.
    pub memory_bandwidth_gb_s: f64,
    /// Peak without sparsity in bf16, TFLOP/s.
    pub bf16_dense_tflops: f64,
    /// The same in fp8; absent: it has no such arithmetic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fp8_dense_tflops: Option<f64>,
    /// The same in fp4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fp4_dense_tflops: Option<f64>,
    /// The same of 8-bit integers, TOP/s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub int8_dense_tops: Option<f64>,
    /// Bandwidth of one GPU's links to its neighbours, per direction, GB/s.
    pub link_gb_s_per_direction: f64,
    /// GPUs those links join.
    pub link_gpus: u32,
    /// Price, USD per GPU-hour.
    pub price_usd_per_gpu_hour: f64,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl OwnGpu {
    /// A GPU of the catalogue, written out under another key.
    #[must_use]
    pub fn of(gpu: &Gpu, id: &str) -> Self {
        let peak = |arithmetic| gpu.rate(arithmetic).map(|r| r.dense_tflops);
        OwnGpu {
            id: id.into(),
            name: alloc::format!("{} (own)", gpu.name),
            based_on: gpu.id.clone(),
            memory_gib: gpu.memory_usable_gib,
            memory_bandwidth_gb_s: gpu.memory_bandwidth_gb_s,
            bf16_dense_tflops: gpu.bf16_dense_tflops,
            fp8_dense_tflops: peak(Arithmetic::Fp8),
            fp4_dense_tflops: peak(Arithmetic::Fp4),
            int8_dense_tops: peak(Arithmetic::Int8),
            link_gb_s_per_direction: gpu.link_gb_s_per_direction,
            link_gpus: gpu.link_gpus,
            price_usd_per_gpu_hour: gpu.price_usd_per_gpu_hour,
            extra: Extra::new(),
        }
    }

    /// Its peaks beside bf16, with the fields that give them.
    pub(in crate::scenario) fn narrow(&self) -> [(&'static str, Arithmetic, Option<f64>); 3] {
        [
            ("fp8_dense_tflops", Arithmetic::Fp8, self.fp8_dense_tflops),
            ("fp4_dense_tflops", Arithmetic::Fp4, self.fp4_dense_tflops),
            ("int8_dense_tops", Arithmetic::Int8, self.int8_dense_tops),
        ]
    }

    /// The row. As for every GPU whose kernels nobody measured, shares of the peaks are those of one that is like it,
    /// collectives follow from the links, and whole steps take as long as kernels promise.
    pub(in crate::scenario) fn row(&self, based_on: &Gpu) -> Gpu {
        let rate = |(_, arithmetic, peak): (_, Arithmetic, Option<f64>)| {
            let like = based_on.rate(arithmetic);
            Some(ArithmeticRate {
                gpu: self.id.clone(),
                arithmetic,
                dense_tflops: peak?,
                gemm_compute_eff: like.map_or(based_on.gemm_compute_eff, |r| r.gemm_compute_eff),
                gemm_memory_eff: like.map_or(based_on.gemm_memory_eff, |r| r.gemm_memory_eff),
                measured: false,
                source: super::SOURCE.into(),
            })
        };
        Gpu {
            id: self.id.clone(),
            name: if self.name.is_empty() { self.id.clone() } else { self.name.clone() },
            memory_gb: self.memory_gib,
            memory_usable_gib: self.memory_gib,
            memory_bandwidth_gb_s: self.memory_bandwidth_gb_s,
            bf16_dense_tflops: self.bf16_dense_tflops,
            link_gb_s_per_direction: self.link_gb_s_per_direction,
            link_gpus: self.link_gpus,
            step_scale: 1.0,
            measured: false,
            price_usd_per_gpu_hour: self.price_usd_per_gpu_hour,
            price_low: self.price_usd_per_gpu_hour,
            price_high: self.price_usd_per_gpu_hour,
            spec_source: super::SOURCE.into(),
            price_source: super::SOURCE.into(),
            arithmetic: self.narrow().into_iter().filter_map(rate).collect(),
            ..based_on.clone()
        }
    }
}
