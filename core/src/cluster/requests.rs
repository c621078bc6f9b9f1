//! Requests alive in the fleet, and the books kept of all of them.

use crate::base::{Dur, Id, Slab, Time};
use crate::engine::Inside;
use crate::policy::Placement;
use crate::report::{ClassRecord, End, Outcome};
use crate::scenario::ClassPlan;
use crate::stats::TimeAvg;
use crate::workload::Arriving;
use alloc::vec::Vec;

/// One request alive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    /// As the client sent it; the output as the engine will cut it.
    pub(super) sent: Arriving,
    pub(super) measured: bool,
    /// Of one that was there when the run began: how much of its answer was written by then, tokens.
    pub(super) written: Option<u32>,
    /// Where the router sent it, once it has.
    pub(super) placement: Placement,
    /// The engine that has it, and where it is in there.
    pub(super) inside: Option<(u32, Inside)>,
    /// As which of all it arrived.
    serial: u64,
    /// When its first token left the engine.
    first_token: Option<Time>,
    /// From a token in the engine to the client.
    pub(super) after: Dur,
}

impl Request {
    /// Whether the router has sent it.
    pub(super) fn is_sent(&self) -> bool {
        self.placement != NOWHERE
    }
}

/// A request named from afar: by its place, and by what tells it from others that had or will have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) id: Id<Request>,
    serial: u64,
}

/// Where a request is that was not sent yet.
const NOWHERE: Placement = Placement { decode: Id::new(u32::MAX), tokens: 0, prefill: None, prefill_tokens: 0 };

/// Everyone alive, and what has been counted.
pub(super) struct Requests {
    pub(super) alive: Slab<Request>,
    pub(super) arrived: u64,
    pub(super) ends: [u64; End::COUNT],
    pub(super) in_system: TimeAvg,
    pub(super) sojourn_sum: u128,
    /// Σ arrival times of those alive.
    arrivals_alive: u128,
    /// Measured requests alive.
    pub(super) measured_alive: u64,
    /// Of those, the ones without a token.
    pub(super) measured_unanswered: u64,
    /// Whether the horizon is open: between the first and the last measured arrival.
    pub(super) horizon_open: bool,
    /// What became of each request of a replay, by its number; empty in other runs.
    pub(super) outcomes: Vec<Outcome>,
    /// Everyone who came in, in their order, where that is asked for.
    pub(super) log: Option<Vec<Arriving>>,
}

impl Requests {
    pub(super) fn new() -> Self {
        Requests {
            alive: Slab::new(),
            arrived: 0,
            ends: [0; End::COUNT],
            in_system: TimeAvg::default(),
            sojourn_sum: 0,
            arrivals_alive: 0,
            measured_alive: 0,
            measured_unanswered: 0,
            horizon_open: false,
            outcomes: Vec::new(),
            log: None,
        }
    }

    /// A request comes in.
    pub(super) fn arrive(&mut self, a: &Arriving, measured: bool, records: &mut [ClassRecord]) -> Id<Request> {
        self.arrived += 1;
        self.in_system.up(a.at);
        self.arrivals_alive += u128::from(a.at.as_ps());
        self.measured_alive += u64::from(measured);
        self.measured_unanswered += u64::from(measured);
        records[a.class as usize].arrived += u64::from(measured);
        if let Some(log) = &mut self.log {
            log.push(*a);
        }
        if let Some(outcome) = self.outcomes.get_mut(a.number as usize) {
            outcome.sent = a.at;
        }
        let serial = self.arrived;
        self.alive.insert(Request {
            sent: *a,
            measured,
            written: None,
            placement: NOWHERE,
            inside: None,
            serial,
            first_token: None,
            after: Dur::ZERO,
        })
    }

    /// Its name from afar.
    pub(super) fn ticket(&self, id: Id<Request>) -> Ticket {
        Ticket { id, serial: self.alive[id].serial }
    }

