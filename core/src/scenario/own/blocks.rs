//! Blocks of a model as a scenario writes them: a kind, how many, and its dimensions under the names of the catalogue's
//! tables.

use crate::catalog::{Attention, Block, Blocks, Experts, GatedDelta, Index, LatentAttention, Mamba2, Mlp};
use crate::scenario::Extra;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Most heads, and widest head.
const HEADS_MAX: u32 = 1024;
/// Widest of what is inside a block.
const WIDTH_MAX: u32 = 1_048_576;
/// Most experts.
const EXPERTS_MAX: u32 = 4096;
/// Longest window, tokens.
pub(in crate::scenario) const TOKENS_MAX: u32 = 16_777_216;
/// Most parameters in no matrix.
const VECTORS_MAX: u32 = 16_777_216;

/// So many blocks of one kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnBlocks {
    /// One of [`BLOCK_KINDS`], by name.
    #[serde(rename = "type")]
    pub kind: String,
    /// How many the model has.
    pub count: u32,
    /// Dimensions by name, those of the kind and others.
    #[serde(flatten)]
    pub dimensions: Extra,
}

/// One dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockColumn {
    /// As in the catalogue's tables.
    pub name: &'static str,
    /// Least value.
    pub min: u32,
    /// Greatest value.
    pub max: u32,
    /// What it is where nothing is given; none: it has to be given.
    pub usual: Option<u32>,
}

/// A kind of block.
#[derive(Debug)]
pub struct BlockKind {
    /// As in the catalogue's tables.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// Its dimensions.
    pub columns: &'static [BlockColumn],
    /// The block of these dimensions, in the order of the columns.
    pub(in crate::scenario) build: fn(&[u32]) -> Block,
}

const fn given(name: &'static str, min: u32, max: u32) -> BlockColumn {
    BlockColumn { name, min, max, usual: None }
}

const fn usual(name: &'static str, max: u32) -> BlockColumn {
    BlockColumn { name, min: 0, max, usual: Some(0) }
}

const VECTOR_PARAMS: BlockColumn = usual("vector_params", VECTORS_MAX);

/// Every kind.
pub const BLOCK_KINDS: [BlockKind; 6] = [
    BlockKind {
        name: "attention",
        title: "Attention",
        columns: &[
            given("heads", 1, HEADS_MAX),
            given("kv_heads", 1, HEADS_MAX),
            given("head_dim", 1, HEADS_MAX),
            usual("window_tokens", TOKENS_MAX),
            usual("output_gate", 1),
            usual("shared_kv_projection", 1),
            VECTOR_PARAMS,
        ],
        build: |n| {
            Block::Attention(Attention {
                heads: n[0],
                kv_heads: n[1],
                head_dim: n[2],
                window_tokens: Some(n[3]).filter(|&tokens| tokens > 0),
                output_gate: n[4] == 1,
                shared_kv_projection: n[5] == 1,
                vector_params: n[6],
            })
        },
    },
    BlockKind {
        name: "latent_attention",
        title: "Latent attention (MLA)",
        columns: &[
            given("heads", 1, HEADS_MAX),
            usual("q_lora_rank", WIDTH_MAX),
            given("kv_lora_rank", 1, WIDTH_MAX),
            given("qk_nope_head_dim", 1, HEADS_MAX),
            given("qk_rope_head_dim", 1, HEADS_MAX),
            given("v_head_dim", 1, HEADS_MAX),
            usual("index_topk_tokens", TOKENS_MAX),
            usual("index_heads", HEADS_MAX),
            usual("index_head_dim", HEADS_MAX),
            VECTOR_PARAMS,
        ],
        build: |n| {
            Block::LatentAttention(LatentAttention {
                heads: n[0],
                q_lora_rank: n[1],
                kv_lora_rank: n[2],
                qk_nope_head_dim: n[3],
                qk_rope_head_dim: n[4],
                v_head_dim: n[5],
                index: Some(Index { top_k_tokens: n[6], heads: n[7], head_dim: n[8] }).filter(|i| i.top_k_tokens > 0),
                vector_params: n[9],
            })
        },
    },
    BlockKind {
        name: "gated_delta",
        title: "Gated delta rule",
        columns: &[
            given("key_heads", 1, HEADS_MAX),
            given("value_heads", 1, HEADS_MAX),
            given("key_head_dim", 1, HEADS_MAX),
            given("value_head_dim", 1, HEADS_MAX),
            given("conv_tokens", 1, 64),
            VECTOR_PARAMS,
        ],
        build: |n| {
            Block::GatedDelta(GatedDelta {
                key_heads: n[0],
                value_heads: n[1],
                key_head_dim: n[2],
                value_head_dim: n[3],
                conv_tokens: n[4],
                vector_params: n[5],
            })
        },
    },
    BlockKind {
        name: "mamba2",
        title: "Mamba-2",
        columns: &[
            given("heads", 1, HEADS_MAX),
            given("head_dim", 1, HEADS_MAX),
            given("state_size", 1, HEADS_MAX),
            given("groups", 1, HEADS_MAX),
            given("conv_tokens", 1, 64),
            VECTOR_PARAMS,
        ],
        build: |n| {
            Block::Mamba2(Mamba2 {
                heads: n[0],
                head_dim: n[1],
                state_size: n[2],
                groups: n[3],
                conv_tokens: n[4],
                vector_params: n[5],
            })
        },
    },
    BlockKind {
        name: "mlp",
        title: "MLP",
        columns: &[given("intermediate_size", 1, WIDTH_MAX), given("matrices", 2, 3)],
        build: |n| Block::Mlp(Mlp { intermediate_size: n[0], matrices: n[1] }),
    },
    BlockKind {
        name: "experts",
        title: "Mixture of experts",
        columns: &[
            given("experts", 1, EXPERTS_MAX),
            given("experts_per_token", 1, EXPERTS_MAX),
            given("intermediate_size", 1, WIDTH_MAX),
            given("matrices", 2, 3),
            usual("shared_intermediate_size", WIDTH_MAX),
            usual("latent_size", WIDTH_MAX),
            usual("expert_vector_params", VECTORS_MAX),
            VECTOR_PARAMS,
        ],
        build: |n| {
            Block::Experts(Experts {
                count: n[0],
                per_token: n[1],
                intermediate_size: n[2],
                matrices: n[3],
                shared_intermediate_size: n[4],
                latent_size: Some(n[5]).filter(|&width| width > 0),
                expert_vector_params: n[6],
                vector_params: n[7],
            })
        },
    },
];

