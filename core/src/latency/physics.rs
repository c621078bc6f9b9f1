//! A step from first principles: what is computed and moved, at efficiencies measured on kernels.
//!
//! ```text
//! gemm(M,N,K) = t0 + ‖ 2MNK/(η_c F) , (b NK + 2MK + 2MN)/(η_m B) ‖₄
//! mixer       = Σ gemm of its projections + Σ looks + state
//! look        = t_att + context · max(its KV bytes/(η_k B), its FLOP/(η_a F)) + FLOP · Σ(nc + n²/2 + n s₀/2)/(η_a F)
//! state       = t_att + 2·bytes·sequences/(0.7B) + FLOP·n/(η_a F)
//! mlp         = gemm(T, 2f/tp, h) + gemm(T, h, f/tp)
//! experts     = t_moe + [blocks before 0.18] t_early + ‖ 6Tkhe/(tp η_e F) , (A·3bhe/tp + 2Tkh)/(η_em B) ‖ + the shared ones as an mlp
//! A(T)        = E(1 − (1 − k/E)^T)                                   experts touched by T tokens
//! block       = mixer, mlp or experts + t_layer/2 + 12Th/(0.8B) + AR(2Th)                [tp > 1]
//! step        = ‖ Σ blocks + gemm(R, V/tp, h) , [T beyond graphs] t_launch·blocks ‖₄ + R·(t_seq + t_sample·V/128k)
//!               + [prefill](t_mix + n·t_chunk) + [not planned ahead] t_host
//! ```
//!
//! T tokens in the step (padded to the CUDA graph's size when all of them decode), R sequences that yield
//! a token, n and c tokens of a prompt's piece and before it, F and B the GPU's peaks, b bytes of a weight. The 4-norm is
//! a smooth maximum: a product is bound by arithmetic or by memory, whichever is slower, so no term can run
//! above a peak. A look with a window, or at what an index chose, counts no more of the context than that. What blocks
//! are on one GPU is in `work.rs`, which kernels multiply in `kernel.rs`.

use super::Batch;
use super::drafting::Drafting;
use super::kernel::{ExpertGemm, Gemm};
use super::spread::{Spread, Ways};
use super::work::{Look, Product, Routed, Work};
use crate::base::{PS_PER_S, math};
use crate::catalog::{AllReduceTable, Block, Gpu, Model, Precision, StepConstants, WeightFormat};
use alloc::vec::Vec;

const US: f64 = 1e-6;

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
    /// Constants that all layouts share.
    pub constants: &'a StepConstants,
    /// How it is held in memory.
    pub precision: &'a Precision,
    /// GPUs one replica is split over.
    pub tensor_parallel: u32,
    /// All-reduce times of that group; needed beyond one GPU.
    pub all_reduce: Option<AllReduceTable>,
    /// How it lies beyond that.
    pub spread: Spread,
    /// All-reduce times among the GPUs of all ranks that share experts; needed where all of them get all tokens.
    pub gather: Option<AllReduceTable>,
    /// From a GPU to that of the next stage, bytes per second.
    pub stage_bytes_per_s: f64,
    /// Largest number of prompt tokens in one part of a batch, where there are several.
    pub part_tokens_max: u32,
    /// How tokens are sampled.
    pub sampling: Sampling,
    /// Largest decode batch run as a CUDA graph.
    pub graph_tokens_max: u32,
    /// Largest number of sequences in a batch.
    pub max_num_seqs: u32,
    /// Whether a step is planned while the one before it executes.
    pub planned_ahead: bool,
    /// Whether layers of experts with a scale per block take as long as in early releases.
    pub early_block_experts: bool,
    /// How drafts come about that a step verifies; none: a step decodes.
    pub drafting: Option<Drafting>,
}

