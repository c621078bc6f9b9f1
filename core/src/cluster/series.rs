//! What happened when: counts and levels over a fixed number of equal spans, from the start of a run to the end of its
//! horizon. Nothing has to happen at their ends: a span is closed just before the first event at or after its end, since
//! nothing changed in between.

use super::requests::Requests;
use crate::base::{Dur, Time};
use crate::engine::Instance;
use crate::report::{End, InstanceSeriesRecord, SeriesRecord};
use alloc::vec;
use alloc::vec::Vec;

/// Spans of a run.
const SPANS: u64 = 60;

/// Sums up to the last end of a span.
#[derive(Clone, Copy, Default)]
struct Before {
    arrived: u64,
    ended: u64,
    in_system: u128,
}

pub(super) struct Series {
    span: Dur,
    end: Time,
    /// End of the span that is open; beyond the horizon when all are closed.
    next: Time,
    before: Before,
    instances_before: Vec<(u128, u128)>,
    record: SeriesRecord,
}

impl Series {
    pub(super) fn new(end: Time, instances: usize) -> Self {
        let span = Dur::from_ps(end.as_ps().div_ceil(SPANS).max(1));
        Series {
            span,
            end,
            next: (Time::ZERO + span).min(end),
            before: Before::default(),
            instances_before: vec![(0, 0); instances],
            record: SeriesRecord {
                span,
                instances: vec![InstanceSeriesRecord::default(); instances],
                ..SeriesRecord::default()
            },
        }
    }

    /// The clock is about to move to `now`: spans that end by then are closed.
    pub(super) fn catch_up(&mut self, now: Time, requests: &Requests, instances: &[Instance]) {
        while self.next <= now && !self.is_over() {
            self.close(requests, instances);
        }
    }

    fn is_over(&self) -> bool {
        self.next > self.end
    }

    fn close(&mut self, requests: &Requests, instances: &[Instance]) {
        let at = self.next;
        let ended: u64 = requests.ends.iter().sum::<u64>() - requests.ends[End::Cut as usize];
        let sums = Before { arrived: requests.arrived, ended, in_system: requests.in_system.area(at) };
        self.record.arrived.push(sums.arrived - self.before.arrived);
        self.record.ended.push(sums.ended - self.before.ended);
        self.record.in_system.push(sums.in_system - self.before.in_system);
        self.before = sums;
        for ((instance, before), record) in
            instances.iter().zip(&mut self.instances_before).zip(&mut self.record.instances)
        {
            let (waiting, running, kv_blocks) = instance.levels(at);
            record.waiting.push(waiting - before.0);
            record.running.push(running - before.1);
            record.kv_blocks.push(kv_blocks);
            *before = (waiting, running);
        }
        // One more picosecond ends it where the last span ends with the horizon.
        let following = at + self.span;
        self.next = if at == self.end { self.end + Dur::from_ps(1) } else { following.min(self.end) };
    }

    pub(super) fn into_record(self) -> SeriesRecord {
        self.record
    }
}