/// Name of a block's kind, and its dimensions in the order of its columns.
fn dimensions(block: &Block) -> (&'static str, Vec<u32>) {
    match block {
        Block::Attention(a) => {
            let flags = [u32::from(a.output_gate), u32::from(a.shared_kv_projection)];
            let window = a.window_tokens.unwrap_or(0);
            ("attention", [a.heads, a.kv_heads, a.head_dim, window, flags[0], flags[1], a.vector_params].into())
        }
        Block::LatentAttention(a) => {
            let index = a.index.map_or([0; 3], |i| [i.top_k_tokens, i.heads, i.head_dim]);
            let widths = [a.qk_nope_head_dim, a.qk_rope_head_dim, a.v_head_dim];
            let all = [[a.heads, a.q_lora_rank, a.kv_lora_rank], widths, index].concat();
            ("latent_attention", [all, [a.vector_params].into()].concat())
        }
        Block::GatedDelta(g) => (
            "gated_delta",
            [g.key_heads, g.value_heads, g.key_head_dim, g.value_head_dim, g.conv_tokens, g.vector_params].into(),
        ),
        Block::Mamba2(m) => {
            ("mamba2", [m.heads, m.head_dim, m.state_size, m.groups, m.conv_tokens, m.vector_params].into())
        }
        Block::Mlp(m) => ("mlp", [m.intermediate_size, m.matrices].into()),
        Block::Experts(e) => {
            let routed = [e.count, e.per_token, e.intermediate_size, e.matrices, e.shared_intermediate_size];
            let rest = [e.latent_size.unwrap_or(0), e.expert_vector_params, e.vector_params];
            ("experts", [&routed[..], &rest].concat())
        }
    }
}

impl OwnBlocks {
    /// These blocks, written out; what is as usual is left out.
    #[must_use]
    pub fn of(blocks: &Blocks) -> Self {
        let (kind, values) = dimensions(&blocks.block);
        let columns = BLOCK_KINDS.iter().find(|k| k.name == kind).map_or(&[][..], |k| k.columns);
        let unusual = columns.iter().zip(values).filter(|(column, value)| column.usual != Some(*value));
        let dimensions = unusual.map(|(column, value)| (column.name.into(), value.into())).collect();
        OwnBlocks { kind: kind.into(), count: blocks.count, dimensions }
    }

    /// The kind, if it is known.
    #[must_use]
    pub fn known_kind(&self) -> Option<&'static BlockKind> {
        const KINDS: &[BlockKind] = &BLOCK_KINDS;
        KINDS.iter().find(|k| k.name == self.kind)
    }

    /// Dimensions that its kind does not have.
    pub(in crate::scenario) fn unknown(&self) -> impl Iterator<Item = &String> {
        let columns = self.known_kind().map(|k| k.columns);
        self.dimensions.keys().filter(move |key| columns.is_some_and(|c| c.iter().all(|c| c.name != key.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn every_block_of_the_catalogue_comes_back() {
        for blocks in Catalog::builtin().models.iter().flat_map(|m| &m.blocks) {
            let own = OwnBlocks::of(blocks);
            let kind = own.known_kind().expect("a kind that is known");
            let value = |column: &BlockColumn| match own.dimensions.get(column.name) {
                Some(value) => value.as_u64().and_then(|n| u32::try_from(n).ok()).expect("a number"),
                None => column.usual.expect("is given"),
            };
            let values: Vec<u32> = kind.columns.iter().map(value).collect();
            assert_eq!((kind.build)(&values), blocks.block);
            assert_eq!(own.unknown().count(), 0);
            for (column, value) in kind.columns.iter().zip(values) {
                assert!((column.min..=column.max).contains(&value), "{} {}: {value}", kind.name, column.name);
            }
        }
    }
}