/// The step model of one layout, with everything that does not depend on the batch worked out.
#[derive(Clone, Debug)]
pub struct Physics {
    /// Time one token of context adds to a decode step, ps, over all blocks that look at all of it.
    pub(super) ctx_ps: u64,
    /// The same over those that look at a bounded part, per token of that part.
    pub(super) span_ps: u64,
    /// What a token of context adds where drafts are verified, ps: in all of the context, and in the bounded part.
    verify_ctx_ps: u64,
    verify_span_ps: u64,
    /// What a token before a prompt's piece adds, ps: in all of the context, and in the bounded part.
    prompt_ctx_ps: u64,
    prompt_span_ps: u64,
    /// The bound.
    pub(super) span_tokens: Option<u32>,
    /// Duration of a decode step without its context, ps, by number of sequences.
    decode_ps: Vec<u64>,
    pub(super) parts: Parts,
    drafting: Option<Drafting>,
    /// How much longer steps take on this GPU than its kernels promise.
    step_scale: f64,
}

impl Physics {
    /// Works the layout out.
    #[must_use]
    pub fn new(layout: &Layout<'_>) -> Self {
        let parts = Parts::new(layout);
        let step_scale = layout.gpu.step_scale;
        let decode_ps = (0..=layout.max_num_seqs)
            .map(|seqs| {
                let parts_of = seqs.clamp(1, layout.spread.pipeline);
                let tokens = f64::from(graph_size(seqs.div_ceil(parts_of), layout.graph_tokens_max));
                let seqs = f64::from(seqs) / f64::from(parts_of);
                let computed = Computed {
                    tokens,
                    sampled: seqs,
                    yielding: seqs,
                    sequences: seqs,
                    prompt: 0.0,
                    pairs: [0.0; 2],
                    parts: f64::from(parts_of),
                };
                ps(step_scale * parts.step_without_context(&computed))
            })
            .collect();
        let to_ps = |seconds: f64| ps(step_scale * seconds / f64::from(layout.spread.pipeline));
        let [all, bounded] = [false, true].map(|bounded| parts.context_seconds(bounded, 1.0));
        let [ctx_ps, span_ps] = [all.0, bounded.0].map(to_ps);
        let [prompt_ctx_ps, prompt_span_ps] = [all.1, bounded.1].map(to_ps);
        let span_tokens = layout.model.span_tokens();
        let drafting = layout.drafting.clone();
        let [verify_ctx_ps, verify_span_ps] = drafting.as_ref().map_or([0; 2], |drafting| {
            let rows = f64::from(1 + drafting.drafts);
            let [drafted, drafted_span] = drafting.context_ps(&parts, span_tokens, to_ps);
            let [verified, verified_span] = [false, true].map(|bounded| to_ps(parts.context_seconds(bounded, rows).0));
            [verified + drafted, verified_span + drafted_span]
        });
        Physics {
            ctx_ps,
            span_ps,
            verify_ctx_ps,
            verify_span_ps,
            prompt_ctx_ps,
            prompt_span_ps,
            span_tokens,
            decode_ps,
            parts,
            drafting,
            step_scale,
        }
    }

    pub(super) fn duration(&self, b: &Batch) -> u64 {
        let context = b.decode_ctx_tokens * self.ctx_ps + b.decode_span_tokens * self.span_ps;
        if b.prefill_tokens == 0 && b.verify_seqs == 0 {
            return self.decode_ps[b.decode_seqs as usize] + context;
        }
        context + self.mixed(b)
    }

    /// The same in floating point, s: also where integers of picoseconds would not hold it.
    pub(crate) fn seconds(&self, b: &Batch) -> f64 {
        let parts = [
            (b.decode_ctx_tokens, self.ctx_ps),
            (b.decode_span_tokens, self.span_ps),
            (b.prefill_ctx_tokens, self.prompt_ctx_ps),
            (b.prefill_span_tokens, self.prompt_span_ps),
            (b.verify_ctx_tokens, self.verify_ctx_ps),
            (b.verify_span_tokens, self.verify_span_ps),
        ];
        let context: f64 = parts.iter().map(|(tokens, ps)| *tokens as f64 * *ps as f64).sum();
        context / PS_PER_S as f64 + self.seconds_without_context(b)
    }

