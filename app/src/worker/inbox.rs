//! What a worker has been asked and not yet done: the latest ticket wins.

use crate::wire::{FromWorker, Job, Ticket, ToWorker};
use std::collections::VecDeque;

/// Jobs in the order in which they are done.
#[derive(Default)]
pub(crate) struct Inbox {
    jobs: VecDeque<Job>,
    /// Tickets below this one are not wanted any more.
    wanted_from: Ticket,
}

impl Inbox {
    /// Takes a message in; the answers are the jobs that it makes unwanted.
    pub(crate) fn take(&mut self, message: ToWorker) -> Vec<FromWorker> {
        match message {
            ToWorker::Run(job) => {
                self.wanted_from = self.wanted_from.max(job.ticket);
                self.jobs.push_back(job);
            }
            ToWorker::Cancel { ticket } => self.wanted_from = self.wanted_from.max(ticket.saturating_add(1)),
        }
        let unwanted = |job: &Job| job.ticket < self.wanted_from;
        let dropped = self.jobs.iter().filter(|j| unwanted(j)).map(dropped).collect();
        self.jobs.retain(|j| !unwanted(j));
        dropped
    }

    /// The next job.
    pub(crate) fn next(&mut self) -> Option<Job> {
        self.jobs.pop_front()
    }

    /// Whether a job under way is still worth finishing.
    pub(crate) fn wants(&self, job: &Job) -> bool {
        job.ticket >= self.wanted_from
    }
}

/// Says that a job was dropped.
pub(crate) fn dropped(job: &Job) -> FromWorker {
    FromWorker::Dropped { ticket: job.ticket, number: job.number }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Task;
    use playground_core::scenario::Load;
    use playground_core::study::{CurvePoint, Fidelity};

    fn job(ticket: Ticket, number: u32) -> Job {
        let point = CurvePoint { index: number, load: Load::Rate(1.0), own: false };
        Job { ticket, number, scenario: String::new(), task: Task::Load { point, fidelity: Fidelity::Draft } }
    }

    #[test]
    fn jobs_of_one_ticket_are_done_in_order() {
        let mut inbox = Inbox::default();
        assert_eq!(inbox.take(ToWorker::Run(job(1, 0))), []);
        assert_eq!(inbox.take(ToWorker::Run(job(1, 1))), []);
        assert_eq!(inbox.next(), Some(job(1, 0)));
        assert_eq!(inbox.next(), Some(job(1, 1)));
        assert_eq!(inbox.next(), None);
    }

    #[test]
    fn a_newer_ticket_drops_what_waits_and_what_runs() {
        let mut inbox = Inbox::default();
        inbox.take(ToWorker::Run(job(1, 0)));
        let running = inbox.next().expect("was put in");
        inbox.take(ToWorker::Run(job(1, 1)));
        assert_eq!(inbox.take(ToWorker::Run(job(2, 0))), [dropped(&job(1, 1))]);
        assert!(!inbox.wants(&running));
        assert_eq!(inbox.next(), Some(job(2, 0)));
    }

    #[test]
    fn a_cancelled_ticket_is_dropped_and_the_next_one_is_not() {
        let mut inbox = Inbox::default();
        inbox.take(ToWorker::Run(job(3, 0)));
        assert_eq!(inbox.take(ToWorker::Cancel { ticket: 3 }), [dropped(&job(3, 0))]);
        assert_eq!(inbox.take(ToWorker::Run(job(4, 0))), []);
        assert!(inbox.wants(&job(4, 0)));
    }
}
