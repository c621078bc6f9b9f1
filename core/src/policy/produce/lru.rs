//! Sets of hashes, one per instance, each forgetting its least recently used; and by hash, who holds it.
//!
//! Hashes come in chains, so those that were used one after the other are one stretch, until a prompt shares a part of it.
//! A prompt then costs a few stretches however long it is. A set forgets the first hashes of its oldest stretch first, as
//! those were used before the others.

use crate::base::{HashIndex, NONE, alike};
use alloc::vec::Vec;

/// Hashes that follow each other in every chain that has them.
struct Stretch {
    hashes: Vec<u64>,
    holders: Vec<Holder>,
}

/// An instance that holds a stretch, all but its first hashes.
#[derive(Clone, Copy)]
struct Holder {
    instance: u32,
    /// How many of them it has forgotten.
    forgot: u32,
    /// Where the stretch is in its list.
    node: u32,
}

/// A stretch in an instance's list, from the most to the least recently used.
#[derive(Clone, Copy)]
struct Node {
    stretch: u32,
    newer: u32,
    older: u32,
}

/// One instance's list.
#[derive(Clone, Copy)]
struct List {
    newest: u32,
    oldest: u32,
    /// Hashes that it holds, and how many it may.
    length: u64,
    capacity: u32,
}

/// All of them.
pub(super) struct Lru {
    stretches: Vec<Stretch>,
    stretches_free: Vec<u32>,
    /// By the first hash.
    table: HashIndex,
    nodes: Vec<Node>,
    nodes_free: Vec<u32>,
    lists: Vec<List>,
}

impl Lru {
    pub(super) fn new(capacities: &[u32]) -> Self {
        let list = |&capacity: &u32| List { newest: NONE, oldest: NONE, length: 0, capacity };
        Lru {
            stretches: Vec::new(),
            stretches_free: Vec::new(),
            table: HashIndex::new(),
            nodes: Vec::new(),
            nodes_free: Vec::new(),
            lists: capacities.iter().map(list).collect(),
        }
    }

    /// Adds to everyone's count how many hashes of a chain it holds, up to the first that nobody does. A hole in what one
    /// instance holds does not end the walk while another holds the hash.
    pub(super) fn count_holders(&self, mut chain: &[u64], counts: &mut [u32]) {
        while let Some(&next) = chain.first() {
            let found = self.find(next);
            if found == NONE {
                return;
            }
            let Stretch { hashes, holders } = &self.stretches[found as usize];
            if holders.iter().all(|holder| holder.forgot > 0) {
                return;
            }
            let same = alike(hashes, chain);
            for holder in holders {
                counts[holder.instance as usize] += few(same).saturating_sub(holder.forgot);
            }
            chain = &chain[same..];
        }
    }

    /// The instance has used a chain just now, from its first hash to its last.
    pub(super) fn touch(&mut self, instance: u32, mut chain: &[u64]) {
        while let Some(&next) = chain.first() {
            let found = self.find(next);
            let (stretch, rest) = if found == NONE {
                self.begin(chain)
            } else {
                let same = alike(&self.stretches[found as usize].hashes, chain);
                self.cut(found, same);
                (found, &chain[same..])
            };
            self.renew(instance, stretch);
            chain = rest;
        }
        self.forget(instance);
    }

    /// The stretch that begins with this hash.
    fn find(&self, hash: u64) -> u32 {
        self.table.get(hash, |s| self.stretches[s as usize].hashes[0])
    }