    /// A step of so many sequences that decode one token, without their context; of more than a batch holds, as of those.
    pub(super) fn decoding_ps(&self, seqs: u32) -> u64 {
        self.decode_ps[(seqs as usize).min(self.decode_ps.len() - 1)]
    }

    /// A step with prompts, or with drafts, but for the context of those that decode one token.
    fn mixed(&self, b: &Batch) -> u64 {
        let before = b.prefill_ctx_tokens * self.prompt_ctx_ps + b.prefill_span_tokens * self.prompt_span_ps;
        let verified = b.verify_ctx_tokens * self.verify_ctx_ps + b.verify_span_tokens * self.verify_span_ps;
        ps(self.seconds_without_context(b)) + before + verified
    }

    /// A step without what lies before its tokens, s.
    fn seconds_without_context(&self, b: &Batch) -> f64 {
        let k = &self.parts.constants;
        let starting = f64::from(b.prefill_tokens) * k.attention_half_tokens / 2.0;
        // Of several parts that follow each other through the stages, the longest.
        let (parts, prompts) = self.parts.cut(b);
        let each = |n: u32| f64::from(n) / f64::from(parts);
        let decoding = (b.decode_seqs + b.verify_tokens).div_ceil(parts);
        let tokens = decoding + b.prefill_tokens.div_ceil(prompts);
        let padded = if b.prefill_tokens > 0 { tokens } else { graph_size(tokens, self.parts.graph_tokens_max as u32) };
        let pairs = |p: u64| (p as f64 / 2.0 + starting) / f64::from(prompts);
        let computed = Computed {
            tokens: f64::from(padded),
            sampled: each(b.sampled()),
            yielding: each(b.yielding()),
            sequences: each(b.decode_seqs + b.verify_seqs + b.prefill_chunks),
            prompt: f64::from(b.prefill_tokens) / f64::from(prompts),
            pairs: [b.prefill_pairs_doubled, b.prefill_span_pairs_doubled].map(pairs),
            parts: f64::from(parts),
        };
        let mixing = if b.prefill_tokens == 0 { 0.0 } else { k.mixed_latency_us };
        let mut seconds = self.parts.step_without_context(&computed)
            + (mixing + f64::from(b.prefill_chunks) * k.chunk_latency_us) * US;
        if let Some(drafting) = &self.drafting {
            seconds += drafting.seconds(&self.parts, b, &computed);
        }
        self.step_scale * seconds
    }

    /// FLOP that a step of this batch cannot avoid, on one GPU: for tests against the peak.
    #[must_use]
    pub fn flops(&self, b: &Batch) -> f64 {
        let t = f64::from(b.tokens());
        let verified = f64::from(b.verify_tokens) / f64::from(b.verify_seqs.max(1));
        let attended = [
            (b.decode_ctx_tokens as f64 + verified * b.verify_ctx_tokens as f64, b.prefill_pairs_doubled as f64 / 2.0),
            (
                b.decode_span_tokens as f64 + verified * b.verify_span_tokens as f64,
                b.prefill_span_pairs_doubled as f64 / 2.0,
            ),
        ];
        let block = |stack: &Stack| {
            let products: f64 = stack.products.iter().map(|x| 2.0 * x.n * x.k * t).sum();
            let experts = stack.experts.as_ref().map_or(0.0, |(e, _)| e.flops_per_token * t);
            let looked = |look: &Look| {
                let (ctx, pairs) = attended[usize::from(look.reads_bounded)];
                look.decode_flops * ctx + look.prompt_flops * pairs
            };
            stack.count * (products + experts + stack.looks.iter().map(looked).sum::<f64>())
        };
        let head = &self.parts.head;
        self.parts.stacks.iter().map(block).sum::<f64>() + 2.0 * head.n * head.k * f64::from(b.sampled())
    }

