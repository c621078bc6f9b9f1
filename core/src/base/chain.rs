//! From runs of content to hashes of blocks, each chained to the one before.

use super::Run;
use alloc::vec::Vec;

/// Cuts a growing sequence of tokens into blocks and hashes the full ones.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    /// Of the full blocks, in order.
    hashes: Vec<u64>,
    /// What the block being filled holds so far.
    partial: Vec<Run>,
    /// Tokens of it.
    filled: u32,
}

impl Chain {
    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.hashes.clear();
        self.partial.clear();
        self.filled = 0;
    }

    /// Begins with blocks whose hashes are known; nothing was said before.
    pub(super) fn begin(&mut self, hashes: &[u64]) {
        self.hashes.extend_from_slice(hashes);
    }

    /// Hashes of the full blocks, in order.
    #[must_use]
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// Ends with a block that is not full, if one was begun: llm-d's router hashes it too.
    pub fn finish(&mut self) {
        if self.filled > 0 {
            self.seal();
        }
    }

    /// Appends a run of tokens.
    pub fn push(&mut self, mut run: Run, block_size: u32) {
        if self.filled == 0 && run.length >= block_size {
            let blocks = run.length / block_size;
            let (content, mut parent) = (scramble(run.content), self.parent());
            self.hashes.extend((0..blocks).map(|i| {
                parent = sealed(chained(parent, content, run.start + i * block_size, block_size));
                parent
            }));
            let whole = blocks * block_size;
            run = Run { start: run.start + whole, length: run.length - whole, ..run };
        }
        while run.length > 0 {
            let length = run.length.min(block_size - self.filled);
            let piece = Run { length, ..run };
            match self.partial.last_mut() {
                // A block's hash depends on its tokens, not on how they were handed in.
                Some(last) if last.continued_by(&piece) => last.length += length,
                _ => self.partial.push(piece),
            }
            self.filled += length;
            run = Run { start: run.start + length, length: run.length - length, ..run };
            if self.filled == block_size {
                self.seal();
            }
        }
    }

    /// Hash of the block before.
    fn parent(&self) -> u64 {
        self.hashes.last().copied().unwrap_or(SEED)
    }

    fn seal(&mut self) {
        let parent = self.parent();
        let hash = self.partial.drain(..).fold(parent, |hash, piece| extended(hash, &piece));
        self.hashes.push(sealed(hash));
        self.filled = 0;
    }
}

/// How many first blocks two chains share, or two parts of chains that begin at the same block. A hash says all that comes
/// before, so where both agree in one they agree up to it.
#[must_use]
pub fn alike(a: &[u64], b: &[u64]) -> usize {
    let most = a.len().min(b.len());
    if most > 0 && a[most - 1] == b[most - 1] {
        return most;
    }
    a.iter().zip(b).take_while(|(x, y)| x == y).count()
}

/// The hash of what was hashed and a piece after it.
fn extended(hash: u64, piece: &Run) -> u64 {
    chained(hash, scramble(piece.content), piece.start, piece.length)
}

/// The same for a content that is scrambled already. Only the outer scramble waits for the hash before.
fn chained(hash: u64, content: u64, start: u32, length: u32) -> u64 {
    let place = (u64::from(start) << 32) | u64::from(length);
    scramble(hash ^ scramble(content ^ place))
}

/// The hash of a whole block; 0 marks blocks without one.
fn sealed(hash: u64) -> u64 {
    hash.max(1)
}

/// Hash before the first block; any constant.
const SEED: u64 = 0x6c6c_6d64_706c_6179;

/// A bijection that spreads every bit over all: the finaliser of SplitMix64 (Steele, Lea, Flood 2014). Sixty-four bits
/// of it over the blocks of a run collide with a probability below 10⁻⁶ even for ten million different blocks.
pub(super) fn scramble(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(runs: &[(u64, u32, u32)]) -> Vec<u64> {
        let mut chain = Chain::default();
        for &(content, start, length) in runs {
            chain.push(Run { content, start, length }, 16);
        }
        chain.hashes
    }

    #[test]
    fn equal_tokens_have_equal_hashes_however_they_are_cut() {
        assert_eq!(hashes(&[(7, 0, 48)]), hashes(&[(7, 0, 5), (7, 5, 30), (7, 35, 13)]));
        assert_eq!(hashes(&[(7, 0, 20), (8, 0, 12)]), hashes(&[(7, 0, 16), (7, 16, 4), (8, 0, 12)]));
    }

    #[test]
    fn a_hash_depends_on_all_that_comes_before() {
        let (a, b) = (hashes(&[(1, 0, 16), (3, 0, 32)]), hashes(&[(2, 0, 16), (3, 0, 32)]));
        assert!(a.iter().zip(&b).all(|(x, y)| x != y));
        assert_eq!(hashes(&[(1, 0, 16), (3, 0, 16)])[0], hashes(&[(1, 0, 16), (4, 0, 16)])[0]);
        assert_ne!(hashes(&[(1, 0, 8), (2, 0, 8)]), hashes(&[(1, 0, 7), (2, 0, 9)]));
    }

    #[test]
    fn chains_are_alike_up_to_where_they_part() {
        let (a, b) = (hashes(&[(1, 0, 64), (3, 0, 32)]), hashes(&[(1, 0, 64), (4, 0, 48)]));
        assert_eq!((alike(&a, &b), alike(&a[..3], &b), alike(&a[..0], &b)), (4, 3, 0));
        assert_eq!((alike(&a[2..], &b[2..]), alike(&a[4..], &b[4..])), (2, 0));
    }
}
