//! What the memory of each kind of model has to add up to.

use super::*;
use crate::catalog::Catalog;

const UTILIZATION: f64 = 0.92;

fn sized(model: &str, gpu: &str, tp: u32, quantization: Option<&str>, fp8_kv: bool) -> KvSizing {
    let c = Catalog::builtin();
    let model = c.model(model).expect("in the catalogue");
    let precision = Precision { fp8_kv, ..c.precision(model, quantization).expect("known") };
    kv_sizing(&MemoryDemand {
        model,
        gpu: c.gpu(gpu).expect("in the catalogue"),
        precision: &precision,
        tensor_parallel: tp,
        spread: Spread::default(),
        gpu_memory_utilization: UTILIZATION,
        max_num_batched_tokens: 8192,
        max_num_seqs: 256,
        block_size: 16,
        drafter: None,
    })
}

#[test]
fn memory_adds_up() {
    let one = sized("qwen3-14b", "h100-sxm", 1, None, false);
    assert!((one.weights_gib + one.overhead_gib + one.kv_gib - UTILIZATION * 79.1).abs() < 1e-9);
    assert!((one.kv_bytes_per_token - 163_840.0).abs() < 1e-9);
    assert_eq!(one.law, KvLaw::default());
    let two = sized("qwen3-14b", "h100-sxm", 2, None, false);
    assert!(two.blocks > 2 * one.blocks, "half the weights and half the KV per token on each GPU");
}

#[test]
fn a_model_too_large_leaves_no_block() {
    let got = sized("llama-3.1-70b", "l40s", 1, None, false);
    assert_eq!(got.blocks, 0);
    assert!(got.kv_gib < -80.0);
}

#[test]
fn weights_of_one_gpu_are_all_of_them() {
    let c = Catalog::builtin();
    for model in &c.models {
        for quantization in [None, Some("none"), Some("fp8"), Some("awq"), Some("mxfp4")] {
            let precision = c.precision(model, quantization).expect("known");
            let got = sized(&model.id, "b300-sxm", 1, quantization, false).weights_gib * GIB;
            let whole = model.weight_bytes(&precision);
            // Vectors count as bf16 here and as their matrix's format there; latent keys' and values' matrix stays in bf16.
            let tolerance =
                if model.blocks.iter().any(|b| matches!(b.block, Block::LatentAttention(_))) { 0.01 } else { 1e-3 };
            assert!((got / whole - 1.0).abs() < tolerance, "{} {quantization:?}: {got} of {whole}", model.id);
        }
    }
}

#[test]
fn key_and_value_heads_repeat_beyond_their_number() {
    // Four heads: over eight GPUs each keeps one, and the weights that make it.
    let [four, eight] = [4, 8].map(|tp| sized("qwen3-30b-a3b", "h100-sxm", tp, None, false));
    assert_eq!(four.kv_bytes_per_token, eight.kv_bytes_per_token);
    assert!(2.0 * eight.weights_gib > four.weights_gib);
}

#[test]
fn latents_are_kept_whole_on_every_gpu() {
    let one = sized("deepseek-v3", "b300-sxm", 4, None, false);
    let two = sized("deepseek-v3", "b300-sxm", 8, None, false);
    assert_eq!(one.kv_bytes_per_token, 70_272.0);
    assert_eq!(two.kv_bytes_per_token, 70_272.0);
    // An index keeps a key of 128 fp8 numbers and a scale per token besides, whatever the cache is held in.
    assert_eq!(sized("deepseek-v3.2", "b300-sxm", 8, None, false).kv_bytes_per_token, 78_324.0);
    assert_eq!(sized("deepseek-v3.2", "b300-sxm", 8, None, true).kv_bytes_per_token, 78_324.0 - 70_272.0 / 2.0);
}

#[test]
fn windows_bound_what_a_sequence_keeps() {
    let s = sized("gpt-oss-120b", "h100-sxm", 2, None, false);
    assert_eq!((s.kv_bytes_per_token, s.window_bytes_per_token), (18_432.0, 18_432.0));
    assert_eq!(s.law, KvLaw { window_blocks: 1, window_tokens: 128, state_blocks: 0 });
    assert_eq!(s.sequence_bytes(100_000.0), 18_432.0 * 100_128.0);
    // 52 layers with a window beside 10 without: six groups of ten, the last one padded.
    let s = sized("gemma-3-27b", "h100-sxm", 1, None, false);
    assert_eq!(s.law, KvLaw { window_blocks: 6, window_tokens: 1024, state_blocks: 0 });
    // A sequence of 100 000 tokens keeps a quarter of what it would without windows.
    let whole = (s.kv_bytes_per_token + s.window_bytes_per_token) * 100_000.0;
    assert!(s.sequence_bytes(100_000.0) < 0.25 * whole);
}

#[test]
fn states_do_not_grow() {
    let s = sized("qwen3-next-80b-a3b", "b200-sxm", 1, None, false);
    assert_eq!((s.kv_bytes_per_token, s.state_bytes), (24_576.0, 77_266_944.0));
    assert_eq!(s.law.state_blocks, 197);
    let split = sized("qwen3-next-80b-a3b", "b200-sxm", 2, None, false);
    assert_eq!((split.kv_bytes_per_token, split.state_bytes), (12_288.0, 38_633_472.0));
}

#[test]
fn narrower_numbers_leave_more_room() {
    for (model, gpu) in [("llama-3.1-70b", "h100-sxm"), ("mixtral-8x7b", "h100-sxm"), ("gemma-3-27b", "a100-80g-sxm")] {
        let blocks = |quantization, fp8_kv| sized(model, gpu, 4, quantization, fp8_kv).blocks;
        assert!(blocks(Some("fp8"), false) > blocks(None, false));
        assert!(blocks(Some("modelopt_fp4"), false) > blocks(Some("fp8"), false));
        assert!(blocks(Some("gptq"), false) > blocks(Some("modelopt_fp4"), false));
        assert_eq!(blocks(None, true) / 2, blocks(None, false), "{model}");
    }
}

/// A layer that drafts keeps as much of a window as the model's own do, so that sequences take as many blocks.
#[test]
fn a_drafting_layer_takes_memory_and_no_blocks_more() {
    let c = Catalog::builtin();
    for model in &c.models {
        let precision = c.precision(model, None).expect("its own");
        let demand = |drafter| MemoryDemand {
            model,
            gpu: c.gpu("b200-sxm").expect("in the catalogue"),
            precision: &precision,
            tensor_parallel: 1,
            spread: Spread::default(),
            gpu_memory_utilization: UTILIZATION,
            max_num_batched_tokens: 8192,
            max_num_seqs: 256,
            block_size: 16,
            drafter,
        };
        let [plain, drafted] = [None, Some(DrafterMemory::Layer)].map(|drafter| kv_sizing(&demand(drafter)));
        assert_eq!(plain.law.window_blocks, drafted.law.window_blocks, "{}", model.id);
        assert!(drafted.weights_gib > plain.weights_gib && drafted.kv_bytes_per_token > plain.kv_bytes_per_token);
    }
}
