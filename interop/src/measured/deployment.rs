//! From a record's words to a scenario: which model on which GPU, and an engine of its release.

use super::{Reader, Record};
use playground_core::catalog::Catalog;
use playground_core::latency::{MemoryDemand, Spread, kv_sizing};
use playground_core::scenario::{EngineArgs, Length, Scenario, TrafficClass};

/// What is nearest to a GPU that the catalogue lacks.
const GPU_STAND_INS: [(&str, &str); 1] = [("gb300", "gb200-nvl72")];
/// What is nearest to a model that the catalogue lacks: one of its family.
const MODEL_STAND_INS: [(&str, &str); 4] =
    [("Kimi", "kimi-k2.5"), ("DeepSeek", "deepseek-v3"), ("GLM-5", "glm-5"), ("MiniMax", "minimax-m2.5")];

/// The publisher whose fp8 checkpoints have a scale per block of weights.
const BLOCK_SCALES: &str = "Qwen/";

/// What a record says was deployed.
#[derive(Clone, Debug)]
pub(super) struct Deployed {
    /// Model, in the catalogue's words.
    pub(super) model: String,
    /// GPU, in the catalogue's words.
    pub(super) gpu: String,
    /// Where this differs from the record.
    pub(super) notes: Vec<String>,
    /// How narrow its weights are, where the model's name says so.
    pub(super) precision: String,
}

impl Deployed {
    /// Sets the numbers in which weights are held, where a record says that they are narrower than bf16.
    pub(super) fn quantize(&self, args: &mut EngineArgs, catalog: &Catalog, precision: &str) {
        let published =
            catalog.model(&self.model).map_or(("", ""), |m| (m.weights.as_str(), m.expert_weights.as_str()));
        let wide = published == ("bf16", "bf16");
        let method = match if precision.is_empty() { self.precision.as_str() } else { precision } {
            "fp8" if wide && catalog.model(&self.model).is_some_and(|m| m.hf_id.starts_with(BLOCK_SCALES)) => {
                Some("fp8_per_block")
            }
            "fp8" if wide => Some("fp8"),
            // The checkpoints of gpt-oss are what their records call fp4.
            "fp4" if published.1 != "mxfp4" => Some("modelopt_fp4"),
            "int4" if !published.1.starts_with("int4") => Some("awq"),
            _ => None,
        };
        args.quantization = method.map(String::from);
    }
}

impl Reader<'_> {
    /// The model and GPU that a record names in `model_column` and `gpu_column`.
    pub(super) fn deployed(
        &self,
        record: &Record<'_>,
        model_column: &str,
        gpu_column: &str,
    ) -> Result<Deployed, String> {
        let mut notes = Vec::new();
        let (model, gpu) = (record.text(model_column), record.text(gpu_column));
        let precision = self.names.precision(model).to_string();
        let model = self.or_nearest(self.names.model(self.catalog, model), model, &MODEL_STAND_INS, &mut notes)?;
        let gpu = self.or_nearest(self.names.gpu(self.catalog, gpu), gpu, &GPU_STAND_INS, &mut notes)?;
        Ok(Deployed { model, gpu, notes, precision })
    }

    fn or_nearest(
        &self,
        known: Result<String, String>,
        name: &str,
        nearest: &[(&str, &str)],
        notes: &mut Vec<String>,
    ) -> Result<String, String> {
        let Err(unknown) = known else { return known };
        let found =
            nearest.iter().find(|(part, _)| self.stand_ins && name.to_lowercase().contains(&part.to_lowercase()));
        let (_, id) = found.ok_or(unknown)?;
        notes.push(format!("{name} is simulated as {id}"));
        Ok((*id).into())
    }
}

/// An engine of the release that a record names; what that release did by default and the catalogue's nearest one
/// does otherwise is written out.
pub(super) fn engine(catalog: &Catalog, release: &str) -> EngineArgs {
    let asked = version(release);
    let have = |text: &str| version(text);
    let newest = catalog.engine_versions.iter().max_by_key(|v| have(&v.version));
    let at_least =
        catalog.engine_versions.iter().filter(|v| have(&v.version) >= asked).min_by_key(|v| have(&v.version));
    let chosen = at_least.or(newest).map(|v| v.version.clone()).unwrap_or_default();
    let exact = have(&chosen) == asked;
    let older = |than: (u32, u32)| asked.is_some_and(|v| v < than) && !exact;
    EngineArgs {
        version: chosen,
        // vLLM 0.21 raised its default from 0.9 to 0.92.
        gpu_memory_utilization: older((0, 21)).then_some(0.9),
        // vLLM 0.14 made asynchronous scheduling its default.
        async_scheduling: older((0, 14)).then_some(false),
        sampling: "greedy".into(),
        ..EngineArgs::default()
    }
}

