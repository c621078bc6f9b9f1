//! A run that is written down: what the recorder is told, and when.

use super::Sim;
use crate::base::{Id, Time};
use crate::cluster::recorder::Recorder;
use crate::cluster::requests::Request;
use crate::report::timeline::{ROUTER, Timeline, What};
use crate::scenario::Plan;
use alloc::boxed::Box;

impl Sim {
    /// The same, written down in at most about so many rows. Nothing else about the run changes.
    #[must_use]
    pub fn recorded(mut self, plan: &Plan, rows_max: u32) -> Self {
        self.router = self.router.explained();
        self.recorder = Some(Box::new(Recorder::new(plan, (self.horizon.start, self.horizon.end), rows_max)));
        self
    }

    /// Whether the run is written down and nothing more is: the rest of it is for nobody.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.recorder.as_ref().is_some_and(|recorder| recorder.is_full())
    }

    /// Simulated time so far.
    #[must_use]
    pub fn now(&self) -> Time {
        self.calendar.now()
    }

    /// What was written down so far; none without [`Sim::recorded`].
    #[must_use]
    pub fn into_timeline(self) -> Option<Timeline> {
        let now = self.calendar.now();
        self.recorder.map(|recorder| recorder.into_timeline(now, self.over))
    }

    /// Something happens to a request at an instance.
    pub(super) fn tell(&mut self, now: Time, id: Id<Request>, instance: u32, what: What) {
        if let Some(recorder) = &mut self.recorder {
            recorder.mark(now, id, instance, what);
        }
    }

    /// A request ends, where it was last.
    pub(super) fn tell_end(&mut self, now: Time, id: Id<Request>, end: crate::report::End) {
        if self.recorder.is_some() {
            let Request { placement, inside, .. } = self.requests.alive[id];
            let placed = self.requests.alive[id].is_sent().then(|| placement.decode.index());
            let instance = inside.map(|(instance, _)| instance).or(placed).unwrap_or(ROUTER);
            self.tell(now, id, instance, What::Ended(end));
        }
    }

    /// How an engine stands from now on.
    pub(super) fn tell_level(&mut self, index: u32) {
        let now = self.calendar.now();
        if let Some(recorder) = &mut self.recorder {
            recorder.level(now, index, self.instances[index as usize].stand(now));
        }
    }
}
