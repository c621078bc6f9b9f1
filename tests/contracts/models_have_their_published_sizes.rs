//! The catalogue's models against a collection of published dimensions and sizes, where that lies beside the checkout
//! (`../shared`): every model of it is in the catalogue, with the same parameters, weights, KV bytes and states.

use playground_core::catalog::{Arithmetic, Catalog, Model};
use playground_core::latency::{KvSizing, MemoryDemand, Spread, kv_sizing};
use serde_json::Value;
use std::path::Path;

/// Largest difference of totals: norms that only one side counts.
const TOLERANCE: f64 = 1e-4;

fn facts(file: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/facts").join(file);
    let text = std::fs::read_to_string(path).ok()?;
    Some(serde_json::from_str(&text).expect("facts are JSON"))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}

/// One GPU holding all of it: what it keeps per token and per sequence.
fn sized(catalog: &Catalog, model: &Model) -> KvSizing {
    kv_sizing(&MemoryDemand {
        model,
        gpu: &catalog.gpus[0],
        precision: &catalog.precision(model, None).expect("its own"),
        tensor_parallel: 1,
        spread: Spread::default(),
        gpu_memory_utilization: 0.9,
        max_num_batched_tokens: 1,
        max_num_seqs: 1,
        block_size: 16,
        drafter: None,
    })
}

#[test]
fn models() {
    let Some(facts) = facts("models.json") else { return };
    let catalog = Catalog::builtin();
    let facts = facts["models"].as_array().expect("a list");
    assert_eq!(facts.len(), catalog.models.len());
    for fact in facts {
        let id = fact["id"].as_str().expect("an id");
        let model = catalog.model(id).unwrap_or_else(|| panic!("{id} is not in the catalogue"));
        let near = |what: &str, ours: f64, theirs: &Value| {
            let theirs = number(theirs);
            assert!((ours - theirs).abs() <= TOLERANCE * theirs, "{id}: {what} {ours}, not {theirs}");
        };
        assert_eq!(Some(model.hf_id.as_str()), fact["hf_id"].as_str());
        near("parameters", model.params as f64, &fact["params"]["total"]);
        near("active parameters", model.params_active as f64, &fact["params"]["active_per_token"]);
        near("longest context", f64::from(model.max_context_tokens), &fact["max_context"]);
        let precision = catalog.precision(model, None).expect("its own");
        near("weights", model.weight_bytes(&precision), &fact["weight_bytes_native"]);
        let sizing = sized(&catalog, model);
        near("KV bytes", sizing.kv_bytes_per_token, &fact["kv_bytes_per_token_bf16_global_layers"]);
        near("KV bytes in windows", sizing.window_bytes_per_token, &fact["kv_bytes_per_token_bf16_window_layers"]);
        near("state", sizing.state_bytes, &fact["state_bytes_per_sequence"]);
        let window = &fact["sliding_window"]["window"];
        near("window", if window.is_null() { 0.0 } else { f64::from(sizing.law.window_tokens) }, window);
    }
}

#[test]
fn accelerators() {
    let Some(facts) = facts("gpus.json") else { return };
    let catalog = Catalog::builtin();
    let list = facts["gpus"].as_array().or_else(|| facts["accelerators"].as_array()).expect("a list");
    for fact in list {
        let id = fact["id"].as_str().expect("an id");
        let gpu = catalog.gpu(id).unwrap_or_else(|| panic!("{id} is not in the catalogue"));
        assert_eq!(gpu.bf16_dense_tflops, number(&fact["dense_tflops"]["bf16"]), "{id}");
        for (arithmetic, name) in [(Arithmetic::Fp8, "fp8"), (Arithmetic::Fp4, "fp4")] {
            let ours = gpu.rate(arithmetic).map_or(0.0, |r| r.dense_tflops);
            assert_eq!(ours, number(&fact["dense_tflops"][name]), "{id} {name}");
        }
    }
}
