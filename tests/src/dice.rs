//! Random choices of a test, from a seed that a failure prints.
//!
//! They come from the simulator's own addressed streams, so a test needs no other source of randomness and a
//! seed means the same on every machine.

use playground_core::base::{Purpose, Stream};

/// A tape of choices.
pub struct Dice {
    stream: Stream,
    thrown: u64,
}

impl Dice {
    /// The tape of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Dice { stream: Stream::new(seed, u32::MAX, Purpose::Arrival, u32::MAX), thrown: 0 }
    }

    fn entity(&mut self) -> u64 {
        self.thrown += 1;
        self.thrown - 1
    }

    /// A whole number below `n`.
    pub fn below(&mut self, n: u32) -> u32 {
        let entity = self.entity();
        self.stream.below(entity, n)
    }

    /// A whole number from `low` to `high`, both included.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// A number between 0 and 1.
    pub fn unit(&mut self) -> f64 {
        let entity = self.entity();
        self.stream.unit(entity)
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of these.
    pub fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(u32::try_from(choices.len()).expect("few choices")) as usize].clone()
    }

    /// Sixty-four random bits.
    pub fn bits(&mut self) -> u64 {
        let entity = self.entity();
        self.stream.bits(entity)
    }
}