    /// Bytes that a step of this batch cannot avoid reading, on one GPU: for tests against the peak.
    #[must_use]
    pub fn bytes(&self, b: &Batch) -> f64 {
        let read = [
            b.decode_ctx_tokens + b.verify_ctx_tokens + b.prefill_ctx_tokens,
            b.decode_span_tokens + b.verify_span_tokens + b.prefill_span_tokens,
        ];
        let sequences = f64::from(b.decode_seqs + b.verify_seqs + b.prefill_chunks);
        let block = |stack: &Stack| {
            let weights: f64 = stack.products.iter().map(|x| x.bytes_per_weight * x.n * x.k).sum();
            let experts = stack.experts.as_ref().map_or(0.0, |(e, gemm)| {
                let touched = gemm.touched(e.count, e.per_token, f64::from(b.tokens()));
                touched * e.params_per_expert * gemm.bytes_per_weight()
            });
            let kv: f64 = stack.looks.iter().map(|l| l.bytes * read[usize::from(l.reads_bounded)] as f64).sum();
            stack.count * (weights + experts + kv + stack.state_bytes * sequences)
        };
        self.parts.stacks.iter().map(block).sum::<f64>() + 2.0 * self.parts.head.n * self.parts.head.k
    }
}

/// A product, and what multiplies it.
#[derive(Clone, Copy, Debug)]
struct Multiplied {
    n: f64,
    k: f64,
    bytes_per_weight: f64,
    gemm: Gemm,
}

impl Multiplied {
    fn new(product: Product, format: &WeightFormat, gpu: &Gpu, constants: &StepConstants) -> Self {
        let Product { n, k, .. } = product;
        Multiplied { n, k, bytes_per_weight: format.bytes_per_weight, gemm: Gemm::new(format, gpu, constants) }
    }

    fn seconds(&self, tokens: f64) -> f64 {
        self.gemm.seconds(tokens, self.n, self.k)
    }
}

/// One block of each kind that the model has equally many of: a layer, where a model has layers.
#[derive(Clone, Debug, Default)]
struct Stack {
    /// How many there are of each.
    count: f64,
    /// How many kinds.
    kinds: f64,
    products: Vec<Multiplied>,
    looks: Vec<Look>,
    /// Fixed times of what mixes tokens, s.
    mixing_latency: f64,
    state_bytes: f64,
    scan_flops_per_token: f64,
    experts: Option<(Routed, ExpertGemm)>,
}

/// What a step computes, beside the context.
#[derive(Clone, Copy, Debug)]
pub(super) struct Computed {
    pub(super) tokens: f64,
    /// Tokens after which one is sampled.
    pub(super) sampled: f64,
    /// Sequences that yield tokens.
    pub(super) yielding: f64,
    /// Sequences whose states move.
    pub(super) sequences: f64,
    /// Tokens of prompts.
    pub(super) prompt: f64,
    /// Pairs of tokens of prompts: all, and within the bound.
    pub(super) pairs: [f64; 2],
    /// So many parts like this make the step.
    pub(super) parts: f64,
}

/// Sizes and rates of one layout.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    hidden: f64,
    stacks: Vec<Stack>,
    head: Multiplied,
    attention_rate: f64,
    kv_rate: f64,
    /// Of making keys and values anew, FLOP/s.
    widening_rate: f64,
    state_rate: f64,
    elementwise_rate: f64,
    all_reduce: Option<AllReduceTable>,
    ways: Ways,
    part_tokens_max: u32,
    per_sequence: f64,
    /// Host work that no execution hides, s.
    unhidden: f64,
    /// Of that, choosing among the vocabulary: for drafts too.
    choosing: f64,
    /// Tokens up to which a step is launched as a CUDA graph.
    pub(super) graph_tokens_max: f64,
    /// What the host needs to launch a larger one, kernel by kernel, s.
    launching: f64,
    constants: StepConstants,
}

