//! One scheduling pass: who computes how many tokens in the next step.

use super::instance::{Emitted, Instance, Sinks};
use super::seq::{Phase, Seq};
use super::trace::{Scheduled, StepTrace};
use crate::base::{Dur, Id, Time};
use crate::latency::{Batch, Ramp};
use alloc::vec::Vec;

/// A step that was planned.
pub(super) struct Planned {
    pub(super) batch: Batch,
    /// How long it takes, ps; in lock-step, how long it would take without others.
    pub(super) duration: u64,
    /// Decoders by traffic class; kept where only its end tells how long it took, in lock-step.
    pub(super) by_class: Vec<u32>,
    /// Sequences whose known tokens it completes, or some of whose drafts it accepts, so that its end yields tokens of each.
    pub(super) prompt_ends: Vec<Id<Seq>>,
}

/// What came of a pass.
enum Passed {
    /// A step.
    Planned,
    /// Nobody computes anything, and some lost their blocks.
    OnlyPreempted,
    /// Nobody has anything to compute.
    Nothing,
}

/// A pass in progress.
pub(super) struct Pass {
    pub(super) batch: Batch,
    pub(super) budget: u32,
    /// Most tokens of one request.
    cap: u32,
    /// Whether prompts wait for a later step.
    pub(super) held: bool,
    /// Whether a prompt is computed on.
    pub(super) prompt: bool,
    pub(super) prompt_ends: Vec<Id<Seq>>,
    /// Who verifies drafts, and how many tokens each computes.
    pub(super) verifying: Vec<(Id<Seq>, u32)>,
    pub(super) preempted: Vec<u32>,
    /// Pieces of prompts. Written down only when asked for, or when one may be taken back.
    pub(super) chunks: Vec<Chunk>,
    pub(super) noted: bool,
}

/// A piece of a prompt in a step.
#[derive(Clone, Copy)]
pub(super) struct Chunk {
    pub(super) id: Id<Seq>,
    pub(super) tokens: u32,
    pub(super) computed_before: u32,
    /// Tokens found in the prefix cache, of one that was admitted in this pass.
    pub(super) hit_tokens: Option<u32>,
}

impl Instance {
    /// Plans until the step that executes and those ahead of it are planned, or nothing is to do.
    pub(super) fn plan_ahead(&mut self, now: Time, sinks: &mut Sinks<'_>) {
        while self.planned.len() <= self.lookahead {
            match self.pass(now, sinks) {
                Passed::Planned => {}
                // An empty batch takes no time: vLLM's loop goes round again at once, and now may admit. Fewer run after
                // every such pass, so that the last has somebody to plan for, or nobody.
                Passed::OnlyPreempted if self.planned.is_empty() => {}
                Passed::OnlyPreempted | Passed::Nothing => return,
            }
        }
    }

    /// Plans one step, if there is anything to do.
    fn pass(&mut self, now: Time, sinks: &mut Sinks<'_>) -> Passed {
        let step = self.next_pass;
        self.retire(step);
        self.retire_verifying(step);
        let mut pass = Pass {
            batch: Batch::new(self.model.span_tokens()),
            budget: self.config.max_num_batched_tokens.saturating_sub(self.decoders.count),
            cap: self.most_tokens(),
            held: self.cadence.holds() && self.running.len() > self.prompts_under_way(),
            prompt: false,
            prompt_ends: self.spare.pop().unwrap_or_default(),
            verifying: Vec::new(),
            preempted: Vec::new(),
            chunks: Vec::new(),
            noted: sinks.steps.is_some() || self.offload.is_some(),
        };
        if !self.schedule_running(&mut pass, step) {
            self.schedule_in_turn(&mut pass, step, now);
            sinks.emitted.extend(pass.preempted.iter().map(|&tag| Emitted::Preempted(tag)));
        }
        pass.batch.decode_seqs = self.decoders.count;
        self.decoders.describe(&mut pass.batch);
        if pass.preempted.is_empty() {
            self.admit(&mut pass, (step, now), sinks);
        }
        self.blocked = self.someone_waits() && pass.preempted.is_empty() && !pass.held;
        self.record.waiting.set(now, self.queued());
        self.record.running.set(now, self.running.len() as u64);
        if pass.batch.is_empty() {
            self.spare.push(pass.prompt_ends);
            return if pass.preempted.is_empty() { Passed::Nothing } else { Passed::OnlyPreempted };
        }
        self.commit(pass, sinks);
        Passed::Planned
    }

