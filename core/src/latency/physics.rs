//! A step from first principles: what is computed and moved, at efficiencies measured on kernels.
//!
//! ```text
//! gemm(M,N,K) = t0 + ‖ 2MNK/(η_c F) , (2NK + 2MK + 2MN)/(η_m B) ‖₄
//! layer       = gemm(T, (q+2kv)d/tp, h) + gemm(T, h, qd/tp) + attention + mlp + t_layer + 24Th/(0.8B)
//!               + 2·AR(2Th)                                                           [tp > 1]
//! attention   = t_att + KV bytes/(η_k B) + 4(q/tp)d · Σ(nc + n²/2 + n s₀/2)/(η_a F)
//! mlp         = gemm(T, 2f/tp, h) + gemm(T, h, f/tp)                                  dense
//!             = t_moe + ‖ 6Tkhe/(tp η_e F) , (A·6he/tp + 2Tkh)/(η_em B) ‖₂            experts
//! A(T)        = E(1 − (1 − k/E)^T)                                   experts touched by T tokens
//! step        = L·layer + gemm(R, V/tp, h) + R·(t_seq + t_sample·V/128k) + [prefill](t_mix + n·t_chunk)
//! ```
//!
//! T tokens in the step (padded to the CUDA graph's size when all of them decode), R sequences that yield
//! a token, n and c tokens of a prompt's piece and before it, F and B the GPU's peaks. The 4-norm is a
//! smooth maximum: a product is bound by arithmetic or by memory, whichever is slower, so no term can run
//! above a peak. KV bytes are those of one GPU: heads are split over tp and repeat beyond them.

use super::Batch;
use super::constants as k;
use crate::base::{PS_PER_S, math};
use crate::catalog::{AllReduceTable, Gpu, Model};
use alloc::vec::Vec;

/// How the next token is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    /// The most likely token.
    Greedy,
    /// Top-k or top-p, as the generation defaults of most chat models ask.
    TopP,
}

/// How a model lies on its GPUs, and how it is run.
#[derive(Clone, Debug)]
pub struct Layout<'a> {
    /// The model.
    pub model: &'a Model,
    /// The accelerator.
    pub gpu: &'a Gpu,
    /// GPUs one replica is split over.
    pub tensor_parallel: u32,
    /// All-reduce times of that group; needed beyond one GPU.
    pub all_reduce: Option<AllReduceTable>,
    /// How tokens are sampled.
    pub sampling: Sampling,
    /// Largest decode batch run as a CUDA graph.
    pub graph_tokens_max: u32,
    /// Largest number of sequences in a batch.
    pub max_num_seqs: u32,
}

/// The step model of one layout, with everything that does not depend on the batch worked out.
#[derive(Clone, Debug)]
pub struct Physics {
    /// Time one token of context adds to a step, ps: its KV over all layers, read once.
    pub(super) ctx_ps: u64,
    /// Duration of a decode step without its context, ps, by number of sequences.
    decode_ps: Vec<u64>,
    parts: Parts,
}

impl Physics {
    /// Works the layout out.
    #[must_use]
    pub fn new(layout: &Layout<'_>) -> Self {
        let parts = Parts::new(layout);
        let ctx_ps = ps(parts.kv_seconds_per_token);
        let decode_ps = (0..=layout.max_num_seqs)
            .map(|seqs| {
                let padded = graph_size(seqs, layout.graph_tokens_max);
                ps(parts.step_without_context(f64::from(padded), f64::from(seqs), 0.0))
            })
            .collect();
        Physics { ctx_ps, decode_ps, parts }
    }

