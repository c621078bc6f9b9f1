//! Keys and values between engines and their hosts' memory: what the engines say of it, and when they are told that it came.

use super::{Event, Sim};
use crate::base::{Id, Phase, Time};
use crate::cluster::requests::Request;
use crate::report::timeline::What;

impl Sim {
    /// An engine's copy ends then.
    pub(super) fn copying(&mut self, until: Time, instance: u32) {
        self.calendar.schedule(until, Phase::Deliver, Event::Copied { instance });
    }

    /// A request has blocks at an engine, and so many of them come from host memory by then.
    pub(super) fn loading(&mut self, now: Time, id: Id<Request>, instance: u32, (blocks, until): (u32, Time)) {
        if let Some(record) = self.offload.as_mut().filter(|_| self.requests.alive[id].measured) {
            record.load.insert(until.since(now), 1);
            record.blocks += u64::from(blocks);
        }
        self.tell(now, id, instance, What::Fetching { blocks });
    }

    /// An engine's copy has ended.
    pub(super) fn copied(&mut self, instance: u32) {
        let now = self.calendar.now();
        self.change(now, instance, |engine, sinks| engine.copied(now, sinks));
        self.take_notice(now, instance);
    }
}
