//! Random numbers are addresses, not a tape.
//!
//! A draw is a function of (seed, replication, purpose, source, entity): the key of a ChaCha8 cipher is
//! made of seed and replication, its stream of purpose and source, and entity *i* owns a fixed range of
//! words in that stream. So no policy, slider or order of events can shift anybody else's draws, a
//! longer run extends a shorter one, and two scenarios compared share their randomness by construction.
//! Consecutive entities share a refill of the cipher, which makes a draw cheap.

use super::chain::scramble;
use super::math;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// What a draw is for. Append only: the number is part of every address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Purpose {
    /// Gaps between arrivals; the source is 0, for the merged process.
    Arrival = 1,
    /// Which traffic class a request belongs to.
    Class = 2,
    /// Prompt lengths; the source is the class.
    Prompt = 3,
    /// Output lengths; the source is the class.
    Output = 4,
    /// A routing decision; the entity is the request.
    Route = 5,
    /// Which shared prefix, and which prompt under it; the source is the class.
    Group = 6,
    /// How many turns a conversation has; the source is the class.
    Turns = 7,
    /// Time between an answer and the next turn; the source is the class, the entity conversation and turn.
    Think = 8,
    /// New prompt tokens of later turns; as before.
    TurnPrompt = 9,
    /// Output lengths of later turns; as before.
    TurnOutput = 10,
    /// Draws of arrival gaps that need more than one; the entity is gap · 16 + draw.
    ArrivalMore = 11,
    /// Whether a prompt is computed apart; the entity is the request.
    Decide = 12,
    /// How much longer or shorter than usual a transfer takes; the entity is the request.
    Transfer = 13,
    /// Which drafts are accepted; the entity is the request, whose draw begins a row of further ones.
    Accept = 14,
    /// Who is in the fleet when a run begins; the entity is one of them.
    Resident = 15,
    /// What a filter draws; the source is the filter, the entity the request.
    Filter = 20,
    /// What an admitter draws; likewise.
    Admit = 21,
    /// Errors of predicted latencies; the entity is the request.
    Predict = 22,
}

/// 32-bit words owned by one entity: one 64-bit draw.
const WORDS_PER_ENTITY: u128 = 2;
/// Marks the cipher's key as ours, so that other uses of the same seed do not correlate.
const DOMAIN: [u8; 16] = *b"llmd-playground\0";

/// One addressed stream: entity `i` has exactly one 64-bit draw in it.
pub struct Stream {
    cipher: ChaCha8Rng,
    next_entity: u64,
}

impl Stream {
    /// The stream at an address.
    #[must_use]
    pub fn new(seed: u64, replication: u32, purpose: Purpose, source: u32) -> Self {
        let mut key = [0u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..12].copy_from_slice(&replication.to_le_bytes());
        key[16..].copy_from_slice(&DOMAIN);
        let mut cipher = ChaCha8Rng::from_seed(key);
        cipher.set_stream((u64::from(purpose as u32) << 32) | u64::from(source));
        Stream { cipher, next_entity: 0 }
    }

    /// The 64 bits of `entity`.
    pub fn bits(&mut self, entity: u64) -> u64 {
        if entity != self.next_entity {
            self.cipher.set_word_pos(u128::from(entity) * WORDS_PER_ENTITY);
        }
        self.next_entity = entity + 1;
        self.cipher.next_u64()
    }

    /// A number strictly between 0 and 1, a multiple of 2⁻⁵³ offset by half of one.
    pub fn unit(&mut self, entity: u64) -> f64 {
        unit(self.bits(entity))
    }

    /// A whole number below `n`, by the high half of a product: biased by less than n · 2⁻⁶⁴.
    pub fn below(&mut self, entity: u64, n: u32) -> u32 {
        below(self.bits(entity), n)
    }

    /// As many draws of `entity` as one likes, all from its one.
    pub fn several(&mut self, entity: u64) -> Several {
        Several { state: self.bits(entity) }
    }

    /// An exponential variate of mean 1, by inverse transform.
    pub fn exponential(&mut self, entity: u64) -> f64 {
        -math::ln(self.unit(entity))
    }
}

/// Draw `n` of the row that a 64-bit draw begins: for entities that need nobody knows how many.
#[must_use]
pub fn nth_of(first: u64, n: u64) -> u64 {
    scramble(first ^ scramble(n))
}

/// Draws that follow from one, by SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub struct Several {
    state: u64,
}

impl Several {
    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// As [`Stream::unit`].
    pub fn unit(&mut self) -> f64 {
        unit(self.bits())
    }

    /// As [`Stream::below`].
    pub fn below(&mut self, n: u32) -> u32 {
        below(self.bits(), n)
    }
}

fn unit(bits: u64) -> f64 {
    const STEP: f64 = 1.0 / 9_007_199_254_740_992.0;
    ((bits >> 11) as f64 + 0.5) * STEP
}

fn below(bits: u64, n: u32) -> u32 {
    let product = u128::from(bits) * u128::from(n);
    u32::try_from(product >> 64).expect("the high half of a product with n is below n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn a_draw_does_not_depend_on_the_order_of_asking() {
        let fresh = || Stream::new(7, 3, Purpose::Prompt, 2);
        let mut stream = fresh();
        let forward: Vec<u64> = (0..100).map(|i| stream.bits(i)).collect();
        let mut stream = fresh();
        let backward: Vec<u64> = (0..100).rev().map(|i| stream.bits(i)).collect();
        assert!(forward.iter().eq(backward.iter().rev()));
    }

    #[test]
    fn every_part_of_the_address_matters() {
        let first = |seed, rep, purpose, source| Stream::new(seed, rep, purpose, source).bits(0);
        let base = first(1, 0, Purpose::Prompt, 0);
        assert_ne!(base, first(2, 0, Purpose::Prompt, 0));
        assert_ne!(base, first(1, 1, Purpose::Prompt, 0));
        assert_ne!(base, first(1, 0, Purpose::Output, 0));
        assert_ne!(base, first(1, 0, Purpose::Prompt, 1));
    }

    #[test]
    fn below_is_in_range_and_covers_it() {
        let mut stream = Stream::new(1, 0, Purpose::Route, 0);
        let mut seen = [0u32; 5];
        for i in 0..5000 {
            seen[stream.below(i, 5) as usize] += 1;
        }
        assert!(seen.iter().all(|&n| n > 850 && n < 1150), "{seen:?}");
    }
}
