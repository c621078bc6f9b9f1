//! Ranks that share experts: they plan together, and their steps begin and end together.
//!
//! The ranks of a replica stand next to each other in the fleet. One of them keeps the end of everybody's steps in the
//! calendar; whoever comes to any of them ends the steps in execution at the next boundary, where all plan.

use super::Sim;
use crate::base::Time;
use crate::engine::{Emitted, Stretch};
use alloc::vec::Vec;
use core::ops::Range;

/// Which engines step together: for each, the first of them, and how many they are.
#[derive(Default)]
pub(super) struct Ranks(Vec<(u32, u32)>);

impl Ranks {
    /// So many engines more, in groups of this size.
    pub(super) fn add(&mut self, engines: u32, group: u32) {
        let before = self.0.len() as u32;
        self.0.extend((0..engines).map(|i| (before + i / group * group, group)));
    }

    /// Those that step with one, itself included; none for one that steps by itself.
    fn of(&self, index: u32) -> Option<Range<u32>> {
        let (first, count) = self.0[index as usize];
        (count > 1).then_some(first..first + count)
    }
}

impl Sim {
    /// Those that an engine steps with, where it does not step by itself.
    pub(super) fn ranks(&self, index: u32) -> Option<Range<u32>> {
        self.ranks.of(index)
    }

    /// The end of everybody's steps, as one of them has it.
    pub(super) fn align_ends(&mut self, index: u32, ranks: Range<u32>) {
        let Some((end, _)) = self.instances[index as usize].next_end() else { return };
        for other in ranks.filter(|&other| other != index) {
            // It plans at the first boundary from then on, which is that very end.
            self.instances[other as usize].shorten(end);
        }
    }

    /// Plans for all and starts their steps; in the midst of some, at their next boundary.
    pub(super) fn plan_together(&mut self, ranks: Range<u32>) {
        let now = self.calendar.now();
        if !ranks.clone().any(|index| self.instances[index as usize].wants_plan()) {
            return;
        }
        if let Some(index) = ranks.clone().find(|&index| self.instances[index as usize].next_end().is_some()) {
            let end = self.instances[index as usize].next_end();
            self.instances[index as usize].shorten(now);
            if self.instances[index as usize].next_end() != end {
                self.schedule_end(index);
            }
            return;
        }
        let said = self.of_each(ranks.clone(), now, |sim, index| {
            let (instance, mut sinks) = sim.engine(index);
            instance.prepare(now, &mut sinks);
        });
        let stretches: Vec<Stretch> =
            ranks.clone().filter_map(|index| self.instances[index as usize].stretch()).collect();
        let together = Stretch::together(stretches.iter().copied());
        for index in ranks.clone() {
            self.instances[index as usize].launch(now, together);
        }
        if let Some(index) = ranks.clone().find(|&index| self.instances[index as usize].next_end().is_some()) {
            self.schedule_end(index);
        }
        self.take_notice_of_each(now, said);
        ranks.for_each(|index| self.tell_level(index));
    }

    /// The steps of all have ended.
    pub(super) fn end_together(&mut self, ranks: Range<u32>) {
        let now = self.calendar.now();
        let end = |index: u32| self.instances[index as usize].next_end();
        let busy: Vec<u32> = ranks.clone().filter(|&index| end(index).is_some()).collect();
        assert!(
            busy.iter().all(|&index| end(index).is_some_and(|(at, _)| at == now)),
            "ranks end their steps together"
        );
        let said = self.of_each(busy.into_iter(), now, |sim, index| {
            let (instance, mut sinks) = sim.engine(index);
            instance.step_end(now, &mut sinks);
        });
        self.take_notice_of_each(now, said);
        if ranks.clone().any(|index| self.instances[index as usize].wants_plan()) {
            return self.plan_once_all_arrived(ranks.start);
        }
        ranks.for_each(|index| self.tell_level(index));
    }

    /// Does something to each engine, and keeps what each says until it is done to all.
    fn of_each(
        &mut self,
        indices: impl Iterator<Item = u32>,
        now: Time,
        mut act: impl FnMut(&mut Sim, u32),
    ) -> Vec<(u32, Vec<Emitted>)> {
        let mut said = Vec::new();
        for index in indices {
            self.scrape.before_change(now, index, &self.instances[index as usize]);
            act(self, index);
            if !self.emitted.is_empty() {
                said.push((index, core::mem::take(&mut self.emitted)));
            }
        }
        said
    }

    fn take_notice_of_each(&mut self, now: Time, said: Vec<(u32, Vec<Emitted>)>) {
        for (index, emitted) in said {
            self.emitted = emitted;
            self.take_notice(now, index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_stand_next_to_each_other() {
        let mut ranks = Ranks::default();
        ranks.add(2, 1);
        ranks.add(6, 3);
        let of: Vec<_> = (0..8).map(|index| ranks.of(index)).collect();
        assert_eq!(of[..2], [None, None]);
        assert!(of[2..5].iter().all(|r| *r == Some(2..5)) && of[5..].iter().all(|r| *r == Some(5..8)));
    }
}
