//! How long a step takes, and how much fits in memory.
//!
//! A step model turns the composition of a batch into whole picoseconds; floats stop here. While the
//! composition holds, a decode step grows by the same amount each time, because every sequence's context
//! grows by one token: that is a [`Ramp`], and it lets the engine jump many steps at once.

mod affine;
mod batch;
mod constants;
mod drafting;
mod front_end;
mod kernel;
mod kv_law;
mod memory;
mod physics;
mod spread;
mod work;

use alloc::boxed::Box;

pub use affine::Affine;
pub use batch::Batch;
pub use drafting::{Drafter, Drafting};
pub use front_end::FrontEnd;
pub use kv_law::KvLaw;
pub use memory::{DrafterMemory, KvSizing, MemoryDemand, kv_sizing};
pub use physics::{Layout, Physics, Sampling};
pub use spread::{AllToAll, Spread};

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
        let cap = cap.max(1);
        // Between as many as if all were as long as the last, and as many as if all were as short as the first.
        let longest = self.first + self.delta * u64::from(cap - 1);
        let steps = |length: u64| u32::try_from(elapsed.div_ceil(length.max(1))).unwrap_or(u32::MAX).clamp(1, cap);
        let (mut low, mut high) = (steps(longest), steps(self.first));
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

    /// The law of this batch while it repeats. A step with a prompt in it does not repeat, nor one that verifies
    /// drafts, and when one more sequence
    /// outgrows the bound of [`StepModel::span_tokens`], the law is another: whoever repeats it must stop there.
    #[must_use]
    pub fn ramp(&self, batch: &Batch) -> Ramp {
        self.ramp_from(self.duration(batch), batch)
    }

    /// The same where the duration of the first step is known.
    #[must_use]
    pub fn ramp_from(&self, first: u64, batch: &Batch) -> Ramp {
        if batch.prefill_tokens > 0 || batch.verify_seqs > 0 {
            return Ramp { first, delta: 0, valid: 1 };
        }
        let (per_ctx, per_span) = match self {
            StepModel::Physics(model) => (model.ctx_ps, model.span_ps),
            StepModel::Affine(model) if !model.is_ramp() => return Ramp { first, delta: 0, valid: 1 },
            StepModel::Affine(model) => (model.ctx_ps, model.span_ps),
        };
        let delta = per_ctx * u64::from(batch.decode_seqs) + per_span * u64::from(batch.decode_span_growing);
        Ramp { first, delta, valid: u32::MAX }
    }

    /// The most tokens of context that its bounded part looks at, if it has such a part.
    #[must_use]
    pub fn span_tokens(&self) -> Option<u32> {
        match self {
            StepModel::Physics(model) => model.span_tokens,
            StepModel::Affine(model) => model.span_tokens,
        }
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

    #[test]
    fn it_counts_as_one_would_step_by_step() {
        for (first, delta, cap) in [(10, 0, 7), (10, 1, 100), (1, 50, 40), (1000, 3, 1), (7, 7, 60)] {
            let ramp = Ramp { first, delta, valid: cap };
            for elapsed in 0..ramp.total(cap) + 20 {
                let scanned = (1..cap).find(|k| ramp.total(*k) >= elapsed).unwrap_or(cap);
                assert_eq!(ramp.steps_until(elapsed, cap), scanned, "{ramp:?} {elapsed}");
            }
        }
    }
}
