//! KV blocks: those that servers reported, and those that the memory model predicts.

use crate::{measured, median, say};
use playground_core::catalog::Catalog;
use playground_core::latency::{MemoryDemand, Spread, kv_sizing};
use playground_interop::measured::{Record, Sheet};
use std::collections::BTreeMap;

/// Largest median error: the residuals of the fit on servers of all kinds are near 1 %, those of unseen ones unknown.
const MEDIAN_MAX: f64 = 0.05;

#[test]
fn predicted_and_reported() {
    let files =
        ["blis/blis_experiments.csv", "blis/training16_aggregates.csv", "blis/residency_qwen3_14b_aggregates.csv"];
    let paths: Vec<_> = files.iter().filter_map(|file| measured(file)).collect();
    let sheets: Vec<Sheet> = paths.iter().map(|path| Sheet::read(path).expect("a table")).collect();
    // One error per kind of server, however many runs it made.
    let errors: BTreeMap<String, f64> = sheets.iter().flat_map(Sheet::records).filter_map(|row| error(&row)).collect();
    if paths.is_empty() {
        return;
    }
    for (server, error) in &errors {
        say(&format!("KV blocks of {server}: {:+.1} %", 100.0 * error));
    }
    let middle = median(errors.values().map(|e| e.abs()).collect());
    say(&format!("KV blocks: median error {:.1} % of {} servers", 100.0 * middle, errors.len()));
    assert!(middle <= MEDIAN_MAX, "median error of KV blocks is {middle}");
}

/// (server, predicted over reported − 1), for models and GPUs of our catalogue.
fn error(row: &Record<'_>) -> Option<(String, f64)> {
    let catalog = Catalog::builtin();
    let name = row.text("model");
    let model = catalog.models.iter().find(|m| base_name(&m.hf_id) == base_name(name))?;
    let gpu = row.text("gpu");
    let gpu = catalog.gpus.iter().find(|g| gpu.starts_with("H100") && g.id == "h100-sxm")?;
    let (tp, budget, seqs) = (row.number("tp")?, row.number("max_num_batched_tokens")?, row.number("max_num_seqs")?);
    // The file of residency runs does not say it; vLLM 0.23's default was 0.92.
    let utilization =
        row.number("gpu_mem_util").unwrap_or(if row.text("engine").contains("0.23") { 0.92 } else { 0.9 });
    let reported = row.number("kv_blocks_gpu")?;
    let predicted = kv_sizing(&MemoryDemand {
        model,
        gpu,
        precision: &catalog.precision(model, None).expect("its own"),
        tensor_parallel: tp as u32,
        spread: Spread::default(),
        gpu_memory_utilization: utilization,
        max_num_batched_tokens: budget as u32,
        max_num_seqs: seqs as u32,
        block_size: row.number("block_size")? as u32,
        drafter: None,
    });
    Some((format!("{} on {tp} {} at MBT {budget}", model.id, gpu.id), f64::from(predicted.blocks) / reported - 1.0))
}

/// The model a repository holds, without its owner and what it was tuned for.
fn base_name(hf_id: &str) -> String {
    let name = hf_id.split('/').next_back().unwrap_or_default().to_lowercase();
    name.trim_end_matches("-instruct-v0.1").trim_end_matches("-v0.1").trim_end_matches("-instruct").to_string()
}
