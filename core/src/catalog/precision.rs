//! Formats of weights, what multiplies them, and vLLM's names for them.

use super::table;
use alloc::string::String;
use alloc::vec::Vec;
use core::str::FromStr;

/// Numbers that matrix units multiply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// 16-bit floating point: every accelerator here has it.
    Bf16,
    /// 8-bit floating point.
    Fp8,
    /// 8-bit integers.
    Int8,
    /// 4-bit floating point with shared scales.
    Fp4,
}

impl Arithmetic {
    /// As in the catalogue's tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Arithmetic::Bf16 => "bf16",
            Arithmetic::Fp8 => "fp8",
            Arithmetic::Int8 => "int8",
            Arithmetic::Fp4 => "fp4",
        }
    }
}

impl FromStr for Arithmetic {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        [Arithmetic::Bf16, Arithmetic::Fp8, Arithmetic::Int8, Arithmetic::Fp4]
            .into_iter()
            .find(|a| a.name() == name)
            .ok_or(())
    }
}

/// How weights lie in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightFormat {
    /// Key in the catalogue.
    pub id: String,
    /// For people.
    pub name: String,
    /// Bytes of one weight, its share of scales and zero points included.
    pub bytes_per_weight: f64,
    /// What multiplies them, where the accelerator has it; elsewhere they are widened to bf16 while being read.
    pub arithmetic: Arithmetic,
    /// Whether a scale is of a block of weights, in rows and columns: kernels of their own multiply those.
    pub blocks: bool,
    /// Source key.
    pub source: String,
}

impl WeightFormat {
    /// What is never quantised is held in this.
    #[must_use]
    pub fn bf16() -> Self {
        WeightFormat {
            id: "bf16".into(),
            name: "bf16".into(),
            bytes_per_weight: 2.0,
            arithmetic: Arithmetic::Bf16,
            blocks: false,
            source: "formats".into(),
        }
    }
}

/// A value of vLLM's `quantization`: which weights it turns into which format.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantization {
    /// As vLLM names it.
    pub method: String,
    /// For people.
    pub title: String,
    /// Format of the weights of products, by its key.
    pub weights: String,
    /// Format of routed experts' weights, by its key.
    pub expert_weights: String,
    /// Source key.
    pub source: String,
}

/// How a model is held in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Precision {
    /// Weights of products.
    pub weights: WeightFormat,
    /// Weights of routed experts.
    pub expert_weights: WeightFormat,
    /// Whether keys and values are kept in fp8 instead of bf16.
    pub fp8_kv: bool,
}

impl Precision {
    /// Bytes of one number of a key or a value.
    #[must_use]
    pub fn kv_bytes(&self) -> f64 {
        if self.fp8_kv { 1.0 } else { 2.0 }
    }
}

pub(super) fn read_formats(csv: &str) -> Vec<WeightFormat> {
    table::collect(csv, |row| WeightFormat {
        id: row.text(),
        name: row.text(),
        bytes_per_weight: row.value(),
        arithmetic: row.value(),
        blocks: row.flag(),
        source: row.text(),
    })
}

pub(super) fn read_quantizations(csv: &str) -> Vec<Quantization> {
    table::collect(csv, |row| Quantization {
        method: row.text(),
        title: row.text(),
        weights: row.text(),
        expert_weights: row.text(),
        source: row.text(),
    })
}