    /// A stretch that nobody holds yet: the first hashes of a chain, up to one that somebody holds, and what follows them.
    fn begin<'a>(&mut self, chain: &'a [u64]) -> (u32, &'a [u64]) {
        let unknown = 1 + chain[1..].iter().take_while(|&&hash| self.find(hash) == NONE).count();
        let (hashes, rest) = chain.split_at(unknown);
        (self.place(hashes.to_vec(), Vec::new()), rest)
    }

    /// Puts a stretch in a free place.
    fn place(&mut self, hashes: Vec<u64>, holders: Vec<Holder>) -> u32 {
        let first = hashes[0];
        let place = place(&mut self.stretches, &mut self.stretches_free, Stretch { hashes, holders });
        let stretches = &self.stretches;
        self.table.insert(first, place, |s| stretches[s as usize].hashes[0]);
        place
    }

    /// Cuts a stretch after so many hashes, if there are more. The second part was used after the first.
    fn cut(&mut self, stretch: u32, at: usize) {
        let Stretch { hashes, holders } = &mut self.stretches[stretch as usize];
        if at == hashes.len() {
            return;
        }
        let (behind, all) = (hashes.split_off(at), holders.clone());
        let front = few(at);
        holders.retain(|holder| holder.forgot < front);
        let second = self.place(behind, Vec::new());
        let held = all.into_iter().map(|holder| {
            if holder.forgot >= front {
                self.nodes[holder.node as usize].stretch = second;
                return Holder { forgot: holder.forgot - front, ..holder };
            }
            let node = place(&mut self.nodes, &mut self.nodes_free, Node { stretch: second, newer: NONE, older: NONE });
            let newer = self.nodes[holder.node as usize].newer;
            link(&mut self.nodes, &mut self.lists[holder.instance as usize], node, (newer, holder.node));
            Holder { forgot: 0, node, ..holder }
        });
        self.stretches[second as usize].holders = held.collect();
    }

    /// The instance has used a stretch just now, all of it.
    fn renew(&mut self, instance: u32, stretch: u32) {
        let Stretch { hashes, holders } = &mut self.stretches[stretch as usize];
        let list = &mut self.lists[instance as usize];
        let node = match holders.iter_mut().find(|holder| holder.instance == instance) {
            Some(holder) => {
                list.length += u64::from(core::mem::take(&mut holder.forgot));
                unlink(&mut self.nodes, list, holder.node);
                holder.node
            }
            None => {
                list.length += hashes.len() as u64;
                let node = Node { stretch, newer: NONE, older: NONE };
                let node = place(&mut self.nodes, &mut self.nodes_free, node);
                holders.push(Holder { instance, forgot: 0, node });
                node
            }
        };
        let newest = list.newest;
        link(&mut self.nodes, list, node, (NONE, newest));
    }

    /// The instance forgets what it has no room for.
    fn forget(&mut self, instance: u32) {
        let list = &mut self.lists[instance as usize];
        while list.length > u64::from(list.capacity) {
            let oldest = list.oldest;
            let stretch = self.nodes[oldest as usize].stretch;
            let Stretch { hashes, holders } = &mut self.stretches[stretch as usize];
            let at = holders.iter().position(|holder| holder.instance == instance).expect("it is in its list");
            let held = hashes.len() as u64 - u64::from(holders[at].forgot);
            let excess = list.length - u64::from(list.capacity);
            if excess < held {
                // Less than a stretch, which is no longer than a prompt.
                holders[at].forgot += excess as u32;
                list.length -= excess;
                return;
            }
            list.length -= held;
            holders.swap_remove(at);
            unlink(&mut self.nodes, list, oldest);
            self.nodes_free.push(oldest);
            if holders.is_empty() {
                let hashes = core::mem::take(hashes);
                let hash_of = |s: u32| if s == stretch { hashes[0] } else { self.stretches[s as usize].hashes[0] };
                self.table.replace(hashes[0], stretch, NONE, hash_of);
                self.stretches_free.push(stretch);
            }
        }
    }
}

/// Takes a node out of its list.
fn unlink(nodes: &mut [Node], list: &mut List, node: u32) {
    let Node { newer, older, .. } = nodes[node as usize];
    match newer {
        NONE => list.newest = older,
        _ => nodes[newer as usize].older = older,
    }
    match older {
        NONE => list.oldest = newer,
        _ => nodes[older as usize].newer = newer,
    }
}

