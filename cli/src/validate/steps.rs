//! Single steps of real engines, by the composition of their batches: the step model alone, without a queue.

use super::statistics::quantile_of;
use playground_core::catalog::Catalog;
use playground_core::latency::{Batch, StepModel};
use playground_core::scenario::{Scenario, resolve};
use playground_interop::measured::{Problem, Record, Sheet};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const STEPS: &str = "kernels/vllm_engine_steps_h100_exact.csv";
const RUNS: &str = "blis/training16_aggregates.csv";

/// The engines whose steps are recorded: name in the file, model, GPUs.
const ENGINES: [(&str, &str, u32); 3] =
    [("llama-2-70b", "llama-2-70b", 4), ("llama-2-70b-hf", "llama-2-70b", 4), ("codellama-34b", "codellama-34b", 2)];

/// Errors of the steps of one kind of one engine.
#[derive(Clone, Debug, serde::Serialize)]
pub struct StepErrors {
    /// The engine.
    pub engine: String,
    /// Whether a prompt is in the step.
    pub mixed: bool,
    /// How many steps.
    pub steps: u32,
    /// Median absolute error.
    pub median: f64,
    /// 90th percentile of the absolute error.
    pub p90: f64,
    /// Median signed error.
    pub bias: f64,
}

/// Errors of recorded steps, by engine and kind; and the absolute errors of all.
#[must_use]
pub fn step_errors(dir: &Path, problems: &mut Vec<Problem>) -> (Vec<StepErrors>, Vec<f64>) {
    let mut sheets = Vec::new();
    for file in [STEPS, RUNS] {
        match Sheet::read(&dir.join(file)) {
            Ok(sheet) => sheets.push(sheet),
            Err(message) => problems.push(Problem { file: file.into(), row: None, message }),
        }
    }
    let [steps, runs] = sheets.as_slice() else { return (Vec::new(), Vec::new()) };
    let held = held(runs);
    let mut errors: BTreeMap<(String, bool), Vec<f64>> = BTreeMap::new();
    for (name, model, tensor_parallel) in ENGINES {
        let Some(law) = law(model, tensor_parallel) else {
            let message = format!("the catalogue has no {model} on {tensor_parallel} H100");
            problems.push(Problem { file: STEPS.into(), row: None, message });
            continue;
        };
        for record in steps.records().filter(|r| r.text("model") == name) {
            let Some((batch, us)) = step(&record, &held) else { continue };
            let key = (format!("{model} on {tensor_parallel} × H100"), batch.prefill_tokens > 0);
            errors.entry(key).or_default().push(law.duration(&batch) as f64 / 1e6 / us - 1.0);
        }
    }
    let all = errors.values().flatten().map(|e| e.abs()).collect();
    let summary = |((engine, mixed), errors): ((String, bool), Vec<f64>)| {
        let sizes: Vec<f64> = errors.iter().map(|e| e.abs()).collect();
        Some(StepErrors {
            engine,
            mixed,
            steps: errors.len() as u32,
            median: quantile_of(&sizes, 0.5)?,
            p90: quantile_of(&sizes, 0.9)?,
            bias: quantile_of(&errors, 0.5)?,
        })
    };
    (errors.into_iter().filter_map(summary).collect(), all)
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

fn law(model: &str, tensor_parallel: u32) -> Option<Arc<StepModel>> {
    let mut s = Scenario::default();
    let pool = &mut s.topology.pools[0];
    (pool.model, pool.gpu, pool.replicas) = (model.into(), "h100-sxm".into(), 1);
    pool.engine.tensor_parallel_size = tensor_parallel;
    pool.engine.sampling = "greedy".into();
    s.workload.arrival.rate_rps = 0.01;
    s.run.requests = 10;
    let plan = resolve(&s, &Catalog::builtin()).ok()?;
    Some(plan.pools()[0].step_model.clone())
}
