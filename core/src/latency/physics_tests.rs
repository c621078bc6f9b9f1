//! What physics forbids, over every model on every GPU that can hold it, in every precision.

use super::*;
use crate::catalog::{Arithmetic, Catalog};
use crate::latency::{MemoryDemand, Spread, kv_sizing};
use alloc::string::String;

const QUANTIZATIONS: [Option<&str>; 7] =
    [None, Some("none"), Some("fp8"), Some("w8a8_int8"), Some("awq"), Some("mxfp4"), Some("modelopt_fp4")];

/// A layout of the catalogue.
#[derive(Clone, Debug)]
struct Case {
    model: String,
    gpu: String,
    tp: u32,
    precision: Precision,
}

impl Case {
    fn new(c: &Catalog, model: &str, gpu: &str, tp: u32) -> Self {
        let precision = c.precision(c.model(model).expect("in the catalogue"), None).expect("its own");
        Case { model: model.into(), gpu: gpu.into(), tp, precision }
    }

    fn quantized(self, c: &Catalog, quantization: Option<&str>, fp8_kv: bool) -> Self {
        let precision = c.precision(c.model(&self.model).expect("in the catalogue"), quantization).expect("known");
        Case { precision: Precision { fp8_kv, ..precision }, ..self }
    }

    fn physics(&self, c: &Catalog) -> Physics {
        self.joined(c, c.all_reduce(c.gpu(&self.gpu).expect("in the catalogue"), self.tp))
    }

    fn joined(&self, c: &Catalog, all_reduce: Option<AllReduceTable>) -> Physics {
        self.planned(c, all_reduce, true)
    }

    fn planned(&self, c: &Catalog, all_reduce: Option<AllReduceTable>, planned_ahead: bool) -> Physics {
        Physics::new(&Layout {
            model: c.model(&self.model).expect("in the catalogue"),
            gpu: c.gpu(&self.gpu).expect("in the catalogue"),
            constants: &c.constants,
            precision: &self.precision,
            tensor_parallel: self.tp,
            all_reduce,
            spread: Spread::default(),
            gather: None,
            stage_bytes_per_s: 1e11,
            part_tokens_max: 8192,
            sampling: Sampling::Greedy,
            graph_tokens_max: 512,
            max_num_seqs: 1024,
            planned_ahead,
            early_block_experts: false,
            drafting: None,
        })
    }

    fn fits(&self, c: &Catalog) -> bool {
        let model = c.model(&self.model).expect("in the catalogue");
        let sizing = kv_sizing(&MemoryDemand {
            model,
            gpu: c.gpu(&self.gpu).expect("in the catalogue"),
            precision: &self.precision,
            tensor_parallel: self.tp,
            spread: Spread::default(),
            gpu_memory_utilization: 0.92,
            max_num_batched_tokens: 2048,
            max_num_seqs: 64,
            block_size: 16,
            drafter: None,
        });
        model.unsplittable(self.tp).is_none() && sizing.law.longest(16, sizing.blocks) > 2000
    }
}

/// Every model on every GPU, over the fewest that hold it and over twice as many, in this precision.
fn everything(c: &Catalog, quantization: Option<&str>, fp8_kv: bool) -> Vec<Case> {
    let mut cases = Vec::new();
    for (model, gpu) in c.models.iter().flat_map(|m| c.gpus.iter().map(move |g| (m, g))) {
        let of = |tp: u32| Case::new(c, &model.id, &gpu.id, tp).quantized(c, quantization, fp8_kv);
        if let Some(fewest) = [1, 2, 4, 8].into_iter().find(|&tp| of(tp).fits(c)) {
            cases.push(of(fewest));
            cases.extend(Some(of(2 * fewest)).filter(|case| case.tp <= 8 && case.fits(c)));
        }
    }
    cases
}

fn decode(p: &Physics, seqs: u32, ctx: u32) -> Batch {
    let mut b = Batch::new(p.span_tokens);
    b.add_decodes(seqs, ctx);
    b
}

fn prefill(p: &Physics, tokens: u32, ctx: u32) -> Batch {
    let mut b = Batch::new(p.span_tokens);
    b.add_chunk(tokens, ctx, true);
    b
}

fn batches(p: &Physics) -> Vec<Batch> {
    let decodes = [(1, 0), (1, 100), (8, 30_000), (64, 2000), (512, 500), (1024, 4000)].map(|(n, c)| decode(p, n, c));
    let prefills = [(1, 0), (16, 0), (512, 0), (512, 20_000), (8192, 0)].map(|(n, c)| prefill(p, n, c));
    decodes.into_iter().chain(prefills).collect()
}

