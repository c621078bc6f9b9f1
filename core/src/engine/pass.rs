//! One scheduling pass: who computes how many tokens in the next step.

use super::handoff::Handoff;
use super::instance::{Emitted, Instance, Sinks};
use super::seq::{Phase, Seq};
use super::trace::{Scheduled, StepTrace};
use crate::base::{Dur, Id, Time};
use crate::latency::Batch;
use alloc::vec::Vec;

/// A step that was planned.
pub(super) struct Planned {
    pub(super) batch: Batch,
    /// How long it takes, ps.
    pub(super) duration: u64,
    /// Sequences whose known tokens it completes, so that its end yields a token of each.
    pub(super) prompt_ends: Vec<Id<Seq>>,
}

/// A pass in progress.
struct Pass {
    batch: Batch,
    budget: u32,
    prompt_ends: Vec<Id<Seq>>,
    preempted: Vec<u32>,
    /// Pieces of prompts: who, tokens, computed before, found when admitted. Written down only when asked for.
    chunks: Vec<(Id<Seq>, u32, u32, Option<u32>)>,
    traced: bool,
}

impl Instance {
    /// Plans until the step that executes and those ahead of it are planned, or nothing is to do.
    pub(super) fn plan_ahead(&mut self, now: Time, sinks: &mut Sinks<'_>) {
        while self.planned.len() <= self.lookahead && self.pass(now, sinks) {}
    }

    /// Plans one step; false when nothing is to do.
    fn pass(&mut self, now: Time, sinks: &mut Sinks<'_>) -> bool {
        let step = self.next_pass;
        self.retire(step);
        let mut pass = Pass {
            batch: Batch::new(self.model.span_tokens()),
            budget: self.config.max_num_batched_tokens.saturating_sub(self.decoders.count),
            prompt_ends: self.spare.pop().unwrap_or_default(),
            preempted: Vec::new(),
            chunks: Vec::new(),
            traced: sinks.steps.is_some(),
        };
        if !self.schedule_running(&mut pass, step) {
            self.schedule_running_scarce(&mut pass, step, now);
        }
        pass.batch.decode_seqs = self.decoders.count;
        self.decoders.describe(&mut pass.batch);
        if pass.preempted.is_empty() {
            self.admit(&mut pass, step, sinks);
        }
        let someone_waits = !self.waiting.is_empty() || !self.fetched.is_empty();
        self.blocked = someone_waits && pass.preempted.is_empty();
        self.record.waiting.set(now, self.queued());
        self.record.running.set(now, self.running.len() as u64);
        if pass.batch.is_empty() {
            self.spare.push(pass.prompt_ends);
            return false;
        }
        self.commit(pass, sinks);
        true
    }

    /// Decoders whose last token an earlier step yields are not planned again, but keep their place.
    pub(super) fn retire(&mut self, step: u64) {
        while let Some((finish, id)) = self.decoders.first_leaving(&self.seqs) {
            if finish >= step {
                return;
            }
            self.decoders.pop_leaving();
            self.decoders.remove(&self.seqs[id], step);
            self.seqs[id].phase = Phase::Ending;
            self.ending.push_back(id);
        }
    }

    /// Gives every running request its tokens, if the blocks for all of them are there.
    fn schedule_running(&mut self, pass: &mut Pass, step: u64) -> bool {
        let decode_blocks = self.decoders.blocks_needed(step);
        let partial = self.running.last().copied().filter(|&id| self.seqs[id].phase == Phase::Prefill);
        let Some(id) = partial else {
            return self.kv.take(decode_blocks);
        };
        let (tokens, blocks) = self.next_chunk(id, pass.budget);
        if !self.kv.take(decode_blocks + blocks) {
            return false;
        }
        self.compute_chunk(pass, step, id, tokens);
        true
    }

    /// The same when blocks run out: in order of admission, taking them from the request admitted last.
    fn schedule_running_scarce(&mut self, pass: &mut Pass, step: u64, now: Time) {
        let mut place = 0;
        while let Some(&id) = self.running.get(place) {
            place += 1;
            let (tokens, blocks) = match self.seqs[id].phase {
                Phase::Decode => (0, self.kv.for_next(self.seqs[id].context(step))),
                Phase::Prefill => self.next_chunk(id, pass.budget),
                Phase::Ending | Phase::Waiting => continue,
            };
            while !self.kv.take(blocks) {
                let victim = self.running.pop().expect("the request itself is running");
                pass.preempted.push(self.seqs[victim].tag);
                self.preempt(victim, step, now);
                if victim == id {
                    return;
                }
            }
            if tokens > 0 {
                self.compute_chunk(pass, step, id, tokens);
            }
        }
    }

