//! The block pool with its memory: which blocks are idle, in which order they are reused, what they hold.
//!
//! Only blocks that somebody may look for have names: a row each. All others are alike, and are counted: those that hold
//! nothing, those in use that are not full yet, and what a private sequence has let go, which lies in the queue in one
//! piece however long it is.

use crate::base::{HashIndex, NONE};
use alloc::vec;
use alloc::vec::Vec;

/// A named block, or a piece of the queue made of blocks without names.
#[derive(Clone, Copy, Debug)]
struct Row {
    /// What the block holds; 0: no block of a name.
    hash: u64,
    /// Sequences that use it.
    users: u32,
    /// Neighbours in the queue of idle blocks.
    before: u32,
    after: u32,
    /// The next younger copy with the same hash.
    younger: u32,
    /// How many blocks it stands for.
    blocks: u32,
    /// How often the row was given up: tells whether it still is what it was.
    past: u32,
}

/// What a private sequence let go: a piece of the queue, if it is still there.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Left {
    row: u32,
    past: u32,
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
    rows: Vec<Row>,
    /// Rows that stand for nothing.
    spare: Vec<u32>,
    /// By hash, the oldest copy; younger ones follow it.
    table: HashIndex,
    /// Blocks that hold nothing and are reused before all others: never taken, or let go empty.
    blank: u32,
    /// Whether blocks that hold nothing go there when let go, or queue with the others.
    empty_first: bool,
}

/// The row that closes the queue of idle blocks into a ring: its `after` is the first to be reused.
const RING: u32 = 0;

impl Pool {
    pub(in crate::engine) fn new(total: u32, empty_first: bool) -> Self {
        let ring = Row { hash: 0, users: 1, before: RING, after: RING, younger: NONE, blocks: 0, past: 0 };
        Pool { rows: vec![ring], spare: Vec::new(), table: HashIndex::new(), blank: total, empty_first }
    }

    /// How long a prefix of `hashes` is there.
    pub(in crate::engine) fn lookup(&self, hashes: &[u64]) -> Hits {
        let mut hits = Hits::default();
        for &hash in hashes {
            let row = self.oldest(hash);
            if row == NONE {
                break;
            }
            hits.blocks += 1;
            hits.idle += u32::from(self.rows[row as usize].users == 0);
        }
        hits
    }

    /// Uses the blocks of these hashes, which a lookup found, and appends them to `named`.
    pub(in crate::engine) fn adopt(&mut self, hashes: &[u64], named: &mut Vec<u32>) {
        for &hash in hashes {
            let row = self.oldest(hash);
            if self.rows[row as usize].users == 0 {
                self.unlink(row);
            }
            self.rows[row as usize].users += 1;
            named.push(row);
        }
    }

    /// Takes `n` idle blocks, which lose what they hold. There must be as many.
    pub(in crate::engine) fn take(&mut self, n: u32) {
        let mut missing = n - n.min(self.blank);
        self.blank -= n - missing;
        while missing > 0 {
            let first = self.rows[RING as usize].after;
            assert!(first != RING, "blocks are counted before they are taken");
            let taken = missing.min(self.rows[first as usize].blocks);
            self.shrink(first, taken);
            missing -= taken;
        }
    }

    /// A block in use is full and holds `hash` from now on: returns its name.
    pub(in crate::engine) fn remember(&mut self, hash: u64) -> u32 {
        let row = self.new_row(Row { hash, users: 1, before: NONE, after: NONE, younger: NONE, blocks: 1, past: 0 });
        let rows = &self.rows;
        let mut last = self.table.insert(hash, row, |r| rows[r as usize].hash);
        if last != NONE {
            while self.rows[last as usize].younger != NONE {
                last = self.rows[last as usize].younger;
            }
            self.rows[last as usize].younger = row;
        }
        row
    }

    /// Lets go of a sequence's blocks, the last first: `unnamed` of them that hold nothing, then those of these names.
    /// Returns how many became idle.
    pub(in crate::engine) fn release(&mut self, unnamed: u32, named: &mut Vec<u32>) -> u32 {
        self.lay_down_empty(unnamed);
        let mut idle = unnamed;
        while let Some(row) = named.pop() {
            let r = &mut self.rows[row as usize];
            r.users -= 1;
            if r.users == 0 {
                idle += 1;
                self.enqueue(row);
            }
        }
        idle
    }

