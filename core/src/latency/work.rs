//! What one block makes one GPU do: matrix products, looks back at the context, states, experts.
//!
//! Heads and widths are split over the GPUs of a replica. Key and value heads repeat where they are fewer than GPUs; the
//! projections into latents are not split, and neither is the latent cache. This is all the step model and the memory
//! model know of a block, so that a new kind of block is a new arm here and nothing elsewhere.

use crate::catalog::{Attention, Block, Experts, GatedDelta, LatentAttention, Mamba2};
use alloc::vec::Vec;

/// Bytes of one token's key in the cache of an index: fp8 numbers, and their scale in f32.
const INDEX_SCALE_BYTES: f64 = 4.0;
/// Tokens that the gated delta rule treats together, when many are there.
const DELTA_CHUNK_TOKENS: f64 = 64.0;
/// Tokens that Mamba-2 treats together, when many are there.
const MAMBA_CHUNK_TOKENS: f64 = 256.0;

/// What one block is on one GPU.
#[derive(Clone, Debug, Default)]
pub(super) struct Work {
    /// Matrix products on all tokens of a step.
    pub(super) products: Vec<Product>,
    /// Attention, by what it looks back at.
    pub(super) looks: Vec<Look>,
    /// What is kept of a sequence instead of keys and values.
    pub(super) state: Option<State>,
    /// Routed experts.
    pub(super) experts: Option<Routed>,
    /// Parameters in no matrix, and the router's: they are few, and stay in bf16.
    pub(super) small_params: f64,
}

/// M×K by K×N, M the tokens of the step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Product {
    pub(super) n: f64,
    pub(super) k: f64,
    /// Whether its weights stay in bf16 whatever the model's are held in.
    pub(super) bf16: bool,
}

/// One attention: what it keeps of a token, and what it computes on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// Whether it reads a bounded number of tokens: a window, or those that an index chose.
    pub(super) reads_bounded: bool,
    /// Whether it keeps no more than those.
    pub(super) keeps_bounded: bool,
    /// Kept and read per token, bytes.
    pub(super) bytes: f64,
    /// A decoding token looking at one of the context, FLOP.
    pub(super) decode_flops: f64,
    /// A token of a prompt looking at one before it, FLOP.
    pub(super) prompt_flops: f64,
    /// Making keys and values anew of a token computed in an earlier step, when a prompt's next piece needs it, FLOP.
    pub(super) widen_flops: f64,
}

/// A recurrent state.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    /// Bytes per sequence: read and written in every step.
    pub(super) bytes: f64,
    /// Taking in one token among many, FLOP.
    pub(super) flops_per_token: f64,
}

/// Experts among which tokens are routed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Routed {
    pub(super) count: f64,
    pub(super) per_token: f64,
    pub(super) flops_per_token: f64,
    pub(super) params_per_expert: f64,
    pub(super) activation_bytes_per_token: f64,
}

impl Work {
    /// A block of a model with a residual stream of width `h`, split over `tp` GPUs, `kv_bytes` to a key's or value's
    /// number.
    pub(super) fn of(block: &Block, h: f64, tp: f64, kv_bytes: f64) -> Self {
        match block {
            Block::Attention(a) => attention(a, h, tp, kv_bytes),
            Block::LatentAttention(a) => latent(a, h, tp, kv_bytes),
            Block::GatedDelta(g) => gated_delta(g, h, tp),
            Block::Mamba2(m) => mamba2(m, h, tp),
            Block::Mlp(m) => Work {
                products: mlp(f64::from(m.intermediate_size) / tp, f64::from(m.matrices), h).into(),
                ..Work::default()
            },
            Block::Experts(e) => experts(e, h, tp),
        }
    }

    /// Parameters on this GPU: of quantised products, of routed experts, and those that stay in bf16.
    pub(super) fn params(&self) -> (f64, f64, f64) {
        let of = |bf16: bool| self.products.iter().filter(|p| p.bf16 == bf16).map(|p| p.n * p.k).sum::<f64>();
        (of(false), self.experts.map_or(0.0, |e| e.count * e.params_per_expert), of(true) + self.small_params)
    }
}

fn product(n: f64, k: f64) -> Product {
    Product { n, k, bf16: false }
}

fn attention(a: &Attention, h: f64, tp: f64, kv_bytes: f64) -> Work {
    let q = a.q_width() as f64 / tp;
    let kv = a.kv_width() as f64 / tp.min(f64::from(a.kv_heads));
    let projected = a.projected_q_width() as f64 / tp + f64::from(a.kv_projections()) * kv;
    let bounded = a.window_tokens.is_some();
    Work {
        products: [product(projected, h), product(h, q)].into(),
        looks: [Look {
            reads_bounded: bounded,
            keeps_bounded: bounded,
            bytes: 2.0 * kv * kv_bytes,
            decode_flops: 4.0 * q,
            prompt_flops: 4.0 * q,
            widen_flops: 0.0,
        }]
        .into(),
        small_params: f64::from(a.vector_params) / tp,
        ..Work::default()
    }
}

