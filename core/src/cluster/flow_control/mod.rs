//! The router's own queue: requests wait here, and leave one at a time, while the fleet is not saturated.
//!
//! llm-d's flow control. Every request passes through. The dispatch loop runs when one arrives and every millisecond while
//! some wait; each time, at most one request is sent. Bands are looked at from the highest priority down; the first whose
//! ceiling saturation has reached ends the round, so that nobody below is tried. Requests that have waited their time are
//! swept out once a second. Where eviction is enabled, a round that ends so may take requests in flight back.

mod band;
mod reclaim;

use crate::base::{Dur, Id, Time};
use crate::cluster::requests::Request;
use crate::policy::flow::{Queued, Setup, UsageLimit};
use alloc::boxed::Box;
use alloc::vec::Vec;
use band::{Bands, Round};
use reclaim::Reclaim;

/// How often the loop runs while requests wait.
pub(super) const CYCLE: Dur = Dur::from_us(1000);
/// How often those who have waited their time are swept out.
const SWEEP: Dur = Dur::from_us(1_000_000);
/// llm-d's router takes a request for this many bytes per token of its prompt.
const BYTES_PER_TOKEN: u64 = 4;

/// A request that comes to wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) request: Id<Request>,
    pub(super) class: u32,
    pub(super) priority: i32,
    pub(super) prompt_tokens: u32,
    pub(super) slo_ttft: Option<Dur>,
}

/// The queue.
pub(super) struct FlowControl {
    bands: Bands,
    usage: Box<dyn UsageLimit>,
    max_requests: u64,
    max_bytes: u64,
    ttl: Dur,
    requests: u64,
    bytes: u64,
    /// Number of the last sweep.
    swept: u64,
    /// Entries so far: who came first.
    sequence: u64,
    /// Whether the loop is to run again.
    pub(super) awake: bool,
    /// Requests in flight, where some may be taken back.
    reclaim: Option<Reclaim>,
    priorities: Vec<i32>,
    ceilings: Vec<f64>,
}

impl FlowControl {
    /// The queue of a router whose detector of saturation shows what has ended so much later.
    pub(super) fn new(setup: Setup, lag: Dur) -> Self {
        FlowControl {
            bands: Bands::new(setup.bands),
            usage: setup.usage,
            max_requests: setup.max_requests,
            max_bytes: setup.max_bytes,
            ttl: setup.ttl,
            requests: 0,
            bytes: 0,
            swept: 0,
            sequence: 0,
            awake: false,
            reclaim: setup.evicts.then(|| Reclaim::new(lag)),
            priorities: Vec::new(),
            ceilings: Vec::new(),
        }
    }

    /// Whether nobody waits.
    pub(super) fn is_empty(&self) -> bool {
        self.requests == 0
    }

    /// A request comes to wait; false when there is no room for it.
    pub(super) fn enter(&mut self, now: Time, entry: Entry) -> bool {
        let bytes = BYTES_PER_TOKEN * u64::from(entry.prompt_tokens);
        if self.requests >= self.max_requests || bytes > self.max_bytes.saturating_sub(self.bytes) {
            return false;
        }
        let queued = Queued { at: now, ttl: self.ttl, slo_ttft: entry.slo_ttft };
        if !self.bands.enter(&queued, &entry, bytes, self.sequence) {
            return false;
        }
        self.sequence += 1;
        self.requests += 1;
        self.bytes += bytes;
        true
    }

    /// One round of the loop at this saturation: who is sent, if anybody; otherwise those in flight who are taken back.
    pub(super) fn next(
        &mut self,
        now: Time,
        saturation: f64,
        taken_back: &mut Vec<Id<Request>>,
    ) -> Option<Id<Request>> {
        if self.is_empty() {
            return None;
        }
        self.priorities.clear();
        self.ceilings.clear();
        self.bands.priorities(&mut self.priorities);
        self.usage.ceilings(saturation, &self.priorities, &mut self.ceilings);
        match self.bands.first_below(now, saturation, &self.ceilings) {
            Round::Sends { request, bytes } => {
                self.requests -= 1;
                self.bytes -= bytes;
                Some(request)
            }
            Round::Holds { from } => {
                if let Some(reclaim) = &mut self.reclaim
                    && let Some(above) = reclaim.next_priority(now)
                    && let Some(demand) = self.bands.held_back(from, above, saturation, &self.ceilings)
                {
                    reclaim.take_back(saturation, demand, taken_back);
                }
                None
            }
            Round::Nobody => None,
        }
    }

    /// A request of this priority is sent to its engine.
    pub(super) fn sent(&mut self, request: Id<Request>, priority: i32) {
        if let Some(reclaim) = &mut self.reclaim {
            reclaim.sent(request, priority);
        }
    }

    /// Those who have waited their time, if a sweep is due.
    pub(super) fn sweep(&mut self, now: Time, gone: &mut Vec<Id<Request>>) {
        let sweep = now.as_ps() / SWEEP.as_ps();
        if self.swept == sweep {
            return;
        }
        self.swept = sweep;
        let (bytes, before) = (self.bands.sweep(now, gone), gone.len() as u64);
        self.requests -= before;
        self.bytes -= bytes;
    }

    /// A request of this class and priority waits no longer: its client is gone.
    pub(super) fn abandon(&mut self, request: Id<Request>, (class, priority): (u32, i32)) {
        let bytes = self.bands.abandon(request, (class, priority));
        self.requests -= 1;
        self.bytes -= bytes;
    }

    /// A request that left the queue has ended.
    pub(super) fn ended(
        &mut self,
        now: Time,
        request: Id<Request>,
        (class, priority): (u32, i32),
        (prompt_tokens, output_tokens): (u32, u32),
    ) {
        if let Some(reclaim) = &mut self.reclaim {
            reclaim.ended(now, request);
        }
        self.bands.ended(now, (class, priority), prompt_tokens, output_tokens);
    }
}

#[cfg(test)]
mod tests;
