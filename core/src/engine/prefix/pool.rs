//! The block pool with its memory: which blocks are idle, in which order they are reused, what they hold.

use crate::base::{HashTable, NONE};
use alloc::vec;
use alloc::vec::Vec;

/// One block.
#[derive(Clone, Copy, Debug)]
struct Block {
    /// What it holds; 0: nothing that can be hit.
    hash: u64,
    /// Sequences that use it.
    users: u32,
    /// Neighbours in the list of idle blocks.
    before: u32,
    after: u32,
    /// The next younger copy with the same hash.
    younger: u32,
    /// How often it was taken: tells whether it still holds what it held.
    taken: u32,
}

/// Marks a block that holds what only one sequence says: it is not in the table.
const PRIVATE: u64 = 1;

/// A block that a sequence let go, as it was then.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Left {
    block: u32,
    taken: u32,
}

/// What a lookup found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct Hits {
    /// Blocks that can be reused.
    pub(in crate::engine) blocks: u32,
    /// Of those, the idle ones: using them takes them off the free blocks.
    pub(in crate::engine) idle: u32,
}

/// All blocks of an engine.
pub(in crate::engine) struct Pool {
    blocks: Vec<Block>,
    /// By hash, the oldest copy; younger ones follow it.
    table: HashTable,
    /// The place in `blocks` that closes the list of idle blocks into a ring: its `after` is the first to be reused.
    ring: u32,
    /// Whether blocks that hold nothing are reused before all others when let go; otherwise they queue too.
    empty_first: bool,
}

impl Pool {
    pub(in crate::engine) fn new(total: u32, empty_first: bool) -> Self {
        let block = Block { hash: 0, users: 0, before: NONE, after: NONE, younger: NONE, taken: 0 };
        let mut pool =
            Pool { blocks: vec![block; total as usize + 1], table: HashTable::new(total), ring: total, empty_first };
        pool.blocks[total as usize] = Block { before: total, after: total, ..block };
        for b in 0..total {
            pool.insert_before(b, total);
        }
        pool
    }

    /// How long a prefix of `hashes` is there.
    pub(in crate::engine) fn lookup(&self, hashes: &[u64]) -> Hits {
        let mut hits = Hits::default();
        for &hash in hashes {
            let block = self.oldest(hash);
            if block == NONE {
                break;
            }
            hits.blocks += 1;
            hits.idle += u32::from(self.blocks[block as usize].users == 0);
        }
        hits
    }

    /// Uses the blocks of these hashes, which a lookup found, and appends them to `held`.
    pub(in crate::engine) fn adopt(&mut self, hashes: &[u64], held: &mut Vec<u32>) {
        for &hash in hashes {
            let block = self.oldest(hash);
            if self.blocks[block as usize].users == 0 {
                self.unlink(block);
            }
            self.blocks[block as usize].users += 1;
            held.push(block);
        }
    }

    /// Takes `n` idle blocks, forgetting what they hold, and appends them to `held`. There must be as many.
    pub(in crate::engine) fn take(&mut self, n: u32, held: &mut Vec<u32>) {
        for _ in 0..n {
            let block = self.blocks[self.ring as usize].after;
            assert!(block != self.ring, "blocks are counted before they are taken");
            self.unlink(block);
            self.forget(block);
            let b = &mut self.blocks[block as usize];
            b.users = 1;
            b.taken = b.taken.wrapping_add(1);
            held.push(block);
        }
    }

    /// How many of the first blocks of what a private sequence left are still there.
    pub(in crate::engine) fn survivors(&self, left: &[Left]) -> Hits {
        let there = left.iter().take_while(|l| self.blocks[l.block as usize].taken == l.taken).count();
        let blocks = u32::try_from(there).expect("fewer blocks than 2^32");
        Hits { blocks, idle: blocks }
    }

    /// Uses them again.
    pub(in crate::engine) fn adopt_survivors(&mut self, left: &[Left], held: &mut Vec<u32>) {
        for l in left {
            self.unlink(l.block);
            self.blocks[l.block as usize].users = 1;
            held.push(l.block);
        }
    }

    /// Lets go of a private sequence's blocks, the last first; the first `full` hold something. Returns how many, and
    /// notes in `left` how to find those that hold something.
    pub(in crate::engine) fn release_private(&mut self, held: &mut Vec<u32>, full: usize, left: &mut Vec<Left>) -> u32 {
        left.extend(held.iter().take(full).map(|&block| Left { block, taken: self.blocks[block as usize].taken }));
        let released = u32::try_from(held.len()).expect("fewer blocks than 2^32");
        while let Some(block) = held.pop() {
            let holds = held.len() < full;
            self.blocks[block as usize].users = 0;
            self.blocks[block as usize].hash = if holds { PRIVATE } else { 0 };
            let place = if holds || !self.empty_first { self.ring } else { self.blocks[self.ring as usize].after };
            self.insert_before(block, place);
        }
        released
    }

    /// From now on `block` holds `hash`; false when it did already.
    pub(in crate::engine) fn remember(&mut self, block: u32, hash: u64) -> bool {
        if self.blocks[block as usize].hash != 0 {
            return false;
        }
        self.blocks[block as usize].hash = hash;
        let blocks = &self.blocks;
        let mut last = self.table.insert(hash, block, |b| blocks[b as usize].hash);
        if last != NONE {
            while self.blocks[last as usize].younger != NONE {
                last = self.blocks[last as usize].younger;
            }
            self.blocks[last as usize].younger = block;
        }
        true
    }

    /// Lets go of a sequence's blocks, the last first; returns how many became idle.
    pub(in crate::engine) fn release(&mut self, held: &mut Vec<u32>) -> u32 {
        let mut idle = 0;
        while let Some(block) = held.pop() {
            let b = &mut self.blocks[block as usize];
            b.users -= 1;
            if b.users > 0 {
                continue;
            }
            idle += 1;
            let place = if b.hash == 0 && self.empty_first { self.blocks[self.ring as usize].after } else { self.ring };
            self.insert_before(block, place);
        }
        idle
    }

    fn oldest(&self, hash: u64) -> u32 {
        self.table.get(hash, |b| self.blocks[b as usize].hash)
    }

    /// A block about to be reused loses what it holds; with the last copy the hash is gone.
    fn forget(&mut self, block: u32) {
        let Block { hash, younger, .. } = self.blocks[block as usize];
        if hash <= PRIVATE {
            self.blocks[block as usize].hash = 0;
            return;
        }
        let blocks = &self.blocks;
        if !self.table.replace(hash, block, younger, |b| blocks[b as usize].hash) {
            let mut older = self.oldest(hash);
            while self.blocks[older as usize].younger != block {
                older = self.blocks[older as usize].younger;
            }
            self.blocks[older as usize].younger = younger;
        }
        let b = &mut self.blocks[block as usize];
        b.hash = 0;
        b.younger = NONE;
    }

    fn unlink(&mut self, block: u32) {
        let Block { before, after, .. } = self.blocks[block as usize];
        self.blocks[before as usize].after = after;
        self.blocks[after as usize].before = before;
    }

    fn insert_before(&mut self, block: u32, place: u32) {
        let before = self.blocks[place as usize].before;
        self.blocks[block as usize].before = before;
        self.blocks[block as usize].after = place;
        self.blocks[before as usize].after = block;
        self.blocks[place as usize].before = block;
    }
}
