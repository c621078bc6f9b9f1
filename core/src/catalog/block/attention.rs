//! Attention: what a token looks back at, and what is kept of it.

use crate::catalog::table::Row;

/// Attention with keys and values per head, or per group of query heads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attention {
    /// Query heads.
    pub heads: u32,
    /// Key and value heads.
    pub kv_heads: u32,
    /// Width of one head.
    pub head_dim: u32,
    /// Tokens it reaches back, where that is bounded: a sliding window or a chunk.
    pub window_tokens: Option<u32>,
    /// Whether a gate as wide as the queries multiplies the output.
    pub output_gate: bool,
    /// Whether one projection makes keys and values both.
    pub shared_kv_projection: bool,
    /// Biases, norms of heads, sinks: parameters in no matrix.
    pub vector_params: u32,
}

impl Attention {
    /// Width of all query heads together, with the gate's where there is one.
    #[must_use]
    pub fn projected_q_width(&self) -> u64 {
        self.q_width() * if self.output_gate { 2 } else { 1 }
    }

    /// Width of all query heads together.
    #[must_use]
    pub fn q_width(&self) -> u64 {
        u64::from(self.heads) * u64::from(self.head_dim)
    }

    /// Width of all key heads together (values are as wide).
    #[must_use]
    pub fn kv_width(&self) -> u64 {
        u64::from(self.kv_heads) * u64::from(self.head_dim)
    }

    /// How many projections make keys and values.
    #[must_use]
    pub fn kv_projections(&self) -> u32 {
        if self.shared_kv_projection { 1 } else { 2 }
    }

    pub(super) fn params(&self, hidden: u64) -> u64 {
        let projected = self.projected_q_width() + u64::from(self.kv_projections()) * self.kv_width() + self.q_width();
        hidden * projected + u64::from(self.vector_params)
    }
}

/// Multi-head latent attention. A token's keys and values are kept as one vector of `kv_lora_rank` and one rotary key,
/// the same for all heads: split over GPUs, each of them keeps all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LatentAttention {
    /// Query heads.
    pub heads: u32,
    /// Width into which queries are compressed; 0: they are not.
    pub q_lora_rank: u32,
    /// Width into which keys and values are compressed.
    pub kv_lora_rank: u32,
    /// Width of a query or key head without its rotary part.
    pub qk_nope_head_dim: u32,
    /// Width of the rotary part.
    pub qk_rope_head_dim: u32,
    /// Width of a value head.
    pub v_head_dim: u32,
    /// What chooses the tokens to attend to, where not all are.
    pub index: Option<Index>,
    /// Norms inside: parameters in no matrix.
    pub vector_params: u32,
}

/// Chooses the tokens that sparse attention attends to, by a light attention over all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Index {
    /// Tokens chosen.
    pub top_k_tokens: u32,
    /// Its query heads; keys have one.
    pub heads: u32,
    /// Width of one head.
    pub head_dim: u32,
}

impl LatentAttention {
    /// Width of the cache entry of one token.
    #[must_use]
    pub fn latent_width(&self) -> u64 {
        u64::from(self.kv_lora_rank) + u64::from(self.qk_rope_head_dim)
    }

    /// Width of one query or key head.
    #[must_use]
    pub fn qk_head_dim(&self) -> u64 {
        u64::from(self.qk_nope_head_dim) + u64::from(self.qk_rope_head_dim)
    }

    /// Width from which query heads are made: compressed, or the residual stream itself.
    #[must_use]
    pub fn q_source_width(&self, hidden: u64) -> u64 {
        if self.q_lora_rank == 0 { hidden } else { u64::from(self.q_lora_rank) }
    }

    pub(super) fn params(&self, hidden: u64) -> u64 {
        let heads = u64::from(self.heads);
        let down = hidden * (u64::from(self.q_lora_rank) + self.latent_width());
        let q = self.q_source_width(hidden) * heads * self.qk_head_dim();
        let value = u64::from(self.v_head_dim);
        let kv = u64::from(self.kv_lora_rank) * heads * (u64::from(self.qk_nope_head_dim) + value);
        let index = self.index.map_or(0, |i| {
            let width = u64::from(i.head_dim);
            self.q_source_width(hidden) * u64::from(i.heads) * width + hidden * (width + u64::from(i.heads))
        });
        down + q + kv + heads * value * hidden + index + u64::from(self.vector_params)
    }
}

pub(super) fn read(row: &mut Row<'_>) -> Attention {
    Attention {
        heads: row.value(),
        kv_heads: row.value(),
        head_dim: row.value(),
        window_tokens: row.some(),
        output_gate: row.flag(),
        shared_kv_projection: row.flag(),
        vector_params: row.value(),
    }
}

pub(super) fn read_latent(row: &mut Row<'_>) -> LatentAttention {
    LatentAttention {
        heads: row.value(),
        q_lora_rank: row.value(),
        kv_lora_rank: row.value(),
        qk_nope_head_dim: row.value(),
        qk_rope_head_dim: row.value(),
        v_head_dim: row.value(),
        index: Some(Index { top_k_tokens: row.value(), heads: row.value(), head_dim: row.value() })
            .filter(|i| i.top_k_tokens > 0),
        vector_params: row.value(),
    }
}