impl Parts {
    fn new(layout: &Layout<'_>) -> Self {
        let Layout { model, gpu, precision, constants: k, .. } = layout;
        let tp = f64::from(layout.tensor_parallel);
        let h = f64::from(model.hidden_size);
        let vocab = f64::from(model.vocab_size);
        let sampling = match layout.sampling {
            Sampling::Greedy => 0.0,
            Sampling::TopP => k.sampling_latency_us * vocab / k.sampling_vocabulary,
        };
        let kv_eff = if precision.fp8_kv { gpu.fp8_kv_read_eff } else { gpu.kv_read_eff };
        let head = Multiplied::new(Product { n: vocab / tp, k: h, bf16: true }, &WeightFormat::bf16(), gpu, k);
        let mut stacks: Vec<Stack> = Vec::new();
        for blocks in &model.blocks {
            let count = f64::from(blocks.count);
            let place = stacks.iter().position(|s| s.count == count).unwrap_or(stacks.len());
            if place == stacks.len() {
                stacks.push(Stack { count, ..Stack::default() });
            }
            stacks[place].add(&blocks.block, Work::of(&blocks.block, h, tp, precision.kv_bytes()), layout);
        }
        let blocks: f64 = stacks.iter().map(|s| s.count * s.kinds).sum();
        Parts {
            hidden: h,
            graph_tokens_max: f64::from(layout.graph_tokens_max),
            launching: blocks * k.block_launch_us * US,
            stacks,
            attention_rate: gpu.attention_prefill_eff * k.attention_long_scale * gpu.bf16_flops(),
            kv_rate: (kv_eff * k.kv_read_scale).min(1.0) * gpu.bandwidth(),
            widening_rate: head.gemm.compute_rate(),
            state_rate: k.state_memory_eff * gpu.bandwidth(),
            head,
            elementwise_rate: k.elementwise_memory_eff * gpu.bandwidth(),
            all_reduce: layout.all_reduce.clone(),
            ways: Ways::new(layout.spread, layout.tensor_parallel, h, layout.gather.clone(), layout.stage_bytes_per_s),
            part_tokens_max: layout.part_tokens_max,
            per_sequence: (k.sequence_latency_us + sampling) * US,
            unhidden: if layout.planned_ahead { 0.0 } else { k.unhidden_host_us * US },
            choosing: sampling * US,
            constants: (*k).clone(),
        }
    }

    /// Time of one token of context over all looks of one reach, s: of a decoding sequence, and before a prompt's piece.
    /// Reading and arithmetic overlap, so that the slower of them decides; so many tokens of a sequence look at what is read
    /// once.
    pub(super) fn context_seconds(&self, bounded: bool, rows: f64) -> (f64, f64) {
        let mut seconds = (0.0, 0.0);
        for stack in &self.stacks {
            for look in stack.looks.iter().filter(|l| l.reads_bounded == bounded) {
                let reading = stack.count * look.bytes / self.kv_rate;
                seconds.0 += reading.max(stack.count * (rows * look.decode_flops) / self.attention_rate);
                seconds.1 += reading + stack.count * look.widen_flops / self.widening_rate;
            }
        }
        seconds
    }

    /// Seconds of a step but for its context.
    pub(super) fn step_without_context(&self, c: &Computed) -> f64 {
        if c.tokens == 0.0 {
            return 0.0;
        }
        let launching = if c.tokens > self.graph_tokens_max { self.launching } else { 0.0 };
        let drafts = c.sampled - c.yielding;
        math::norm4(self.executing(c), launching)
            + c.yielding * self.per_sequence
            + drafts * self.choosing
            + self.unhidden
    }

    /// Seconds of all stages for a part of the batch, or of the slowest for each part, whichever is longer.
    fn executing(&self, c: &Computed) -> f64 {
        let (blocks, head) = (self.blocks(c), self.head_seconds(c.sampled));
        let stages = self.ways.spread.pipeline;
        if stages == 1 {
            return blocks + head;
        }
        let send = self.ways.send(c.tokens);
        let one = blocks + head + f64::from(stages - 1) * send;
        let slowest = self.ways.spread.largest_stage(self.layers()) * blocks + head + send;
        one.max(c.parts * slowest)
    }

    /// In how many parts a batch goes through the stages, and how many of them have a piece of a prompt.
    fn cut(&self, b: &Batch) -> (u32, u32) {
        let stages = self.ways.spread.pipeline;
        let prompts = b.prefill_tokens.div_ceil(self.part_tokens_max).clamp(1, stages);
        ((b.decode_seqs + b.verify_seqs + b.prefill_tokens.min(prompts)).clamp(1, stages), prompts)
    }