    /// (tokens, blocks) of the next piece of a prompt, within a budget.
    fn next_chunk(&self, id: Id<Seq>, budget: u32) -> (u32, u32) {
        let seq = &self.seqs[id];
        let tokens = (seq.known() - seq.computed).min(budget);
        (tokens, self.kv.for_tokens(seq.computed + tokens) - self.kv.for_tokens(seq.computed))
    }

    /// Puts a piece of a prompt into the step; its blocks are taken already.
    fn compute_chunk(&mut self, pass: &mut Pass, step: u64, id: Id<Seq>, tokens: u32) {
        if tokens == 0 {
            return;
        }
        let seq = &mut self.seqs[id];
        if pass.traced {
            pass.chunks.push((id, tokens, seq.computed, None));
        }
        let ends = seq.computed + tokens == seq.known();
        pass.batch.add_chunk(tokens, seq.computed, ends);
        pass.budget -= tokens;
        seq.computed += tokens;
        self.kv.computed(id, seq.computed);
        if ends {
            seq.decode_from = step + 1;
            seq.finish = step + u64::from(seq.output - seq.generated) - 1;
            pass.prompt_ends.push(id);
        }
    }

    /// Admits those whose prompts were fetched, then waiting requests while budget, places and blocks last; the first that
    /// does not fit ends it. One that takes its prompt from elsewhere gets its blocks, and does not end it.
    fn admit(&mut self, pass: &mut Pass, step: u64, sinks: &mut Sinks<'_>) {
        let places = self.config.max_num_seqs.min(self.config.max_num_active_seqs) as usize;
        self.admit_fetched(pass, step, places, sinks);
        if self.kv.is_eager() && !self.waiting.is_empty() {
            self.publish_answers(step);
        }
        while pass.budget > 0 && self.running.len() < places {
            let Some(&id) = self.waiting.front() else {
                return;
            };
            let known = self.seqs[id].known();
            let hits = self.kv.lookup(id, known);
            let found = hits.blocks * self.config.block_size;
            let takes = self.seqs[id].handoff == Handoff::Takes;
            if !takes && !self.config.chunked_prefill && known - found > pass.budget {
                return;
            }
            let tokens = (known - found).min(pass.budget);
            let whole = self.kv.for_tokens(known) - hits.blocks;
            let blocks = if takes { whole } else { self.kv.for_tokens(found + tokens) - hits.blocks };
            let needed = hits.idle + if self.config.reserve_full_sequence { whole } else { blocks };
            let kept_free = if self.running.is_empty() { 0 } else { self.config.watermark_blocks };
            if needed + kept_free > self.kv.free() {
                return;
            }
            self.kv.adopt(id, hits);
            assert!(self.kv.take(blocks), "as many were free");
            self.waiting.pop_front();
            if takes {
                self.begin_fetch(id, found, blocks, sinks);
                continue;
            }
            self.start_prefill(id, (found, found), sinks);
            self.compute_chunk(pass, step, id, tokens);
            if let Some(chunk) = pass.chunks.last_mut() {
                chunk.3 = Some(found);
            }
        }
    }

    /// Those whose prompts have come: they have their blocks, and compute the last prompt token again.
    fn admit_fetched(&mut self, pass: &mut Pass, step: u64, places: usize, sinks: &mut Sinks<'_>) {
        while pass.budget > 0 && self.running.len() < places {
            let Some(id) = self.fetched.pop_front() else {
                return;
            };
            let seq = &mut self.seqs[id];
            seq.handoff = Handoff::None;
            let (found, known) = (seq.computed, seq.known());
            self.start_prefill(id, (known - 1, found), sinks);
            self.compute_chunk(pass, step, id, 1);
            if let Some(chunk) = pass.chunks.last_mut() {
                chunk.3 = Some(known - 1);
            }
        }
    }

    /// A request has its blocks and gets a place, with so many tokens `computed`, of which the lookup `found` some.
    fn start_prefill(&mut self, id: Id<Seq>, (computed, found): (u32, u32), sinks: &mut Sinks<'_>) {
        self.running.push(id);
        let seq = &mut self.seqs[id];
        seq.phase = Phase::Prefill;
        seq.computed = computed;
        seq.rank = self.admitted;
        self.admitted += 1;
        if seq.epoch == 0 {
            self.record.prompt_tokens += u64::from(seq.prompt);
            self.record.hit_tokens += u64::from(found);
            if seq.announced {
                sinks.emitted.push(Emitted::Admitted(seq.tag));
            }
        }
    }

