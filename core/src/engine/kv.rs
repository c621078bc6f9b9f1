//! KV blocks of one engine: counted, and with the prefix cache on, those that hold something to be found named.

use super::instance::Incoming;
use super::prefix::{Held, Hits, Left, Pool};
use super::seq::Seq;
use crate::base::{Beginnings, Chain, Id, Run};
use crate::latency::KvLaw;
use crate::scenario::EngineConfig;
use alloc::vec::Vec;

/// All blocks of one engine.
pub(super) struct Kv {
    total: u32,
    free: u32,
    block_size: u32,
    law: KvLaw,
    /// Whether the last block of a hit is computed again.
    drops_last_hit: bool,
    cache: Option<Cache>,
}

/// What the prefix cache keeps beside the counts.
struct Cache {
    pool: Pool,
    beginnings: Beginnings,
    /// By sequence.
    sequences: Vec<Cached>,
    /// Whether answers must be found while they are still being written.
    eager: bool,
}

/// What the cache knows of one sequence.
#[derive(Clone, Debug, Default)]
struct Cached {
    /// Whether nobody else says what it says: then nothing has to be hashed, and only the sequence itself can find its
    /// blocks again, after a preemption.
    private: bool,
    /// Of a private one: the blocks it let go, to find again.
    left: Option<Left>,
    chain: Chain,
    /// Its first blocks, which are full and can be found by others.
    named: Held,
    /// Its answer: the content and position of its first token, and how many of its tokens the chain has.
    answer: (u64, u32),
    chained: u32,
}

impl Kv {
    pub(super) fn new(config: &EngineConfig) -> Self {
        let total = config.kv_blocks;
        let cache = config.prefix_caching.then(|| Cache {
            pool: Pool::new(total, config.empty_blocks_first),
            beginnings: Beginnings::default(),
            sequences: Vec::new(),
            eager: config.answers_shared_at_once,
        });
        let drops_last_hit = config.speculation.is_some_and(|s| s.drops_last_hit);
        Kv { total, free: total, block_size: config.block_size, law: config.kv_law, drops_last_hit, cache }
    }

    pub(super) fn free(&self) -> u32 {
        self.free
    }

    pub(super) fn used(&self) -> u32 {
        self.total - self.free
    }

    /// Blocks of a sequence of `tokens` tokens: those that they fill or begin, and those of windows and states, which hold
    /// nothing that another could find.
    pub(super) fn for_tokens(&self, tokens: u32) -> u32 {
        self.law.blocks(self.block_size, tokens)
    }

    /// Blocks that a sequence of `tokens` tokens needs for one more.
    pub(super) fn for_next(&self, tokens: u32) -> u32 {
        self.law.next_blocks(self.block_size, tokens)
    }

    /// A request comes in: what its prompt says.
    pub(super) fn introduce(&mut self, id: Id<Seq>, incoming: &Incoming<'_>) {
        let Some(cache) = &mut self.cache else { return };
        let index = id.index() as usize;
        if cache.sequences.len() <= index {
            cache.sequences.resize_with(index + 1, Cached::default);
        }
        let cached = &mut cache.sequences[index];
        cached.left = None;
        cached.chained = 0;
        cached.private = incoming.content.is_none();
        let prompt = incoming.content.map_or(&[][..], |content| content.prompt);
        cache.beginnings.chain(&mut cached.chain, prompt, self.block_size);
        cached.answer = incoming.content.map_or(cached.answer, |content| content.answer);
    }

    /// What of a waiting request is there already: never its last known token.
    pub(super) fn lookup(&self, id: Id<Seq>, known: u32) -> Hits {
        let Some(cache) = &self.cache else { return Hits::default() };
        let cached = &cache.sequences[id.index() as usize];
        let most = (known - 1) / self.block_size;
        let dropped = u32::from(self.drops_last_hit);
        if cached.private {
            let blocks = cache.pool.survivors(cached.left).min(most).saturating_sub(dropped);
            return Hits { blocks, idle: blocks };
        }
        let hashes = cached.chain.hashes();
        let hits = cache.pool.lookup(&hashes[..(most as usize).min(hashes.len())]);
        if dropped > 0 && hits.blocks > 0 {
            return cache.pool.lookup(&hashes[..(hits.blocks - dropped) as usize]);
        }
        hits
    }

