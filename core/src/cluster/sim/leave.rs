//! Requests that end without an answer: turned away by the router, taken back by it, or given up by their clients.

use super::{Event, Sim};
use crate::base::{Id, Phase, Time};
use crate::cluster::clients::TURNED_AWAY;
use crate::cluster::requests::{Request, Ticket};
use crate::report::End;

impl Sim {
    /// A request ends before an engine has answered it, and its conversation with it.
    pub(super) fn turn_away(&mut self, now: Time, id: Id<Request>, end: End) {
        self.tell_end(now, id, end);
        self.requests.end(now, id, end, &mut self.records);
        if self.clients.are_limited() {
            self.calendar.schedule(now + TURNED_AWAY, Phase::Arrive, Event::ClientFree);
        }
    }

    /// An engine's API server takes no more: the request ends there.
    pub(super) fn answer_busy(&mut self, now: Time, id: Id<Request>) {
        let Request { sent, placement, .. } = self.requests.alive[id];
        self.router.ended(placement, sent.class);
        self.left(now, id, 0);
        self.tell_decider_gone(now, sent.number);
        self.turn_away(now, id, End::Busy);
    }

    /// The client of this class that has waited longest gives up, unless it has its answer.
    pub(super) fn give_up(&mut self, class: u32) {
        let now = self.calendar.now();
        let (ticket, next) = self.patience.next(class, &self.requests);
        if let Some(at) = next {
            self.calendar.schedule(at, Phase::GiveUp, Event::GiveUp { class });
        }
        if let Some(Ticket { id, .. }) = ticket {
            self.withdraw(now, id);
            self.hang_up(now, id, now);
        }
    }

    /// A request's engine hears that the router takes it back, which is too late once it has ended. The client is told at
    /// once, as of any that is turned away.
    pub(super) fn evict(&mut self, ticket: Ticket) {
        let (now, id) = (self.calendar.now(), ticket.id);
        if self.requests.holds(ticket) {
            self.withdraw(now, id);
            self.tell_decider_gone(now, self.requests.alive[id].sent.number);
            self.turn_away(now, id, End::Evicted);
        }
    }

    /// A request is taken out of wherever it is.
    fn withdraw(&mut self, now: Time, id: Id<Request>) {
        let request = self.requests.alive[id];
        if request.is_sent() {
            self.router.ended(request.placement, request.sent.class);
            self.left(now, id, 0);
        } else if let Some(flow) = &mut self.flow {
            let class = request.sent.class;
            flow.abandon(id, (class, self.classes[class as usize].priority));
        }
        if let Some((instance, inside)) = request.inside {
            self.change(now, instance, |engine, sinks| engine.abort(now, inside, sinks));
        }
        self.abandon(now, id);
    }

    /// A request ends because its client is gone, who is free for another at `free`; its conversation ends with it.
    pub(super) fn hang_up(&mut self, now: Time, id: Id<Request>, free: Time) {
        self.tell_decider_gone(now, self.requests.alive[id].sent.number);
        self.tell_end(now, id, End::TimedOut);
        self.requests.end(now, id, End::TimedOut, &mut self.records);
        if self.clients.are_limited() {
            self.calendar.schedule(free, Phase::Arrive, Event::ClientFree);
        }
    }
}
