//! Single steps of real engines, by the composition of their batches: the step model alone, without a queue.

use super::statistics::quantile_of;
use playground_core::base::math;
use playground_core::catalog::Catalog;
use playground_core::latency::{Batch, StepModel};
use playground_core::scenario::{Scenario, resolve};
use playground_interop::measured::{Problem, Record, Sheet, sampling};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const STEPS: &str = "kernels/vllm_engine_steps_h100_exact.csv";
const RUNS: &str = "blis/training16_aggregates.csv";

/// The GPU they ran on.
const GPU: &str = "h100-sxm";

/// The engines whose steps are recorded: name in the file, model, GPUs.
const ENGINES: [(&str, &str, u32); 3] =
    [("llama-2-70b", "llama-2-70b", 4), ("llama-2-70b-hf", "llama-2-70b", 4), ("codellama-34b", "codellama-34b", 2)];

/// Errors of the steps of one kind of one engine.
#[derive(Clone, Debug, serde::Serialize)]
pub struct StepErrors {
    /// The engine.
    pub engine: String,
    /// Sequences in the step.
    pub running: String,
    /// Tokens of prompts in it.
    pub prompt_tokens: String,
    /// How many steps.
    pub steps: u32,
    /// Median absolute error.
    pub median: f64,
    /// 90th percentile of the absolute error.
    pub p90: f64,
    /// Median signed error.
    pub bias: f64,
}

/// Steps of one engine.
pub struct Recording {
    /// The engine.
    pub engine: String,
    /// Model on GPU, as of whole runs.
    pub group: String,
    model: &'static str,
    tensor_parallel: u32,
    /// What each computed, and how long it took, µs.
    steps: Vec<(Batch, f64)>,
}

/// A recorded step against the step model.
pub struct Step {
    /// What it computed.
    pub batch: Batch,
    /// Log of simulated over measured.
    pub log: f64,
}

/// The recordings of a directory.
#[must_use]
pub fn recordings(dir: &Path, problems: &mut Vec<Problem>) -> Vec<Recording> {
    let mut sheets = Vec::new();
    for file in [STEPS, RUNS] {
        match Sheet::read(&dir.join(file)) {
            Ok(sheet) => sheets.push(sheet),
            Err(message) => problems.push(Problem { file: file.into(), row: None, message }),
        }
    }
    let [steps, runs] = sheets.as_slice() else { return Vec::new() };
    let held = held(runs);
    let recording = |(name, model, tensor_parallel): (&str, &'static str, u32)| Recording {
        engine: format!("{model} on {tensor_parallel} × H100"),
        group: format!("{model} on {GPU}"),
        model,
        tensor_parallel,
        steps: steps.records().filter(|r| r.text("model") == name).filter_map(|r| step(&r, &held)).collect(),
    };
    ENGINES.map(recording).into_iter().filter(|r| !r.steps.is_empty()).collect()
}

impl Recording {
    /// Every step against the model with these constants; nothing where the catalogue lacks the engine.
    #[must_use]
    pub fn against(&self, catalog: &Catalog) -> Vec<Step> {
        let Some(law) = law(self.model, self.tensor_parallel, catalog) else { return Vec::new() };
        let of =
            |(batch, us): &(Batch, f64)| Step { batch: *batch, log: math::ln(law.duration(batch) as f64 / 1e6 / us) };
        self.steps.iter().map(of).collect()
    }
}

/// Sequences in a step, and tokens of prompts, from which on it counts as of the next bin.
const RUNNING_BINS: [u32; 3] = [16, 32, 64];
const PROMPT_BINS: [u32; 3] = [1, 17, 129];

/// Errors of recorded steps by engine and bin, each engine under its own constants.
#[must_use]
pub fn step_errors<'a>(
    recordings: &[Recording],
    catalog_of: impl Fn(&Recording) -> &'a Catalog,
) -> (Vec<StepErrors>, Vec<f64>) {
    let mut errors: BTreeMap<(String, usize, usize), Vec<f64>> = BTreeMap::new();
    for recording in recordings {
        for step in recording.against(catalog_of(recording)) {
            let bin = |bins: &[u32], n: u32| bins.iter().filter(|from| n >= **from).count();
            let running = bin(&RUNNING_BINS, step.batch.decode_seqs + step.batch.prefill_chunks);
            let key = (recording.engine.clone(), running, bin(&PROMPT_BINS, step.batch.prefill_tokens));
            errors.entry(key).or_default().push(math::exp(step.log) - 1.0);
        }
    }
    let all = errors.values().flatten().map(|e| e.abs()).collect();
    let summary = |((engine, running, prompt), errors): ((String, usize, usize), Vec<f64>)| {
        let sizes: Vec<f64> = errors.iter().map(|e| e.abs()).collect();
        Some(StepErrors {
            engine,
            running: bin_name(&RUNNING_BINS, running),
            prompt_tokens: bin_name(&PROMPT_BINS, prompt),
            steps: errors.len() as u32,
            median: quantile_of(&sizes, 0.5)?,
            p90: quantile_of(&sizes, 0.9)?,
            bias: quantile_of(&errors, 0.5)?,
        })
    };
    (errors.into_iter().filter_map(summary).collect(), all)
}

fn bin_name(bins: &[u32], bin: usize) -> String {
    match (bin.checked_sub(1).map(|b| bins[b]), bins.get(bin)) {
        (None, Some(1)) => "0".into(),
        (None, Some(to)) => format!("below {to}"),
        (Some(from), Some(to)) => format!("{from} to {}", to - 1),
        (Some(from), None) => format!("{from} and more"),
        (None, None) => "any".into(),
    }
}

/// Tokens a request of each run holds, on average while it decodes: its prompt and half of its output.
fn held(runs: &Sheet) -> BTreeMap<String, f64> {
    let of = |r: Record<'_>| {
        Some((r.text("exp").to_string(), r.number("prompt_len_mean")? + r.number("output_len_set")? / 2.0))
    };
    runs.records().filter_map(of).collect()
}

/// What a recorded step computed, and how long it took, µs. Prompts were cached but for their ends, so a piece comes
/// after most of its prompt.
fn step(record: &Record<'_>, held: &BTreeMap<String, f64>) -> Option<(Batch, f64)> {
    let held = *held.get(record.text("exp"))?;
    let decode = record.number("n_decode")?;
    let (pieces, tokens) = (record.number("n_prefill")? as u32, record.number("prefill_tok")? as u32);
    let mut batch = Batch { decode_seqs: decode as u32, decode_ctx_tokens: (decode * held) as u64, ..Batch::default() };
    for i in 0..pieces {
        let piece = tokens / pieces + u32::from(i < tokens % pieces);
        batch.add_chunk(piece, (held as u32).saturating_sub(piece), true);
    }
    Some((batch, record.number("step_us")?))
}

fn law(model: &str, tensor_parallel: u32, catalog: &Catalog) -> Option<Arc<StepModel>> {
    let mut s = Scenario::default();
    let pool = &mut s.topology.pools[0];
    (pool.model, pool.gpu, pool.replicas) = (model.into(), GPU.into(), 1);
    pool.engine.tensor_parallel_size = tensor_parallel;
    pool.engine.sampling = sampling(model).into();
    s.workload.arrival.rate_rps = 0.01;
    s.run.requests = 10;
    let plan = resolve(&s, catalog).ok()?;
    Some(plan.pools()[0].step_model.clone())
}