    /// Lets go of a private sequence's blocks, the last first; the first `full` hold something. Returns where to find
    /// those.
    pub(in crate::engine) fn release_private(&mut self, blocks: u32, full: u32) -> Option<Left> {
        self.lay_down_empty(blocks - full);
        (full > 0).then(|| {
            let row = self.enqueue_piece(full);
            Left { row, past: self.rows[row as usize].past }
        })
    }

    /// How many of the first blocks of what a private sequence left are still there: it is reused from its end.
    pub(in crate::engine) fn survivors(&self, left: Option<Left>) -> u32 {
        let row = left.map(|l| (self.rows[l.row as usize], l.past));
        row.filter(|(row, past)| row.past == *past).map_or(0, |(row, _)| row.blocks)
    }

    /// Uses the first `n` of them again, which are there.
    pub(in crate::engine) fn adopt_survivors(&mut self, left: Option<Left>, n: u32) {
        if let Some(left) = left.filter(|_| n > 0) {
            self.shrink(left.row, n);
        }
    }

    fn oldest(&self, hash: u64) -> u32 {
        self.table.get(hash, |r| self.rows[r as usize].hash)
    }

    fn new_row(&mut self, row: Row) -> u32 {
        if let Some(spare) = self.spare.pop() {
            self.rows[spare as usize] = Row { past: self.rows[spare as usize].past, ..row };
            return spare;
        }
        self.rows.push(row);
        u32::try_from(self.rows.len() - 1).expect("fewer rows than blocks")
    }

    /// Takes blocks off a row of the queue; with the last of them it is given up, and what it holds forgotten.
    fn shrink(&mut self, row: u32, blocks: u32) {
        let r = &mut self.rows[row as usize];
        r.blocks -= blocks;
        if r.blocks == 0 {
            r.past = r.past.wrapping_add(1);
            self.unlink(row);
            self.forget(row);
            self.spare.push(row);
        }
    }

    /// What a row holds is forgotten; with the last copy the hash is gone.
    fn forget(&mut self, row: u32) {
        let Row { hash, younger, .. } = self.rows[row as usize];
        if hash == 0 {
            return;
        }
        let rows = &self.rows;
        if !self.table.replace(hash, row, younger, |r| rows[r as usize].hash) {
            let mut older = self.oldest(hash);
            while self.rows[older as usize].younger != row {
                older = self.rows[older as usize].younger;
            }
            self.rows[older as usize].younger = younger;
        }
    }

    /// Blocks that hold nothing are idle.
    fn lay_down_empty(&mut self, blocks: u32) {
        if self.empty_first {
            self.blank += blocks;
        } else if blocks > 0 {
            self.enqueue_piece(blocks);
        }
    }

    fn enqueue_piece(&mut self, blocks: u32) -> u32 {
        let row = self.new_row(Row { hash: 0, users: 0, before: NONE, after: NONE, younger: NONE, blocks, past: 0 });
        self.enqueue(row);
        row
    }

    fn unlink(&mut self, row: u32) {
        let Row { before, after, .. } = self.rows[row as usize];
        self.rows[before as usize].after = after;
        self.rows[after as usize].before = before;
    }

