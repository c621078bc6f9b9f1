//! The event list: ordered by time, then by phase, then by insertion.
//!
//! It holds a handful of events per instance (arrivals are pulled one at a time, an instance has one
//! live step), so a binary heap is enough. Nothing is ever removed from the middle: an event that was
//! overtaken is recognised by its epoch when it surfaces.

use super::Time;
use alloc::collections::BinaryHeap;
use core::cmp::{Ordering, Reverse};

/// What comes first among events of the same instant, and why.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Phase {
    /// Clients give up first: what would leave an engine at that moment comes too late for them, and vLLM too drops who is
    /// gone before it gives out a step's tokens.
    GiveUp = 0,
    /// Then steps end: capacity is released before anyone claims it.
    StepEnd = 1,
    /// Then requests, and keys and values, reach an engine, which sees the settled state.
    Deliver = 2,
    /// Then the horizon opens or closes: who arrives at its opening is measured, who arrives at its end is not.
    Mark = 3,
    /// Then requests reach the router, which sees the settled state too.
    Arrive = 4,
    /// Planning comes last: an engine plans its next step knowing everyone who arrived by then, as vLLM's loop takes
    /// in all new requests before it schedules.
    Plan = 5,
}

struct Entry<E> {
    at: Time,
    /// The phase in the highest byte, then the insertion's number: one comparison decides among events of an instant.
    order: u64,
    event: E,
}

/// Bits below the phase.
const SEQUENCE_BITS: u32 = 56;

impl<E> Entry<E> {
    fn key(&self) -> (Time, u64) {
        (self.at, self.order)
    }
}
impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}
impl<E> Eq for Entry<E> {}
impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// Events to come, and the clock they drive.
pub struct Calendar<E> {
    heap: BinaryHeap<Reverse<Entry<E>>>,
    now: Time,
    sequence: u64,
}

impl<E> Calendar<E> {
    /// An empty list at time zero.
    #[must_use]
    pub fn new() -> Self {
        Calendar { heap: BinaryHeap::new(), now: Time::ZERO, sequence: 0 }
    }

    /// Puts an event at a moment that is not in the past.
    ///
    /// # Panics
    /// When `at` lies before the clock.
    pub fn schedule(&mut self, at: Time, phase: Phase, event: E) {
        assert!(at >= self.now, "an event may not be scheduled in the past");
        self.sequence += 1;
        let order = (phase as u64) << SEQUENCE_BITS | self.sequence;
        self.heap.push(Reverse(Entry { at, order, event }));
    }

    /// Takes the next event and moves the clock to it.
    pub fn pop(&mut self) -> Option<E> {
        let Reverse(entry) = self.heap.pop()?;
        self.now = entry.at;
        Some(entry.event)
    }

    /// The clock: the moment of the last event taken.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// When the next event is due.
    #[must_use]
    pub fn next_at(&self) -> Option<Time> {
        self.heap.peek().map(|Reverse(entry)| entry.at)
    }

    /// How many events wait, overtaken ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether nothing is to come.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}

impl<E> Default for Calendar<E> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_follow_phase_then_insertion() {
        let mut calendar = Calendar::new();
        let t = Time::from_ps(5);
        calendar.schedule(t, Phase::Arrive, "third");
        calendar.schedule(t, Phase::StepEnd, "first");
        calendar.schedule(t, Phase::Arrive, "fourth");
        calendar.schedule(t, Phase::Deliver, "second");
        let order: alloc::vec::Vec<_> = core::iter::from_fn(|| calendar.pop()).collect();
        assert_eq!(order, ["first", "second", "third", "fourth"]);
    }
}