    /// Whether the one named is still alive.
    pub(super) fn holds(&self, ticket: Ticket) -> bool {
        self.alive[ticket.id].serial == ticket.serial
    }

    /// Its first token left the engine: its time to first token, at the client. The front end takes `after` for each of its
    /// tokens.
    pub(super) fn first_token(&mut self, now: Time, id: Id<Request>, after: Dur, records: &mut [ClassRecord]) -> Dur {
        let request = &mut self.alive[id];
        (request.first_token, request.after) = (Some(now), after);
        let ttft = now.since(request.sent.at) + after;
        if let Some(outcome) = self.outcomes.get_mut(request.sent.number as usize) {
            outcome.ttft = Some(ttft);
        }
        if request.measured {
            self.measured_unanswered -= 1;
            records[request.sent.class as usize].ttft.insert(ttft, 1);
        }
        ttft
    }

    /// Its last token left the engine: the mean gap between its tokens, if it has two.
    pub(super) fn done(
        &mut self,
        now: Time,
        id: Id<Request>,
        class: &ClassPlan,
        records: &mut [ClassRecord],
    ) -> Option<Dur> {
        let request = self.alive[id];
        let record = &mut records[request.sent.class as usize];
        let first_token = request.first_token.expect("the last token is not before the first");
        let ttft = first_token.since(request.sent.at) + request.after;
        let e2e = now.since(request.sent.at) + request.after;
        let tpot = (request.sent.output_tokens > 1)
            .then(|| Dur::from_ps(now.since(first_token).as_ps() / u64::from(request.sent.output_tokens - 1)));
        let within = |target: Option<Dur>, value: Dur| target.is_none_or(|t| value <= t);
        let good =
            within(class.slo_ttft, ttft) && within(class.slo_e2e, e2e) && tpot.is_none_or(|t| within(class.slo_itl, t));
        if request.measured {
            record.e2e.insert(e2e, 1);
            if let Some(tpot) = tpot {
                record.tpot.insert(tpot, 1);
            }
            record.good += u64::from(good);
        }
        if self.horizon_open {
            record.served_in_horizon += 1;
            record.judged_in_horizon += u64::from(request.written.is_none());
            record.good_in_horizon += u64::from(good && request.written.is_none());
            record.tokens_in_horizon += u64::from(request.sent.output_tokens + request.written.unwrap_or(0));
        }
        if let Some(outcome) = self.outcomes.get_mut(request.sent.number as usize) {
            outcome.e2e = Some(e2e);
        }
        self.end(now, id, End::Done, records);
        tpot
    }

    /// A request is gone, in one of the ways there are.
    pub(super) fn end(&mut self, now: Time, id: Id<Request>, end: End, records: &mut [ClassRecord]) {
        let request = self.alive[id];
        self.ends[end as usize] += 1;
        if let Some(outcome) = self.outcomes.get_mut(request.sent.number as usize) {
            outcome.end = end;
            outcome.instance = request.is_sent().then(|| request.placement.decode.index());
        }
        if request.measured {
            self.measured_alive -= 1;
            self.measured_unanswered -= u64::from(request.first_token.is_none());
            records[request.sent.class as usize].ends[end as usize] += 1;
        }
        self.in_system.down(now);
        self.sojourn_sum += u128::from(now.since(request.sent.at).as_ps());
        self.arrivals_alive -= u128::from(request.sent.at.as_ps());
        // Nobody arrives as number 0: a ticket to an empty place does not hold.
        self.alive[id].serial = 0;
        self.alive.remove(id);
    }

    /// The run is over: who is still alive is cut.
    pub(super) fn cut(&mut self, now: Time) {
        let alive = self.alive.len() as u64;
        self.ends[End::Cut as usize] += alive;
        self.sojourn_sum += u128::from(alive) * u128::from(now.as_ps()) - self.arrivals_alive;
    }
}
