//! The sequences that decode, taken together: how many, their context, when the next leaves, and when they
//! need blocks.
//!
//! All of it describes the next step to be planned. A decoder computes one token a step, so its context grows
//! by one, it needs a block every `block_size` steps, and the step it finishes in is known from the start:
//! none of it has to be visited per step.

use super::seq::Seq;
use crate::base::Id;
use alloc::collections::BinaryHeap;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// (step that yields the last token, which sequence, its epoch then).
type Leaving = Reverse<(u64, Id<Seq>, u32)>;

pub(super) struct Decoders {
    pub(super) count: u32,
    /// Σ tokens computed before the next step.
    pub(super) ctx: u64,
    /// How many of each class.
    pub(super) by_class: Vec<u32>,
    /// How many have (context − step) ≡ i modulo the block size: those need a block when step ≡ −i.
    residues: Vec<u32>,
    leaving: BinaryHeap<Leaving>,
}

impl Decoders {
    pub(super) fn new(classes: usize, block_size: u32) -> Self {
        Decoders {
            count: 0,
            ctx: 0,
            by_class: vec![0; classes],
            residues: vec![0; block_size as usize],
            leaving: BinaryHeap::new(),
        }
    }

    fn block_size(&self) -> u64 {
        self.residues.len() as u64
    }

    fn residue(&self, seq: &Seq) -> usize {
        let size = self.block_size();
        // Both terms are below the size, so the sum stays in range.
        ((u64::from(seq.known()) % size + size - seq.decode_from % size) % size) as usize
    }

    /// Blocks needed by step `step` together.
    pub(super) fn blocks_needed(&self, step: u64) -> u32 {
        let size = self.block_size();
        self.residues[((size - step % size) % size) as usize]
    }

    /// Adds one that decodes from the next step on.
    pub(super) fn join(&mut self, id: Id<Seq>, seq: &Seq) {
        self.count += 1;
        self.ctx += u64::from(seq.context(seq.decode_from));
        self.by_class[seq.class as usize] += 1;
        let residue = self.residue(seq);
        self.residues[residue] += 1;
        self.leaving.push(Reverse((seq.finish, id, seq.epoch)));
    }

    /// Takes one out that would have decoded in step `step`.
    pub(super) fn remove(&mut self, seq: &Seq, step: u64) {
        self.count -= 1;
        self.ctx -= u64::from(seq.context(step));
        self.by_class[seq.class as usize] -= 1;
        let residue = self.residue(seq);
        self.residues[residue] -= 1;
    }

    /// Moves on by `steps` steps in which all of them decoded.
    pub(super) fn advance(&mut self, steps: u64) {
        self.ctx += u64::from(self.count) * steps;
    }

    /// The next to leave: who yields its last token first. `holds` tells entries that still hold.
    pub(super) fn first_leaving(&mut self, holds: impl Fn(Id<Seq>, u32) -> bool) -> Option<(u64, Id<Seq>)> {
        while let Some(&Reverse((finish, id, epoch))) = self.leaving.peek() {
            if holds(id, epoch) {
                return Some((finish, id));
            }
            self.leaving.pop();
        }
        None
    }

    /// Drops the entry that [`Decoders::first_leaving`] returned.
    pub(super) fn pop_leaving(&mut self) {
        self.leaving.pop();
    }

    /// How many steps from `step` on can be planned before their blocks exceed `free`, at most `cap`.
    pub(super) fn steps_within(&self, step: u64, free: u32, cap: u64) -> u64 {
        if self.count == 0 {
            return cap;
        }
        let size = self.block_size();
        let cycles = u64::from(free / self.count);
        if cycles.saturating_mul(size) >= cap {
            return cap;
        }
        let (mut steps, mut left) = (cycles * size, free - u32::try_from(cycles).expect("at most free") * self.count);
        // Less than one more cycle fits, so this ends within it.
        while steps < cap {
            let needed = self.blocks_needed(step + steps);
            if needed > left {
                break;
            }
            left -= needed;
            steps += 1;
        }
        steps
    }

    /// (blocks that `steps` steps from `step` on take, Σ over those steps of the blocks taken so far).
    pub(super) fn blocks_over(&self, step: u64, steps: u64) -> (u32, u128) {
        let size = self.block_size();
        let (mut taken, mut area) = (0u64, 0u128);
        for offset in 0..size.min(steps) {
            let needed = u64::from(self.blocks_needed(step + offset));
            if needed == 0 {
                continue;
            }
            // Steps offset, offset + size, …: each counts in itself and in all later ones.
            let times = (steps - offset).div_ceil(size);
            taken += needed * times;
            let last = steps - offset - (times - 1) * size;
            area += u128::from(needed) * u128::from(times) * u128::from((steps - offset) + last) / 2;
        }
        (u32::try_from(taken).expect("no more than were free"), area)
    }
}
