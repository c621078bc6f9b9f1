//! Where a run's requests come from: drawn without end, or replayed until the recording is over.

use super::replay::Replay;
use super::source::{Arriving, Source};
use crate::base::Time;
use alloc::boxed::Box;

/// The requests of one run.
pub enum Feed {
    /// Drawn from the laws of the scenario's classes.
    Drawn(Box<Source>),
    /// Sent again as they were recorded.
    Recorded(Replay),
}

impl Feed {
    /// The next request that no answer brings about; none when there are no more.
    pub(crate) fn draw(&mut self) -> Option<Arriving> {
        match self {
            Feed::Drawn(source) => Some(source.draw()),
            Feed::Recorded(replay) => replay.draw(),
        }
    }

    /// The next turn after this one was answered, if there is one.
    pub(crate) fn follow(&mut self, last: &Arriving, now: Time) -> Option<Arriving> {
        match self {
            Feed::Drawn(source) => source.follow(last, now),
            Feed::Recorded(_) => None,
        }
    }
}
