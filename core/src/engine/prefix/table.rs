//! From hashes to blocks: open addressing, because the standard library's map is not there and a tree is slow.
//!
//! It stores block numbers only; a block's hash is read from the block itself.

use alloc::vec;
use alloc::vec::Vec;

/// Marks a free place, and the end of lists of blocks.
pub(super) const NONE: u32 = u32::MAX;

pub(super) struct Table {
    places: Vec<u32>,
    mask: usize,
}

impl Table {
    /// For at most `entries` entries; never more than half full.
    pub(super) fn new(entries: u32) -> Self {
        let size = (entries as usize * 2).next_power_of_two().max(2);
        Table { places: vec![NONE; size], mask: size - 1 }
    }

    fn home(&self, hash: u64) -> usize {
        // The hash is scrambled already; the mask keeps what fits.
        hash as usize & self.mask
    }

    /// The place of `hash`: where it is, or where it would go.
    fn find(&self, hash: u64, hash_of: impl Fn(u32) -> u64) -> usize {
        let mut place = self.home(hash);
        while self.places[place] != NONE && hash_of(self.places[place]) != hash {
            place = (place + 1) & self.mask;
        }
        place
    }

    /// The block under `hash`, or [`NONE`].
    pub(super) fn get(&self, hash: u64, hash_of: impl Fn(u32) -> u64) -> u32 {
        self.places[self.find(hash, hash_of)]
    }

    /// Puts `block` under its hash, in place of whatever is there.
    pub(super) fn set(&mut self, hash: u64, block: u32, hash_of: impl Fn(u32) -> u64) {
        let place = self.find(hash, hash_of);
        self.places[place] = block;
    }

    /// Takes `hash` out, closing the gap so that no search ends early.
    pub(super) fn remove(&mut self, hash: u64, hash_of: impl Fn(u32) -> u64) {
        let mut gap = self.find(hash, &hash_of);
        let mut place = gap;
        loop {
            place = (place + 1) & self.mask;
            let block = self.places[place];
            if block == NONE {
                break;
            }
            let home = self.home(hash_of(block));
            // It may move back to the gap unless its home lies between the gap and itself.
            if place.wrapping_sub(home) & self.mask >= place.wrapping_sub(gap) & self.mask {
                self.places[gap] = block;
                gap = place;
            }
        }
        self.places[gap] = NONE;
    }
}
