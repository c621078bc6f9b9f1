//! From hashes to rows: open addressing, because the standard library's map is not there and a tree is slow.
//!
//! An entry holds the row's number and half of its hash, enough to find its home and to tell nearly all others apart, so
//! that searching seldom has to look at the rows themselves. Whoever owns the rows says what their hashes are.

use alloc::vec;
use alloc::vec::Vec;

/// A search that found nothing; also good for marking the end of a list of rows.
pub const NONE: u32 = u32::MAX;
/// Marks a free place. No entry equals it: row numbers stay below [`NONE`].
const FREE: u64 = u64::MAX;
/// Places of an empty index.
const PLACES_MIN: usize = 1024;

/// The index. It grows with what is in it.
pub struct HashIndex {
    places: Vec<u64>,
    mask: usize,
    entries: usize,
}

/// Half a hash above, the row's number below.
fn entry(hash: u64, row: u32) -> u64 {
    (hash & 0xffff_ffff_0000_0000) | u64::from(row)
}

fn row_of(entry: u64) -> u32 {
    // The low half, by construction.
    entry as u32
}

impl HashIndex {
    /// An empty index.
    #[must_use]
    pub fn new() -> Self {
        HashIndex { places: vec![FREE; PLACES_MIN], mask: PLACES_MIN - 1, entries: 0 }
    }

    /// Doubles the places once half of them are taken.
    fn grow(&mut self, hash_of: impl Fn(u32) -> u64) {
        let places = self.places.len() * 2;
        let old = core::mem::replace(&mut self.places, vec![FREE; places]);
        self.mask = places - 1;
        for found in old.into_iter().filter(|&p| p != FREE) {
            let place = self.find(hash_of(row_of(found)), &hash_of);
            self.places[place] = found;
        }
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
            if found == FREE || (found >> 32 == hash >> 32 && hash_of(row_of(found)) == hash) {
                return place;
            }
            place = (place + 1) & self.mask;
        }
    }

    /// The row under `hash`, or [`NONE`].
    #[must_use]
    pub fn get(&self, hash: u64, hash_of: impl Fn(u32) -> u64) -> u32 {
        match self.places[self.find(hash, hash_of)] {
            FREE => NONE,
            found => row_of(found),
        }
    }

    /// Puts `row` under its hash where nothing is, and returns what is there otherwise.
    pub fn insert(&mut self, hash: u64, row: u32, hash_of: impl Fn(u32) -> u64) -> u32 {
        let place = self.find(hash, &hash_of);
        match self.places[place] {
            FREE => {
                self.places[place] = entry(hash, row);
                self.entries += 1;
                if self.entries * 2 > self.places.len() {
                    self.grow(hash_of);
                }
                NONE
            }
            found => row_of(found),
        }
    }

    /// Takes `row` out of its place, in favour of `heir` if that is not [`NONE`]; false when another row has it.
    pub fn replace(&mut self, hash: u64, row: u32, heir: u32, hash_of: impl Fn(u32) -> u64) -> bool {
        let place = self.find(hash, hash_of);
        if row_of(self.places[place]) != row {
            return false;
        }
        if heir == NONE {
            self.entries -= 1;
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

impl Default for HashIndex {
    fn default() -> Self {
        Self::new()
    }
}
