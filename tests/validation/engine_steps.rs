//! Single steps of real engines, by the composition of their batches.
//!
//! The engines ran Llama-2-70B and CodeLlama-34B in bf16.

use crate::{csv, measured, median, say};
use playground_core::catalog::Catalog;
use playground_core::latency::{Batch, Layout, Physics, Sampling, StepModel};

/// Largest median error: model families differ by 3 % under any common constants (no single law fits both), doubled.
const MEDIAN_MAX: f64 = 0.06;

/// (name in the file, model of the catalogue, tensor parallelism).
const ENGINES: [(&str, &str, u32); 3] =
    [("llama-2-70b", "llama-2-70b", 4), ("llama-2-70b-hf", "llama-2-70b", 4), ("codellama-34b", "codellama-34b", 2)];

#[test]
fn durations() {
    let files = ["kernels/vllm_engine_steps_h100_exact.csv", "blis/training16_aggregates.csv"].map(measured);
    let [Some(steps), Some(runs)] = files else { return };
    let (rows, runs) = (csv::read(&steps), csv::read(&runs));
    for (name, model, tp) in ENGINES {
        let law = law(model, tp);
        let steps: Vec<_> = rows.iter().filter(|row| row.text("model") == name).collect();
        let held = held(&runs, steps.first().expect("there are steps of it").text("exp"));
        let (mut decode, mut mixed) = (Vec::new(), Vec::new());
        for row in steps {
            let (Some(batch), Some(us)) = (batch(row, held), row.number("step_us")) else { continue };
            let error = law.duration(&batch) as f64 / 1e6 / us - 1.0;
            if batch.prefill_tokens > 0 { mixed.push(error) } else { decode.push(error) }
        }
        let size = |errors: &[f64]| median(errors.iter().map(|e| e.abs()).collect());
        say(&format!(
            "steps of {name} on {tp} H100: decode {:.1} % (bias {:+.1} %, n {}), mixed {:.1} % (bias {:+.1} %, n {})",
            100.0 * size(&decode),
            100.0 * median(decode.clone()),
            decode.len(),
            100.0 * size(&mixed),
            100.0 * median(mixed.clone()),
            mixed.len()
        ));
        assert!(size(&decode) <= MEDIAN_MAX, "decode steps of {name}");
    }
}

/// Tokens a request of a run holds, on average while it decodes: its prompt and half of its output.
fn held(runs: &[csv::Row], exp: &str) -> f64 {
    let run = runs.iter().find(|row| row.text("exp") == exp).expect("the run is in its file");
    let number = |column: &str| run.number(column).expect("a number");
    number("prompt_len_mean") + number("output_len_set") / 2.0
}

/// What a recorded step computed. Prompts were cached but for their ends, so a piece comes after most of its prompt.
fn batch(row: &csv::Row, held: f64) -> Option<Batch> {
    let decode = row.number("n_decode")?;
    let (pieces, tokens) = (row.number("n_prefill")? as u32, row.number("prefill_tok")? as u32);
    let mut batch = Batch { decode_seqs: decode as u32, decode_ctx_tokens: (decode * held) as u64, ..Batch::default() };
    for i in 0..pieces {
        let piece = tokens / pieces + u32::from(i < tokens % pieces);
        batch.add_chunk(piece, (held as u32).saturating_sub(piece), true);
    }
    Some(batch)
}

fn law(model: &str, tensor_parallel: u32) -> StepModel {
    let catalog = Catalog::builtin();
    let model = catalog.model(model).expect("in the catalogue");
    let gpu = catalog.gpu("h100-sxm").expect("in the catalogue");
    StepModel::Physics(Box::new(Physics::new(&Layout {
        model,
        gpu,
        precision: &catalog.precision(model, None).expect("its own"),
        tensor_parallel,
        all_reduce: catalog.all_reduce(gpu, tensor_parallel),
        sampling: Sampling::Greedy,
        graph_tokens_max: 512,
        max_num_seqs: 1024,
    })))
}