/// Puts a node into a list between two neighbours, or at its end.
fn link(nodes: &mut [Node], list: &mut List, node: u32, (newer, older): (u32, u32)) {
    match newer {
        NONE => list.newest = node,
        _ => nodes[newer as usize].older = node,
    }
    match older {
        NONE => list.oldest = node,
        _ => nodes[older as usize].newer = node,
    }
    (nodes[node as usize].newer, nodes[node as usize].older) = (newer, older);
}

/// Puts a row in a free place.
fn place<T>(rows: &mut Vec<T>, free: &mut Vec<u32>, row: T) -> u32 {
    if let Some(place) = free.pop() {
        rows[place as usize] = row;
        return place;
    }
    rows.push(row);
    few(rows.len() - 1)
}

fn few(n: usize) -> u32 {
    u32::try_from(n).expect("fewer than 2^32")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Purpose, Stream};
    use alloc::collections::VecDeque;
    use alloc::vec;

    #[test]
    fn forgets_the_least_recently_used_of_each_instance() {
        let mut lru = Lru::new(&[2, 2]);
        for (instance, hash) in [(0, 10), (0, 11), (0, 10), (0, 12), (1, 11)] {
            lru.touch(instance, &[hash << 32]);
        }
        let holders = |hash: u64| {
            let mut counts = vec![0, 0];
            lru.count_holders(&[hash << 32], &mut counts);
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
            lru.touch(0, &[hash.wrapping_mul(0x9e37_79b9_7f4a_7c15)]);
        }
        let mut counts = [0];
        for hash in 0..50_000u64 {
            lru.count_holders(&[hash.wrapping_mul(0x9e37_79b9_7f4a_7c15)], &mut counts);
        }
        assert_eq!(counts, [50_000]);
    }

    /// Each instance's hashes in a plain list, the most recently used first.
    struct Naive {
        lists: Vec<(VecDeque<u64>, usize)>,
    }

    impl Naive {
        fn touch(&mut self, instance: u32, chain: &[u64]) {
            let (list, capacity) = &mut self.lists[instance as usize];
            for &hash in chain {
                list.retain(|&h| h != hash);
                list.push_front(hash);
                list.truncate(*capacity);
            }
        }

        fn counts(&self, chain: &[u64]) -> Vec<u32> {
            let mut counts = vec![0; self.lists.len()];
            for hash in chain {
                let held: Vec<bool> = self.lists.iter().map(|(list, _)| list.contains(hash)).collect();
                if !held.contains(&true) {
                    break;
                }
                counts.iter_mut().zip(held).for_each(|(count, held)| *count += u32::from(held));
            }
            counts
        }
    }

    /// Chains that part after a few hashes, of any lengths, on instances of any capacities: some below one chain.
    #[test]
    fn a_hundred_thousand_chains_agree_with_plain_lists() {
        let capacities = [1, 7, 20, 64];
        let mut draws = Stream::new(5, 0, Purpose::Group, 0);
        let mut lru = Lru::new(&capacities);
        let mut naive = Naive { lists: capacities.iter().map(|&c| (VecDeque::new(), c as usize)).collect() };
        let mut walked = 0;
        for step in 0..100_000 {
            let mut below = |k: u64, n: u32| draws.below(8 * step + k, n);
            let content = u64::from(below(0, 64));
            let parted = |i: u64| content & ((1 << (i / 2).min(6)) - 1);
            let chain: Vec<u64> =
                (0..u64::from(below(1, 18))).map(|i| ((parted(i) + 1) << 40) + ((i + 2) << 33)).collect();
            let mut counts = vec![0; capacities.len()];
            lru.count_holders(&chain, &mut counts);
            assert_eq!(counts, naive.counts(&chain), "{step}");
            walked += counts.iter().sum::<u32>();
            let instance = below(2, 4);
            lru.touch(instance, &chain);
            naive.touch(instance, &chain);
        }
        assert!(walked > 100_000, "{walked}");
    }
}