    /// Makes what decoders have written visible to the lookups of this pass: all but a token still in flight.
    fn publish_answers(&mut self, step: u64) {
        for &id in &self.running {
            let seq = self.seqs[id];
            if seq.phase == Phase::Decode {
                let computed = seq.context(step) + 1;
                self.kv.publish(id, &seq, computed - self.lookahead as u32);
            }
        }
    }

    /// Puts the planned step in line, counts it, and lets those whose prompts it completes decode after it.
    fn commit(&mut self, pass: Pass, sinks: &mut Sinks<'_>) {
        let duration = self.model.duration(&pass.batch);
        if let Some(itl) = &mut sinks.itl {
            for (class, &weight) in self.decoders.by_class.iter().enumerate().filter(|(_, w)| **w > 0) {
                itl[class].insert(Dur::from_ps(duration), u64::from(weight));
            }
        }
        if let Some(steps) = &mut sinks.steps {
            steps.push(self.trace(&pass, duration));
        }
        let used = u64::from(self.kv.used());
        self.record.kv_used_sum += u128::from(used);
        self.record.kv_used_peak = self.record.kv_used_peak.max(used);
        self.record.steps += 1;
        self.decoders.advance(1, self.next_pass + 1, &self.seqs);
        for &id in &pass.prompt_ends {
            let seq = &mut self.seqs[id];
            if seq.finish < seq.decode_from {
                seq.phase = Phase::Ending;
                self.ending.push_back(id);
            } else {
                seq.phase = Phase::Decode;
                self.decoders.join(id, seq);
            }
        }
        self.planned.push_back(Planned { batch: pass.batch, duration, prompt_ends: pass.prompt_ends });
        self.next_pass += 1;
    }

    /// What the pass decided, in scheduling order.
    fn trace(&self, pass: &Pass, duration: u64) -> StepTrace {
        let part = |&id: &Id<Seq>| {
            let seq = &self.seqs[id];
            if let Some(&(_, tokens, computed_before, hit_tokens)) = pass.chunks.iter().find(|c| c.0 == id) {
                return Some(Scheduled { tag: seq.tag, tokens, computed_before, hit_tokens });
            }
            let decodes = seq.phase == Phase::Decode;
            decodes.then(|| Scheduled {
                tag: seq.tag,
                tokens: 1,
                computed_before: seq.context(self.next_pass),
                hit_tokens: None,
            })
        };
        StepTrace {
            duration: Dur::from_ps(duration),
            scheduled: self.running.iter().filter_map(part).collect(),
            preempted: pass.preempted.clone(),
            free_blocks: self.kv.free(),
            waiting: self.queued() as u32,
            running: self.running.len() as u32,
        }
    }

    /// Takes a running request's blocks away and puts it at the head of the queue, to be computed again. A token
    /// of it in flight is still delivered.
    fn preempt(&mut self, id: Id<Seq>, step: u64, now: Time) {
        self.record.preemptions += 1;
        let in_flight: u64 = self.planned.iter().map(|p| p.duration).sum();
        let seq = &mut self.seqs[id];
        let (tokens, remembered) = match seq.phase {
            Phase::Decode => {
                let tokens = seq.context(step);
                self.decoders.remove(seq, step);
                let mut remembered = tokens;
                if step > seq.decode_from {
                    seq.last_token_at = now + Dur::from_ps(in_flight);
                    // What the step in flight computes is remembered only once its token is known.
                    remembered -= self.lookahead as u32;
                }
                let to_come = u32::try_from(seq.finish - step + 1).expect("an output is shorter than 2^32 tokens");
                seq.generated = seq.output - to_come;
                (tokens, remembered)
            }
            Phase::Prefill => (seq.computed, seq.computed),
            Phase::Ending => {
                // Its last token is on its way: it loses its blocks and its place, and needs neither again.
                seq.stripped = true;
                let seq = *seq;
                self.kv.release(id, &seq, seq.final_tokens(), seq.final_tokens());
                return;
            }
            Phase::Waiting => unreachable!("who waits is not running"),
        };
        seq.phase = Phase::Waiting;
        seq.computed = 0;
        seq.epoch += 1;
        let seq = *seq;
        self.kv.release(id, &seq, tokens, remembered);
        self.kv.extend(id, seq.generated);
        self.waiting.push_front(id);
    }
}

/// Whether an entry made in `epoch` of a sequence still holds.
pub(super) fn holds(seq: &Seq, epoch: u32) -> bool {
    seq.epoch == epoch && seq.phase == Phase::Decode
}
