//! Priority bands and their flows.

use super::Entry;
use crate::base::{Id, Time};
use crate::cluster::requests::Request;
use crate::policy::flow::{Band as Settings, FlowView, Queued};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// One request that waits.
#[derive(Clone, Copy)]
struct Waiting {
    request: Id<Request>,
    since: Time,
    until: Time,
    bytes: u64,
}

/// Requests of one fairness id in a band, in their order; of equals, who came first.
struct Flow {
    class: u32,
    queue: BTreeMap<(u64, u64), Waiting>,
}

/// One band.
struct Band {
    settings: Settings,
    /// By class.
    flows: Vec<Flow>,
    requests: u64,
    bytes: u64,
}

/// What comes of a round.
pub(super) enum Round {
    /// A request leaves the queue.
    Sends { request: Id<Request>, bytes: u64 },
    /// Saturation has reached the ceiling of the band at this place, which ends the round.
    Holds { from: usize },
    /// Nobody waits.
    Nobody,
}

/// All of them, from the highest priority down.
pub(super) struct Bands {
    bands: Vec<Band>,
    views: Vec<FlowView>,
}

impl Bands {
    pub(super) fn new(settings: Vec<Settings>) -> Self {
        let band = |settings| Band { settings, flows: Vec::new(), requests: 0, bytes: 0 };
        Bands { bands: settings.into_iter().map(band).collect(), views: Vec::new() }
    }

    fn of(&mut self, priority: i32) -> &mut Band {
        let band = self.bands.iter_mut().find(|band| band.settings.priority == priority);
        band.expect("every priority of the traffic has a band")
    }

    /// Priorities of the bands that are there.
    pub(super) fn priorities(&self, into: &mut Vec<i32>) {
        into.extend(self.bands.iter().filter(|band| band.settings.declared).map(|band| band.settings.priority));
    }

    /// A request comes to wait; false when its band has no room for it.
    pub(super) fn enter(&mut self, queued: &Queued, entry: &Entry, bytes: u64, sequence: u64) -> bool {
        let band = self.of(entry.priority);
        band.settings.declared = true;
        let Settings { max_requests, max_bytes, .. } = band.settings;
        if band.requests >= max_requests || bytes > max_bytes.saturating_sub(band.bytes) {
            return false;
        }
        band.requests += 1;
        band.bytes += bytes;
        let key = (band.settings.ordering.key(queued), sequence);
        let waiting = Waiting { request: entry.request, since: queued.at, until: queued.at + queued.ttl, bytes };
        let place = band.flows.binary_search_by_key(&entry.class, |flow| flow.class).unwrap_or_else(|place| {
            band.flows.insert(place, Flow { class: entry.class, queue: BTreeMap::new() });
            place
        });
        band.flows[place].queue.insert(key, waiting);
        true
    }

    /// Takes the first request of the first band that has one, unless saturation has reached a band's ceiling before.
    pub(super) fn first_below(&mut self, now: Time, saturation: f64, ceilings: &[f64]) -> Round {
        let there = self.bands.iter_mut().filter(|band| band.settings.declared);
        for (place, (band, &ceiling)) in there.zip(ceilings).enumerate() {
            if saturation >= ceiling {
                return Round::Holds { from: place };
            }
            if let Some((request, bytes)) = band.take(now, &mut self.views) {
                return Round::Sends { request, bytes };
            }
        }
        Round::Nobody
    }

    /// Of the bands from this place on that are above a priority, the first that saturation holds back and in which somebody
    /// waits: its ceiling and priority. A ceiling of 0 lets nobody through whatever is in flight, and is passed over.
    pub(super) fn held_back(&self, from: usize, above: i32, saturation: f64, ceilings: &[f64]) -> Option<(f64, i32)> {
        let there = self.bands.iter().filter(|band| band.settings.declared).zip(ceilings).skip(from);
        there
            .take_while(|(band, _)| band.settings.priority > above)
            .find(|&(band, &ceiling)| ceiling > 0.0 && saturation >= ceiling && band.requests > 0)
            .map(|(band, &ceiling)| (ceiling, band.settings.priority))
    }

    /// Takes out everyone whose time was over, and returns their bytes.
    pub(super) fn sweep(&mut self, now: Time, gone: &mut Vec<Id<Request>>) -> u64 {
        let mut sum = 0;
        for band in &mut self.bands {
            let (mut requests, mut bytes) = (0, 0);
            for flow in &mut band.flows {
                flow.queue.retain(|_, waiting| {
                    let stays = waiting.until > now;
                    if !stays {
                        gone.push(waiting.request);
                        requests += 1;
                        bytes += waiting.bytes;
                    }
                    stays
                });
            }
            band.requests -= requests;
            band.bytes -= bytes;
            sum += bytes;
        }
        sum
    }

    /// Takes out one that waits, and returns its bytes. Clients of a class give up in the order in which they came, so that
    /// it is among the first.
    pub(super) fn abandon(&mut self, request: Id<Request>, (class, priority): (u32, i32)) -> u64 {
        let band = self.of(priority);
        let flow = band.flows.iter_mut().find(|flow| flow.class == class).expect("it waits in its class's flow");
        let its = |(_, waiting): &(&(u64, u64), &Waiting)| waiting.request == request;
        let key = *flow.queue.iter().find(its).expect("it waits").0;
        let bytes = flow.queue.remove(&key).map_or(0, |waiting| waiting.bytes);
        band.requests -= 1;
        band.bytes -= bytes;
        bytes
    }

    pub(super) fn ended(&mut self, now: Time, (class, priority): (u32, i32), prompt_tokens: u32, output_tokens: u32) {
        self.of(priority).settings.fairness.ended(now, class, prompt_tokens, output_tokens);
    }
}

impl Band {
    fn take(&mut self, now: Time, views: &mut Vec<FlowView>) -> Option<(Id<Request>, u64)> {
        if self.requests == 0 {
            return None;
        }
        views.clear();
        views.extend(self.flows.iter().map(|flow| {
            let head = flow.queue.first_key_value();
            FlowView {
                class: flow.class,
                head: head.map(|(key, _)| *key),
                head_since: head.map_or(now, |(_, waiting)| waiting.since),
            }
        }));
        let flow = &mut self.flows[self.settings.fairness.pick(now, views)?];
        let (_, waiting) = flow.queue.pop_first()?;
        self.settings.fairness.sent(flow.class);
        self.requests -= 1;
        self.bytes -= waiting.bytes;
        Some((waiting.request, waiting.bytes))
    }
}
