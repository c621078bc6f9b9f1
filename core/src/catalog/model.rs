//! Models by their dimensions; parameter and byte counts follow from them.

use super::table;
use alloc::string::String;
use alloc::vec::Vec;

/// Bytes of one bf16 number.
const BF16_BYTES: u64 = 2;

/// One decoder-only transformer.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Key used in scenarios.
    pub id: String,
    /// Repository on Hugging Face.
    pub hf_id: String,
    /// Transformer layers.
    pub layers: u32,
    /// Width of the residual stream.
    pub hidden_size: u32,
    /// Query heads.
    pub attention_heads: u32,
    /// Key and value heads.
    pub kv_heads: u32,
    /// Width of one head.
    pub head_dim: u32,
    /// Width of the dense MLP; 0 where all MLPs are experts.
    pub intermediate_size: u32,
    /// Vocabulary.
    pub vocab_size: u32,
    /// Whether the LM head is the input embedding.
    pub tied_embeddings: bool,
    /// Whether queries, keys and values have a bias.
    pub qkv_bias: bool,
    /// Whether queries and keys are normalised per head.
    pub qk_norm: bool,
    /// Mixture of experts, if any.
    pub experts: Option<Experts>,
    /// Longest sequence, tokens.
    pub max_context_tokens: u32,
    /// Parameters in total.
    pub params: u64,
    /// Parameters one token passes through: LM head included, input embedding not.
    pub params_active: u64,
    /// Source key.
    pub source: String,
}

/// A mixture-of-experts MLP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Experts {
    /// Experts per layer.
    pub count: u32,
    /// Experts one token is sent to.
    pub per_token: u32,
    /// Width of one expert.
    pub intermediate_size: u32,
}

impl Model {
    /// Width of all query heads together.
    #[must_use]
    pub fn q_width(&self) -> u64 {
        u64::from(self.attention_heads) * u64::from(self.head_dim)
    }

    /// Width of all key heads together (values are as wide).
    #[must_use]
    pub fn kv_width(&self) -> u64 {
        u64::from(self.kv_heads) * u64::from(self.head_dim)
    }

    /// KV cache of one token over all layers and heads, bytes, bf16.
    #[must_use]
    pub fn kv_bytes_per_token(&self) -> u64 {
        2 * self.kv_width() * BF16_BYTES * u64::from(self.layers)
    }

    /// Weights of the whole model, bytes, bf16.
    #[must_use]
    pub fn weight_bytes(&self) -> u64 {
        self.params * BF16_BYTES
    }

    /// Parameters counted from the dimensions: attention, SwiGLU MLPs or experts with their router,
    /// norms, embedding and LM head.
    #[must_use]
    pub fn params_from_dimensions(&self) -> u64 {
        let h = u64::from(self.hidden_size);
        let mlp = match self.experts {
            Some(e) => 3 * h * u64::from(e.intermediate_size) * u64::from(e.count) + h * u64::from(e.count),
            None => 3 * h * u64::from(self.intermediate_size),
        };
        let tables = if self.tied_embeddings { 1 } else { 2 };
        self.layer_rest() + u64::from(self.layers) * mlp + tables * h * u64::from(self.vocab_size)
    }

    /// Parameters one token passes through, counted from the dimensions.
    #[must_use]
    pub fn active_params_from_dimensions(&self) -> u64 {
        let h = u64::from(self.hidden_size);
        let mlp = match self.experts {
            Some(e) => 3 * h * u64::from(e.intermediate_size) * u64::from(e.per_token) + h * u64::from(e.count),
            None => 3 * h * u64::from(self.intermediate_size),
        };
        self.layer_rest() + u64::from(self.layers) * mlp + h * u64::from(self.vocab_size)
    }

    /// Attention and norms of all layers, and the final norm.
    fn layer_rest(&self) -> u64 {
        let h = u64::from(self.hidden_size);
        let attention = h * self.q_width() * 2 + 2 * h * self.kv_width();
        let norms = 2 * h + if self.qk_norm { 2 * u64::from(self.head_dim) } else { 0 };
        let biases = if self.qkv_bias { self.q_width() + 2 * self.kv_width() } else { 0 };
        u64::from(self.layers) * (attention + biases + norms) + h
    }
}

pub(super) fn read(csv: &str) -> Vec<Model> {
    table::collect(csv, |row| {
        let mut model = Model {
            id: row.text(),
            hf_id: row.text(),
            layers: row.value(),
            hidden_size: row.value(),
            attention_heads: row.value(),
            kv_heads: row.value(),
            head_dim: row.value(),
            intermediate_size: row.value(),
            vocab_size: row.value(),
            tied_embeddings: row.flag(),
            qkv_bias: row.flag(),
            qk_norm: row.flag(),
            experts: None,
            max_context_tokens: 0,
            params: 0,
            params_active: 0,
            source: String::new(),
        };
        let experts = Experts { count: row.value(), per_token: row.value(), intermediate_size: row.value() };
        model.experts = (experts.count > 0).then_some(experts);
        model.max_context_tokens = row.value();
        model.params = row.value();
        model.params_active = row.value();
        model.source = row.text();
        model
    })
}
