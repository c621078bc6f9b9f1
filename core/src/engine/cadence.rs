//! When prompts may be computed: in every step, or with a pause after each in which those that decode run undisturbed.

/// vLLM's `prefill_schedule_interval`: after a step with a prompt in it, prompts are held until so many steps later, as
/// long as somebody decodes. A pass that was free to admit and left someone waiting ends the pauses, until one empties
/// the queue.
pub(super) struct Cadence {
    interval: u32,
    /// Steps planned so far.
    steps: u64,
    /// The first step, counted from 1, that may compute prompts again.
    open_from: u64,
    /// Whether the last pass that was free to admit left someone waiting.
    backed_up: bool,
}

impl Cadence {
    pub(super) fn new(interval: u32) -> Self {
        Cadence { interval, steps: 0, open_from: 0, backed_up: false }
    }

    /// Whether the next step holds prompts, when somebody decodes.
    pub(super) fn holds(&self) -> bool {
        self.interval > 1 && !self.backed_up && self.steps + 1 < self.open_from
    }

    /// A pass that was free to admit has left someone waiting, or not.
    pub(super) fn admitted(&mut self, left_waiting: bool) {
        self.backed_up = left_waiting;
    }

    /// So many steps are planned, with a prompt in the last one or not.
    pub(super) fn passed(&mut self, steps: u64, prompt: bool) {
        self.steps += steps;
        if prompt {
            self.open_from = self.steps + u64::from(self.interval);
        }
    }
}
