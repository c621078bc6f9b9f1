//! An order of many things, drawn once and gone through again and again, without a list of it.

use crate::base::{Purpose, Stream};

/// Rounds of the network: three make a pseudorandom permutation (Luby and Rackoff 1988), one more for small halves.
const ROUNDS: usize = 4;

/// A permutation of the numbers below `count`, and a place in it.
pub(super) struct Order {
    count: u32,
    next: u32,
    /// Bits of half a number.
    half_bits: u32,
    keys: [u64; ROUNDS],
}

impl Order {
    /// The order of a class's prompts in one replication.
    pub(super) fn new(seed: u64, replication: u32, class: u32, count: u32) -> Self {
        // The class's draws of groups are not used otherwise where prompts have an order.
        let mut draws = Stream::new(seed, replication, Purpose::Group, class);
        let keys = core::array::from_fn(|round| draws.bits(round as u64));
        let bits = u32::BITS - count.saturating_sub(1).leading_zeros();
        Order { count, next: 0, half_bits: bits.div_ceil(2).max(1), keys }
    }

    /// The next number.
    pub(super) fn turn(&mut self) -> u32 {
        // The network permutes a power of four; numbers that are too large are permuted again until one is not.
        let mut number = self.permuted(self.next);
        while number >= self.count {
            number = self.permuted(number);
        }
        self.next = (self.next + 1) % self.count;
        number
    }

    fn permuted(&self, number: u32) -> u32 {
        let mask = (1_u64 << self.half_bits) - 1;
        let (mut left, mut right) = (u64::from(number) >> self.half_bits, u64::from(number) & mask);
        for key in self.keys {
            (left, right) = (right, left ^ (mixed(right ^ key) & mask));
        }
        // Two halves of sixteen bits at most.
        (left << self.half_bits | right) as u32
    }
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
fn mixed(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    #[test]
    fn everything_comes_once_in_a_round() {
        for count in [1, 2, 3, 4, 5, 16, 17, 750, 1024, 65_537] {
            let mut order = Order::new(3, 0, 0, count);
            let round: BTreeSet<u32> = (0..count).map(|_| order.turn()).collect();
            assert_eq!(round.len(), count as usize);
            assert_eq!(round.last(), Some(&(count - 1)));
        }
        let mut huge = Order::new(3, 0, 0, u32::MAX);
        assert!((0..100).all(|_| huge.turn() < u32::MAX));
    }
}
