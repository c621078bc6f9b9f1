//! KV blocks of one engine: counted, and with the prefix cache on also told apart.
//!
//! Decoders need a block now and then; which one does not matter until it is let go, so their blocks lie in a common
//! heap meanwhile, and are assigned, and what they hold remembered, when a sequence ends or is preempted.

use super::instance::Incoming;
use super::prefix::{Hits, Left, Pool};
use super::seq::Seq;
use crate::base::{Chain, Id, Run};
use crate::latency::KvLaw;
use crate::scenario::EngineConfig;
use alloc::vec::Vec;

/// All blocks of one engine.
pub(super) struct Kv {
    total: u32,
    free: u32,
    block_size: u32,
    law: KvLaw,
    cache: Option<Cache>,
}

/// What the prefix cache keeps beside the counts.
struct Cache {
    pool: Pool,
    /// By sequence.
    sequences: Vec<Cached>,
    /// Blocks that decoders took since they were last assigned.
    decoding: Vec<u32>,
    /// Whether answers must be found while they are still being written.
    eager: bool,
}

/// One sequence's blocks.
#[derive(Clone, Debug, Default)]
struct Cached {
    /// Whether nobody else says what it says: then nothing has to be hashed, and only the sequence itself can find its
    /// blocks again, after a preemption.
    private: bool,
    /// Of a private one: the blocks it let go, to find again.
    left: Vec<Left>,
    chain: Chain,
    held: Vec<u32>,
    /// Blocks of windows and states: nobody else can use what they hold.
    own: Vec<u32>,
    /// Its answer: the content and position of its first token, and how many of its tokens the chain has.
    answer: (u64, u32),
    chained: u32,
}

impl Kv {
    pub(super) fn new(config: &EngineConfig) -> Self {
        let total = config.kv_blocks;
        let cache = config.prefix_caching.then(|| Cache {
            pool: Pool::new(total, config.empty_blocks_first),
            sequences: Vec::new(),
            decoding: Vec::new(),
            eager: config.answers_shared_at_once,
        });
        Kv { total, free: total, block_size: config.block_size, law: config.kv_law, cache }
    }

    pub(super) fn free(&self) -> u32 {
        self.free
    }

    pub(super) fn used(&self) -> u32 {
        self.total - self.free
    }

    /// Blocks of a sequence of `tokens` tokens.
    pub(super) fn for_tokens(&self, tokens: u32) -> u32 {
        self.law.blocks(self.block_size, tokens)
    }

    /// Blocks that a sequence of `tokens` tokens needs for one more.
    pub(super) fn for_next(&self, tokens: u32) -> u32 {
        self.law.next_blocks(self.block_size, tokens)
    }

    /// Of the blocks of a sequence of `tokens` tokens, those of layers that keep every token, and the others.
    fn kinds(&self, tokens: u32) -> (u32, u32) {
        let every = tokens.div_ceil(self.block_size);
        (every, self.for_tokens(tokens) - every)
    }

    /// A request comes in: what its prompt says.
    pub(super) fn introduce(&mut self, id: Id<Seq>, incoming: &Incoming<'_>) {
        let Some(cache) = &mut self.cache else { return };
        let index = id.index() as usize;
        if cache.sequences.len() <= index {
            cache.sequences.resize_with(index + 1, Cached::default);
        }
        let cached = &mut cache.sequences[index];
        cached.chain.clear();
        cached.left.clear();
        cached.chained = 0;
        cached.private = incoming.content.is_none();
        if let Some(content) = incoming.content {
            for &run in content.prompt {
                cached.chain.push(run, self.block_size);
            }
            cached.answer = content.answer;
        }
    }

    /// What of a waiting request is there already: never its last known token.
    pub(super) fn lookup(&self, id: Id<Seq>, known: u32) -> Hits {
        let Some(cache) = &self.cache else { return Hits::default() };
        let cached = &cache.sequences[id.index() as usize];
        let most = ((known - 1) / self.block_size) as usize;
        if cached.private {
            return cache.pool.survivors(&cached.left[..most.min(cached.left.len())]);
        }
        let hashes = &cached.chain.hashes();
        cache.pool.lookup(&hashes[..most.min(hashes.len())])
    }

