//! The API server of one instance, as a queue: requests pass it in order, one at a time.

use crate::base::{Dur, Time};
use alloc::collections::VecDeque;

/// Requests between the router and an engine, by whatever names them.
pub(super) struct FrontDoor<T> {
    free_at: Time,
    on_the_way: VecDeque<(Time, T)>,
}

impl<T> Default for FrontDoor<T> {
    fn default() -> Self {
        FrontDoor { free_at: Time::ZERO, on_the_way: VecDeque::new() }
    }
}

impl<T> FrontDoor<T> {
    /// A request is ready to be served at `due`, for so long; when it is through, if nobody is before it.
    pub(super) fn enter(&mut self, due: Time, service: Dur, who: T) -> Option<Time> {
        let through = self.pass(due, service);
        self.on_the_way.push_back((through, who));
        (self.on_the_way.len() == 1).then_some(self.free_at)
    }

    /// The same for a request whose way on is not kept here: when it is through.
    pub(super) fn pass(&mut self, due: Time, service: Dur) -> Time {
        self.free_at = due.max(self.free_at) + service;
        self.free_at
    }

    /// The first request is through; and when the next one is.
    pub(super) fn leave(&mut self) -> (T, Option<Time>) {
        let (_, who) = self.on_the_way.pop_front().expect("someone is on the way when the event says so");
        (who, self.on_the_way.front().map(|&(at, _)| at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_together_goes_one_after_the_other() {
        let at = |us: u64| Time::ZERO + Dur::from_us(us);
        let mut door = FrontDoor::default();
        let ids = [0, 1, 2];
        assert_eq!(door.enter(at(5), Dur::from_us(10), ids[0]), Some(at(15)));
        assert_eq!(door.enter(at(5), Dur::from_us(20), ids[1]), None);
        assert_eq!(door.leave(), (ids[0], Some(at(35))));
        assert_eq!(door.leave(), (ids[1], None));
        assert_eq!(door.pass(at(20), Dur::from_us(5)), at(40));
        // Later, the queue is forgotten.
        assert_eq!(door.enter(at(1000), Dur::ZERO, ids[2]), Some(at(1000)));
    }
}
