//! What host memory holds: blocks of prompts, the least recently used forgotten first.
//!
//! Kept in pieces, as the prefix cache keeps its own: a block is there with all before it, and goes with all behind it.

use crate::engine::prefix::{Held, Pool};

/// All blocks of host memory.
pub(super) struct HostCache {
    pool: Pool,
    total: u32,
    /// Blocks that nobody copies.
    free: u32,
}

impl HostCache {
    pub(super) fn new(blocks: u32) -> Self {
        HostCache { pool: Pool::new(blocks, true), total: blocks, free: blocks }
    }

    /// How many blocks of these hashes, from the first, are there or on their way.
    pub(super) fn found(&self, hashes: &[u64]) -> u32 {
        self.pool.lookup(hashes).blocks
    }

    /// Keeps blocks that are there from being forgotten.
    pub(super) fn hold(&mut self, hashes: &[u64]) -> Held {
        let mut held = Held::default();
        self.free -= self.pool.lookup(hashes).idle;
        self.pool.adopt(hashes, &mut held);
        held
    }

    /// They may be forgotten again, after all that are there now.
    pub(super) fn let_go(&mut self, mut held: Held) {
        self.free += self.pool.release(0, &mut held);
        assert!(self.free <= self.total, "no block of host memory is let go of twice");
    }

    /// Blocks of these hashes were asked for: those that are there are forgotten after all others.
    pub(super) fn touch(&mut self, hashes: &[u64]) {
        let found = self.found(hashes) as usize;
        let held = self.hold(&hashes[..found]);
        self.let_go(held);
    }

    /// Finds room for those of these blocks that are not there, the first `found` being there: others are forgotten, but
    /// none that are being copied. Holds all of them; none if there is not room for all.
    pub(super) fn take_in(&mut self, hashes: &[u64], found: u32) -> Option<Held> {
        let mut held = self.hold(&hashes[..found as usize]);
        let lacking = hashes.len() as u32 - found;
        if lacking > self.free {
            self.let_go(held);
            return None;
        }
        self.free -= lacking;
        self.pool.take(lacking);
        self.pool.remember(&hashes[found as usize..], &mut held);
        Some(held)
    }

    /// Whether nothing is being copied.
    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.free == self.total
    }
}
