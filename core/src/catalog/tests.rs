//! What every table of the catalogue promises.

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
    for rate in c.gpus.iter().flat_map(|g| &g.arithmetic) {
        assert!(known(&rate.source), "{} {:?}", rate.gpu, rate.arithmetic);
    }
    let formats = c.weight_formats.iter().map(|f| &f.source);
    for source in formats.chain(c.quantizations.iter().map(|q| &q.source)) {
        assert!(known(source), "{source}");
    }
    for v in &c.engine_versions {
        assert!(known(&v.source), "{}", v.version);
    }
    for t in &c.all_reduce {
        assert!(known(&t.source), "{} x {}", t.gpu, t.gpus);
    }
    for n in &c.networks {
        assert!(known(&n.source) && n.gb_s_per_gpu > 0.0, "{}", n.id);
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
        let all = [g.gemm_compute_eff, g.gemm_memory_eff, g.attention_prefill_eff, g.kv_read_eff, g.fp8_kv_read_eff];
        for eff in all.into_iter().chain(g.arithmetic.iter().flat_map(|r| [r.gemm_compute_eff, r.gemm_memory_eff])) {
            assert!(eff > 0.25 && eff < 1.0, "{}: {eff}", g.id);
        }
        for scale in [g.widened_experts_memory_scale, g.widened_experts_compute_scale] {
            assert!(scale > 0.4 && scale <= 1.0, "{}: {scale}", g.id);
        }
        assert!(
            (1.0..1.2).contains(&g.step_scale),
            "{}: kernels are timed alone, so steps take longer, by little",
            g.id
        );
        for rate in &g.arithmetic {
            // Narrower numbers are multiplied as fast or up to about six times as fast; a sparse figure would leave this.
            let ratio = rate.dense_tflops / g.bf16_dense_tflops;
            assert!((1.0..6.5).contains(&ratio), "{} {:?}: {ratio}", g.id, rate.arithmetic);
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
    }
}

#[test]
fn ids_are_unique() {
    let c = Catalog::builtin();
    let models_and_gpus = c.gpus.iter().map(|g| g.id.as_str()).chain(c.models.iter().map(|m| m.id.as_str())).collect();
    let formats = c.weight_formats.iter().map(|f| f.id.as_str()).collect();
    let methods = c.quantizations.iter().map(|q| q.method.as_str()).collect();
    for mut ids in [models_and_gpus, formats, methods] as [Vec<&str>; 3] {
        let n = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), n);
    }
}

#[test]
fn every_row_belongs_to_something() {
    let c = Catalog::builtin();
    for (model, blocks) in block::read() {
        assert!(c.model(&model).is_some(), "blocks of {model}");
        assert!(blocks.count > 0, "{model}");
    }
    let rates: usize = c.gpus.iter().map(|g| g.arithmetic.len()).sum();
    assert_eq!(
        rates,
        include_str!("../../data/arithmetic.csv").lines().count() - 1,
        "a rate of an unknown accelerator"
    );
    for model in &c.models {
        let of = |id: &str| c.weight_format(id).unwrap_or_else(|| panic!("{}: format {id}", model.id));
        assert!(of(&model.weights).bytes_per_weight <= 2.0 && of(&model.expert_weights).bytes_per_weight <= 2.0);
    }
    for q in &c.quantizations {
        assert!(c.weight_format(&q.weights).is_some() && c.weight_format(&q.expert_weights).is_some(), "{}", q.method);
    }
}

#[test]
fn models_are_made_as_the_physics_expects() {
    for m in &Catalog::builtin().models {
        let mixers = m.blocks.iter().filter(|b| b.block.heads().is_some()).count();
        assert!(mixers > 0 && mixers < m.blocks.len(), "{}: something mixes tokens, something does not", m.id);
        let attends = |b: &Blocks| matches!(b.block, Block::Attention(_) | Block::LatentAttention(_));
        assert!(m.blocks.iter().any(attends), "{}: a KV cache has to hold something", m.id);
        assert!(m.blocks.iter().filter(|b| matches!(b.block, Block::Experts(_))).count() <= 1, "{}", m.id);
        let mut spans: Vec<u32> = m.blocks.iter().filter_map(|b| b.block.span_tokens()).collect();
        spans.dedup();
        assert!(spans.len() <= 1, "{}: one bound of attention per model, not {spans:?}", m.id);
        for blocks in &m.blocks {
            if let Block::Attention(a) = blocks.block {
                assert_eq!(a.heads % a.kv_heads, 0, "{}", m.id);
            }
        }
    }
}

/// Totals that the models' publishers name, in billions, for one model of each kind.
#[test]
fn published_totals() {
    let c = Catalog::builtin();
    let published = [
        ("llama-3.1-8b", 8.03, 0.001),
        ("llama-4-scout", 109.0, 0.012),
        ("gpt-oss-120b", 116.8, 0.001),
        ("deepseek-v3", 671.0, 0.001),
        ("kimi-k2", 1026.0, 0.001),
        ("qwen3-next-80b-a3b", 80.0, 0.005),
        ("granite-4.0-h-small", 32.0, 0.007),
        ("nemotron-3-super-120b-a12b", 120.0, 0.006),
        ("gemma-3-27b", 27.0, 0.001),
        ("gemma-4-26b-a4b", 25.2, 0.002),
    ];
    for (id, billions, tolerance) in published {
        let params = c.model(id).expect("in the catalogue").params as f64 / 1e9;
        assert!((params / billions - 1.0).abs() < tolerance, "{id}: {params}");
    }
}

#[test]
fn checkpoints_weigh_what_they_are_published_to() {
    let c = Catalog::builtin();
    let gb = |id: &str, quantization: Option<&str>| {
        let model = c.model(id).expect("in the catalogue");
        model.weight_bytes(&c.precision(model, quantization).expect("known")) / 1e9
    };
    // Experts in mxfp4, the rest in bf16; fp8 but for embeddings; bf16.
    assert!((gb("gpt-oss-120b", None) - 65.2).abs() < 0.1);
    assert!((gb("deepseek-v3", None) - 673.2).abs() < 0.1);
    assert!((gb("llama-3.1-8b", None) - 16.06).abs() < 0.01);
    assert!((gb("deepseek-v3", Some("none")) - 2.0 * 671.03).abs() < 0.1);
    assert!(gb("llama-3.1-8b", Some("awq")) < gb("llama-3.1-8b", Some("fp8")));
    assert!(gb("gpt-oss-20b", Some("mxfp4")) < gb("gpt-oss-20b", Some("none")));
    let model = c.model("llama-3.1-8b").expect("in the catalogue");
    assert!(c.precision(model, Some("hope")).is_none());
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
