//! Host memory by hand, and against a plain list.

use super::host::HostCache;
use super::tier::{Offer, Tier};
use crate::base::{Dur, Id, Purpose, Stream, Time};
use crate::scenario::OffloadPlan;
use alloc::collections::{BTreeSet, VecDeque};
use alloc::vec::Vec;

/// What the blocks of a prompt say that goes on by these words: a hash stands for all before it.
fn prompt(words: &[u64]) -> Vec<u64> {
    words
        .iter()
        .scan(1u64, |hash, word| {
            *hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(*word);
            Some(*hash)
        })
        .collect()
}

fn at(us: u64) -> Time {
    Time::ZERO + Dur::from_us(us)
}

/// A tier of so many blocks that copies one in a microsecond.
fn tier(blocks: u32) -> Tier {
    Tier::new(OffloadPlan { blocks, block: Dur::from_us(1) })
}

/// Stores a prompt at once; whether there was room.
fn store(tier: &mut Tier, now: Time, words: &[u64]) -> bool {
    let (_, stored) = tier.store(0, &prompt(words));
    while let Some(until) = tier.begin_store(now, 1) {
        tier.end_stores(until);
    }
    stored
}

#[test]
fn the_least_recently_used_go_first_and_of_one_prompt_its_end() {
    let mut tier = tier(6);
    let found = |tier: &Tier, words: &[u64]| tier.found(&prompt(words));
    assert!(store(&mut tier, at(0), &[1, 2, 3]));
    assert!(store(&mut tier, at(10), &[4, 5, 6]));
    // Full. The first prompt is asked for again, so the other is older: its last two blocks make room.
    assert!(store(&mut tier, at(20), &[1, 2, 3]));
    assert!(store(&mut tier, at(30), &[7, 8]));
    assert_eq!([found(&tier, &[1, 2, 3]), found(&tier, &[4, 5, 6]), found(&tier, &[7, 8])], [3, 1, 2]);
    // One that begins as the first does adds one block, and what is left of the second goes.
    assert!(store(&mut tier, at(40), &[1, 2, 9]));
    assert_eq!([found(&tier, &[1, 2, 3]), found(&tier, &[1, 2, 9]), found(&tier, &[4])], [3, 3, 0]);
    // Then the one branch's end, which nobody asked for since; then the end of the third prompt.
    assert!(store(&mut tier, at(50), &[10]));
    assert_eq!([found(&tier, &[1, 2, 3]), found(&tier, &[7, 8]), found(&tier, &[10])], [2, 2, 1]);
    assert!(store(&mut tier, at(60), &[11]));
    assert_eq!([found(&tier, &[1, 2, 9]), found(&tier, &[7, 8]), found(&tier, &[11])], [3, 1, 1]);
    assert!(tier.is_idle());
}

#[test]
fn what_has_no_room_is_not_stored_and_nothing_is_lost_for_it() {
    let mut tier = tier(3);
    assert!(store(&mut tier, at(0), &[1, 2]));
    assert!(!store(&mut tier, at(10), &[5, 6, 7, 8]), "longer than all of it");
    assert_eq!((tier.found(&prompt(&[1, 2])), tier.found(&prompt(&[5]))), (2, 0));
    // While two blocks are being loaded, only one is left.
    tier.load(at(20), Id::new(0), &prompt(&[1, 2]), 0);
    assert!(!store(&mut tier, at(20), &[5, 6]));
    assert!(store(&mut tier, at(20), &[5]));
    assert!(tier.end_load(at(21)).is_none());
    assert_eq!(tier.end_load(at(22)).map(|loaded| loaded.blocks), Some((0, 2)));
    assert!(tier.is_idle());
}

#[test]
fn who_could_use_what_is_being_copied_is_to_ask_later() {
    let mut tier = tier(10);
    let (first, other) = (prompt(&[1, 2, 3, 4]), prompt(&[1, 2, 8]));
    assert_eq!(tier.store(5, &first), (4, true));
    assert_eq!(tier.offer(&first, 0), Offer::Later, "planned");
    assert_eq!(tier.offer(&first, 4), Offer::Blocks(4), "it has all of them itself");
    assert_eq!(tier.begin_store(at(0), 5), None, "the step has not ended");
    assert_eq!(tier.begin_store(at(0), 6), Some(at(4)));
    assert_eq!(tier.offer(&other, 1), Offer::Later);
    assert_eq!(tier.offer(&other, 2), Offer::Blocks(2));
    tier.end_stores(at(3));
    assert_eq!(tier.offer(&other, 0), Offer::Later);
    tier.end_stores(at(4));
    assert_eq!(tier.offer(&other, 0), Offer::Blocks(2));
    // One loads the last two: who wants the first two may have them, who wants more waits.
    assert_eq!(tier.load(at(5), Id::new(0), &first, 2), at(7));
    assert_eq!(tier.offer(&other, 0), Offer::Blocks(2));
    assert_eq!(tier.offer(&first, 0), Offer::Later);
    assert!(tier.abandon(Id::new(0)) && !tier.abandon(Id::new(0)) && !tier.abandon(Id::new(1)));
    assert!(tier.is_busy(), "it is copied all the same");
    assert!(tier.end_load(at(7)).is_some_and(|loaded| loaded.abandoned));
    assert!(!tier.is_busy() && tier.is_idle());
}

