//! A step from first principles: what is computed and moved, at efficiencies measured on kernels.
//!
//! ```text
//! gemm(M,N,K) = t0 + ‖ 2MNK/(η_c F) , (b NK + 2MK + 2MN)/(η_m B) ‖₄
//! mixer       = Σ gemm of its projections + Σ looks + state
//! look        = t_att + context · ‖ its KV bytes/(η_k B) , its FLOP/(η_a F) ‖₄ + FLOP · Σ(nc + n²/2 + n s₀/2)/(η_a F)
//! state       = t_att + 2·bytes·sequences/(0.7B) + FLOP·n/(η_a F)
//! mlp         = gemm(T, 2f/tp, h) + gemm(T, h, f/tp)
//! experts     = t_moe + ‖ 6Tkhe/(tp η_e F) , (A·3bhe/tp + 2Tkh)/(η_em B) ‖ + the shared ones as an mlp
//! A(T)        = E(1 − (1 − k/E)^T)                                   experts touched by T tokens
//! block       = mixer, mlp or experts + t_layer/2 + 12Th/(0.8B) + AR(2Th)                [tp > 1]
//! step        = Σ blocks + gemm(R, V/tp, h) + R·(t_seq + t_sample·V/128k) + [prefill](t_mix + n·t_chunk)
//! ```
//!
//! T tokens in the step (padded to the CUDA graph's size when all of them decode), R sequences that yield
//! a token, n and c tokens of a prompt's piece and before it, F and B the GPU's peaks, b bytes of a weight. The 4-norm is
//! a smooth maximum: a product is bound by arithmetic or by memory, whichever is slower, so no term can run
//! above a peak. A look with a window, or at what an index chose, counts no more of the context than that. What blocks
//! are on one GPU is in `work.rs`, which kernels multiply in `kernel.rs`.

use super::Batch;
use super::constants as k;
use super::kernel::{ExpertGemm, Gemm};
use super::work::{Look, Product, Routed, Work};
use crate::base::{PS_PER_S, math};
use crate::catalog::{AllReduceTable, Block, Gpu, Model, Precision, WeightFormat};
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
    /// How it is held in memory.
    pub precision: &'a Precision,
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
    /// Time one token of context adds to a decode step, ps, over all blocks that look at all of it.
    pub(super) ctx_ps: u64,
    /// The same over those that look at a bounded part, per token of that part.
    pub(super) span_ps: u64,
    /// What a token before a prompt's piece adds, ps: in all of the context, and in the bounded part.
    prompt_ctx_ps: u64,
    prompt_span_ps: u64,
    /// The bound.
    pub(super) span_tokens: Option<u32>,
    /// Duration of a decode step without its context, ps, by number of sequences.
    decode_ps: Vec<u64>,
    parts: Parts,
}

impl Physics {
    /// Works the layout out.
    #[must_use]
    pub fn new(layout: &Layout<'_>) -> Self {
        let parts = Parts::new(layout);
        let decode_ps = (0..=layout.max_num_seqs)
            .map(|seqs| {
                let padded = graph_size(seqs, layout.graph_tokens_max);
                let states = f64::from(seqs);
                ps(parts.step_without_context(f64::from(padded), f64::from(seqs), states, [0.0; 2], 0.0))
            })
            .collect();
        let [ctx_ps, span_ps] = parts.looks.map(|l| ps(l.decode_seconds));
        let [prompt_ctx_ps, prompt_span_ps] = parts.looks.map(|l| ps(l.prompt_ctx_seconds));
        let span_tokens = layout.model.span_tokens();
        Physics { ctx_ps, span_ps, prompt_ctx_ps, prompt_span_ps, span_tokens, decode_ps, parts }
    }

    pub(super) fn duration(&self, b: &Batch) -> u64 {
        let context = b.decode_ctx_tokens * self.ctx_ps + b.decode_span_tokens * self.span_ps;
        if b.prefill_tokens == 0 {
            return self.decode_ps[b.decode_seqs as usize] + context;
        }
        let starting = f64::from(b.prefill_tokens) * k::ATTENTION_HALF_TOKENS / 2.0;
        let pairs = [b.prefill_pairs_doubled, b.prefill_span_pairs_doubled].map(|p| p as f64 / 2.0 + starting);
        let states = f64::from(b.decode_seqs + b.prefill_chunks);
        let prompt = f64::from(b.prefill_tokens);
        let seconds =
            self.parts.step_without_context(f64::from(b.tokens()), f64::from(b.sampled()), states, pairs, prompt)
                + k::MIXED_LATENCY
                + f64::from(b.prefill_chunks) * k::CHUNK_LATENCY;
        let before = b.prefill_ctx_tokens * self.prompt_ctx_ps + b.prefill_span_tokens * self.prompt_span_ps;
        ps(seconds) + context + before
    }

