//! A model of a scenario's own, by its dimensions.

use super::blocks::OwnBlocks;
use crate::catalog::{Blocks, Model};
use crate::scenario::Extra;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// One model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnModel {
    /// Key that pools name it by.
    pub id: String,
    /// Its name, as vLLM would be given it: a repository on Hugging Face, a folder, or any other.
    pub name: String,
    /// Width of the residual stream.
    pub hidden_size: u32,
    /// Vocabulary.
    pub vocab_size: u32,
    /// Whether the LM head is the input embedding.
    pub tied_embeddings: bool,
    /// Norms as wide as the residual stream, all of them.
    pub hidden_norms: u32,
    /// Longest sequence, tokens.
    pub max_context_tokens: u32,
    /// Format of its checkpoint's weights, by its key in the catalogue.
    pub weights: String,
    /// The same, of routed experts.
    pub expert_weights: String,
    /// What it is made of.
    pub blocks: Vec<OwnBlocks>,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for OwnModel {
    fn default() -> Self {
        OwnModel {
            id: String::new(),
            name: String::new(),
            hidden_size: 0,
            vocab_size: 0,
            tied_embeddings: false,
            hidden_norms: 0,
            max_context_tokens: 0,
            weights: "bf16".into(),
            expert_weights: "bf16".into(),
            blocks: Vec::new(),
            extra: Extra::new(),
        }
    }
}

impl OwnModel {
    /// A model of the catalogue, written out under another key.
    #[must_use]
    pub fn of(model: &Model, id: &str) -> Self {
        OwnModel {
            id: id.into(),
            name: model.hf_id.clone(),
            hidden_size: model.hidden_size,
            vocab_size: model.vocab_size,
            tied_embeddings: model.tied_embeddings,
            hidden_norms: model.hidden_norms,
            max_context_tokens: model.max_context_tokens,
            weights: model.weights.clone(),
            expert_weights: model.expert_weights.clone(),
            blocks: model.blocks.iter().map(OwnBlocks::of).collect(),
            extra: Extra::new(),
        }
    }

    /// The row of these blocks; its parameters are not counted yet.
    pub(in crate::scenario) fn row(&self, blocks: Vec<Blocks>) -> Model {
        Model {
            id: self.id.clone(),
            hf_id: if self.name.is_empty() { self.id.clone() } else { self.name.clone() },
            // Its dimensions alone do not say whose design it is.
            family: String::new(),
            hidden_size: self.hidden_size,
            vocab_size: self.vocab_size,
            tied_embeddings: self.tied_embeddings,
            hidden_norms: self.hidden_norms,
            blocks,
            weights: self.weights.clone(),
            expert_weights: self.expert_weights.clone(),
            max_context_tokens: self.max_context_tokens,
            params: 0,
            params_active: 0,
            source: super::SOURCE.into(),
        }
    }
}