    /// Most tokens that one request gets in the next pass: one that is alone takes no budget from others.
    fn most_tokens(&self) -> u32 {
        let rules = &self.config.scheduling;
        let requests = self.running.len() + self.waiting.len();
        if rules.long_prefill_token_threshold == 0 || (requests <= 1 && rules.threshold_spares_one_alone) {
            return u32::MAX;
        }
        let fair = self.config.max_num_batched_tokens / u32::try_from(requests.max(1)).unwrap_or(u32::MAX);
        let floor = if rules.long_prefill_token_threshold_adaptive { fair } else { 0 };
        rules.long_prefill_token_threshold.max(floor)
    }

    /// Requests in the midst of their prompts.
    fn prompts_under_way(&self) -> usize {
        self.partial.iter().filter(|&&id| self.seqs[id].phase == Phase::Prefill).count()
    }

    /// Decoders whose last step was planned are not planned again, but keep their place until their last token is there.
    pub(super) fn retire(&mut self, step: u64) {
        while let Some((last, id)) = self.decoders.first_leaving(&self.seqs) {
            if last >= step {
                return;
            }
            self.decoders.pop_leaving();
            self.end_decoding(id, step);
        }
    }

    /// Takes a sequence out of the decoders for good; its last token is on its way.
    pub(super) fn end_decoding(&mut self, id: Id<Seq>, step: u64) {
        let seq = &mut self.seqs[id];
        self.decoders.remove(seq, step);
        seq.computed = seq.context(step);
        seq.phase = Phase::Ending;
        self.ending.push(id);
    }

    /// Gives every running request its tokens, if the blocks for all of them are there and nobody has to go without.
    fn schedule_running(&mut self, pass: &mut Pass, step: u64) -> bool {
        let mut blocks = self.decoders.blocks_needed(step);
        let mut budget = pass.budget;
        for &id in &self.partial {
            let (tokens, more) = self.next_chunk(id, pass, budget);
            // Who decodes behind a prompt that takes the rest of the budget gets nothing.
            if tokens < self.wanted(id, pass) && self.running.last() != Some(&id) {
                return false;
            }
            budget -= tokens;
            blocks += more;
        }
        if !self.kv.take(blocks) {
            return false;
        }
        for i in 0..self.partial.len() {
            let id = self.partial[i];
            let (tokens, _) = self.next_chunk(id, pass, pass.budget);
            self.continue_chunk(pass, step, id, tokens);
        }
        true
    }

    /// Tokens that a request would take of an ample budget, while it catches up.
    fn wanted(&self, id: Id<Seq>, pass: &Pass) -> u32 {
        let seq = &self.seqs[id];
        match seq.phase {
            Phase::Prefill if pass.held => 0,
            Phase::Verify => self.wanted_to_verify(seq).min(pass.cap),
            _ => (seq.known() - seq.computed).min(pass.cap),
        }
    }

    /// (tokens, blocks) of its next piece, within a budget.
    pub(super) fn next_chunk(&self, id: Id<Seq>, pass: &Pass, budget: u32) -> (u32, u32) {
        let tokens = self.wanted(id, pass).min(budget);
        let seq = &self.seqs[id];
        if seq.phase == Phase::Verify {
            return (tokens, if tokens > 0 { self.blocks_to_verify(seq, tokens) } else { 0 });
        }
        let held = seq.held();
        (tokens, self.kv.for_tokens(held.max(seq.computed + tokens)) - self.kv.for_tokens(held))
    }

