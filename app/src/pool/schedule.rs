//! Who simulates what: the pool as a state machine that knows neither workers nor clocks.
//!
//! Whatever happens (a question, a message, a death, a tick of the watch) goes in as a call; what is to be
//! done comes out as a list of [`Act`]s. Rules:
//!
//! - The latest ticket wins. Jobs of older ones are forgotten here and dropped by the workers.
//! - A worker holds a few jobs of the ticket: one to do, and the next at hand, so that it does not wait for a
//!   page that is drawing. They are more where they are short ([`DEPTH_SHORT`]).
//! - With more than two workers a settled ticket leaves one free, so that a draft starts at once.
//! - A worker that dies, or is silent for too long while it holds a job, is replaced. Its jobs are tried
//!   once more elsewhere; after a second death the ticket is given up, with the reason.

use super::slot::{Held, Slot};
use crate::wire::{FromWorker, Job, Simulated, Task, Ticket, ToWorker};
use playground_core::scenario::Diagnostic;
use playground_core::study::{CurvePoint, Fidelity};
use std::collections::VecDeque;

/// Most jobs of the current ticket a worker holds …
const DEPTH: usize = 2;
/// … and of one whose jobs are shorter than the page may take to hand out the next: drafts.
const DEPTH_SHORT: usize = 3;
/// How often the watch ticks, ms; a tick that comes late (a tab that slept) counts no more than this.
pub(crate) const TICK_MS: f64 = 250.0;
/// Silence after which a worker with a job is taken for hung, ms. It says something every 100 ms, so this
/// allows for a machine that is busy with other things.
const SILENT_MS_MAX: f64 = 3000.0;
/// Silence after which a worker that starts is taken for lost, ms: its module may come over a slow line.
const STARTING_MS_MAX: f64 = 20_000.0;
/// Times a worker may fail to start, in a row, before its place is left empty.
const STARTS_MAX: u32 = 2;

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Act {
    /// Start a worker in this place, and end the one that is there.
    Spawn { worker: usize, generation: u32 },
    /// Send it this.
    Post { worker: usize, message: ToWorker },
    /// Tell whoever asked.
    Tell(News),
}

/// What whoever asked is told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum News {
    /// A task is under way.
    Progress { ticket: Ticket, done_frac: f64 },
    /// A task is done.
    Answered { ticket: Ticket, answer: Simulated },
    /// Every task of the ticket is done.
    Finished { ticket: Ticket },
    /// The ticket cannot be finished.
    GaveUp { ticket: Ticket, why: Failure },
}

/// Why a ticket cannot be finished.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Failure {
    /// The simulator refuses the scenario.
    Refused(Vec<Diagnostic>),
    /// Workers died over one of its loads, twice.
    Crashed(String),
    /// No worker can be started.
    NoWorkers(String),
}

impl Failure {
    /// In words that follow what could not be finished.
    pub(crate) fn reason(&self) -> String {
        match self {
            Failure::Refused(_) => "the simulator refuses the scenario".into(),
            Failure::Crashed(reason) => format!("the simulation stopped twice on one of its parts: {reason}"),
            Failure::NoWorkers(reason) => format!("the simulator's workers cannot be started here: {reason}"),
        }
    }
}

/// The pool's state.
pub(crate) struct Schedule {
    slots: Vec<Slot>,
    queue: VecDeque<Held>,
    ticket: Ticket,
    /// Whether the current ticket still runs.
    open: bool,
    /// Most of its jobs a worker holds.
    depth: usize,
    fidelity: Fidelity,
    /// Why the last worker died.
    last_death: String,
}

impl Schedule {
    /// A pool of this many workers, and the acts that start them.
    pub(crate) fn new(size: usize) -> (Self, Vec<Act>) {
        let slots: Vec<Slot> = (0..size.max(1)).map(|_| Slot::starting()).collect();
        let acts = (0..slots.len()).map(|worker| Act::Spawn { worker, generation: 0 }).collect();
        let schedule = Schedule {
            slots,
            queue: VecDeque::new(),
            ticket: 0,
            open: false,
            depth: DEPTH,
            fidelity: Fidelity::Draft,
            last_death: String::new(),
        };
        (schedule, acts)
    }

    /// A new question: these loads of this scenario. What was asked before is not wanted any more.
    pub(crate) fn ask(&mut self, scenario: &str, fidelity: Fidelity, points: &[CurvePoint]) -> (Ticket, Vec<Act>) {
        self.fidelity = fidelity;
        let depth = if fidelity == Fidelity::Draft { DEPTH_SHORT } else { DEPTH };
        self.begin(points.iter().map(|&point| (scenario.to_owned(), Task::Load { point, fidelity })), depth)
    }

    /// New tasks, each on a scenario, in the order in which they are to be done. What was asked before is not wanted any
    /// more.
    pub(crate) fn put(&mut self, tasks: impl Iterator<Item = (String, Task)>) -> (Ticket, Vec<Act>) {
        self.begin(tasks, DEPTH)
    }

    fn begin(&mut self, tasks: impl Iterator<Item = (String, Task)>, depth: usize) -> (Ticket, Vec<Act>) {
        let mut acts = self.cancel();
        self.ticket += 1;
        self.depth = depth;
        self.open = true;
        let job = |(number, (scenario, task)): (usize, (String, Task))| Job {
            ticket: self.ticket,
            number: number as u32,
            scenario,
            task,
        };
        self.queue = tasks.enumerate().map(job).map(Held::first_try).collect();
        if self.slots.iter().all(Slot::is_closed) {
            self.give_up(Failure::NoWorkers(self.last_death.clone()), &mut acts);
        }
        self.hand_out(&mut acts);
        self.close_if_done(&mut acts);
        (self.ticket, acts)
    }

