//! Running requests one by one, when blocks or budget do not do for all: in order of admission, and the last of them, or
//! those of least priority, lose their blocks to the others.

use super::instance::Instance;
use super::pass::{Chunk, Pass};
use super::seq::{Phase, Seq};
use crate::base::{Dur, Id, Time};
use crate::latency::Batch;
use crate::scenario::SchedulingPolicy;

impl Instance {
    /// Gives running requests their tokens one by one.
    pub(super) fn schedule_in_turn(&mut self, pass: &mut Pass, step: u64, now: Time) {
        pass.noted = true;
        pass.budget = self.config.max_num_batched_tokens;
        let rules = self.config.scheduling;
        let mut place = 0;
        while pass.budget > 0 && place < self.running.len() {
            let id = self.running[place];
            let (tokens, blocks) = match self.seqs[id].phase {
                Phase::Decode => (1, self.kv.for_next(self.seqs[id].context(step))),
                Phase::Prefill | Phase::Late | Phase::Verify => self.next_chunk(id, pass, pass.budget),
                Phase::Ending | Phase::Waiting => (0, 0),
            };
            if tokens == 0 {
                place += 1;
                continue;
            }
            // Of those behind it, how many miss the step because the list moved up under the scheduler's finger.
            let (mut missed, mut gone) = (0, false);
            while !gone && !self.kv.take(blocks) {
                let victim = self.victim();
                let lost = self.running.remove(victim);
                pass.preempted.push(self.seqs[lost].tag);
                gone = lost == id;
                let given = victim < place && self.take_back(pass, lost);
                if victim < place {
                    place -= 1;
                    missed += usize::from(!given && rules.idle_victim_costs_a_turn);
                }
                self.preempt(lost, step, now, given);
            }
            if gone && rules.own_victim_ends_pass {
                break;
            }
            if gone {
                continue;
            }
            if self.seqs[id].phase == Phase::Decode {
                pass.budget -= 1;
            } else {
                self.continue_chunk(pass, step, id, tokens);
            }
            place += 1;
            for _ in 0..missed.min(self.running.len() - place) {
                self.postpone(self.running[place], step, now);
                place += 1;
            }
        }
        for place in place..self.running.len() {
            self.postpone(self.running[place], step, now);
        }
    }

    /// Where the next to lose its blocks is in the running list: the last; by priority, the first of those with the
    /// highest number that are last in order.
    fn victim(&self) -> usize {
        let last = self.running.len() - 1;
        if self.config.scheduling.policy == SchedulingPolicy::Fcfs {
            return last;
        }
        let key = |place: usize| {
            let seq = &self.seqs[self.running[place]];
            (seq.priority, seq.order)
        };
        (0..last).rev().fold(last, |worst, place| if key(place) >= key(worst) { place } else { worst })
    }

    /// Takes what this pass gave to a request out of the step; whether it gave anything.
    fn take_back(&mut self, pass: &mut Pass, id: Id<Seq>) -> bool {
        if self.seqs[id].phase == Phase::Decode {
            pass.budget += 1;
            return true;
        }
        let Some(at) = pass.chunks.iter().position(|chunk| chunk.id == id) else {
            return false;
        };
        pass.budget += pass.chunks.remove(at).tokens;
        pass.prompt_ends.retain(|&other| other != id);
        pass.verifying.retain(|&(other, _)| other != id);
        pass.batch = Batch::new(self.model.span_tokens());
        for &Chunk { id, tokens, computed_before, .. } in &pass.chunks {
            if self.seqs[id].phase == Phase::Verify {
                pass.batch.add_verify(tokens, computed_before);
                continue;
            }
            pass.batch.add_chunk(tokens, computed_before, computed_before + tokens == self.seqs[id].known());
        }
        true
    }

    /// Takes a running request's blocks away and puts it back into the queue, to be computed again. A token of it in
    /// flight is still delivered, and may end it there. `given`: this pass had given it its tokens already.
    fn preempt(&mut self, id: Id<Seq>, step: u64, now: Time, given: bool) {
        self.record.preemptions += 1;
        let ahead = self.lookahead as u32;
        let in_flight = self.in_flight();
        let seq = &mut self.seqs[id];
        let (tokens, remembered) = match seq.phase {
            Phase::Decode => {
                let tokens = seq.context(step) + u32::from(given);
                self.decoders.remove(seq, step);
                if step > seq.decode_from {
                    seq.last_token_at = now + in_flight;
                }
                if seq.finish < step {
                    self.ending.push(id);
                } else {
                    seq.generated = seq.output - to_come(seq, step);
                }
                (tokens, seq.remembered(tokens, step, ahead))
            }
            Phase::Verify => {
                if seq.finish < step {
                    self.ending.push(id);
                }
                (seq.slots, seq.verified(ahead))
            }
            Phase::Prefill | Phase::Late => (seq.held(), seq.computed),
            Phase::Ending => (seq.computed, seq.remembered(seq.final_tokens(), seq.finish + 1, ahead)),
            Phase::Waiting => unreachable!("who waits is not running"),
        };
        seq.phase = Phase::Waiting;
        (seq.computed, seq.slots, seq.loaded) = (0, 0, 0);
        seq.preemptions += 1;
        let seq = *seq;
        self.partial.retain(|&other| other != id);
        self.kv.release(id, &seq, tokens, remembered);
        self.kv.extend(id, seq.generated);
        self.waiting.put_back(id, &self.seqs);
    }

    /// Nothing is left for a request: if it decodes, it lacks a token more, and catches up in the next pass.
    fn postpone(&mut self, id: Id<Seq>, step: u64, now: Time) {
        let in_flight = self.in_flight();
        let seq = &mut self.seqs[id];
        if seq.phase != Phase::Decode {
            return;
        }
        if seq.finish < step {
            return self.end_decoding(id, step);
        }
        self.decoders.remove(seq, step);
        if step > seq.decode_from {
            seq.last_token_at = now + in_flight;
        }
        seq.computed = seq.context(step);
        seq.generated = seq.output - to_come(seq, step);
        seq.phase = Phase::Late;
        let seq = *seq;
        self.kv.extend(id, seq.generated);
        let place = self.partial.partition_point(|&other| self.seqs[other].rank < seq.rank);
        self.partial.insert(place, id);
    }

    /// What is left of the planned steps, once the one in execution has begun.
    fn in_flight(&self) -> Dur {
        Dur::from_ps(self.planned.iter().map(|planned| planned.duration).sum())
    }
}

/// Tokens of its answer that step `step` and later ones would have yielded.
fn to_come(seq: &Seq, step: u64) -> u32 {
    u32::try_from(seq.finish - step + 1).expect("an output is shorter than 2^32 tokens")
}
