//! How long a step takes, and how much fits in memory.
//!
//! A step model turns the composition of a batch into whole picoseconds; floats stop here. While the
//! composition holds, a decode step grows by the same amount each time, because every sequence's context
//! grows by one token: that is a [`Ramp`], and it lets the engine jump many steps at once.

mod affine;
mod constants;
mod memory;
mod physics;

use alloc::boxed::Box;

pub use affine::Affine;
pub use constants::{FRONT_END_AFTER, FRONT_END_BEFORE};
pub use memory::{KvSizing, MemoryDemand, kv_sizing};
pub use physics::{Layout, Physics, Sampling};

/// What one step computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Sequences that decode one token.
    pub decode_seqs: u32,
    /// Tokens they attend to that were computed before this step, summed.
    pub decode_ctx_tokens: u64,
    /// Prompts, or pieces of prompts, in this step.
    pub prefill_chunks: u32,
    /// Tokens of those pieces.
    pub prefill_tokens: u32,
    /// Tokens computed before this step, summed over those pieces.
    pub prefill_ctx_tokens: u64,
    /// Query–key pairs of those pieces: Σ n·c + n²/2, doubled to stay whole.
    pub prefill_pairs_doubled: u64,
    /// Pieces that end a prompt, and so yield a token.
    pub prefill_ends: u32,
}

impl Batch {
    /// Adds a piece of `tokens` after `ctx` tokens computed before.
    pub fn add_chunk(&mut self, tokens: u32, ctx: u32, ends_prompt: bool) {
        let (n, c) = (u64::from(tokens), u64::from(ctx));
        self.prefill_chunks += 1;
        self.prefill_tokens += tokens;
        self.prefill_ctx_tokens += c;
        self.prefill_pairs_doubled += 2 * n * c + n * n;
        self.prefill_ends += u32::from(ends_prompt);
    }

    /// Tokens in the step.
    #[must_use]
    pub fn tokens(&self) -> u32 {
        self.decode_seqs + self.prefill_tokens
    }

    /// Sequences that yield a token.
    #[must_use]
    pub fn sampled(&self) -> u32 {
        self.decode_seqs + self.prefill_ends
    }

    /// Whether nothing is computed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens() == 0
    }
}

/// Durations of consecutive steps of one batch: step j lasts `first + j · delta` ps, for j < `valid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ramp {
    /// Duration of the first step, ps.
    pub first: u64,
    /// Growth per step, ps.
    pub delta: u64,
    /// How many steps the law holds for.
    pub valid: u32,
}

impl Ramp {
    /// Picoseconds that the first `k` steps take together.
    #[must_use]
    pub fn total(self, k: u32) -> u64 {
        let k = u64::from(k);
        k * self.first + self.delta * (k * k.saturating_sub(1) / 2)
    }

    /// The fewest steps, at least 1, whose end falls at or after `elapsed` ps; at most `cap`.
    ///
    /// At, because planning comes last among what happens in an instant: who arrives exactly at a boundary is seen
    /// by the pass there.
    #[must_use]
    pub fn steps_until(self, elapsed: u64, cap: u32) -> u32 {
        let (mut low, mut high) = (1, cap.max(1));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.total(middle) >= elapsed {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }
}

/// The laws a scenario can choose from.
#[derive(Clone, Debug)]
pub enum StepModel {
    /// First principles with measured efficiencies.
    Physics(Box<Physics>),
    /// A law the user gives: constant, per sequence, per token, per context token.
    Affine(Affine),
}

impl StepModel {
    /// Duration of one step, ps; at least 1.
    #[must_use]
    pub fn duration(&self, batch: &Batch) -> u64 {
        match self {
            StepModel::Physics(model) => model.duration(batch),
            StepModel::Affine(model) => model.duration(batch),
        }
        .max(1)
    }

    /// The law of this batch while it repeats. A step with a prompt in it does not repeat.
    #[must_use]
    pub fn ramp(&self, batch: &Batch) -> Ramp {
        let first = self.duration(batch);
        if batch.prefill_tokens > 0 {
            return Ramp { first, delta: 0, valid: 1 };
        }
        let per_ctx = match self {
            StepModel::Physics(model) => model.ctx_ps,
            StepModel::Affine(model) if !model.is_ramp() => return Ramp { first, delta: 0, valid: 1 },
            StepModel::Affine(model) => model.ctx_ps,
        };
        Ramp { first, delta: per_ctx * u64::from(batch.decode_seqs), valid: u32::MAX }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_counts_steps_up_to_a_moment() {
        let ramp = Ramp { first: 10, delta: 0, valid: 100 };
        assert_eq!(ramp.steps_until(0, 100), 1);
        assert_eq!(ramp.steps_until(10, 100), 1, "an arrival at a boundary is seen there");
        assert_eq!(ramp.steps_until(11, 100), 2);
        assert_eq!(ramp.steps_until(1_000_000, 100), 100);
    }
}