    /// The most that a waiting request gets of what it lacks.
    pub(super) fn capped(pass: &Pass, lacks: u32) -> u32 {
        lacks.min(pass.cap)
    }

    /// Puts the next piece of a running request into the step; its blocks are taken already.
    pub(super) fn continue_chunk(&mut self, pass: &mut Pass, step: u64, id: Id<Seq>, tokens: u32) {
        if tokens > 0 && self.seqs[id].phase == Phase::Verify {
            self.verify(pass, id, tokens);
        } else if tokens > 0 {
            pass.prompt |= self.seqs[id].phase == Phase::Prefill;
            self.compute_chunk(pass, step, id, tokens, None);
        }
    }

    /// Puts a piece of a prompt into the step.
    pub(super) fn compute_chunk(
        &mut self,
        pass: &mut Pass,
        step: u64,
        id: Id<Seq>,
        tokens: u32,
        hit_tokens: Option<u32>,
    ) {
        let seq = &mut self.seqs[id];
        if pass.noted {
            pass.chunks.push(Chunk { id, tokens, computed_before: seq.computed, hit_tokens });
        }
        let ends = seq.computed + tokens == seq.known();
        pass.batch.add_chunk(tokens, seq.computed, ends);
        pass.budget -= tokens;
        seq.computed += tokens;
        self.kv.computed(id, seq.computed);
        if ends {
            seq.decode_from = step + 1;
            seq.finish = step + u64::from(seq.output - seq.generated) - 1;
            seq.leave = seq.finish + if seq.stops { self.lookahead as u64 } else { 0 };
            pass.prompt_ends.push(id);
        }
    }

    /// Puts the planned step in line, counts it, and lets those whose prompts it completes decode after it.
    fn commit(&mut self, mut pass: Pass, sinks: &mut Sinks<'_>) {
        let duration = self.model.duration(&pass.batch);
        if !self.in_lock_step {
            sinks.count_gaps(&self.decoders.by_class, Ramp { first: duration, delta: 0, valid: 1 }, 1);
        }
        let by_class = if self.in_lock_step { self.decoders.by_class.clone() } else { Vec::new() };
        if let Some(steps) = &mut sinks.steps {
            steps.push(self.trace(&pass, duration));
        }
        self.plan_stores(&pass);
        let used = u64::from(self.kv.used());
        self.record.kv_used_sum += u128::from(used);
        self.record.kv_used_peak = self.record.kv_used_peak.max(used);
        self.record.steps += 1;
        self.cadence.passed(1, pass.prompt);
        self.decoders.advance(1, self.next_pass + 1, &self.seqs);
        for &id in &pass.prompt_ends {
            let seq = &mut self.seqs[id];
            if seq.leave < seq.decode_from {
                seq.phase = Phase::Ending;
                self.ending.push(id);
            } else if self.config.speculation.is_some() {
                self.begin_verifying(id, self.next_pass);
            } else {
                self.stamp = self.stamp.wrapping_add(1);
                seq.stamp = self.stamp;
                seq.phase = Phase::Decode;
                self.decoders.join(id, seq);
            }
        }
        if !pass.prompt_ends.is_empty() {
            self.partial.retain(|&id| self.seqs[id].catches_up());
        }
        self.accept_drafts(&mut pass);
        self.planned.push_back(Planned { batch: pass.batch, duration, by_class, prompt_ends: pass.prompt_ends });
        self.next_pass += 1;
    }

    /// What the pass decided, in scheduling order.
    fn trace(&self, pass: &Pass, duration: u64) -> StepTrace {
        let part = |&id: &Id<Seq>| {
            let seq = &self.seqs[id];
            if let Some(&Chunk { tokens, computed_before, hit_tokens, .. }) = pass.chunks.iter().find(|c| c.id == id) {
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
}
