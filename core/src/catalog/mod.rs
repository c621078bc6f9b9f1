//! What exists: accelerators, models, collective times and engine versions, as tables with sources.
//!
//! Rows live in `core/data/*.csv`, one line each, units in the header, a source key in the last
//! columns; `core/data/SOURCES.md` says what each key stands for. To add a GPU or a model, add a row.

mod all_reduce;
mod engine_version;
mod gpu;
mod model;
mod table;

pub use all_reduce::AllReduceTable;
pub use engine_version::EngineVersion;
pub use gpu::Gpu;
pub use model::{Experts, Model};

use alloc::vec::Vec;

/// Every table, read once and shared.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// Accelerators.
    pub gpus: Vec<Gpu>,
    /// Models.
    pub models: Vec<Model>,
    /// Releases of vLLM and their defaults.
    pub engine_versions: Vec<EngineVersion>,
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
            gpus: gpu::read(include_str!("../../data/gpus.csv")),
            models: model::read(include_str!("../../data/models.csv")),
            engine_versions: engine_version::read(include_str!("../../data/vllm_versions.csv")),
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

    /// The release of vLLM with this version.
    #[must_use]
    pub fn engine_version(&self, version: &str) -> Option<&EngineVersion> {
        self.engine_versions.iter().find(|v| v.version == version)
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
mod tests {
    use super::*;

    const SOURCES: &str = include_str!("../../data/SOURCES.md");

    fn known(key: &str) -> bool {
        SOURCES.lines().any(|line| line.split('|').nth(1).is_some_and(|cell| cell.trim() == key))
    }

    #[test]
    fn every_row_names_a_known_source() {
        let c = Catalog::builtin();
        for g in &c.gpus {
            assert!(known(&g.spec_source) && known(&g.efficiency_source) && known(&g.price_source), "{}", g.id);
        }
        for m in &c.models {
            assert!(known(&m.source), "{}", m.id);
        }
        for v in &c.engine_versions {
            assert!(known(&v.source), "{}", v.version);
        }
        for t in &c.all_reduce {
            assert!(known(&t.source), "{} x {}", t.gpu, t.gpus);
        }
    }

    #[test]
    fn values_are_in_their_units() {
        for g in &Catalog::builtin().gpus {
            assert!((10.0..300.0).contains(&g.memory_usable_gib), "{}", g.id);
            assert!(g.memory_usable_gib <= g.memory_gb, "{}: usable exceeds fitted memory", g.id);
            assert!((200.0..10_000.0).contains(&g.memory_bandwidth_gb_s), "{}", g.id);
            assert!((50.0..3_000.0).contains(&g.bf16_dense_tflops), "{}", g.id);
            // FLOP per byte at the ridge: a sparse figure or a wrong unit would leave this range.
            let ridge = g.bf16_dense_tflops * 1000.0 / g.memory_bandwidth_gb_s;
            assert!((100.0..600.0).contains(&ridge), "{}: {ridge}", g.id);
            for eff in [g.gemm_compute_eff, g.gemm_memory_eff, g.attention_prefill_eff, g.kv_read_eff] {
                assert!(eff > 0.25 && eff < 1.0, "{}: {eff}", g.id);
            }
            assert!(g.price_low <= g.price_usd_per_gpu_hour && g.price_usd_per_gpu_hour <= g.price_high, "{}", g.id);
        }
    }

    #[test]
    fn what_was_measured_has_its_collectives() {
        let c = Catalog::builtin();
        for g in &c.gpus {
            let tables = c.all_reduce.iter().filter(|t| t.gpu == g.id).count();
            assert_eq!(tables > 0, g.measured, "{}", g.id);
        }
    }

    #[test]
    fn parameter_totals_follow_from_the_dimensions() {
        for m in &Catalog::builtin().models {
            assert_eq!(m.params_from_dimensions(), m.params, "{}", m.id);
            assert_eq!(m.active_params_from_dimensions(), m.params_active, "{}", m.id);
            assert_eq!(m.attention_heads % m.kv_heads, 0, "{}", m.id);
        }
    }

    #[test]
    fn ids_are_unique() {
        let c = Catalog::builtin();
        let mut ids: Vec<&str> =
            c.gpus.iter().map(|g| g.id.as_str()).chain(c.models.iter().map(|m| m.id.as_str())).collect();
        let n = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), n);
    }

    #[test]
    fn all_reduce_grows_with_bytes() {
        let c = Catalog::builtin();
        for g in &c.gpus {
            for n in [2, 4, 8] {
                let t = c.all_reduce(g, n).expect("more than one GPU");
                let mut last = 0.0;
                for exponent in 8..30 {
                    let us = t.us(f64::from(1u32 << exponent));
                    assert!(us >= last, "{} x {n} at 2^{exponent}", g.id);
                    last = us;
                }
            }
        }
    }
}