    pub(super) fn duration(&self, b: &Batch) -> u64 {
        if b.prefill_tokens == 0 {
            return self.decode_ps[b.decode_seqs as usize] + b.decode_ctx_tokens * self.ctx_ps;
        }
        let pairs = b.prefill_pairs_doubled as f64 / 2.0 + f64::from(b.prefill_tokens) * k::ATTENTION_HALF_TOKENS / 2.0;
        let seconds = self.parts.step_without_context(f64::from(b.tokens()), f64::from(b.sampled()), pairs)
            + k::MIXED_LATENCY
            + f64::from(b.prefill_chunks) * k::CHUNK_LATENCY;
        ps(seconds) + (b.decode_ctx_tokens + b.prefill_ctx_tokens) * self.ctx_ps
    }

    /// FLOP that a step of this batch cannot avoid, on one GPU: for tests against the peak.
    #[must_use]
    pub fn flops(&self, b: &Batch) -> f64 {
        let p = &self.parts;
        let t = f64::from(b.tokens());
        let products: f64 = p.products.iter().map(|(n, k)| 2.0 * n * k).sum::<f64>() * t
            + p.experts.map_or(0.0, |e| e.flops_per_token * t);
        let attention = p.attention_flops_per_pair * (b.prefill_pairs_doubled as f64 / 2.0);
        p.layers * (products + attention) + 2.0 * p.head.0 * p.head.1 * f64::from(b.sampled())
    }

    /// Bytes that a step of this batch cannot avoid reading, on one GPU: for tests against the peak.
    #[must_use]
    pub fn bytes(&self, b: &Batch) -> f64 {
        let p = &self.parts;
        let weights: f64 = p.products.iter().map(|(n, k)| 2.0 * n * k).sum::<f64>()
            + p.experts.map_or(0.0, |e| e.touched(f64::from(b.tokens())) * e.bytes_per_expert);
        let kv = p.kv_bytes_per_token * (b.decode_ctx_tokens + b.prefill_ctx_tokens) as f64;
        p.layers * weights + 2.0 * p.head.0 * p.head.1 + kv
    }
}

/// Sizes and rates of one layout.
#[derive(Clone, Debug)]
struct Parts {
    layers: f64,
    hidden: f64,
    /// (N, K) of a layer's dense products.
    products: Vec<(f64, f64)>,
    experts: Option<ExpertParts>,
    /// (N, K) of the LM head.
    head: (f64, f64),
    attention_flops_per_pair: f64,
    kv_bytes_per_token: f64,
    kv_seconds_per_token: f64,
    compute_rate: f64,
    memory_rate: f64,
    attention_rate: f64,
    elementwise_rate: f64,
    all_reduce: Option<AllReduceTable>,
    per_sequence: f64,
}

#[derive(Clone, Copy, Debug)]
struct ExpertParts {
    count: f64,
    per_token: f64,
    flops_per_token: f64,
    bytes_per_expert: f64,
    activation_bytes_per_token: f64,
    compute_rate: f64,
    memory_rate: f64,
}

impl Parts {
    fn new(layout: &Layout<'_>) -> Self {
        let Layout { model, gpu, .. } = layout;
        let tp = f64::from(layout.tensor_parallel);
        let h = f64::from(model.hidden_size);
        let q = model.q_width() as f64;
        let kv = model.kv_width() as f64 / tp.min(f64::from(model.kv_heads));
        let vocab = f64::from(model.vocab_size);
        let mut products = Vec::from([(q / tp + 2.0 * kv, h), (h, q / tp)]);
        if model.experts.is_none() {
            let f = f64::from(model.intermediate_size) / tp;
            products.extend([(2.0 * f, h), (h, f)]);
        }
        let sampling = match layout.sampling {
            Sampling::Greedy => 0.0,
            Sampling::TopP => k::SAMPLING_LATENCY * vocab / k::SAMPLING_VOCABULARY,
        };
        let kv_bytes_per_token = 4.0 * kv * f64::from(model.layers);
        let kv_rate = gpu.kv_read_eff * k::KV_READ_SCALE * gpu.bandwidth();
        Parts {
            layers: f64::from(model.layers),
            hidden: h,
            products,
            experts: ExpertParts::new(layout),
            head: (vocab / tp, h),
            attention_flops_per_pair: 4.0 * q / tp,
            kv_bytes_per_token,
            kv_seconds_per_token: kv_bytes_per_token / kv_rate,
            compute_rate: gpu.gemm_compute_eff * k::GEMM_COMPUTE_SCALE * gpu.bf16_flops(),
            memory_rate: gpu.gemm_memory_eff * gpu.bandwidth(),
            attention_rate: gpu.attention_prefill_eff * k::ATTENTION_LONG_SCALE * gpu.bf16_flops(),
            elementwise_rate: k::ELEMENTWISE_MEMORY_EFF * gpu.bandwidth(),
            all_reduce: layout.all_reduce.clone(),
            per_sequence: k::SEQUENCE_LATENCY + sampling,
        }
    }

