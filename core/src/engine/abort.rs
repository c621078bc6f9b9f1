//! Requests that their owner takes back: the client is gone.

use super::handoff::Handoff;
use super::instance::{Inside, Instance, Sinks};
use super::seq::{Phase, Seq};
use crate::base::{Id, Time};

impl Instance {
    /// Takes a request back that has not finished. The engine notices when the step in execution ends, before it gives
    /// out that step's tokens, or when it plans, if that comes first; a prompt that is being fetched it lets go of at once,
    /// one that is being loaded when it has come.
    /// From now on it says nothing of it any more.
    pub fn abort(&mut self, now: Time, inside: Inside, sinks: &mut Sinks<'_>) {
        let Seq { handoff, tag, .. } = self.seqs[inside.0];
        let fetched = handoff == Handoff::Takes && self.let_go(now, tag, sinks);
        if !fetched && !self.abandon_load(now, inside.0) {
            self.aborted.push(inside.0);
            self.shorten(now);
        }
    }

    /// Lets go of those that were taken back. What is planned for them is computed all the same, for nobody.
    pub(super) fn drop_aborted(&mut self, now: Time) {
        if self.aborted.is_empty() {
            return;
        }
        for i in 0..self.aborted.len() {
            self.drop_one(self.aborted[i]);
        }
        self.aborted.clear();
        self.record.waiting.set(now, self.queued());
        self.record.running.set(now, self.running.len() as u64);
    }

    fn drop_one(&mut self, id: Id<Seq>) {
        let (seq, step, ahead) = (self.seqs[id], self.next_pass, self.lookahead as u32);
        // Tokens that hold blocks, and how many of them can be remembered.
        let held = match seq.phase {
            // Its prompt has been fetched, and has not been looked at yet.
            Phase::Waiting if self.fetched.contains(&id) => {
                self.fetched.retain(|&other| other != id);
                self.kv.release(id, &seq, seq.slots, seq.computed);
                None
            }
            Phase::Waiting => {
                self.waiting.remove(id, &self.seqs);
                None
            }
            Phase::Verify => Some((seq.slots, seq.verified(ahead))),
            Phase::Prefill | Phase::Late => Some((seq.held(), seq.computed)),
            Phase::Decode => {
                self.decoders.remove(&seq, step);
                let tokens = seq.context(step);
                Some((tokens, seq.remembered(tokens, step, ahead)))
            }
            Phase::Ending => Some((seq.computed, seq.remembered(seq.final_tokens(), seq.finish + 1, ahead))),
        };
        if let Some((tokens, remembered)) = held {
            self.kv.release(id, &seq, tokens, remembered);
            self.leave_running(id);
        }
        self.partial.retain(|&other| other != id);
        self.ending.retain(|&other| other != id);
        for planned in &mut self.planned {
            planned.prompt_ends.retain(|&other| other != id);
        }
        // Entries of the past do not hold for whoever gets its row.
        self.seqs[id].phase = Phase::Ending;
        self.seqs.remove(id);
    }
}
