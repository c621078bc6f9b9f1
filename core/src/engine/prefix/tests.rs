//! The pool against a plain list of blocks.

use super::piece::Held;
use super::pool::{Hits, Left, Pool};
use crate::base::{Purpose, Stream};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

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
struct Sequence {
    hashes: Vec<u64>,
    private: bool,
    blocks: u32,
    named: Held,
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
    alive: Vec<Sequence>,
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
        let mut named = Held::default();
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
        let mut begun = Sequence { hashes, private, blocks: length, named, naive };
        self.fill(&mut begun, hits.blocks as usize..(full as usize).max(hits.blocks as usize));
        self.alive.push(begun);
    }

    /// These blocks of a sequence are full.
    fn fill(&mut self, of: &mut Sequence, blocks: Range<usize>) {
        if !of.private {
            self.ours.remember(&of.hashes[blocks.clone()], &mut of.named);
        }
        for i in blocks {
            self.naive.remember(of.naive[i], of.hashes[i]);
        }
    }

    /// More blocks of a sequence are full, unless it is private.
    fn grow(&mut self, at: usize, more: u32) {
        let mut of = self.alive.swap_remove(at);
        let full = of.named.blocks();
        let grown = (full + more).min(of.blocks);
        if !of.private {
            self.fill(&mut of, full as usize..grown as usize);
        }
        self.alive.push(of);
    }

    /// A sequence ends.
    fn end(&mut self, mut held: Sequence) {
        let before = self.naive.idle.len();
        let idle = if held.private {
            let full = held.naive.iter().filter(|&&b| self.naive.hash[b] != 0).count();
            let left = self.ours.release_private(held.blocks, few(full));
            self.gone.push(Gone { hashes: held.hashes, left });
            self.gone.drain(..self.gone.len().saturating_sub(3)); // Of those gone long, nothing is there.
            held.blocks
        } else {
            self.ours.release(held.blocks - held.named.blocks(), &mut held.named)
        };
        self.naive.release(&held.naive);
        assert_eq!(idle as usize, self.naive.idle.len() - before);
    }
}

fn few(n: usize) -> u32 {
    u32::try_from(n).expect("few")
}

/// What a sequence says: contents 0 to 7 may be said by several at once and part after three, six and nine blocks; each of
/// the others belongs to one private sequence.
fn said(content: u64, blocks: u32) -> Vec<u64> {
    let parted = |i: u64| if content < 8 { content & ((1 << (i / 3).min(3)) - 1) } else { content };
    (0..u64::from(blocks)).map(|i| ((parted(i) + 1) << 40) + (i + 2)).collect()
}

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
        if below(7, 4) == 0 && !pair.alive.is_empty() {
            let at = below(1, pair.alive.len()) as usize;
            pair.grow(at, below(5, 4));
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
        pair.begin(said(content, length), private, None, below(6, length as usize + 1));
    }
    assert!(pair.hits > 10_000, "{}", pair.hits);
    assert!(pair.survivors > 1_000, "{}", pair.survivors);
}