    /// Stops the current question, if one runs.
    pub(crate) fn cancel(&mut self) -> Vec<Act> {
        self.queue.clear();
        self.open = false;
        let ticket = self.ticket;
        let message = ToWorker::Cancel { ticket };
        let busy = self.slots.iter().enumerate().filter(|(_, slot)| slot.holds_of(ticket) > 0);
        busy.map(|(worker, _)| Act::Post { worker, message: message.clone() }).collect()
    }

    /// A message from the worker of this place and generation; those of its predecessors are ignored.
    pub(crate) fn heard(&mut self, worker: usize, generation: u32, message: FromWorker) -> Vec<Act> {
        let mut acts = Vec::new();
        let Some(slot) = self.slots.get_mut(worker).filter(|s| s.generation == generation) else { return acts };
        slot.heard();
        match message {
            FromWorker::Ready => slot.up(),
            FromWorker::Progress { ticket, done_frac, .. } => {
                if self.is_open(ticket) {
                    acts.push(Act::Tell(News::Progress { ticket, done_frac }));
                }
                return acts;
            }
            FromWorker::Dropped { ticket, number } => slot.let_go(ticket, number),
            FromWorker::Done { ticket, number, answer } => {
                slot.let_go(ticket, number);
                if self.is_open(ticket) {
                    acts.push(Act::Tell(News::Answered { ticket, answer }));
                }
            }
            FromWorker::Failed { ticket, number, findings } => {
                slot.let_go(ticket, number);
                if self.is_open(ticket) {
                    self.give_up(Failure::Refused(findings), &mut acts);
                }
            }
        }
        self.hand_out(&mut acts);
        self.close_if_done(&mut acts);
        acts
    }

    /// The worker of this place and generation is no more.
    pub(crate) fn died(&mut self, worker: usize, generation: u32, reason: &str) -> Vec<Act> {
        let mut acts = Vec::new();
        let ticket = self.ticket;
        let Some(slot) = self.slots.get_mut(worker).filter(|s| s.generation == generation) else { return acts };
        self.last_death = reason.to_owned();
        let orphans = slot.bury();
        if slot.failed_starts < STARTS_MAX {
            acts.push(Act::Spawn { worker, generation: slot.generation });
        } else {
            slot.close();
        }
        // The first of them was under way; the others only waited, and are not to blame.
        let mut orphans: Vec<Held> = orphans.into_iter().filter(|h| h.job.ticket == ticket).collect();
        while let Some(held) = orphans.pop() {
            if !orphans.is_empty() {
                self.queue.push_front(held);
            } else if let Some(again) = held.second_try() {
                self.queue.push_front(again);
            } else if self.open {
                self.give_up(Failure::Crashed(reason.to_owned()), &mut acts);
                return acts;
            }
        }
        if self.open && self.slots.iter().all(Slot::is_closed) {
            self.give_up(Failure::NoWorkers(reason.to_owned()), &mut acts);
        }
        self.hand_out(&mut acts);
        acts
    }

    /// Time went by.
    pub(crate) fn tick(&mut self, elapsed_ms: f64) -> Vec<Act> {
        let mut acts = Vec::new();
        for worker in 0..self.slots.len() {
            let slot = &mut self.slots[worker];
            slot.wait(elapsed_ms.min(TICK_MS));
            let generation = slot.generation;
            if slot.is_overdue(SILENT_MS_MAX, STARTING_MS_MAX) {
                acts.extend(self.died(worker, generation, "the simulation did not answer any more"));
            }
        }
        acts
    }

    /// Whether a question is still being worked on.
    pub(crate) fn is_busy(&self) -> bool {
        self.open
    }

    fn is_open(&self, ticket: Ticket) -> bool {
        self.open && ticket == self.ticket
    }

    fn give_up(&mut self, why: Failure, acts: &mut Vec<Act>) {
        let ticket = self.ticket;
        acts.extend(self.cancel());
        acts.push(Act::Tell(News::GaveUp { ticket, why }));
    }

    /// Gives waiting jobs to workers, the emptiest first.
    fn hand_out(&mut self, acts: &mut Vec<Act>) {
        let ticket = self.ticket;
        let reserved = usize::from(self.fidelity == Fidelity::Settled && self.slots.len() > 2);
        let usable = self.slots.len() - reserved;
        while !self.queue.is_empty() {
            let free =
                self.slots[..usable].iter().enumerate().filter(|(_, s)| s.is_up() && s.holds_of(ticket) < self.depth);
            let Some((worker, _)) = free.min_by_key(|(_, s)| s.holds_of(ticket)) else { return };
            let Some(held) = self.queue.pop_front() else { return };
            acts.push(Act::Post { worker, message: ToWorker::Run(held.job.clone()) });
            self.slots[worker].hold(held);
        }
    }

    fn close_if_done(&mut self, acts: &mut Vec<Act>) {
        let ticket = self.ticket;
        if self.open && self.queue.is_empty() && self.slots.iter().all(|s| s.holds_of(ticket) == 0) {
            self.open = false;
            acts.push(Act::Tell(News::Finished { ticket }));
        }
    }
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
