//! What exists: accelerators, models, collective times and engine versions, as tables with sources.
//!
//! Rows live in `core/data/*.csv`, one line each, units in the header, a source key in the last
//! columns; `core/data/SOURCES.md` says what each key stands for. To add a GPU, add a row; to add a model, a row for it
//! and one for each kind of block it is made of.

mod all_reduce;
mod block;
mod engine_version;
mod gpu;
mod model;
mod network;
mod precision;
mod table;

pub use all_reduce::AllReduceTable;
pub use block::{Attention, Block, Blocks, Experts, GatedDelta, Index, LatentAttention, Mamba2, Mlp};
pub use engine_version::EngineVersion;
pub use gpu::{ArithmeticRate, Gpu};
pub use model::Model;
pub use network::Network;
pub use precision::{Arithmetic, Precision, Quantization, WeightFormat};

use alloc::vec::Vec;

/// Every table, read once and shared.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// Accelerators.
    pub gpus: Vec<Gpu>,
    /// Models.
    pub models: Vec<Model>,
    /// Formats of weights.
    pub weight_formats: Vec<WeightFormat>,
    /// Values of vLLM's `quantization`.
    pub quantizations: Vec<Quantization>,
    /// Releases of vLLM and their defaults.
    pub engine_versions: Vec<EngineVersion>,
    /// Networks that keys and values travel over.
    pub networks: Vec<Network>,
    /// Measured all-reduce times.
    pub all_reduce: Vec<AllReduceTable>,
}

impl Catalog {
    /// The catalogue this build carries.
    ///
    /// # Panics
    /// When a table cannot be read, which the tests of this module exclude.
    #[must_use]
    pub fn builtin() -> Self {
        Catalog {
            gpus: gpu::read(include_str!("../../data/gpus.csv"), include_str!("../../data/arithmetic.csv")),
            models: model::read(include_str!("../../data/models.csv")),
            weight_formats: precision::read_formats(include_str!("../../data/weight_formats.csv")),
            quantizations: precision::read_quantizations(include_str!("../../data/quantizations.csv")),
            engine_versions: engine_version::read(include_str!("../../data/vllm_versions.csv")),
            networks: network::read(include_str!("../../data/networks.csv")),
            all_reduce: all_reduce::read(include_str!("../../data/all_reduce.csv")),
        }
    }

    /// The accelerator with this id.
    #[must_use]
    pub fn gpu(&self, id: &str) -> Option<&Gpu> {
        self.gpus.iter().find(|g| g.id == id)
    }

    /// The model with this id.
    #[must_use]
    pub fn model(&self, id: &str) -> Option<&Model> {
        self.models.iter().find(|m| m.id == id)
    }

    /// The format of weights with this id.
    #[must_use]
    pub fn weight_format(&self, id: &str) -> Option<&WeightFormat> {
        self.weight_formats.iter().find(|f| f.id == id)
    }

    /// What this value of vLLM's `quantization` means.
    #[must_use]
    pub fn quantization(&self, method: &str) -> Option<&Quantization> {
        self.quantizations.iter().find(|q| q.method == method)
    }

    /// How a model is held in memory: as its checkpoint is published, or as this quantisation makes it; none for a
    /// quantisation that is not known.
    #[must_use]
    pub fn precision(&self, model: &Model, quantization: Option<&str>) -> Option<Precision> {
        let checkpoint = model.checkpoint(&self.weight_formats);
        let Some(method) = quantization else { return Some(checkpoint) };
        let q = self.quantization(method)?;
        let format = |id: &str| self.weight_format(id).expect("a test looks every format up").clone();
        Some(Precision { weights: format(&q.weights), expert_weights: format(&q.expert_weights), ..checkpoint })
    }

    /// The release of vLLM with this version.
    #[must_use]
    pub fn engine_version(&self, version: &str) -> Option<&EngineVersion> {
        self.engine_versions.iter().find(|v| v.version == version)
    }

    /// The network with this id.
    #[must_use]
    pub fn network(&self, id: &str) -> Option<&Network> {
        self.networks.iter().find(|n| n.id == id)
    }

    /// All-reduce times among `gpus` accelerators of one kind: measured, or from the links' bandwidth; none for one GPU.
    #[must_use]
    pub fn all_reduce(&self, gpu: &Gpu, gpus: u32) -> Option<AllReduceTable> {
        if gpus < 2 {
            return None;
        }
        let measured = self.all_reduce.iter().find(|t| t.gpu == gpu.id && t.gpus == gpus);
        Some(measured.cloned().unwrap_or_else(|| AllReduceTable::from_links(gpu, gpus)))
    }
}

#[cfg(test)]
mod tests;
