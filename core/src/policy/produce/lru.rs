//! Sets of hashes, one per instance, each forgetting its least recently used; and by hash, who holds it.

use alloc::collections::BTreeMap;

use alloc::vec::Vec;

const NONE: u32 = u32::MAX;

/// One hash at one instance.
#[derive(Clone, Copy)]
struct Node {
    hash: u64,
    /// Neighbours in the instance's list, from the most to the least recently used.
    newer: u32,
    older: u32,
    /// The same hash at the next instance.
    next_holder: u32,
    instance: u32,
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
    free: Vec<u32>,
    lists: Vec<List>,
    /// First holder of each hash.
    holders: BTreeMap<u64, u32>,
}

impl Lru {
    pub(super) fn new(capacities: &[u32]) -> Self {
        let list = |&capacity: &u32| List { newest: NONE, oldest: NONE, length: 0, capacity };
        Lru {
            nodes: Vec::new(),
            free: Vec::new(),
            lists: capacities.iter().map(list).collect(),
            holders: BTreeMap::new(),
        }
    }

    /// Adds 1 for everyone who holds the hash; false when nobody does.
    pub(super) fn count_holders(&self, hash: u64, counts: &mut [u32]) -> bool {
        let Some(&first) = self.holders.get(&hash) else { return false };
        let mut node = first;
        while node != NONE {
            let n = &self.nodes[node as usize];
            counts[n.instance as usize] += 1;
            node = n.next_holder;
        }
        true
    }

    /// The instance has used this hash just now.
    pub(super) fn touch(&mut self, instance: u32, hash: u64) {
        if let Some(node) = self.find(instance, hash) {
            self.unlink(node);
            self.link_newest(node);
            return;
        }
        let list = self.lists[instance as usize];
        if list.length == list.capacity {
            self.forget(list.oldest);
        }
        let next_holder = self.holders.get(&hash).copied().unwrap_or(NONE);
        let row = Node { hash, newer: NONE, older: NONE, next_holder, instance };
        let node = match self.free.pop() {
            Some(node) => {
                self.nodes[node as usize] = row;
                node
            }
            None => {
                self.nodes.push(row);
                u32::try_from(self.nodes.len() - 1).expect("fewer entries than 2^32")
            }
        };
        self.holders.insert(hash, node);
        self.lists[instance as usize].length += 1;
        self.link_newest(node);
    }

    fn find(&self, instance: u32, hash: u64) -> Option<u32> {
        let mut node = *self.holders.get(&hash)?;
        while node != NONE {
            if self.nodes[node as usize].instance == instance {
                return Some(node);
            }
            node = self.nodes[node as usize].next_holder;
        }
        None
    }

    fn forget(&mut self, node: u32) {
        self.unlink(node);
        let Node { hash, next_holder, instance, .. } = self.nodes[node as usize];
        let first = self.holders[&hash];
        if first == node {
            match next_holder {
                NONE => self.holders.remove(&hash),
                _ => self.holders.insert(hash, next_holder),
            };
        } else {
            let mut before = first;
            while self.nodes[before as usize].next_holder != node {
                before = self.nodes[before as usize].next_holder;
            }
            self.nodes[before as usize].next_holder = next_holder;
        }
        self.lists[instance as usize].length -= 1;
        self.free.push(node);
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

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn forgets_the_least_recently_used_of_each_instance() {
        let mut lru = Lru::new(&[2, 2]);
        for (instance, hash) in [(0, 10), (0, 11), (0, 10), (0, 12), (1, 11)] {
            lru.touch(instance, hash);
        }
        let holders = |hash| {
            let mut counts = vec![0, 0];
            lru.count_holders(hash, &mut counts);
            counts
        };
        assert_eq!(holders(10), [1, 0]);
        assert_eq!(holders(11), [0, 1]);
        assert_eq!(holders(12), [1, 0]);
    }
}