    /// Takes what a lookup found.
    pub(super) fn adopt(&mut self, id: Id<Seq>, hits: Hits) {
        let Some(cache) = &mut self.cache else { return };
        let Cached { private, left, chain, held, .. } = &mut cache.sequences[id.index() as usize];
        let found = hits.blocks as usize;
        if *private {
            cache.pool.adopt_survivors(&left[..found], held);
        } else {
            cache.pool.adopt(&chain.hashes()[..found], held);
        }
        self.free -= hits.idle;
    }

    /// Takes the `blocks` that a prompt lacks for its first `tokens` tokens, if there are as many.
    #[must_use]
    pub(super) fn take_for(&mut self, id: Id<Seq>, blocks: u32, tokens: u32) -> bool {
        if blocks > self.free {
            return false;
        }
        self.free -= blocks;
        let kinds = self.kinds(tokens);
        if let Some(cache) = &mut self.cache {
            let Cached { held, own, .. } = &mut cache.sequences[id.index() as usize];
            cache.pool.take(lacking(held, kinds.0), held);
            cache.pool.take(lacking(own, kinds.1), own);
        }
        true
    }

    /// Takes blocks for decoders, if there are as many.
    #[must_use]
    pub(super) fn take_for_decoders(&mut self, blocks: u32) -> bool {
        if blocks > self.free {
            return false;
        }
        self.free -= blocks;
        if let Some(cache) = &mut self.cache {
            cache.pool.take(blocks, &mut cache.decoding);
        }
        true
    }

    /// The next step computes a prompt up to `tokens`: what full blocks hold can be hit from now on.
    pub(super) fn computed(&mut self, id: Id<Seq>, tokens: u32) {
        let Some(cache) = &mut self.cache else { return };
        let full = tokens / self.block_size;
        let Cached { private, chain, held, .. } = &cache.sequences[id.index() as usize];
        if *private {
            return;
        }
        // Those before are remembered already: walk back to the first that is not.
        for b in (0..full as usize).rev() {
            if !cache.pool.remember(held[b], chain.hashes()[b]) {
                break;
            }
        }
    }

    /// Lets go of everything a sequence holds, `tokens` tokens of it computed, of which `known` may be remembered.
    pub(super) fn release(&mut self, id: Id<Seq>, seq: &Seq, tokens: u32, known: u32) {
        let (blocks, kinds) = (self.for_tokens(tokens), self.kinds(tokens));
        let Some(cache) = &mut self.cache else {
            self.free += blocks;
            assert!(self.free <= self.total, "no block is given back twice");
            return;
        };
        cache.assign(id, kinds);
        let Cached { private, left, held, own, .. } = &mut cache.sequences[id.index() as usize];
        self.free += cache.pool.release(own);
        if *private {
            left.clear();
            self.free += cache.pool.release_private(held, (known / self.block_size) as usize, left);
            return;
        }
        cache.extend(id, known.saturating_sub(seq.prompt), self.block_size);
        self.computed(id, known);
        let cache = self.cache.as_mut().expect("it was there");
        self.free += cache.pool.release(&mut cache.sequences[id.index() as usize].held);
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

    /// Makes what a decoder has written so far visible.
    pub(super) fn publish(&mut self, id: Id<Seq>, seq: &Seq, tokens: u32, known: u32) {
        let kinds = self.kinds(tokens);
        let Some(cache) = &mut self.cache else { return };
        cache.assign(id, kinds);
        cache.extend(id, known.saturating_sub(seq.prompt), self.block_size);
        self.computed(id, known);
    }
}

impl Cache {
    /// Gives a decoder its blocks of both kinds from the common heap.
    fn assign(&mut self, id: Id<Seq>, (every, others): (u32, u32)) {
        let Cached { held, own, .. } = &mut self.sequences[id.index() as usize];
        for (blocks, wanted) in [(held, every), (own, others)] {
            let from = self.decoding.len() - lacking(blocks, wanted) as usize;
            blocks.extend(self.decoding.drain(from..));
        }
    }

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

/// How many blocks are still missing.
fn lacking(blocks: &[u32], wanted: u32) -> u32 {
    wanted.saturating_sub(u32::try_from(blocks.len()).expect("fewer blocks than 2^32"))
}
