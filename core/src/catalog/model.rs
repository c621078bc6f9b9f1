//! Models by their dimensions; parameter and byte counts follow from them.

use super::block::{self, Block, Blocks, Experts};
use super::precision::{Precision, WeightFormat};
use super::table;
use alloc::string::String;
use alloc::vec::Vec;

/// Bytes of one bf16 number.
const BF16_BYTES: f64 = 2.0;

/// One decoder-only language model, without its towers for images and without modules that draft tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Key used in scenarios.
    pub id: String,
    /// Repository on Hugging Face.
    pub hf_id: String,
    /// Models of one design: what measurements of one say of another.
    pub family: String,
    /// Width of the residual stream.
    pub hidden_size: u32,
    /// Vocabulary.
    pub vocab_size: u32,
    /// Whether the LM head is the input embedding.
    pub tied_embeddings: bool,
    /// Norms as wide as the residual stream, all of them.
    pub hidden_norms: u32,
    /// What it is made of.
    pub blocks: Vec<Blocks>,
    /// Format in which the published checkpoint holds the weights of products, by its key in the catalogue.
    pub weights: String,
    /// The same, of routed experts.
    pub expert_weights: String,
    /// Longest sequence, tokens.
    pub max_context_tokens: u32,
    /// Parameters in total.
    pub params: u64,
    /// Parameters one token passes through: LM head included, input embedding not.
    pub params_active: u64,
    /// Source key.
    pub source: String,
}

impl Model {
    /// Its experts; all blocks of experts of one model are alike.
    #[must_use]
    pub fn experts(&self) -> Option<&Experts> {
        self.blocks.iter().find_map(|b| match &b.block {
            Block::Experts(e) => Some(e),
            _ => None,
        })
    }

    /// Most tokens of the past that bounded attention reaches: a window, a chunk, or what an index chooses. One model has
    /// one such bound.
    #[must_use]
    pub fn span_tokens(&self) -> Option<u32> {
        self.blocks.iter().find_map(|b| b.block.span_tokens())
    }

    /// Whether it keeps a state of fixed size instead of keys and values, somewhere.
    #[must_use]
    pub fn is_recurrent(&self) -> bool {
        self.blocks.iter().any(|b| matches!(b.block, Block::GatedDelta(_) | Block::Mamba2(_)))
    }

    /// What a split over `gpus` would cut apart: how many there are of it, and what it is; none if it can be split so.
    #[must_use]
    pub fn unsplittable(&self, gpus: u32) -> Option<(u32, &'static str)> {
        self.blocks.iter().filter_map(|b| b.block.heads()).find(|(heads, _)| gpus == 0 || !heads.is_multiple_of(gpus))
    }

    /// Parameters counted from the dimensions.
    #[must_use]
    pub fn params_from_dimensions(&self) -> u64 {
        let tables = if self.tied_embeddings { 1 } else { 2 };
        self.count(tables, Block::params)
    }

    /// Parameters one token passes through, counted from the dimensions.
    #[must_use]
    pub fn active_params_from_dimensions(&self) -> u64 {
        self.count(1, Block::params_active)
    }

    fn count(&self, tables: u64, of: impl Fn(&Block, u64) -> u64) -> u64 {
        let h = u64::from(self.hidden_size);
        let blocks: u64 = self.blocks.iter().map(|b| u64::from(b.count) * of(&b.block, h)).sum();
        blocks + u64::from(self.hidden_norms) * h + tables * h * u64::from(self.vocab_size)
    }

    /// Weights of the whole model, bytes. Embedding, LM head, norms and routers stay in bf16.
    #[must_use]
    pub fn weight_bytes(&self, precision: &Precision) -> f64 {
        let h = u64::from(self.hidden_size);
        let (mut routed, mut routers) = (0, 0);
        for Blocks { count, block } in &self.blocks {
            if let Block::Experts(e) = block {
                routed += u64::from(*count) * e.routed_params(h);
                routers += u64::from(*count) * e.router_params(h);
            }
        }
        let tables = if self.tied_embeddings { 1 } else { 2 };
        let kept = routers + u64::from(self.hidden_norms) * h + tables * h * u64::from(self.vocab_size);
        let products = self.params - kept - routed;
        kept as f64 * BF16_BYTES
            + products as f64 * precision.weights.bytes_per_weight
            + routed as f64 * precision.expert_weights.bytes_per_weight
    }

    /// The formats of the published checkpoint, with keys and values in bf16.
    pub(super) fn checkpoint(&self, formats: &[WeightFormat]) -> Precision {
        let find = |id: &str| formats.iter().find(|f| f.id == id).expect("a test looks every format up").clone();
        Precision { weights: find(&self.weights), expert_weights: find(&self.expert_weights), fp8_kv: false }
    }
}

pub(super) fn read(csv: &str) -> Vec<Model> {
    let all = block::read();
    table::collect(csv, |row| {
        let id = row.text();
        let blocks = all.iter().filter(|(model, _)| *model == id).map(|(_, blocks)| blocks.clone()).collect();
        Model {
            id,
            hf_id: row.text(),
            family: row.text(),
            hidden_size: row.value(),
            vocab_size: row.value(),
            tied_embeddings: row.flag(),
            hidden_norms: row.value(),
            blocks,
            weights: row.text(),
            expert_weights: row.text(),
            max_context_tokens: row.value(),
            params: row.value(),
            params_active: row.value(),
            source: row.text(),
        }
    })
}