/// Models whose repositories name neither a top-p nor a top-k to sample with: vLLM then has nothing to sort.
const UNSORTED: [&str; 3] = ["codellama-34b", "mixtral-8x7b", "mixtral-8x22b"];

/// How a server samples for clients that do not say: as the model's `generation_config.json` asks.
#[must_use]
pub fn sampling(model: &str) -> &'static str {
    if UNSORTED.contains(&model) { "greedy" } else { "top-p" }
}

/// Blocks of an engine that a server's log calls so many: it counts those of tokens in all of its layers, and where some
/// layers have a window a token takes a block of each group of layers.
pub(super) fn pool_blocks(catalog: &Catalog, deployed: &Deployed, args: &EngineArgs, logged: f64) -> u32 {
    let window_blocks = || {
        let (model, gpu) = (catalog.model(&deployed.model)?, catalog.gpu(&deployed.gpu)?);
        let precision = catalog.precision(model, args.quantization.as_deref())?;
        let sizing = kv_sizing(&MemoryDemand {
            model,
            gpu,
            precision: &precision,
            tensor_parallel: args.tensor_parallel_size,
            spread: Spread::default(),
            drafter: None,
            gpu_memory_utilization: 0.9,
            max_num_batched_tokens: 2048,
            max_num_seqs: 128,
            block_size: args.block_size.unwrap_or(16),
        });
        Some(sizing.law.window_blocks)
    };
    (logged as u32).saturating_mul(1 + window_blocks().unwrap_or(0))
}

/// Major and minor of the first dotted number in a text.
pub(super) fn version(text: &str) -> Option<(u32, u32)> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let mut parts = text[start..].split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// A scenario of this deployment, for a load of so many classes with prompts and outputs like these.
pub(super) fn scenario(
    title: &str,
    deployed: &Deployed,
    replicas: u32,
    engine: EngineArgs,
    classes: u32,
    (input, output): (u32, u32),
) -> Scenario {
    let mut s = Scenario { title: title.chars().take(200).collect(), ..Scenario::default() };
    let pool = &mut s.topology.pools[0];
    pool.model.clone_from(&deployed.model);
    pool.gpu.clone_from(&deployed.gpu);
    pool.replicas = replicas;
    pool.engine = engine;
    let share = 1.0 / f64::from(classes);
    let class = |i: u32| TrafficClass {
        name: format!("stage {i}"),
        share,
        input: Length::constant(input),
        output: Length::constant(output),
        ..TrafficClass::default()
    };
    s.workload.classes = (0..classes).map(class).collect();
    // The load is replayed; this rate only has to be one that the deployment can take.
    s.workload.arrival.rate_rps = 0.01;
    s.run.requests = 10;
    s
}

/// The largest way to split over at most this many GPUs that can be simulated: 1, 2, 4 or 8.
pub(super) fn parallel(gpus: u32) -> u32 {
    [8, 4, 2, 1].into_iter().find(|&n| n <= gpus).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_told_apart() {
        let c = Catalog::builtin();
        assert_eq!(version("vLLM 0.23.0 + residency counter patch"), Some((0, 23)));
        assert_eq!(version("vllm/vllm-openai:v0.11.0"), Some((0, 11)));
        assert_eq!(version("nightly"), None);
        let old = engine(&c, "vLLM v0.11.0");
        assert_eq!((&*old.version, old.gpu_memory_utilization, old.async_scheduling), ("0.11", None, None));
        let newer = engine(&c, "vLLM 0.23.0");
        assert_eq!((&*newer.version, newer.gpu_memory_utilization, newer.async_scheduling), ("0.23", None, None));
        let oldest = engine(&c, "vLLM 0.8.5");
        assert_eq!((oldest.gpu_memory_utilization, oldest.async_scheduling), (Some(0.9), Some(false)));
        assert!(c.engine_version(&engine(&c, "").version).is_some());
    }

    #[test]
    fn a_logged_block_is_one_of_each_group_of_layers() {
        let c = Catalog::builtin();
        let blocks = |model: &str| {
            let deployed =
                Deployed { model: model.into(), gpu: "h100-sxm".into(), notes: vec![], precision: String::new() };
            pool_blocks(&c, &deployed, &EngineArgs::default(), 100.0)
        };
        assert_eq!(["llama-3.1-8b", "gpt-oss-120b", "llama-4-scout", "unheard-of"].map(blocks), [100, 200, 400, 100]);
    }

    #[test]
    fn groups_are_cut_down_to_what_can_be_simulated() {
        assert_eq!([0, 1, 3, 4, 6, 16, 72].map(parallel), [1, 1, 2, 4, 4, 8, 8]);
    }
}
