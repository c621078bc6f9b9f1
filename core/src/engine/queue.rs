//! The queue: who is admitted next.

use super::seq::Seq;
use crate::base::{Id, Slab};
use crate::scenario::SchedulingPolicy;
use alloc::collections::VecDeque;

/// Requests that wait. First come, first served, those that lost their blocks ahead of all; or by priority, then by
/// arrival.
pub(super) struct Queue {
    policy: SchedulingPolicy,
    ids: VecDeque<Id<Seq>>,
}

impl Queue {
    pub(super) fn new(policy: SchedulingPolicy) -> Self {
        Queue { policy, ids: VecDeque::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Everyone, in turn.
    pub(super) fn iter(&self) -> impl Iterator<Item = Id<Seq>> {
        self.ids.iter().copied()
    }

    /// Who is next.
    pub(super) fn front(&self) -> Option<Id<Seq>> {
        self.get(0)
    }

    /// Who comes after so many others.
    pub(super) fn get(&self, place: usize) -> Option<Id<Seq>> {
        self.ids.get(place).copied()
    }

    /// Who comes after so many others is admitted.
    pub(super) fn take(&mut self, place: usize) {
        self.ids.remove(place);
    }

    /// Someone new comes.
    pub(super) fn put(&mut self, id: Id<Seq>, seqs: &Slab<Seq>) {
        match self.policy {
            SchedulingPolicy::Fcfs => self.ids.push_back(id),
            SchedulingPolicy::Priority => self.ids.insert(self.place(id, seqs), id),
        }
    }

    /// Someone comes back who had been admitted.
    pub(super) fn put_back(&mut self, id: Id<Seq>, seqs: &Slab<Seq>) {
        match self.policy {
            SchedulingPolicy::Fcfs => self.ids.push_front(id),
            SchedulingPolicy::Priority => self.ids.insert(self.place(id, seqs), id),
        }
    }

    /// Someone leaves who waits.
    ///
    /// # Panics
    /// When it does not.
    pub(super) fn remove(&mut self, id: Id<Seq>, seqs: &Slab<Seq>) {
        let place = match self.policy {
            // Those who came back lie ahead in no order that could be searched.
            SchedulingPolicy::Fcfs => self.ids.iter().position(|&other| other == id),
            SchedulingPolicy::Priority => Some(self.place(id, seqs)).filter(|&at| self.ids.get(at) == Some(&id)),
        };
        self.ids.remove(place.expect("it waits"));
    }

    /// Where it belongs by priority: no two have the same key.
    fn place(&self, id: Id<Seq>, seqs: &Slab<Seq>) -> usize {
        let key = |id: Id<Seq>| (seqs[id].priority, seqs[id].order, seqs[id].number);
        self.ids.partition_point(|&other| key(other) < key(id))
    }
}
