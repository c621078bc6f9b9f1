//! The approximate prefix index: the router remembers where prompts went, and believes that they are still there.
//!
//! llm-d's `approx-prefix-cache-producer`: prompts are hashed in blocks of at least 64 tokens, a last partial one
//! included; each instance has a least-recently-used set of hashes, updated when a request is sent, with prompts only.
//! Its capacity is the engine's number of KV blocks, not rescaled to the larger block, so it remembers more than the
//! engine holds. Nothing tells it what the engine evicts.

use super::lru::Lru;
use super::{PrefixInfo, PrefixProducer};
use crate::base::{Beginnings, Chain};
use crate::policy::{Ask, Badge, FleetView, Meta, Param, ParamKind, Params};
use alloc::vec::Vec;

/// The plugin.
pub static META: Meta = Meta {
    id: "approx-prefix-cache-producer",
    title: "Approximate prefix index",
    doc: "Remembers, per instance, hashes of the prompts sent there, least recently used out first.",
    source: "llm-d-router, approx-prefix-cache-producer",
    badge: Badge::Exact,
    params: &[
        Param {
            id: "autoTune",
            kind: ParamKind::Boolean { default: true },
            doc: "Whether block size and capacity follow the engine's.",
        },
        Param {
            id: "blockSizeTokens",
            kind: ParamKind::Integer { min: 1, max: 65_536, default: 16 },
            doc: "Tokens of a block without autoTune; 64 at least.",
        },
        Param {
            id: "maxPrefixTokensToMatch",
            kind: ParamKind::Integer { min: 0, max: 100_000_000, default: 131_072 },
            doc: "Longest prefix that is looked at, tokens; 0: maxPrefixBlocksToMatch says.",
        },
        Param {
            id: "maxPrefixBlocksToMatch",
            kind: ParamKind::Integer { min: 0, max: 100_000_000, default: 2048 },
            doc: "Longest prefix that is looked at where maxPrefixTokensToMatch is 0, blocks; 0: any.",
        },
        Param {
            id: "lruCapacityPerServer",
            kind: ParamKind::Integer { min: 1, max: 100_000_000, default: 31_250 },
            doc: "Blocks remembered per instance without autoTune.",
        },
    ],
};

/// Smallest block llm-d's router hashes, tokens.
const BLOCK_FLOOR: u32 = 64;

/// The index.
pub struct ApproxPrefix {
    block_tokens: u32,
    blocks_max: usize,
    chain: Chain,
    beginnings: Beginnings,
    /// Who holds what, by hash, and in which order each instance forgets.
    index: Lru,
}

impl ApproxPrefix {
    /// For instances whose engines have blocks of `block_size` tokens and this many of them, each.
    #[must_use]
    pub fn new(params: &Params<'_>, block_size: u32, kv_blocks: &[u32]) -> Self {
        let auto = params.boolean("autoTune");
        let given = u32::try_from(params.integer("blockSizeTokens")).expect("checked to be in range");
        let block_tokens = if auto { block_size } else { given }.max(BLOCK_FLOOR);
        let capacity = |&blocks: &u32| match auto {
            true => blocks,
            false => u32::try_from(params.integer("lruCapacityPerServer")).expect("checked to be in range"),
        };
        let longest = match (params.integer("maxPrefixTokensToMatch"), params.integer("maxPrefixBlocksToMatch")) {
            (0, 0) => i64::from(u32::MAX),
            (0, blocks) => blocks,
            (tokens, _) => tokens / i64::from(block_tokens),
        };
        ApproxPrefix {
            block_tokens,
            blocks_max: usize::try_from(longest).expect("checked to be in range"),
            chain: Chain::default(),
            beginnings: Beginnings::default(),
            index: Lru::new(&kv_blocks.iter().map(capacity).collect::<Vec<_>>()),
        }
    }

    /// Hashes of the prompt that was looked up last, as far as it is looked at.
    fn hashes(&self) -> &[u64] {
        let hashes = self.chain.hashes();
        &hashes[..self.blocks_max.min(hashes.len())]
    }
}

impl PrefixProducer for ApproxPrefix {
    fn look_up(&mut self, ask: &Ask<'_>, _: &FleetView<'_>, info: &mut PrefixInfo) {
        self.beginnings.chain(&mut self.chain, ask.prompt, self.block_tokens);
        self.chain.finish();
        info.matched.fill(0);
        self.index.count_holders(self.hashes(), &mut info.matched);
        info.blocks = u32::try_from(self.hashes().len()).expect("a prompt has fewer blocks than 2^32");
        info.block_tokens = self.block_tokens;
    }

    fn sent(&mut self, _: &FleetView<'_>, instance: u32) {
        let hashes = self.chain.hashes();
        self.index.touch(instance, &hashes[..self.blocks_max.min(hashes.len())]);
    }
}
