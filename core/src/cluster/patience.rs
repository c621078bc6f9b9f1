//! Clients that give up: who has no whole answer in time hangs up, wherever the request is.

use super::requests::{Requests, Ticket};
use crate::base::{Dur, Time};
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// Who will give up, and when. All clients of a class wait as long, so that they give up in the order in which they came.
pub(super) struct Patience {
    limits: Vec<Option<Dur>>,
    due: Vec<VecDeque<(Time, Ticket)>>,
}

impl Patience {
    /// Of classes whose clients wait so long.
    pub(super) fn new(limits: Vec<Option<Dur>>) -> Self {
        let due = limits.iter().map(|_| VecDeque::new()).collect();
        Patience { limits, due }
    }

    /// A request was sent. When to look after its class, if nobody of it was waited for yet.
    pub(super) fn begin(&mut self, class: u32, sent: Time, ticket: Ticket) -> Option<Time> {
        let at = sent + self.limits[class as usize]?;
        let due = &mut self.due[class as usize];
        due.push_back((at, ticket));
        (due.len() == 1).then_some(at)
    }

    /// The first of a class, whose time has come, if it is still alive; and when to look again.
    pub(super) fn next(&mut self, class: u32, requests: &Requests) -> (Option<Ticket>, Option<Time>) {
        let due = &mut self.due[class as usize];
        let first = due.pop_front().map(|(_, ticket)| ticket).filter(|&ticket| requests.holds(ticket));
        while due.front().is_some_and(|&(_, ticket)| !requests.holds(ticket)) {
            due.pop_front();
        }
        (first, due.front().map(|&(at, _)| at))
    }
}
