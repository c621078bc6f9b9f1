//! The block pool with its memory: which blocks are idle, in which order they are reused, what they hold.

use super::table::{NONE, Table};
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
    table: Table,
    /// The place in `blocks` that closes the list of idle blocks into a ring: its `after` is the first to be reused.
    ring: u32,
    /// Whether blocks that hold nothing are reused before all others when let go; otherwise they queue too.
    empty_first: bool,
}

impl Pool {
    pub(in crate::engine) fn new(total: u32, empty_first: bool) -> Self {
        let block = Block { hash: 0, users: 0, before: NONE, after: NONE, younger: NONE };
        let mut pool =
            Pool { blocks: vec![block; total as usize + 1], table: Table::new(total), ring: total, empty_first };
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
            self.blocks[block as usize].users = 1;
            held.push(block);
        }
    }

    /// From now on `block` holds `hash`; false when it did already.
    pub(in crate::engine) fn remember(&mut self, block: u32, hash: u64) -> bool {
        if self.blocks[block as usize].hash != 0 {
            return false;
        }
        let oldest = self.oldest(hash);
        self.blocks[block as usize].hash = hash;
        if oldest == NONE {
            let blocks = &self.blocks;
            self.table.set(hash, block, |b| blocks[b as usize].hash);
            return true;
        }
        let mut last = oldest;
        while self.blocks[last as usize].younger != NONE {
            last = self.blocks[last as usize].younger;
        }
        self.blocks[last as usize].younger = block;
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
        if hash == 0 {
            return;
        }
        let oldest = self.oldest(hash);
        if oldest == block {
            let blocks = &self.blocks;
            match younger {
                NONE => self.table.remove(hash, |b| blocks[b as usize].hash),
                _ => self.table.set(hash, younger, |b| blocks[b as usize].hash),
            }
        } else {
            let mut older = oldest;
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