    /// FLOP that a step of this batch cannot avoid, on one GPU: for tests against the peak.
    #[must_use]
    pub fn flops(&self, b: &Batch) -> f64 {
        let p = &self.parts;
        let t = f64::from(b.tokens());
        let products: f64 = p.products.iter().map(|x| x.count * 2.0 * x.n * x.k).sum::<f64>() * t;
        let experts = p.experts.as_ref().map_or(0.0, |(count, e, _)| count * e.flops_per_token * t);
        let looked = |look: &Looks, ctx: u64, pairs: u64| {
            look.decode_flops * ctx as f64 + look.prompt_flops * (pairs as f64 / 2.0)
        };
        let [all, span] = &p.looks;
        let attention = looked(all, b.decode_ctx_tokens, b.prefill_pairs_doubled)
            + looked(span, b.decode_span_tokens, b.prefill_span_pairs_doubled);
        products + experts + attention + 2.0 * p.head.n * p.head.k * f64::from(b.sampled())
    }

    /// Bytes that a step of this batch cannot avoid reading, on one GPU: for tests against the peak.
    #[must_use]
    pub fn bytes(&self, b: &Batch) -> f64 {
        let p = &self.parts;
        let weights: f64 = p.products.iter().map(|x| x.count * x.bytes_per_weight * x.n * x.k).sum();
        let experts = p.experts.as_ref().map_or(0.0, |(count, e, gemm)| {
            let touched = gemm.touched(e.count, e.per_token, f64::from(b.tokens()));
            count * touched * e.params_per_expert * gemm.bytes_per_weight()
        });
        let [all, span] = &p.looks;
        let kv = all.bytes * (b.decode_ctx_tokens + b.prefill_ctx_tokens) as f64
            + span.bytes * (b.decode_span_tokens + b.prefill_span_tokens) as f64;
        let states = p.state_bytes * f64::from(b.decode_seqs + b.prefill_chunks);
        weights + experts + 2.0 * p.head.n * p.head.k + kv + states
    }
}

/// A product that so many blocks do.
#[derive(Clone, Copy, Debug)]
struct Products {
    count: f64,
    n: f64,
    k: f64,
    bytes_per_weight: f64,
    gemm: Gemm,
}

/// What all looks of one reach do together, per token of context or pair.
#[derive(Clone, Copy, Debug, Default)]
struct Looks {
    bytes: f64,
    decode_flops: f64,
    prompt_flops: f64,
    /// Of one token of a decoding sequence's context, s.
    decode_seconds: f64,
    /// Of one token before a prompt's piece, s.
    prompt_ctx_seconds: f64,
    /// Of one pair of tokens of a prompt, s.
    pair_seconds: f64,
}

/// Sizes and rates of one layout.
#[derive(Clone, Debug)]
struct Parts {
    blocks: f64,
    hidden: f64,
    products: Vec<Products>,
    /// How many blocks of experts, and what one is.
    experts: Option<(f64, Routed, ExpertGemm)>,
    head: Products,
    /// Looks at all of the context, and at a bounded part of it.
    looks: [Looks; 2],
    /// Bytes of all states of one sequence, and the time to read and write them and to take in a prompt's token, s.
    state_bytes: f64,
    state_seconds: f64,
    scan_seconds_per_token: f64,
    /// Fixed times of all blocks, s.
    fixed: f64,
    elementwise_rate: f64,
    all_reduce: Option<AllReduceTable>,
    per_sequence: f64,
}

impl Parts {
    fn new(layout: &Layout<'_>) -> Self {
        let Layout { model, gpu, precision, .. } = layout;
        let tp = f64::from(layout.tensor_parallel);
        let h = f64::from(model.hidden_size);
        let vocab = f64::from(model.vocab_size);
        let sampling = match layout.sampling {
            Sampling::Greedy => 0.0,
            Sampling::TopP => k::SAMPLING_LATENCY * vocab / k::SAMPLING_VOCABULARY,
        };
        let bf16 = WeightFormat::bf16();
        let head = Product { n: vocab / tp, k: h, bf16: true };
        let mut parts = Parts {
            blocks: 0.0,
            hidden: h,
            products: Vec::new(),
            experts: None,
            head: Products::new(1.0, head, &bf16, gpu),
            looks: [Looks::default(); 2],
            state_bytes: 0.0,
            state_seconds: 0.0,
            scan_seconds_per_token: 0.0,
            fixed: 0.0,
            elementwise_rate: k::ELEMENTWISE_MEMORY_EFF * gpu.bandwidth(),
            all_reduce: layout.all_reduce.clone(),
            per_sequence: k::SEQUENCE_LATENCY + sampling,
        };
        for blocks in &model.blocks {
            let count = f64::from(blocks.count);
            let work = Work::of(&blocks.block, h, tp, precision.kv_bytes());
            parts.fixed += count * fixed(&blocks.block, &work);
            parts.add(count, &work, gpu, precision);
        }
        parts
    }

