//! Copies in one direction, one after the other, as vLLM's worker orders them: each begins when the one before has ended.

use crate::base::{Dur, Time};
use crate::engine::prefix::Held;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// Blocks that are copied, behind others of the same prompt that need not be.
pub(super) struct Copy {
    /// All of them in host memory, from the prompt's first on.
    pub(super) held: Held,
    /// As which block of the prompt the first to be copied comes.
    pub(super) from: u32,
    /// What those copied hold.
    pub(super) hashes: Vec<u64>,
}

impl Copy {
    /// Whether it copies one of the blocks from `local` on of a prompt whose blocks these are. A hash says all that comes
    /// before, so the first block that both have decides.
    pub(super) fn concerns(&self, blocks: &[u64], local: u32) -> bool {
        let first = self.from.max(local) as usize;
        let theirs = self.hashes.get(first - self.from as usize);
        theirs.is_some() && theirs == blocks.get(first)
    }
}

/// One direction.
#[derive(Default)]
pub(super) struct Lane {
    /// With when each ends.
    copies: VecDeque<(Time, Copy)>,
    /// When the last one ends, or ended.
    free_at: Time,
}

impl Lane {
    /// A copy takes its turn; when it ends.
    pub(super) fn begin(&mut self, now: Time, takes: Dur, copy: Copy) -> Time {
        self.free_at = self.free_at.max(now) + takes;
        self.copies.push_back((self.free_at, copy));
        self.free_at
    }

    /// The next of those that have ended by now.
    pub(super) fn ended(&mut self, now: Time) -> Option<Copy> {
        self.copies.pop_front_if(|(until, _)| *until <= now).map(|(_, copy)| copy)
    }

    pub(super) fn copies(&self) -> impl Iterator<Item = &Copy> {
        self.copies.iter().map(|(_, copy)| copy)
    }

    pub(super) fn len(&self) -> usize {
        self.copies.len()
    }
}
