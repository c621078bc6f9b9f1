//! Requests in flight that are taken back for those that wait: llm-d's eviction, in its router's own rules.
//!
//! It is looked at when a band's ceiling ends a round. Whoever has a negative priority may be taken back: the lowest
//! priority first and, of equals, who was sent last. Somebody of a higher priority than the next one's must wait in a band
//! that is held back. As many are taken back as make up for what saturation has too much, a request in flight being taken
//! for the mean of all, and at most two at a time. The next decision waits until all of them have ended and what they held
//! has left the detector's number.

use crate::base::{Dur, Id, Time, math};
use crate::cluster::requests::Request;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// Most requests taken back at a time; llm-d has no setting for it.
const AT_ONCE: u64 = 2;

/// Where a request stands among those that may be taken back: the smallest goes first.
type Rank = (i32, Reverse<u64>);

/// A request in flight.
#[derive(Clone, Copy)]
struct Lease {
    /// None of one that may not be taken back, or is being taken back already.
    rank: Option<Rank>,
    taken_back: bool,
}

/// Requests in flight, and when some may be taken back.
pub(super) struct Reclaim {
    /// How long the detector takes to show what has ended.
    lag: Dur,
    /// By request.
    leases: Vec<Option<Lease>>,
    in_flight: u64,
    victims: BTreeMap<Rank, Id<Request>>,
    /// Requests sent so far: who was sent last.
    sequence: u64,
    /// Being taken back.
    under_way: u64,
    /// Not before then is another decision made.
    open_at: Time,
}

impl Reclaim {
    /// For a detector that shows what has ended so much later.
    pub(super) fn new(lag: Dur) -> Self {
        Reclaim {
            lag,
            leases: Vec::new(),
            in_flight: 0,
            victims: BTreeMap::new(),
            sequence: 0,
            under_way: 0,
            open_at: Time::ZERO,
        }
    }

    /// A request is sent to its engine.
    pub(super) fn sent(&mut self, request: Id<Request>, priority: i32) {
        let place = request.index() as usize;
        if self.leases.len() <= place {
            self.leases.resize(place + 1, None);
        }
        let rank = (priority < 0).then_some((priority, Reverse(self.sequence)));
        self.sequence += 1;
        self.in_flight += 1;
        self.leases[place] = Some(Lease { rank, taken_back: false });
        if let Some(rank) = rank {
            self.victims.insert(rank, request);
        }
    }

    /// A request has ended; of one that was never sent, nothing is known here.
    pub(super) fn ended(&mut self, now: Time, request: Id<Request>) {
        let Some(lease) = self.leases.get_mut(request.index() as usize).and_then(Option::take) else { return };
        self.in_flight -= 1;
        if let Some(rank) = lease.rank {
            self.victims.remove(&rank);
        }
        if lease.taken_back {
            self.under_way -= 1;
            self.open_at = now + self.lag;
        }
    }

    /// The priority of who would be taken back next, where that may be decided now.
    pub(super) fn next_priority(&self, now: Time) -> Option<i32> {
        if self.under_way > 0 || now < self.open_at {
            return None;
        }
        self.victims.first_key_value().map(|((priority, _), _)| *priority)
    }

    /// Takes back as many as it takes to come from this saturation below a ceiling that holds back somebody of this
    /// priority.
    pub(super) fn take_back(&mut self, saturation: f64, (ceiling, priority): (f64, i32), into: &mut Vec<Id<Request>>) {
        let each = saturation / self.in_flight as f64;
        if !(each > 0.0 && each.is_finite()) {
            return;
        }
        // A saturation of just the ceiling holds back as well.
        let wanted = math::ceil((saturation - ceiling) / each).clamp(1.0, AT_ONCE as f64) as u64;
        for _ in 0..wanted {
            let Some(first) = self.victims.first_entry().filter(|first| first.key().0 < priority) else { return };
            let request = first.remove();
            self.leases[request.index() as usize] = Some(Lease { rank: None, taken_back: true });
            self.under_way += 1;
            into.push(request);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAG: Dur = Dur::from_us(10_000);

    fn at(ms: u64) -> Time {
        Time::ZERO + Dur::from_us(ms * 1000)
    }

    /// In flight: numbers 0, 1, … of these priorities, in this order.
    fn in_flight(priorities: &[i32]) -> Reclaim {
        let mut reclaim = Reclaim::new(LAG);
        for (i, &priority) in priorities.iter().enumerate() {
            reclaim.sent(Id::new(i as u32), priority);
        }
        reclaim
    }

    fn taken(reclaim: &mut Reclaim, saturation: f64, demand: (f64, i32)) -> Vec<u32> {
        let mut into = Vec::new();
        reclaim.take_back(saturation, demand, &mut into);
        into.into_iter().map(Id::index).collect()
    }

    #[test]
    fn the_lowest_goes_first_and_of_equals_who_was_sent_last() {
        let mut reclaim = in_flight(&[-1, -2, 0, -2, -1]);
        assert_eq!(reclaim.next_priority(at(0)), Some(-2));
        // 1.5 over 5 is 0.3 each; 0.5 too much is two of them.
        assert_eq!(taken(&mut reclaim, 1.5, (1.0, 1)), [3, 1]);
    }

    #[test]
    fn as_many_as_make_up_for_what_is_too_much_and_at_most_two() {
        // Each holds 0.1.
        let ten = || in_flight(&[-1; 10]);
        assert_eq!(taken(&mut ten(), 1.0, (1.0, 0)).len(), 1, "at the ceiling itself, one");
        assert_eq!(taken(&mut ten(), 1.0, (0.95, 0)).len(), 1);
        assert_eq!(taken(&mut ten(), 1.0, (0.85, 0)).len(), 2);
        assert_eq!(taken(&mut ten(), 1.0, (0.1, 0)).len(), 2, "nine would be needed");
        assert_eq!(taken(&mut in_flight(&[-1, 0]), 1.0, (0.1, 1)), [0], "only one may be");
    }

    #[test]
    fn nobody_is_taken_back_for_an_equal() {
        let mut reclaim = in_flight(&[-1, -3]);
        assert_eq!(taken(&mut reclaim, 2.0, (0.1, -1)), [1]);
        assert!(in_flight(&[0, 5]).next_priority(at(0)).is_none(), "nobody may be");
    }

    #[test]
    fn the_next_decision_waits_for_the_end_and_for_the_detector() {
        let mut reclaim = in_flight(&[-1, -1, -1]);
        assert_eq!(taken(&mut reclaim, 1.0, (1.0, 0)), [2]);
        assert_eq!(reclaim.next_priority(at(50)), None, "it has not ended");
        reclaim.ended(at(60), Id::new(2));
        assert_eq!(reclaim.next_priority(at(69)), None);
        assert_eq!(reclaim.next_priority(at(70)), Some(-1));
    }

    #[test]
    fn who_ends_otherwise_is_not_waited_for_and_who_was_not_sent_is_not_known() {
        let mut reclaim = in_flight(&[-1, 0]);
        reclaim.ended(at(1), Id::new(7));
        reclaim.ended(at(1), Id::new(0));
        reclaim.ended(at(2), Id::new(0));
        assert_eq!((reclaim.in_flight, reclaim.next_priority(at(3))), (1, None));
        assert!(taken(&mut reclaim, f64::NAN, (1.0, 1)).is_empty());
    }
}