    /// Seconds of a step of `tokens` tokens, `sampled` of whose sequences yield a token, with `pairs`
    /// query–key pairs of prefill; the reading of context is left to the caller.
    fn step_without_context(&self, tokens: f64, sampled: f64, pairs: f64) -> f64 {
        if tokens == 0.0 {
            return 0.0;
        }
        let dense: f64 = self.products.iter().map(|&(n, k)| self.gemm(tokens, n, k)).sum();
        let attention = k::ATTENTION_LATENCY + self.attention_flops_per_pair * pairs / self.attention_rate;
        let experts = self.experts.map_or(0.0, |e| e.seconds(tokens));
        let elementwise = k::ELEMENTWISE_BYTES * tokens * self.hidden / self.elementwise_rate;
        let layer = dense + attention + experts + k::LAYER_LATENCY + elementwise + 2.0 * self.all_reduce(tokens);
        self.layers * layer + self.gemm(sampled, self.head.0, self.head.1) + sampled * self.per_sequence
    }

    fn gemm(&self, m: f64, n: f64, k: f64) -> f64 {
        let compute = 2.0 * m * n * k / self.compute_rate;
        let memory = 2.0 * (n * k + m * k + m * n) / self.memory_rate;
        k::GEMM_LATENCY + math::norm4(compute, memory)
    }

    fn all_reduce(&self, tokens: f64) -> f64 {
        let Some(table) = &self.all_reduce else {
            return 0.0;
        };
        let latency = table.latency_us();
        let grown = table.us(2.0 * tokens * self.hidden) - latency;
        (k::ALL_REDUCE_LATENCY_SCALE * latency + k::ALL_REDUCE_BYTES_SCALE * grown) * 1e-6
    }
}

impl ExpertParts {
    fn new(layout: &Layout<'_>) -> Option<Self> {
        let e = layout.model.experts?;
        let tp = f64::from(layout.tensor_parallel);
        let h = f64::from(layout.model.hidden_size);
        let width = f64::from(e.intermediate_size);
        let per_token = f64::from(e.per_token);
        Some(ExpertParts {
            count: f64::from(e.count),
            per_token,
            flops_per_token: 6.0 * per_token * h * width / tp,
            bytes_per_expert: 6.0 * h * width / tp,
            activation_bytes_per_token: 2.0 * per_token * h,
            compute_rate: k::EXPERT_COMPUTE_EFF * layout.gpu.bf16_flops(),
            memory_rate: k::EXPERT_MEMORY_EFF * layout.gpu.bandwidth(),
        })
    }

    /// Experts that `tokens` tokens touch, if routing is balanced: E(1 − (1 − k/E)^T).
    fn touched(&self, tokens: f64) -> f64 {
        self.count * (1.0 - math::pow(1.0 - self.per_token / self.count, tokens))
    }

    fn seconds(&self, tokens: f64) -> f64 {
        let compute = self.flops_per_token * tokens / self.compute_rate;
        let bytes = self.touched(tokens) * self.bytes_per_expert + self.activation_bytes_per_token * tokens;
        k::EXPERT_LATENCY + math::norm2(compute, bytes / self.memory_rate)
    }
}