    /// Seconds of all blocks.
    pub(super) fn blocks(&self, c: &Computed) -> f64 {
        self.stacks.iter().map(|stack| stack.count * self.one_of_each(stack, c)).sum()
    }

    /// Seconds of the LM head for so many tokens.
    pub(super) fn head_seconds(&self, sampled: f64) -> f64 {
        self.head.seconds(sampled)
    }

    /// Layers, of two blocks each.
    pub(super) fn layers(&self) -> f64 {
        self.stacks.iter().map(|s| s.count * s.kinds).sum::<f64>() / 2.0
    }

    fn one_of_each(&self, stack: &Stack, c: &Computed) -> f64 {
        let products: f64 = stack.products.iter().map(|x| x.seconds(c.tokens)).sum();
        let attended: f64 = stack
            .looks
            .iter()
            .map(|look| look.prompt_flops * c.pairs[usize::from(look.reads_bounded)] / self.attention_rate)
            .sum();
        let states = 2.0 * stack.state_bytes * c.sequences / self.state_rate
            + stack.scan_flops_per_token * c.prompt / self.attention_rate;
        let experts = stack.experts.as_ref().map_or(0.0, |(e, gemm)| {
            let ranks = f64::from(self.ways.spread.expert_ranks);
            let params = gemm.touched(e.count, e.per_token, ranks * c.tokens) * e.params_per_expert / ranks;
            gemm.seconds(e.flops_per_token * c.tokens, params, e.activation_bytes_per_token * c.tokens)
                + self.ways.all_to_all(c.tokens, e.per_token, e.activation_bytes_per_token / (2.0 * e.per_token))
        });
        // What was measured per layer is shared by its two blocks.
        let k = &self.constants;
        let layers = stack.kinds / 2.0;
        let elementwise = layers * k.elementwise_bytes * c.tokens * self.hidden / self.elementwise_rate;
        let mixing = stack.mixing_latency + attended + states;
        products
            + mixing
            + experts
            + layers * k.layer_latency_us * US
            + elementwise
            + stack.kinds * self.all_reduce(c.tokens)
    }

    fn all_reduce(&self, tokens: f64) -> f64 {
        let Some(table) = &self.all_reduce else {
            return 0.0;
        };
        let latency = table.latency_us();
        let grown = table.us(2.0 * tokens * self.hidden) - latency;
        (self.constants.all_reduce_latency_scale * latency + self.constants.all_reduce_bytes_scale * grown) * US
    }
}

impl Stack {
    fn add(&mut self, block: &Block, work: Work, layout: &Layout<'_>) {
        let Layout { gpu, precision, constants: k, .. } = layout;
        self.kinds += 1.0;
        let bf16 = WeightFormat::bf16();
        let multiplied = work.products.iter().map(|&product| {
            let format = if product.bf16 { &bf16 } else { &precision.weights };
            Multiplied::new(product, format, gpu, k)
        });
        self.products.extend(multiplied);
        let mixing = work.looks.len() + usize::from(work.state.is_some());
        let latent = if matches!(block, Block::LatentAttention(_)) { k.latent_latency_us } else { 0.0 };
        self.mixing_latency += (mixing as f64 * k.attention_latency_us + latent) * US;
        self.looks.extend(work.looks);
        if let Some(state) = work.state {
            self.state_bytes += state.bytes;
            self.scan_flops_per_token += state.flops_per_token;
        }
        if let Some(routed) = work.experts {
            self.experts =
                Some((routed, ExpertGemm::new(&precision.expert_weights, gpu, k, layout.early_block_experts)));
        }
    }
}

/// The CUDA graph a decode batch is padded to: 1, 2, 4, then by 8 up to 256, then by 16 up to the largest;
/// beyond that it runs as it is.
pub(super) fn graph_size(seqs: u32, largest: u32) -> u32 {
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
