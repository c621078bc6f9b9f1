//! One replication at one load, written down event by event.

use super::compare::Window;
use crate::base::Dur;
use crate::cluster::{Progress, Sim};
use crate::report::timeline::Timeline;
use crate::scenario::{Load, Plan};

/// The first replication of a settled load being written down: advanced in slices.
pub struct RecordedRun {
    sim: Sim,
    /// When the last measured request arrives, s.
    closes_s: f64,
    over: bool,
}

impl RecordedRun {
    /// Ready to simulate a load, and to write it down in about so many rows.
    #[must_use]
    pub fn new(plan: &Plan, load: Load, rows_max: u32) -> Self {
        Self::within(plan, load, Window::own(plan, load), rows_max)
    }

    /// The same in another window than the scenario's own: in the one of a comparison all sides are sent the same requests.
    #[must_use]
    pub fn within(plan: &Plan, load: Load, window: Window, rows_max: u32) -> Self {
        let (warmup, horizon) = (Dur::from_ps(window.warmup_ps), Dur::from_ps(window.horizon_ps));
        let sim = Sim::after(plan, load, 0, (warmup, horizon)).recorded(plan, rows_max);
        RecordedRun { sim, closes_s: (warmup + horizon).as_secs_f64(), over: false }
    }

    /// Handles up to `events` events; true once there is no more to write down.
    pub fn advance(&mut self, events: u32) -> bool {
        self.over = self.over || self.sim.advance(events) == Progress::Over || self.sim.is_told();
        self.over
    }

    /// How far it is, by the time in which requests arrive.
    #[must_use]
    pub fn progress(&self) -> f64 {
        if self.over { 1.0 } else { (self.sim.now().as_secs_f64() / self.closes_s.max(f64::MIN_POSITIVE)).min(1.0) }
    }

    /// What was written down.
    ///
    /// # Panics
    /// Never: the run is one that is written down.
    #[must_use]
    pub fn into_timeline(self) -> Timeline {
        self.sim.into_timeline().expect("it is written down")
    }
}
