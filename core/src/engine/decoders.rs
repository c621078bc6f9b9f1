//! The sequences that decode, taken together: how many, their context, when the next leaves, and when they
//! need blocks.
//!
//! All of it describes the next step to be planned. A decoder computes one token a step, so its context grows
//! by one, it needs a block every `block_size` steps, and the step it finishes in is known from the start:
//! none of it has to be visited per step.
//!
//! Where layers look at a bounded part of the context, or keep no more than that, a decoder grows by another law once
//! its context has reached the bound. Those that have not are counted apart, and when the next one will is known too.

use super::seq::{Phase, Seq};
use crate::base::{Id, Slab};
use crate::latency::Batch;
use alloc::collections::BinaryHeap;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// (step, which sequence, its stamp then): the last one in which it decodes, or when its context has reached the bound.
type Due = Reverse<(u64, Id<Seq>, u32)>;

pub(super) struct Decoders {
    pub(super) count: u32,
    /// Σ tokens computed before the next step.
    pub(super) ctx: u64,
    /// How many of each class.
    pub(super) by_class: Vec<u32>,
    /// How many have (context − step) ≡ i modulo the block size: those need a block when step ≡ −i.
    residues: Vec<u32>,
    leaving: BinaryHeap<Due>,
    /// The bound, if there is one; and of those whose context lies below it:
    bound: Option<u32>,
    /// Σ tokens computed before the next step, each counted up to the bound.
    pub(super) span: u64,
    /// How many they are.
    pub(super) growing: u32,
    /// How many of them have a residue, as above.
    growing_residues: Vec<u32>,
    /// Blocks each of them needs beside the one that all need.
    window_blocks: u32,
    outgrowing: BinaryHeap<Due>,
}

impl Decoders {
    pub(super) fn new(classes: usize, block_size: u32, bound: Option<u32>, window_blocks: u32) -> Self {
        Decoders {
            count: 0,
            ctx: 0,
            by_class: vec![0; classes],
            residues: vec![0; block_size as usize],
            leaving: BinaryHeap::new(),
            bound,
            span: 0,
            growing: 0,
            growing_residues: vec![0; block_size as usize],
            window_blocks,
            outgrowing: BinaryHeap::new(),
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
        let residue = ((size - step % size) % size) as usize;
        let all = self.residues[residue];
        if self.window_blocks == 0 { all } else { all + self.window_blocks * self.growing_residues[residue] }
    }

    /// Adds one that decodes from the next step on.
    pub(super) fn join(&mut self, id: Id<Seq>, seq: &Seq) {
        self.count += 1;
        self.ctx += u64::from(seq.context(seq.decode_from));
        self.by_class[seq.class as usize] += 1;
        let residue = self.residue(seq);
        self.residues[residue] += 1;
        self.leaving.push(Reverse((seq.leave, id, seq.stamp)));
        let Some(bound) = self.bound else { return };
        let context = seq.context(seq.decode_from);
        self.span += u64::from(context.min(bound));
        if context < bound {
            self.growing += 1;
            self.growing_residues[residue] += 1;
            let outgrown = seq.decode_from + u64::from(bound - context);
            // One that leaves before is still growing when it is taken out, which is in the step after its last.
            if outgrown <= seq.leave + 1 {
                self.outgrowing.push(Reverse((outgrown, id, seq.stamp)));
            }
        }
    }

    /// Takes one out that would have decoded in step `step`.
    pub(super) fn remove(&mut self, seq: &Seq, step: u64) {
        self.count -= 1;
        self.ctx -= u64::from(seq.context(step));
        self.by_class[seq.class as usize] -= 1;
        let residue = self.residue(seq);
        self.residues[residue] -= 1;
        let Some(bound) = self.bound else { return };
        let context = seq.context(step);
        self.span -= u64::from(context.min(bound));
        if context < bound {
            self.growing -= 1;
            self.growing_residues[residue] -= 1;
        }
    }

    /// Moves on by `steps` steps, up to step `next`, in which all of them decoded; none reached the bound before `next`.
    pub(super) fn advance(&mut self, steps: u64, next: u64, seqs: &Slab<Seq>) {
        self.ctx += u64::from(self.count) * steps;
        self.span += u64::from(self.growing) * steps;
        while let Some((outgrown, id)) = self.first_outgrowing(seqs).filter(|&(step, _)| step <= next) {
            assert_eq!(outgrown, next, "a jump ends where a sequence reaches the bound");
            self.outgrowing.pop();
            let residue = self.residue(&seqs[id]);
            self.growing -= 1;
            self.growing_residues[residue] -= 1;
        }
    }

    /// Writes into a batch what the decoders are in the next step, all but how many.
    pub(super) fn describe(&self, batch: &mut Batch) {
        batch.decode_ctx_tokens = self.ctx;
        batch.decode_span_tokens = self.span;
        batch.decode_span_growing = self.growing;
    }

    /// Moves a batch of them on by `steps` steps.
    pub(super) fn moved(&self, batch: &mut Batch, steps: u64) {
        batch.decode_ctx_tokens += u64::from(self.count) * steps;
        batch.decode_span_tokens += u64::from(self.growing) * steps;
    }

    /// The step in which the next one has reached the bound, and which that is.
    pub(super) fn first_outgrowing(&mut self, seqs: &Slab<Seq>) -> Option<(u64, Id<Seq>)> {
        first(&mut self.outgrowing, seqs)
    }

    /// The next to leave: whose last step comes first, and which that is.
    pub(super) fn first_leaving(&mut self, seqs: &Slab<Seq>) -> Option<(u64, Id<Seq>)> {
        first(&mut self.leaving, seqs)
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
        let per_cycle = self.count + self.window_blocks * self.growing;
        let cycles = u64::from(free / per_cycle);
        if cycles.saturating_mul(size) >= cap {
            return cap;
        }
        let (mut steps, mut left) = (cycles * size, free - u32::try_from(cycles).expect("at most free") * per_cycle);
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

    /// Blocks that `steps` steps from `step` on take.
    pub(super) fn blocks_taken(&self, step: u64, steps: u64) -> u32 {
        let size = self.block_size();
        // In a whole cycle everyone needs a block once.
        let each = u64::from(self.count + self.window_blocks * self.growing);
        let rest: u64 = (0..steps % size).map(|offset| u64::from(self.blocks_needed(step + offset))).sum();
        u32::try_from(steps / size * each + rest).expect("no more than were free")
    }

    /// (blocks that `steps` steps from `step` on take, Σ over those steps of the blocks taken so far).
    pub(super) fn blocks_over(&self, step: u64, steps: u64) -> (u32, u128) {
        let size = self.block_size();
        let (cycles, rest) = (steps / size, steps % size);
        let mut area = 0u128;
        for offset in 0..size.min(steps) {
            let needed = u64::from(self.blocks_needed(step + offset));
            if needed == 0 {
                continue;
            }
            // Steps offset, offset + size, …: each counts in itself and in all later ones.
            let times = cycles + u64::from(offset < rest);
            let last = steps - offset - (times - 1) * size;
            area += u128::from(needed * times) * u128::from((steps - offset) + last) / 2;
        }
        (self.blocks_taken(step, steps), area)
    }
}

/// The first entry that still holds; those before it are dropped.
fn first(due: &mut BinaryHeap<Due>, seqs: &Slab<Seq>) -> Option<(u64, Id<Seq>)> {
    while let Some(&Reverse((step, id, stamp))) = due.peek() {
        let seq = &seqs[id];
        if seq.stamp == stamp && seq.phase == Phase::Decode {
            return Some((step, id));
        }
        due.pop();
    }
    None
}
