//! Who is in the fleet when a run begins.
//!
//! They pass the router one after the other, each seen by the next, as if they had come at their times; their prompts, and
//! what is written of their answers, are in the engines' caches already. Nobody measures them.

use super::{Event, Sim};
use crate::base::{Id, Phase, Time};
use crate::cluster::requests::Request;
use crate::scenario::{Load, Plan};
use crate::workload::{Resident, Residents, Source};
use alloc::vec::Vec;

/// Those who are there at this load.
pub(super) fn residents(plan: &Plan, load: Load, replication: u32, source: &mut Source) -> Vec<Resident> {
    let count = plan.requests_at_beginning(load);
    if count == 0 {
        return Vec::new();
    }
    let decoders = plan.pools.iter().filter(|p| p.role.decodes());
    let longest = decoders.map(|p| p.engine.max_model_len).min().unwrap_or(0);
    let mut residents = Residents::new(plan.seed, replication, source);
    (0..count).filter_map(|i| residents.draw(i, source, longest)).collect()
}

impl Sim {
    /// Lets them in.
    pub(super) fn people(&mut self) {
        let now = self.calendar.now();
        // Nobody plans before all are there.
        for instance in 0..self.instances.len() as u32 {
            self.calendar.schedule(now, Phase::Plan, Event::Plan { instance });
        }
        // What is written down is what came.
        let log = self.requests.log.take();
        for resident in core::mem::take(&mut self.residents) {
            let id = self.requests.arrive(&resident.rest, false, &mut self.records);
            self.requests.alive[id].written = Some(resident.written);
            if let Some(recorder) = &mut self.recorder {
                recorder.arrived(id, &resident.rest);
            }
            self.scrape.look(now, &self.instances);
            self.send(now, id);
        }
        self.requests.log = log;
    }

    /// An engine has blocks for one of them, whose keys and values are there.
    pub(super) fn seat(&mut self, now: Time, id: Id<Request>) {
        let index = self.requests.alive[id].placement.decode.index();
        let instance = &mut self.instances[index as usize];
        let end = instance.next_end();
        instance.fetched(now, id.index());
        let (wants_plan, new_end) = (instance.wants_plan(), instance.next_end());
        if wants_plan {
            // Once all have their seats.
            self.calendar.schedule(now, Phase::Plan, Event::Plan { instance: index });
        } else if new_end != end {
            self.schedule_end(index);
        }
    }
}
