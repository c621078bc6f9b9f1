//! Sets of hashes, one per instance, each forgetting its least recently used; and by hash, who holds it.

use crate::base::{HashIndex, NONE};
#[cfg(test)]
use alloc::vec;
use alloc::vec::Vec;

/// One hash at one instance.
#[derive(Clone, Copy)]
struct Node {
    /// Of hash and instance together.
    key: u64,
    instance: u32,
    /// Who holds the hash.
    holders: u32,
    /// Neighbours in the instance's list, from the most to the least recently used.
    newer: u32,
    older: u32,
}

/// One instance's list.
#[derive(Clone, Copy)]
struct List {
    newest: u32,
    oldest: u32,
    length: u32,
    capacity: u32,
}

/// All of them.
pub(super) struct Lru {
    nodes: Vec<Node>,
    nodes_free: Vec<u32>,
    by_key: HashIndex,
    lists: Vec<List>,
    /// Hashes that someone holds; beside each, a bit per instance.
    hashes: Vec<u64>,
    bits: Vec<u64>,
    hashes_free: Vec<u32>,
    by_hash: HashIndex,
    /// Words of bits per hash.
    words: usize,
}

impl Lru {
    pub(super) fn new(capacities: &[u32]) -> Self {
        let list = |&capacity: &u32| List { newest: NONE, oldest: NONE, length: 0, capacity };
        Lru {
            nodes: Vec::new(),
            nodes_free: Vec::new(),
            by_key: HashIndex::new(),
            lists: capacities.iter().map(list).collect(),
            hashes: Vec::new(),
            bits: Vec::new(),
            hashes_free: Vec::new(),
            by_hash: HashIndex::new(),
            words: capacities.len().div_ceil(64),
        }
    }

    /// Adds 1 for everyone who holds the hash; false when nobody does.
    pub(super) fn count_holders(&self, hash: u64, counts: &mut [u32]) -> bool {
        let row = self.by_hash.get(hash, |r| self.hashes[r as usize]);
        if row == NONE {
            return false;
        }
        let start = row as usize * self.words;
        for (w, &word) in self.bits[start..start + self.words].iter().enumerate() {
            let mut rest = word;
            while rest != 0 {
                counts[w * 64 + rest.trailing_zeros() as usize] += 1;
                rest &= rest - 1;
            }
        }
        true
    }

    /// The instance has used this hash just now.
    pub(super) fn touch(&mut self, instance: u32, hash: u64) {
        let key = key(hash, instance);
        let node = self.by_key.get(key, |n| self.nodes[n as usize].key);
        if node != NONE {
            self.unlink(node);
            self.link_newest(node);
            return;
        }
        let list = self.lists[instance as usize];
        if list.length == list.capacity {
            self.forget(list.oldest);
        }
        let holders = self.hold(instance, hash);
        let row = Node { key, instance, holders, newer: NONE, older: NONE };
        let node = place(&mut self.nodes, &mut self.nodes_free, row);
        let nodes = &self.nodes;
        self.by_key.insert(key, node, |n| nodes[n as usize].key);
        self.lists[instance as usize].length += 1;
        self.link_newest(node);
    }

    /// Notes that the instance holds the hash; the row of who holds it.
    fn hold(&mut self, instance: u32, hash: u64) -> u32 {
        let mut row = self.by_hash.get(hash, |r| self.hashes[r as usize]);
        if row == NONE {
            row = place(&mut self.hashes, &mut self.hashes_free, hash);
            self.bits.resize(self.hashes.len() * self.words, 0);
            let hashes = &self.hashes;
            self.by_hash.insert(hash, row, |r| hashes[r as usize]);
        }
        let (word, bit) = self.bit(row, instance);
        self.bits[word] |= bit;
        row
    }

    fn bit(&self, row: u32, instance: u32) -> (usize, u64) {
        (row as usize * self.words + instance as usize / 64, 1 << (instance % 64))
    }

    fn forget(&mut self, node: u32) {
        self.unlink(node);
        let Node { key, instance, holders, .. } = self.nodes[node as usize];
        let nodes = &self.nodes;
        self.by_key.replace(key, node, NONE, |n| nodes[n as usize].key);
        self.nodes_free.push(node);
        self.lists[instance as usize].length -= 1;
        let (word, bit) = self.bit(holders, instance);
        self.bits[word] &= !bit;
        let start = holders as usize * self.words;
        if self.bits[start..start + self.words].iter().all(|&w| w == 0) {
            let (hash, hashes) = (self.hashes[holders as usize], &self.hashes);
            self.by_hash.replace(hash, holders, NONE, |r| hashes[r as usize]);
            self.hashes_free.push(holders);
        }
    }

    fn unlink(&mut self, node: u32) {
        let Node { newer, older, instance, .. } = self.nodes[node as usize];
        let list = &mut self.lists[instance as usize];
        match newer {
            NONE => list.newest = older,
            _ => self.nodes[newer as usize].older = older,
        }
        match older {
            NONE => list.oldest = newer,
            _ => self.nodes[older as usize].newer = newer,
        }
    }

    fn link_newest(&mut self, node: u32) {
        let list = &mut self.lists[self.nodes[node as usize].instance as usize];
        let second = list.newest;
        list.newest = node;
        match second {
            NONE => list.oldest = node,
            _ => self.nodes[second as usize].newer = node,
        }
        self.nodes[node as usize].newer = NONE;
        self.nodes[node as usize].older = second;
    }
}

/// A hash of both; multiplying by an odd constant keeps different instances apart.
fn key(hash: u64, instance: u32) -> u64 {
    hash ^ u64::from(instance).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Puts a row in a free place.
fn place<T>(rows: &mut Vec<T>, free: &mut Vec<u32>, row: T) -> u32 {
    if let Some(place) = free.pop() {
        rows[place as usize] = row;
        return place;
    }
    rows.push(row);
    u32::try_from(rows.len() - 1).expect("fewer rows than 2^32")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_the_least_recently_used_of_each_instance() {
        let mut lru = Lru::new(&[2, 2]);
        for (instance, hash) in [(0, 10), (0, 11), (0, 10), (0, 12), (1, 11)] {
            lru.touch(instance, hash << 32);
        }
        let holders = |hash: u64| {
            let mut counts = vec![0, 0];
            lru.count_holders(hash << 32, &mut counts);
            counts
        };
        assert_eq!(holders(10), [1, 0]);
        assert_eq!(holders(11), [0, 1]);
        assert_eq!(holders(12), [1, 0]);
    }

    #[test]
    fn growing_keeps_everything() {
        let mut lru = Lru::new(&[100_000]);
        for hash in 0..50_000u64 {
            lru.touch(0, hash.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        }
        let mut counts = [0];
        for hash in 0..50_000u64 {
            assert!(lru.count_holders(hash.wrapping_mul(0x9e37_79b9_7f4a_7c15), &mut counts));
        }
        assert_eq!(counts, [50_000]);
    }
}
