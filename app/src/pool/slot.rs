//! One place in the pool: which worker is in it, what it holds, how long it has been silent.

use crate::wire::{Job, Ticket};
use std::collections::VecDeque;

/// A job in somebody's hands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Held {
    pub(super) job: Job,
    tried_before: bool,
}

impl Held {
    pub(super) fn first_try(job: Job) -> Self {
        Held { job, tried_before: false }
    }

    /// The same job once more; none if this was the second time already.
    pub(super) fn second_try(self) -> Option<Self> {
        (!self.tried_before).then_some(Held { tried_before: true, ..self })
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Starting,
    Up,
    /// Failed to start too often.
    Closed,
}

/// A place for a worker.
#[derive(Debug)]
pub(super) struct Slot {
    /// Counts the workers that were in it, so that messages of the dead are told apart.
    pub(super) generation: u32,
    /// Starts in a row that did not succeed.
    pub(super) failed_starts: u32,
    stage: Stage,
    holds: VecDeque<Held>,
    silent_ms: f64,
}

impl Slot {
    pub(super) fn starting() -> Self {
        Slot { generation: 0, failed_starts: 0, stage: Stage::Starting, holds: VecDeque::new(), silent_ms: 0.0 }
    }

    pub(super) fn up(&mut self) {
        self.stage = Stage::Up;
        self.failed_starts = 0;
    }

    pub(super) fn close(&mut self) {
        self.stage = Stage::Closed;
    }

    pub(super) fn is_up(&self) -> bool {
        self.stage == Stage::Up
    }

    pub(super) fn is_closed(&self) -> bool {
        self.stage == Stage::Closed
    }

    pub(super) fn hold(&mut self, held: Held) {
        // Silence counts from when there was something to say.
        if self.holds.is_empty() {
            self.silent_ms = 0.0;
        }
        self.holds.push_back(held);
    }

    pub(super) fn let_go(&mut self, ticket: Ticket, number: u32) {
        self.holds.retain(|h| (h.job.ticket, h.job.number) != (ticket, number));
    }

    /// Jobs of this ticket that it holds.
    pub(super) fn holds_of(&self, ticket: Ticket) -> usize {
        self.holds.iter().filter(|h| h.job.ticket == ticket).count()
    }

    pub(super) fn heard(&mut self) {
        self.silent_ms = 0.0;
    }

    /// Makes room for a successor; returns what was held, the job under way first.
    pub(super) fn bury(&mut self) -> VecDeque<Held> {
        self.failed_starts = if self.stage == Stage::Starting { self.failed_starts + 1 } else { 0 };
        self.generation += 1;
        self.stage = Stage::Starting;
        self.silent_ms = 0.0;
        std::mem::take(&mut self.holds)
    }

    pub(super) fn wait(&mut self, ms: f64) {
        self.silent_ms += ms;
    }

    /// Whether it should have said something by now.
    pub(super) fn is_overdue(&self, working_ms_max: f64, starting_ms_max: f64) -> bool {
        match self.stage {
            Stage::Starting => self.silent_ms > starting_ms_max,
            Stage::Up => !self.holds.is_empty() && self.silent_ms > working_ms_max,
            Stage::Closed => false,
        }
    }
}
