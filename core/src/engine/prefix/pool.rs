//! The block pool with its memory: which blocks are idle, in which order they are reused, what they hold.

use crate::base::{HashIndex, NONE};
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
    table: HashIndex,
    /// How many blocks there are. Rows exist only for those that were ever taken; the others come after the empty ones
    /// and before the queue.
    total: u32,
    /// Blocks that hold nothing and are reused before all others, the last let go first.
    empty: Vec<u32>,
    /// Whether blocks that hold nothing go there when let go, or queue with the others.
    empty_first: bool,
}

/// The row that closes the queue of idle blocks into a ring: its `after` is the first to be reused.
const RING: u32 = 0;

impl Pool {
    pub(in crate::engine) fn new(total: u32, empty_first: bool) -> Self {
        let ring = Block { hash: 0, users: 1, before: RING, after: RING, younger: NONE, taken: 0 };
        Pool { blocks: vec![ring], table: HashIndex::new(), total, empty: Vec::new(), empty_first }
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
            let block = self.next_idle();
            let b = &mut self.blocks[block as usize];
            b.users = 1;
            b.taken = b.taken.wrapping_add(1);
            held.push(block);
        }
    }

    /// Takes the next block to be reused off its list; it holds nothing any more.
    fn next_idle(&mut self) -> u32 {
        if let Some(block) = self.empty.pop() {
            return block;
        }
        if self.blocks.len() <= self.total as usize {
            let fresh = Block { hash: 0, users: 0, before: NONE, after: NONE, younger: NONE, taken: 0 };
            self.blocks.push(fresh);
            return u32::try_from(self.blocks.len() - 1).expect("no more rows than blocks and one");
        }
        let block = self.blocks[RING as usize].after;
        assert!(block != RING, "blocks are counted before they are taken");
        self.unlink(block);
        self.forget(block);
        block
    }

    /// Puts a block that nobody uses any more where it waits for its reuse.
    fn idle(&mut self, block: u32) {
        if self.blocks[block as usize].hash == 0 && self.empty_first {
            self.empty.push(block);
        } else {
            self.enqueue(block);
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
            self.idle(block);
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
            self.idle(block);
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

    /// Puts a block at the end of the queue.
    fn enqueue(&mut self, block: u32) {
        let before = self.blocks[RING as usize].before;
        self.blocks[block as usize].before = before;
        self.blocks[block as usize].after = RING;
        self.blocks[before as usize].after = block;
        self.blocks[RING as usize].before = block;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Purpose, Stream};

    /// The pool as vLLM's documentation describes it: one list of idle blocks, searched from the front.
    struct Naive {
        hash: Vec<u64>,
        users: Vec<u32>,
        idle: Vec<usize>,
        /// Copies of all hashes, oldest first.
        copies: Vec<(u64, usize)>,
        empty_first: bool,
    }

    impl Naive {
        fn new(total: usize, empty_first: bool) -> Self {
            Naive {
                hash: vec![0; total],
                users: vec![0; total],
                idle: (0..total).collect(),
                copies: Vec::new(),
                empty_first,
            }
        }

        fn find(&self, hash: u64) -> Option<usize> {
            self.copies.iter().find(|c| c.0 == hash).map(|c| c.1)
        }

        fn lookup(&self, hashes: &[u64]) -> Hits {
            let found = hashes.iter().map_while(|&h| self.find(h));
            found.fold(Hits::default(), |hits, b| Hits {
                blocks: hits.blocks + 1,
                idle: hits.idle + u32::from(self.users[b] == 0),
            })
        }

        fn adopt(&mut self, hashes: &[u64]) -> Vec<usize> {
            let blocks: Vec<usize> = hashes.iter().map(|&h| self.find(h).expect("was looked up")).collect();
            for &b in &blocks {
                self.idle.retain(|&i| i != b);
                self.users[b] += 1;
            }
            blocks
        }

        fn take(&mut self, n: u32) -> Vec<usize> {
            let blocks: Vec<usize> = self.idle.drain(..n as usize).collect();
            for &b in &blocks {
                self.copies.retain(|c| c.1 != b);
                (self.hash[b], self.users[b]) = (0, 1);
            }
            blocks
        }

        fn remember(&mut self, b: usize, hash: u64) {
            if self.hash[b] == 0 {
                self.hash[b] = hash;
                self.copies.push((hash, b));
            }
        }

        fn release(&mut self, blocks: &[usize]) {
            for &b in blocks.iter().rev() {
                self.users[b] -= 1;
                match self.users[b] {
                    0 if self.hash[b] == 0 && self.empty_first => self.idle.insert(0, b),
                    0 => self.idle.push(b),
                    _ => {}
                }
            }
        }
    }

    /// One sequence in both pools: the hashes it would have, and the blocks it holds.
    struct Held {
        hashes: Vec<u64>,
        ours: Vec<u32>,
        naive: Vec<usize>,
    }

    #[test]
    fn a_hundred_thousand_random_operations_agree_with_a_plain_list() {
        for empty_first in [true, false] {
            agree(50_000, empty_first);
        }
    }

    fn agree(operations: u64, empty_first: bool) {
        const TOTAL: u32 = 60;
        let mut draws = Stream::new(8, 0, Purpose::Group, u32::from(empty_first));
        let (mut ours, mut naive) = (Pool::new(TOTAL, empty_first), Naive::new(TOTAL as usize, empty_first));
        let mut alive: Vec<Held> = Vec::new();
        let mut hits_seen = 0;
        for step in 0..operations {
            let mut below = |k: u64, n: u32| draws.below(4 * step + k, n);
            let free = u32::try_from(naive.idle.len()).expect("few");
            if below(0, 3) > 0 || alive.is_empty() {
                // A sequence of one of eight contents: its first blocks may be there already.
                let (content, length) = (u64::from(below(1, 8)), 1 + below(2, 12));
                let hashes: Vec<u64> = (0..u64::from(length)).map(|i| ((content + 1) << 40) + (i + 2)).collect();
                let hits = ours.lookup(&hashes);
                assert_eq!(hits, naive.lookup(&hashes), "operation {step}");
                let fresh = length - hits.blocks;
                if hits.idle + fresh > free {
                    continue;
                }
                hits_seen += hits.blocks;
                let found = &hashes[..hits.blocks as usize];
                let mut held = Held { ours: Vec::new(), naive: naive.adopt(found), hashes };
                ours.adopt(&held.hashes[..hits.blocks as usize], &mut held.ours);
                ours.take(fresh, &mut held.ours);
                held.naive.extend(naive.take(fresh));
                // Not all of what was taken comes to hold something.
                let full = below(3, length + 1).max(hits.blocks) as usize;
                for i in 0..full {
                    ours.remember(held.ours[i], held.hashes[i]);
                    naive.remember(held.naive[i], held.hashes[i]);
                }
                alive.push(held);
            } else {
                let mut held = alive.swap_remove(below(1, u32::try_from(alive.len()).expect("few")) as usize);
                let before = naive.idle.len();
                naive.release(&held.naive);
                let idle = ours.release(&mut held.ours);
                assert_eq!(idle as usize, naive.idle.len() - before, "operation {step}");
            }
        }
        assert!(hits_seen > 10_000, "{hits_seen}");
    }
}
