//! A piece: blocks that belong together, and stand and fall as one until somebody needs a part of them.

use crate::base::NONE;
use alloc::vec::Vec;

/// Blocks of a name that follow each other in what they hold, or a number of blocks without names.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// What the blocks hold, in order; empty: nothing of a name.
    pub(super) hashes: Vec<u64>,
    /// How many blocks it stands for.
    pub(super) blocks: u32,
    /// Sequences that use it, all of it.
    pub(super) users: u32,
    /// Neighbours in the queue of idle blocks.
    pub(super) before: u32,
    pub(super) after: u32,
    /// The next older and the next younger copy of the same blocks.
    pub(super) older: u32,
    pub(super) younger: u32,
    /// As which block of a sequence it begins.
    pub(super) start: u32,
    /// What was cut off in front of it. Whoever used the two when they were one uses it too.
    pub(super) front: u32,
    /// How often its place was given up: tells whether it still is what it was.
    pub(super) past: u32,
}

impl Piece {
    /// So many blocks without names.
    pub(super) fn nameless(blocks: u32) -> Self {
        Piece { blocks, ..Piece::named(Vec::new(), 0) }
    }

    /// Blocks that hold this, from the block `start` of a sequence.
    pub(super) fn named(hashes: Vec<u64>, start: u32) -> Self {
        Piece {
            blocks: few(hashes.len()),
            hashes,
            users: 0,
            before: NONE,
            after: NONE,
            older: NONE,
            younger: NONE,
            start,
            front: NONE,
            past: 0,
        }
    }

    /// Whether it has no copy.
    pub(super) fn is_single(&self) -> bool {
        self.older == NONE && self.younger == NONE
    }
}

/// A number of blocks or pieces.
pub(super) fn few(n: usize) -> u32 {
    u32::try_from(n).expect("fewer blocks than 2^32")
}

/// The named blocks of a sequence: its first ones.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Held {
    /// Pieces in order, and where each began when it was taken.
    pub(super) pieces: Vec<(u32, u32)>,
    pub(super) blocks: u32,
}

impl Held {
    /// How many.
    pub(in crate::engine) fn blocks(&self) -> u32 {
        self.blocks
    }

    /// One piece more, at the end.
    pub(super) fn push(&mut self, piece: u32, blocks: u32) {
        self.pieces.push((piece, self.blocks));
        self.blocks += blocks;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_blocks_add_up() {
        let mut held = Held::default();
        held.push(7, 3);
        held.push(9, 2);
        assert_eq!((held.pieces.as_slice(), held.blocks()), (&[(7, 0), (9, 3)][..], 5));
    }
}