#[test]
fn copies_of_one_direction_follow_each_other_and_directions_do_not_wait() {
    let mut tier = tier(10);
    assert_eq!(tier.store(0, &prompt(&[1, 2, 3])), (3, true));
    assert_eq!(tier.store(0, &prompt(&[4, 5])), (2, true));
    assert_eq!(tier.begin_store(at(10), 1), Some(at(13)));
    assert_eq!(tier.begin_store(at(10), 1), Some(at(15)));
    tier.end_stores(at(13));
    assert_eq!(tier.load(at(14), Id::new(0), &prompt(&[1, 2]), 0), at(16));
    assert_eq!(tier.load(at(14), Id::new(1), &prompt(&[1, 2, 3]), 2), at(17));
}

/// Blocks one by one in a list, the least recently used first.
#[derive(Default)]
struct List {
    blocks: VecDeque<u64>,
    held: Vec<Vec<u64>>,
}

impl List {
    fn found(&self, hashes: &[u64]) -> usize {
        let all: BTreeSet<u64> = self.blocks.iter().chain(self.held.iter().flatten()).copied().collect();
        hashes.iter().take_while(|hash| all.contains(hash)).count()
    }

    fn in_use(&self) -> BTreeSet<u64> {
        self.held.iter().flatten().copied().collect()
    }

    fn hold(&mut self, hashes: &[u64]) {
        self.blocks.retain(|block| !hashes.contains(block));
        self.held.push(hashes.to_vec());
    }

    fn let_go(&mut self, which: usize) {
        let hashes = self.held.remove(which);
        let in_use = self.in_use();
        self.blocks.extend(hashes.iter().rev().filter(|hash| !in_use.contains(hash)));
    }

    fn take_in(&mut self, hashes: &[u64], total: usize) -> bool {
        let found = self.found(hashes);
        self.hold(&hashes[..found]);
        let (lacking, last) = (hashes.len() - found, self.held.len() - 1);
        if lacking > total - self.in_use().len() {
            self.let_go(last);
            return false;
        }
        while self.blocks.len() + self.in_use().len() + lacking > total {
            self.blocks.pop_front();
        }
        self.held[last] = hashes.to_vec();
        true
    }
}

#[test]
fn pieces_are_a_list_of_blocks() {
    let mut draws = Stream::new(11, 0, Purpose::Route, 0);
    for round in 0..400u64 {
        let mut drawn = round << 20;
        let mut below = |n: u32| {
            drawn += 1;
            draws.below(drawn, n)
        };
        let total = 1 + below(12);
        let (mut host, mut list, mut helds) = (HostCache::new(total), List::default(), Vec::new());
        for _ in 0..200 {
            let length = 1 + below(6);
            let words: Vec<u64> = (0..length).map(|_| u64::from(below(2))).collect();
            let hashes = prompt(&words);
            let found = host.found(&hashes);
            assert_eq!(found as usize, list.found(&hashes), "round {round}");
            match below(4) {
                0 => {
                    host.touch(&hashes);
                    list.hold(&hashes[..found as usize]);
                    list.let_go(list.held.len() - 1);
                }
                1 if !helds.is_empty() => {
                    let which = below(helds.len() as u32) as usize;
                    host.let_go(helds.remove(which));
                    list.let_go(which);
                }
                2 => {
                    helds.push(host.hold(&hashes[..found as usize]));
                    list.hold(&hashes[..found as usize]);
                }
                _ => {
                    let held = host.take_in(&hashes, found);
                    assert_eq!(held.is_some(), list.take_in(&hashes, total as usize), "round {round}");
                    helds.extend(held);
                }
            }
        }
        helds.into_iter().for_each(|held| host.let_go(held));
        assert!(host.is_idle());
    }
}