/// While decoding, queries are brought into the latent space, where one key serves all heads; prompts are attended to with
/// keys and values of their own, except where an index chooses what to attend to.
fn latent(a: &LatentAttention, h: f64, tp: f64, kv_bytes: f64) -> Work {
    let heads = f64::from(a.heads) / tp;
    let (rank, rope, value) = (f64::from(a.kv_lora_rank), f64::from(a.qk_rope_head_dim), f64::from(a.v_head_dim));
    let kept = a.latent_width() as f64;
    let widened = heads * (f64::from(a.qk_nope_head_dim) + value);
    let q_source = a.q_source_width(h as u64) as f64;
    let (index_width, index_heads) = a.index.map_or((0.0, 0.0), |i| (f64::from(i.head_dim), f64::from(i.heads)));
    let absorbed = 2.0 * heads * (2.0 * rank + rope);
    let mut work = Work {
        products: [
            product(f64::from(a.q_lora_rank) + kept + index_width + index_heads, h),
            product(heads * a.qk_head_dim() as f64, q_source),
            // Held in bf16 for the products in latent space.
            Product { n: widened, k: rank, bf16: true },
            product(h, heads * value),
        ]
        .into(),
        looks: [Look {
            reads_bounded: a.index.is_some(),
            keeps_bounded: false,
            bytes: kept * kv_bytes,
            decode_flops: absorbed,
            prompt_flops: if a.index.is_some() { absorbed } else { 2.0 * heads * (a.qk_head_dim() as f64 + value) },
            widen_flops: if a.index.is_some() { 0.0 } else { 2.0 * widened * rank },
        }]
        .into(),
        small_params: f64::from(a.vector_params) / tp,
        ..Work::default()
    };
    if a.index.is_some() {
        work.products.push(product(index_heads * index_width, q_source));
        let flops = 2.0 * index_heads * index_width;
        work.looks.push(Look {
            reads_bounded: false,
            keeps_bounded: false,
            bytes: index_width + INDEX_SCALE_BYTES,
            decode_flops: flops,
            prompt_flops: flops,
            widen_flops: 0.0,
        });
    }
    work
}

fn gated_delta(g: &GatedDelta, h: f64, tp: f64) -> Work {
    let (key, value) = (f64::from(g.key_head_dim), f64::from(g.value_head_dim));
    // Within a chunk: keys with keys and with queries, and twice with values; with the state: three products.
    let per_head = 4.0 * DELTA_CHUNK_TOKENS * (key + value) + 6.0 * key * value;
    recurrent(
        [product(g.projected_width() as f64 / tp, h), product(h, g.value_width() as f64 / tp)],
        g.state_bytes() as f64 / tp,
        f64::from(g.value_heads) / tp * per_head,
        f64::from(g.vector_params) / tp,
    )
}

fn mamba2(m: &Mamba2, h: f64, tp: f64) -> Work {
    let (heads, width, state) = (f64::from(m.heads), f64::from(m.head_dim), f64::from(m.state_size));
    // Within a chunk: ways in with ways out, once a group, then with the inputs; into the state and out of it.
    let per_head = 2.0 * MAMBA_CHUNK_TOKENS * width + 4.0 * state * width;
    let flops = f64::from(m.groups) * 2.0 * MAMBA_CHUNK_TOKENS * state + heads * per_head;
    recurrent(
        [product(m.projected_width() as f64 / tp, h), product(h, m.inner_width() as f64 / tp)],
        m.state_bytes() as f64 / tp,
        flops / tp,
        f64::from(m.vector_params) / tp,
    )
}

fn recurrent(products: [Product; 2], bytes: f64, flops_per_token: f64, small_params: f64) -> Work {
    Work { products: products.into(), state: Some(State { bytes, flops_per_token }), small_params, ..Work::default() }
}

fn mlp(width: f64, matrices: f64, h: f64) -> [Product; 2] {
    [product((matrices - 1.0) * width, h), product(h, width)]
}

fn experts(e: &Experts, h: f64, tp: f64) -> Work {
    let width = e.width(h as u64) as f64;
    let (count, per_token) = (f64::from(e.count), f64::from(e.per_token));
    let matrix_params = e.expert_matrix_params(h as u64) as f64;
    let mut products = Vec::new();
    if e.shared_intermediate_size > 0 {
        products.extend(mlp(f64::from(e.shared_intermediate_size) / tp, f64::from(e.matrices), h));
    }
    if e.latent_size.is_some() {
        products.extend([product(width, h), product(h, width)]);
    }
    Work {
        products,
        experts: Some(Routed {
            count,
            per_token,
            flops_per_token: 2.0 * per_token * matrix_params / tp,
            params_per_expert: (matrix_params + f64::from(e.expert_vector_params)) / tp,
            activation_bytes_per_token: 2.0 * per_token * width,
        }),
        small_params: e.router_params(h as u64) as f64 / tp,
        ..Work::default()
    }
}
