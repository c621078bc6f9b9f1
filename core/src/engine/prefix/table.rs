//! From hashes to blocks: open addressing, because the standard library's map is not there and a tree is slow.
//!
//! An entry holds the block's number and half of its hash, enough to find its home and to tell nearly all others
//! apart, so that searching seldom has to look at the blocks themselves.

use alloc::vec;
use alloc::vec::Vec;

/// Marks the end of lists of blocks, and a search that found nothing.
pub(super) const NONE: u32 = u32::MAX;
/// Marks a free place. No entry equals it: block numbers stay below [`NONE`].
const FREE: u64 = u64::MAX;

pub(super) struct Table {
    places: Vec<u64>,
    mask: usize,
}

/// Half a hash above, the block's number below.
fn entry(hash: u64, block: u32) -> u64 {
    (hash & 0xffff_ffff_0000_0000) | u64::from(block)
}

fn block_of(entry: u64) -> u32 {
    // The low half, by construction.
    entry as u32
}

impl Table {
    /// For at most `entries` entries; never more than half full.
    pub(super) fn new(entries: u32) -> Self {
        let size = (entries as usize * 2).next_power_of_two().max(2);
        Table { places: vec![FREE; size], mask: size - 1 }
    }

    fn home(&self, hash: u64) -> usize {
        // From the half that entries keep; the hash is scrambled already.
        (hash >> 32) as usize & self.mask
    }

    /// The place of `hash`: where it is, or the free one where it would go.
    fn find(&self, hash: u64, hash_of: impl Fn(u32) -> u64) -> usize {
        let mut place = self.home(hash);
        loop {
            let found = self.places[place];
            if found == FREE || (found >> 32 == hash >> 32 && hash_of(block_of(found)) == hash) {
                return place;
            }
            place = (place + 1) & self.mask;
        }
    }

    /// The block under `hash`, or [`NONE`].
    pub(super) fn get(&self, hash: u64, hash_of: impl Fn(u32) -> u64) -> u32 {
        match self.places[self.find(hash, hash_of)] {
            FREE => NONE,
            found => block_of(found),
        }
    }

    /// Puts `block` under its hash where nothing is, and returns what is there otherwise.
    pub(super) fn insert(&mut self, hash: u64, block: u32, hash_of: impl Fn(u32) -> u64) -> u32 {
        let place = self.find(hash, hash_of);
        match self.places[place] {
            FREE => {
                self.places[place] = entry(hash, block);
                NONE
            }
            found => block_of(found),
        }
    }

    /// Takes `block` out of its place, in favour of `heir` if that is not [`NONE`]; false when another block has it.
    pub(super) fn replace(&mut self, hash: u64, block: u32, heir: u32, hash_of: impl Fn(u32) -> u64) -> bool {
        let place = self.find(hash, hash_of);
        if block_of(self.places[place]) != block {
            return false;
        }
        if heir == NONE {
            self.close(place);
        } else {
            self.places[place] = entry(hash, heir);
        }
        true
    }

    /// Frees a place and moves later entries up, so that no search ends early.
    fn close(&mut self, mut gap: usize) {
        let mut place = gap;
        loop {
            place = (place + 1) & self.mask;
            let found = self.places[place];
            if found == FREE {
                break;
            }
            // It may move up to the gap unless its home lies between the gap and itself.
            let home = self.home(found);
            if place.wrapping_sub(home) & self.mask >= place.wrapping_sub(gap) & self.mask {
                self.places[gap] = found;
                gap = place;
            }
        }
        self.places[gap] = FREE;
    }
}