/// The fastest that a layout could multiply anything.
fn peak(c: &Catalog, case: &Case) -> f64 {
    let gpu = c.gpu(&case.gpu).expect("in the catalogue");
    let of = |a: Arithmetic| gpu.rate(a).map_or(gpu.bf16_flops(), |r| r.dense_tflops * 1e12);
    of(case.precision.weights.arithmetic).max(of(case.precision.expert_weights.arithmetic)).max(gpu.bf16_flops())
}

#[test]
fn no_step_runs_above_a_peak() {
    let c = Catalog::builtin();
    for quantization in QUANTIZATIONS {
        for fp8_kv in [false, true] {
            let cases = everything(&c, quantization, fp8_kv);
            assert!(cases.len() > c.models.len() * 5, "{quantization:?}: {}", cases.len());
            for case in cases {
                let (p, gpu) = (case.physics(&c), c.gpu(&case.gpu).expect("in the catalogue"));
                for b in batches(&p) {
                    let seconds = p.duration(&b) as f64 / PS_PER_S as f64;
                    assert!(p.flops(&b) / seconds < peak(&c, &case), "{case:?}: {b:?}");
                    assert!(p.bytes(&b) / seconds < gpu.bandwidth(), "{case:?}: {b:?}");
                }
            }
        }
    }
}

#[test]
fn every_model_is_held_by_some_machine() {
    let c = Catalog::builtin();
    let cases = everything(&c, None, false);
    for model in &c.models {
        assert!(cases.iter().any(|case| case.model == model.id), "{}", model.id);
    }
}

#[test]
fn better_hardware_and_more_of_it_is_never_slower() {
    let c = Catalog::builtin();
    let mut faster = c.clone();
    faster.gpus.iter_mut().for_each(|g| g.memory_bandwidth_gb_s *= 1.5);
    let mut stronger = c.clone();
    for g in &mut stronger.gpus {
        g.bf16_dense_tflops *= 1.5;
        g.arithmetic.iter_mut().for_each(|r| r.dense_tflops *= 1.5);
    }
    for quantization in [None, Some("fp8")] {
        for case in everything(&c, quantization, false) {
            let wider = Case { tp: 2 * case.tp, ..case.clone() };
            let p = case.joined(&c, None);
            let better = [case.joined(&faster, None), case.joined(&stronger, None)];
            let split = c.model(&case.model).expect("there").unsplittable(wider.tp).is_none();
            for b in batches(&p) {
                let now = p.duration(&b);
                assert!(better.iter().all(|q| q.duration(&b) <= now), "{case:?}: {b:?}");
                // Without the price of talking to each other, twice the GPUs do it in at most the time.
                assert!(!split || wider.joined(&c, None).duration(&b) <= now, "{case:?} over twice as many: {b:?}");
            }
        }
    }
}

#[test]
fn more_work_never_takes_less_time() {
    let c = Catalog::builtin();
    for case in everything(&c, None, false).into_iter().filter(|case| case.gpu == "h200-sxm" || case.gpu == "b300-sxm")
    {
        let p = case.physics(&c);
        let rises = |batches: &mut dyn Iterator<Item = Batch>| {
            let mut last = 0;
            for b in batches {
                let now = p.duration(&b);
                assert!(now >= last, "{case:?}: {b:?}");
                last = now;
            }
        };
        rises(&mut (1..=1024).map(|seqs| decode(&p, seqs, 500)));
        rises(&mut (0..100).map(|i| decode(&p, 32, 97 * i)));
        rises(&mut (1..8192).step_by(37).map(|tokens| prefill(&p, tokens, 0)));
        rises(&mut (0..100).map(|i| prefill(&p, 300, 97 * i)));
    }
}

#[test]
fn few_tokens_touch_few_experts() {
    let c = Catalog::builtin();
    let p = Case::new(&c, "qwen3-30b-a3b", "h100-sxm", 1).physics(&c);
    let (e, gemm) = p.parts.stacks[0].experts.as_ref().expect("a mixture of experts");
    let touched = |tokens| gemm.touched(e.count, e.per_token, tokens);
    assert!((touched(1.0) - 8.0).abs() < 1e-9);
    assert!(touched(8.0) > 50.0 && touched(8.0) < 64.0);
    assert!(touched(1000.0) > 127.9);
    let (one, many) = (p.duration(&decode(&p, 1, 100)), p.duration(&decode(&p, 64, 100)));
    assert!(many > 2 * one, "a larger batch must load more experts: {one} {many}");
}