    /// Puts a row at the end of the queue.
    fn enqueue(&mut self, row: u32) {
        let before = self.rows[RING as usize].before;
        self.rows[row as usize].before = before;
        self.rows[row as usize].after = RING;
        self.rows[before as usize].after = row;
        self.rows[RING as usize].before = row;
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

    /// One sequence in both pools: what it would say, and the blocks it holds.
    struct Held {
        hashes: Vec<u64>,
        private: bool,
        blocks: u32,
        named: Vec<u32>,
        naive: Vec<usize>,
    }

    /// A private sequence that was let go, and would be taken up again.
    struct Gone {
        hashes: Vec<u64>,
        left: Option<Left>,
    }

    #[test]
    fn a_hundred_thousand_random_operations_agree_with_a_plain_list() {
        for empty_first in [true, false] {
            agree(50_000, empty_first);
        }
    }

    const TOTAL: u32 = 60;

    /// Both pools, and who uses them.
    struct Pair {
        ours: Pool,
        naive: Naive,
        alive: Vec<Held>,
        gone: Vec<Gone>,
        hits: u32,
        survivors: u32,
    }

    impl Pair {
        /// A sequence begins, if there is room; the first `full` of its blocks come to hold something.
        fn begin(&mut self, hashes: Vec<u64>, private: bool, left: Option<Left>, full: u32) {
            let length = few(hashes.len());
            let blocks = self.ours.survivors(left);
            let hits = if private { Hits { blocks, idle: blocks } } else { self.ours.lookup(&hashes) };
            assert_eq!(hits, self.naive.lookup(&hashes));
            let missing = length - hits.blocks;
            if hits.idle + missing > few(self.naive.idle.len()) {
                return;
            }
            let found = &hashes[..hits.blocks as usize];
            let mut named = Vec::new();
            let mut naive = self.naive.adopt(found);
            if private {
                self.survivors += hits.blocks;
                self.ours.adopt_survivors(left, hits.blocks);
            } else {
                self.hits += hits.blocks;
                self.ours.adopt(found, &mut named);
            }
            self.ours.take(missing);
            naive.extend(self.naive.take(missing));
            for i in hits.blocks as usize..full as usize {
                if !private {
                    named.push(self.ours.remember(hashes[i]));
                }
                self.naive.remember(naive[i], hashes[i]);
            }
            self.alive.push(Held { hashes, private, blocks: length, named, naive });
        }

        /// A sequence ends.
        fn end(&mut self, mut held: Held) {
            let before = self.naive.idle.len();
            let idle = if held.private {
                let full = held.naive.iter().filter(|&&b| self.naive.hash[b] != 0).count();
                let left = self.ours.release_private(held.blocks, few(full));
                self.gone.push(Gone { hashes: held.hashes, left });
                self.gone.drain(..self.gone.len().saturating_sub(3)); // Of those gone long, nothing is there.
                held.blocks
            } else {
                self.ours.release(held.blocks - few(held.named.len()), &mut held.named)
            };
            self.naive.release(&held.naive);
            assert_eq!(idle as usize, self.naive.idle.len() - before);
        }
    }

    fn few(n: usize) -> u32 {
        u32::try_from(n).expect("few")
    }

    /// Contents 0 to 7 may be said by several at once; each of the others belongs to one private sequence.
    fn agree(operations: u64, empty_first: bool) {
        let mut draws = Stream::new(8, 0, Purpose::Group, u32::from(empty_first));
        let (ours, naive) = (Pool::new(TOTAL, empty_first), Naive::new(TOTAL as usize, empty_first));
        let mut pair = Pair { ours, naive, alive: Vec::new(), gone: Vec::new(), hits: 0, survivors: 0 };
        for step in 0..operations {
            let mut below = |k: u64, n: usize| draws.below(8 * step + k, few(n));
            if below(0, 3) == 0 && !pair.alive.is_empty() {
                let held = pair.alive.swap_remove(below(1, pair.alive.len()) as usize);
                pair.end(held);
                continue;
            }
            let private = below(2, 2) == 0;
            if private && below(3, 2) == 0 && !pair.gone.is_empty() {
                let Gone { hashes, left } = pair.gone.swap_remove(below(4, pair.gone.len()) as usize);
                let full = few(hashes.len()); // What was left is at most all of it.
                pair.begin(hashes, private, left, full);
                continue;
            }
            let content = if private { step + 8 } else { u64::from(below(4, 8)) };
            let length = 1 + below(5, 12);
            let hashes = (0..u64::from(length)).map(|i| ((content + 1) << 40) + (i + 2)).collect();
            pair.begin(hashes, private, None, below(6, length as usize + 1));
        }
        assert!(pair.hits > 10_000, "{}", pair.hits);
        assert!(pair.survivors > 1_000, "{}", pair.survivors);
    }
}