/// The CUDA graph a decode batch is padded to: 1, 2, 4, then by 8 up to 256, then by 16 up to the largest;
/// beyond that it runs as it is.
fn graph_size(seqs: u32, largest: u32) -> u32 {
    match seqs {
        0..=2 => seqs,
        3..=4 => 4,
        _ if seqs > largest => seqs,
        5..=256 => seqs.next_multiple_of(8),
        _ => seqs.next_multiple_of(16).min(largest),
    }
}

fn ps(seconds: f64) -> u64 {
    math::round(seconds * PS_PER_S as f64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    fn physics(c: &Catalog, model: &str, gpu: &str, tp: u32) -> Physics {
        Physics::new(&Layout {
            model: c.model(model).expect("in the catalogue"),
            gpu: c.gpu(gpu).expect("in the catalogue"),
            tensor_parallel: tp,
            all_reduce: c.all_reduce(c.gpu(gpu).expect("in the catalogue"), tp),
            sampling: Sampling::Greedy,
            graph_tokens_max: 512,
            max_num_seqs: 1024,
        })
    }

    fn decode(seqs: u32, ctx: u64) -> Batch {
        Batch { decode_seqs: seqs, decode_ctx_tokens: ctx * u64::from(seqs), ..Batch::default() }
    }

    fn prefill(tokens: u32) -> Batch {
        let mut b = Batch::default();
        b.add_chunk(tokens, 0, true);
        b
    }

    #[test]
    fn no_step_runs_above_a_peak() {
        let c = Catalog::builtin();
        for (gpu, model) in c.gpus.iter().flat_map(|g| c.models.iter().map(move |m| (g, m))) {
            for tp in [1, 2, 4] {
                let p = physics(&c, &model.id, &gpu.id, tp);
                for b in [decode(1, 100), decode(64, 2000), decode(512, 500), prefill(16), prefill(512), prefill(8192)]
                {
                    let seconds = p.duration(&b) as f64 / PS_PER_S as f64;
                    assert!(p.flops(&b) / seconds < gpu.bf16_flops(), "{} on {}: {b:?}", model.id, gpu.id);
                    assert!(p.bytes(&b) / seconds < gpu.bandwidth(), "{} on {}: {b:?}", model.id, gpu.id);
                }
            }
        }
    }

    #[test]
    fn few_tokens_touch_few_experts() {
        let c = Catalog::builtin();
        let p = physics(&c, "qwen3-30b-a3b", "h100-sxm", 1);
        let e = p.parts.experts.expect("a mixture of experts");
        assert!((e.touched(1.0) - 8.0).abs() < 1e-9);
        assert!(e.touched(8.0) > 50.0 && e.touched(8.0) < 64.0);
        assert!(e.touched(1000.0) > 127.9);
        let (one, many) = (p.duration(&decode(1, 100)), p.duration(&decode(64, 100)));
        assert!(many > 2 * one, "a larger batch must load more experts: {one} {many}");
    }

    #[test]
    fn more_work_never_takes_less_time() {
        let p = physics(&Catalog::builtin(), "llama-3.1-70b", "h100-sxm", 4);
        let mut last = 0;
        for seqs in 1..=1024 {
            let now = p.duration(&decode(seqs, 500));
            assert!(now >= last, "{seqs}");
            last = now;
        }
        let mut last = 0;
        for tokens in (1..8192).step_by(37) {
            let now = p.duration(&prefill(tokens));
            assert!(now >= last, "{tokens}");
            last = now;
        }
    }

    #[test]
    fn graph_sizes_are_vllms() {
        let sizes: Vec<u32> =
            [1, 2, 3, 4, 5, 8, 9, 250, 256, 257, 500, 512, 513].iter().map(|&s| graph_size(s, 512)).collect();
        assert_eq!(sizes, [1, 2, 4, 4, 8, 8, 16, 256, 256, 272, 512, 512, 513]);
    }
}