#[test]
fn windows_and_states_make_long_contexts_cheap() {
    let c = Catalog::builtin();
    let grows = |model: &str, from: u32, to: u32| {
        let p = Case::new(&c, model, "b200-sxm", 1).quantized(&c, Some("fp8"), false).physics(&c);
        (p.duration(&decode(&p, 8, to)) - p.duration(&decode(&p, 8, from))) / u64::from(to - from)
    };
    // Beyond the window half of the layers of gpt-oss stop growing, and five of six of Gemma 3's: per token, a sixth.
    assert_eq!(grows("gpt-oss-20b", 0, 128), 2 * grows("gpt-oss-20b", 200, 400));
    let (below, beyond) = (grows("gemma-3-12b", 0, 1000), grows("gemma-3-12b", 1100, 2000));
    assert!((5 * beyond..7 * beyond).contains(&below), "{below} {beyond}");
    // Qwen3-Next keeps keys and values in one layer of four.
    let p = Case::new(&c, "qwen3-next-80b-a3b", "b200-sxm", 1).physics(&c);
    let per_token: f64 = p.parts.stacks.iter().flat_map(|s| s.looks.iter().map(|l| s.count * l.bytes)).sum();
    assert_eq!(per_token, 24_576.0);
    assert_eq!(p.parts.stacks.iter().map(|s| s.count * s.state_bytes).sum::<f64>(), 77_266_944.0);
}

#[test]
fn sparse_attention_reads_what_its_index_chose() {
    let c = Catalog::builtin();
    let [dense, sparse] = ["deepseek-v3", "deepseek-v3.2"].map(|m| Case::new(&c, m, "b200-sxm", 8).physics(&c));
    let step = |p: &Physics, ctx| p.duration(&decode(p, 32, ctx));
    assert!(step(&sparse, 2000) > step(&dense, 2000), "the index costs something");
    assert!(step(&sparse, 100_000) < step(&dense, 100_000), "and saves more");
}

#[test]
fn latent_attention_is_bound_by_arithmetic_where_heads_are_many() {
    // 128 heads on one GPU share one latent: on an A100, 16 times fewer FLOP a byte than an H100 has, arithmetic binds.
    let c = Catalog::builtin();
    let per_token = |tp: u32| {
        let p = Case::new(&c, "deepseek-v3", "a100-80g-sxm", tp).physics(&c);
        let read = p.bytes(&decode(&p, 1, 1000)) - p.bytes(&decode(&p, 1, 0));
        let reading = read / c.gpu("a100-80g-sxm").expect("there").bandwidth();
        1000.0 * p.parts.context_seconds(false, 1.0).0 / reading
    };
    assert!(per_token(1) > 2.0, "{}", per_token(1));
    assert!(per_token(8) < 1.5, "{}", per_token(8));
}

#[test]
fn narrow_weights_are_read_faster_and_multiplied_faster_only_where_the_gpu_can() {
    let c = Catalog::builtin();
    let of = |gpu: &str, quantization| {
        let p = Case::new(&c, "llama-3.1-70b", gpu, 4).quantized(&c, quantization, false).physics(&c);
        (p.duration(&decode(&p, 1, 100)), p.duration(&prefill(&p, 4096, 0)))
    };
    for (gpu, faster) in [("h100-sxm", true), ("a100-80g-sxm", false)] {
        let (bf16, fp8) = (of(gpu, Some("none")), of(gpu, Some("fp8")));
        assert!(fp8.0 < bf16.0, "{gpu} reads half the bytes");
        assert_eq!(fp8.1 < bf16.1, faster, "{gpu}: {fp8:?} {bf16:?}");
    }
    let (int4, bf16) = (of("h100-sxm", Some("gptq")), of("h100-sxm", Some("none")));
    assert!(int4.0 < bf16.0 && int4.1 > bf16.1, "weight-only products save bytes and no arithmetic");
}

#[test]
fn graph_sizes_are_vllms() {
    let sizes: Vec<u32> =
        [1, 2, 3, 4, 5, 8, 9, 250, 256, 257, 500, 512, 513].iter().map(|&s| graph_size(s, 512)).collect();
    assert_eq!(sizes, [1, 2, 4, 4, 8, 8, 16, 256, 256, 272, 512, 512, 513]);
}

#[test]
fn a_step_that_is_not_planned_ahead_is_longer_by_the_host_work() {
    let c = Catalog::builtin();
    let case = Case::new(&c, "llama-3.1-8b", "h100-sxm", 1);
    let [ahead, behind] = [true, false].map(|planned_ahead| case.planned(&c, None, planned_ahead));
    let mut prompts = Batch::new(ahead.span_tokens);
    prompts.add_chunk(900, 0, true);
    for batch in [decode(&ahead, 1, 100), decode(&ahead, 100, 2000), prompts] {
        let more = behind.duration(&batch) - ahead.duration(&batch);
        assert!(more.abs_diff((c.constants.unhidden_host_us * 1e6) as u64) <= 2, "{batch:?}: {more} ps");
    }
    assert_eq!(behind.duration(&Batch::new(None)), 0, "nothing to do takes no time");
}
