//! What a model is made of: blocks that each add to the residual stream, by kind and dimensions.
//!
//! A classic layer is two blocks, attention and MLP; a hybrid model mixes kinds in any proportion. In which order
//! they follow one another makes no difference to how long a step takes, so a model is a list of kinds with counts.

mod attention;
mod mlp;
mod recurrent;

pub use attention::{Attention, Index, LatentAttention};
pub use mlp::{Experts, Mlp};
pub use recurrent::{GatedDelta, Mamba2};

use super::table;
use alloc::string::String;
use alloc::vec::Vec;

/// So many blocks of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Blocks {
    /// How many the model has.
    pub count: u32,
    /// What each is.
    pub block: Block,
}

/// One block: what reads the residual stream and adds to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// Attention with keys and values per head or group of heads.
    Attention(Attention),
    /// Multi-head latent attention: keys and values of all heads compressed into one vector a token.
    LatentAttention(LatentAttention),
    /// Gated delta rule: a matrix per head is all that is kept of the past.
    GatedDelta(GatedDelta),
    /// Mamba-2: a state per head is all that is kept of the past.
    Mamba2(Mamba2),
    /// A dense MLP.
    Mlp(Mlp),
    /// A mixture of experts, with experts shared by all tokens or without.
    Experts(Experts),
}

impl Block {
    /// Parameters, for a residual stream of this width; its share of norms left out.
    #[must_use]
    pub fn params(&self, hidden: u64) -> u64 {
        match self {
            Block::Attention(a) => a.params(hidden),
            Block::LatentAttention(a) => a.params(hidden),
            Block::GatedDelta(g) => g.params(hidden),
            Block::Mamba2(m) => m.params(hidden),
            Block::Mlp(m) => m.params(hidden),
            Block::Experts(e) => e.params(hidden, e.count),
        }
    }

    /// Parameters that one token passes through.
    #[must_use]
    pub fn params_active(&self, hidden: u64) -> u64 {
        match self {
            Block::Experts(e) => e.params(hidden, e.per_token),
            _ => self.params(hidden),
        }
    }

    /// Width that tensor parallelism has to divide, and what it is called; none where any split will do.
    #[must_use]
    pub fn heads(&self) -> Option<(u32, &'static str)> {
        match self {
            Block::Attention(a) => Some((a.heads, "attention heads")),
            Block::LatentAttention(a) => Some((a.heads, "attention heads")),
            Block::GatedDelta(g) => Some((g.key_heads, "key heads of linear attention")),
            Block::Mamba2(m) => Some((m.heads, "Mamba heads")),
            Block::Mlp(_) | Block::Experts(_) => None,
        }
    }

    /// Most tokens of the past that its attention reaches, if bounded.
    #[must_use]
    pub fn span_tokens(&self) -> Option<u32> {
        match self {
            Block::Attention(a) => a.window_tokens,
            Block::LatentAttention(a) => a.index.map(|i| i.top_k_tokens),
            _ => None,
        }
    }
}

/// Every model's blocks: the rows of all tables, each with the model it belongs to.
pub(super) fn read() -> Vec<(String, Blocks)> {
    let mut all = Vec::new();
    let mut add = |csv: &str, block: fn(&mut table::Row<'_>) -> Block| {
        all.extend(table::collect(csv, |row| (row.text(), Blocks { count: row.value(), block: block(row) })));
    };
    add(include_str!("../../../data/blocks/attention.csv"), |row| Block::Attention(attention::read(row)));
    add(include_str!("../../../data/blocks/latent_attention.csv"), |row| {
        Block::LatentAttention(attention::read_latent(row))
    });
    add(include_str!("../../../data/blocks/gated_delta.csv"), |row| Block::GatedDelta(recurrent::read_delta(row)));
    add(include_str!("../../../data/blocks/mamba2.csv"), |row| Block::Mamba2(recurrent::read_mamba(row)));
    add(include_str!("../../../data/blocks/mlp.csv"), |row| Block::Mlp(mlp::read(row)));
    add(include_str!("../../../data/blocks/experts.csv"), |row| Block::Experts(mlp::read_experts(row)));
    all
}