    /// What the full blocks of a sequence say, its prompt's first; nothing of one that says what nobody else does.
    pub(super) fn hashes(&self, id: Id<Seq>) -> &[u64] {
        let cached = self.cache.as_ref().map(|cache| &cache.sequences[id.index() as usize]);
        cached.filter(|cached| !cached.private).map_or(&[], |cached| cached.chain.hashes())
    }

    /// How many blocks of these hashes, from the first, are there.
    pub(super) fn found(&self, hashes: &[u64]) -> u32 {
        self.cache.as_ref().map_or(0, |cache| cache.pool.lookup(hashes).blocks)
    }

    /// Takes what a lookup found.
    pub(super) fn adopt(&mut self, id: Id<Seq>, hits: Hits) {
        let Some(cache) = &mut self.cache else { return };
        let Cached { private, left, chain, named, .. } = &mut cache.sequences[id.index() as usize];
        if *private {
            cache.pool.adopt_survivors(left.take(), hits.blocks);
        } else {
            cache.pool.adopt(&chain.hashes()[..hits.blocks as usize], named);
        }
        self.free -= hits.idle;
    }

    /// Takes blocks, if there are as many.
    #[must_use]
    pub(super) fn take(&mut self, blocks: u32) -> bool {
        if blocks > self.free {
            return false;
        }
        self.free -= blocks;
        if let Some(cache) = &mut self.cache {
            cache.pool.take(blocks);
        }
        true
    }

    /// The next step computes a prompt up to `tokens`: what full blocks hold can be hit from now on.
    pub(super) fn computed(&mut self, id: Id<Seq>, tokens: u32) {
        let Some(cache) = &mut self.cache else { return };
        let full = (tokens / self.block_size) as usize;
        let Cached { private, chain, named, .. } = &mut cache.sequences[id.index() as usize];
        let before = named.blocks() as usize;
        if !*private && full > before {
            cache.pool.remember(&chain.hashes()[before..full], named);
        }
    }

    /// Lets go of everything a sequence holds, `tokens` tokens of it computed, of which `known` may be remembered.
    pub(super) fn release(&mut self, id: Id<Seq>, seq: &Seq, tokens: u32, known: u32) {
        let blocks = self.for_tokens(tokens);
        self.free += self.let_go(id, seq, blocks, known);
        assert!(self.free <= self.total, "no block is given back twice");
    }

    /// How many of these blocks nobody holds any more.
    fn let_go(&mut self, id: Id<Seq>, seq: &Seq, blocks: u32, known: u32) -> u32 {
        self.publish(id, seq, known);
        let Some(cache) = &mut self.cache else { return blocks };
        let Cached { private, left, named, .. } = &mut cache.sequences[id.index() as usize];
        if *private {
            *left = cache.pool.release_private(blocks, known / self.block_size);
            return blocks;
        }
        cache.pool.release(blocks - named.blocks(), named)
    }

    /// A preempted sequence knows `generated` tokens of its answer: they are part of what it will look up.
    pub(super) fn extend(&mut self, id: Id<Seq>, generated: u32) {
        if let Some(cache) = &mut self.cache {
            cache.extend(id, generated, self.block_size);
        }
    }

    /// Whether decoders' answers must be made visible before a lookup.
    pub(super) fn is_eager(&self) -> bool {
        self.cache.as_ref().is_some_and(|c| c.eager)
    }

    /// Makes what a sequence has written visible, `known` tokens of it.
    pub(super) fn publish(&mut self, id: Id<Seq>, seq: &Seq, known: u32) {
        self.extend(id, known.saturating_sub(seq.prompt));
        self.computed(id, known);
    }
}

impl Cache {
    /// Chains the answer up to its first `generated` tokens.
    fn extend(&mut self, id: Id<Seq>, generated: u32, block_size: u32) {
        let cached = &mut self.sequences[id.index() as usize];
        if generated > cached.chained && !cached.private {
            let (content, start) = cached.answer;
            let run = Run { content, start: start + cached.chained, length: generated - cached.chained };
            cached.chain.push(run, block_size);
            cached.chained = generated;
        }
    }
}