    fn add(&mut self, count: f64, work: &Work, gpu: &Gpu, precision: &Precision) {
        self.blocks += count;
        let bf16 = WeightFormat::bf16();
        for &product in &work.products {
            let format = if product.bf16 { &bf16 } else { &precision.weights };
            self.products.push(Products::new(count, product, format, gpu));
        }
        let attention_rate = gpu.attention_prefill_eff * k::ATTENTION_LONG_SCALE * gpu.bf16_flops();
        for look in &work.looks {
            self.looks[usize::from(look.reads_bounded)].add(count, look, attention_rate, gpu, precision);
        }
        if let Some(state) = work.state {
            self.state_bytes += count * state.bytes;
            self.state_seconds += count * 2.0 * state.bytes / (k::STATE_MEMORY_EFF * gpu.bandwidth());
            self.scan_seconds_per_token += count * state.flops_per_token / attention_rate;
        }
        if let Some(routed) = work.experts {
            self.experts = Some((count, routed, ExpertGemm::new(&precision.expert_weights, gpu)));
        }
    }

    /// Seconds of a step of `tokens` tokens, `prompt` of them of prompts, with `states` sequences, `sampled` of which yield
    /// a token, and `pairs` of tokens of prompts, all and within bounds; the context is left to the caller.
    fn step_without_context(&self, tokens: f64, sampled: f64, states: f64, pairs: [f64; 2], prompt: f64) -> f64 {
        if tokens == 0.0 {
            return 0.0;
        }
        let products: f64 = self.products.iter().map(|x| x.count * x.gemm.seconds(tokens, x.n, x.k)).sum();
        let attention = self.looks[0].pair_seconds * pairs[0] + self.looks[1].pair_seconds * pairs[1];
        let recurrent = self.state_seconds * states + self.scan_seconds_per_token * prompt;
        let experts = self.experts.as_ref().map_or(0.0, |(count, e, gemm)| {
            let params = gemm.touched(e.count, e.per_token, tokens) * e.params_per_expert;
            count * gemm.seconds(e.flops_per_token * tokens, params, e.activation_bytes_per_token * tokens)
        });
        let elementwise = k::ELEMENTWISE_BYTES / 2.0 * tokens * self.hidden / self.elementwise_rate;
        let residual = self.blocks * (elementwise + self.all_reduce(tokens));
        let head = self.head.gemm.seconds(sampled, self.head.n, self.head.k);
        products + attention + recurrent + experts + self.fixed + residual + head + sampled * self.per_sequence
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

impl Products {
    fn new(count: f64, product: Product, format: &WeightFormat, gpu: &Gpu) -> Self {
        let Product { n, k, .. } = product;
        Products { count, n, k, bytes_per_weight: format.bytes_per_weight, gemm: Gemm::new(format, gpu) }
    }
}

impl Looks {
    fn add(&mut self, count: f64, look: &Look, attention_rate: f64, gpu: &Gpu, precision: &Precision) {
        let kv_eff = if precision.fp8_kv { gpu.fp8_kv_read_eff } else { gpu.kv_read_eff };
        let reading = look.bytes / ((kv_eff * k::KV_READ_SCALE).min(1.0) * gpu.bandwidth());
        // Keys and values are made anew by a product in bf16.
        let widening = look.widen_flops / Gemm::new(&WeightFormat::bf16(), gpu).compute_rate();
        self.bytes += count * look.bytes;
        self.decode_flops += count * look.decode_flops;
        self.prompt_flops += count * look.prompt_flops;
        self.decode_seconds += count * math::norm4(reading, look.decode_flops / attention_rate);
        self.prompt_ctx_seconds += count * (reading + widening);
        self.pair_seconds += count * look.prompt_flops / attention_rate;
    }
}

/// Fixed time of one block, s, without that of its products and experts.
fn fixed(block: &Block, work: &Work) -> f64 {
    let mixing = work.looks.len() + usize::from(work.state.is_some());
    let latent = if matches!(block, Block::LatentAttention(_)) { k::LATENT_LATENCY } else { 0.0 };
    k::LAYER_LATENCY / 2.0 + mixing as f64 * k::ATTENTION_LATENCY + latent
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
#[path = "physics_tests.rs"]
mod tests;
