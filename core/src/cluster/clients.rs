//! Clients, where their number is limited: a request is sent when it is due and a client is free.
//!
//! A client is busy from its request until the answer has come; in a conversation, until the last answer has. One that
//! begins its next request at once is a closed loop: then requests are due from the beginning, and clients alone pace
//! them.

use super::scrape;
use crate::base::{Dur, Time};

/// When a client that was turned away tries again: once the router has looked at the engines anew. Before, it would say
/// the same.
pub(super) const TURNED_AWAY: Dur = scrape::INTERVAL;

/// How many clients there are, and how many are free.
pub(super) struct Clients {
    free: Option<u32>,
    /// Whether the next request waits for a client.
    waiting: bool,
}

impl Clients {
    /// So many; none: no limit.
    pub(super) fn new(limit: Option<u32>) -> Self {
        Clients { free: limit, waiting: false }
    }

    /// Whether there is a limit.
    pub(super) fn are_limited(&self) -> bool {
        self.free.is_some()
    }

    /// Asks for a client for the request that is due at `due`: when it will be sent, or none as long as all are busy.
    pub(super) fn ask(&mut self, now: Time, due: Time) -> Option<Time> {
        self.waiting = self.free == Some(0);
        (!self.waiting).then(|| due.max(now))
    }

    /// A client sends the request that was asked for.
    ///
    /// # Panics
    /// When none is free.
    pub(super) fn take(&mut self) {
        if let Some(free) = &mut self.free {
            *free = free.checked_sub(1).expect("a client is free when a request is sent");
        }
    }

    /// A client has its answer. Whether a request waited for one.
    pub(super) fn give_back(&mut self) -> bool {
        if let Some(free) = &mut self.free {
            *free += 1;
        }
        core::mem::take(&mut self.waiting)
    }

    /// How late the next request is, because all clients are busy.
    pub(super) fn behind(&self, now: Time, due: Time) -> Dur {
        if self.waiting && due < now { now.since(due) } else { Dur::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_waits_until_it_is_due_and_a_client_is_free() {
        let [early, now, late] = [1, 5, 9].map(Time::from_ps);
        let mut clients = Clients::new(Some(1));
        assert_eq!(clients.ask(now, late), Some(late));
        clients.take();
        assert_eq!(clients.ask(now, early), None);
        assert_eq!(clients.behind(now, early), Dur::from_ps(4));
        assert_eq!(clients.behind(now, late), Dur::ZERO);
        assert!(clients.give_back());
        assert_eq!(clients.ask(now, early), Some(now));
        assert!(!clients.give_back(), "nobody waits any more");
    }

    #[test]
    fn without_a_limit_nobody_waits() {
        let mut clients = Clients::new(None);
        for _ in 0..10 {
            assert_eq!(clients.ask(Time::ZERO, Time::ZERO), Some(Time::ZERO));
            clients.take();
        }
        assert!(!clients.are_limited());
    }
}
