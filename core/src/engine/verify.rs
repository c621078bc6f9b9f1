//! Speculative decoding: in every step a request computes its last known token and the drafts that follow it, and keeps as
//! many as are accepted.
//!
//! As vLLM has it, all of them count against the token budget and need blocks, and so do the tokens that the drafter will
//! look ahead; those of rejected drafts are kept for the next step. What is accepted is known when a step is planned, since
//! nothing else depends on it: with a step in flight vLLM takes its drafts for accepted until it knows better, and keeps
//! blocks for them.

use super::instance::Instance;
use super::pass::{Chunk, Pass};
use super::seq::{Phase, Seq};
use crate::base::{Id, nth_of};

impl Instance {
    /// A request whose known tokens are computed by step `step` verifies drafts from the next one on.
    pub(super) fn begin_verifying(&mut self, id: Id<Seq>, step: u64) {
        let ahead = self.lookahead as u64;
        let seq = &mut self.seqs[id];
        (seq.slots, seq.in_flight) = (seq.computed, 0);
        seq.generated += 1;
        seq.note_last_token(step, ahead);
        seq.phase = Phase::Verify;
    }

    /// Tokens that such a request would compute with an ample budget.
    pub(super) fn wanted_to_verify(&self, seq: &Seq) -> u32 {
        let drafts = self.config.speculation.map_or(0, |s| s.drafts);
        (1 + drafts).min(self.config.max_model_len - seq.computed)
    }

    /// Tokens it has blocks for when it computes so many.
    fn slots(&self, seq: &Seq, tokens: u32) -> u32 {
        let Some(speculation) = self.config.speculation else { return seq.slots };
        let taken_for_accepted = self.lookahead as u32 * speculation.drafts;
        let reach = seq.computed + tokens + taken_for_accepted + speculation.lookahead;
        seq.slots.max(reach.min(self.config.max_model_len))
    }

    /// Blocks it lacks for that.
    pub(super) fn blocks_to_verify(&self, seq: &Seq, tokens: u32) -> u32 {
        self.kv.for_tokens(self.slots(seq, tokens)) - self.kv.for_tokens(seq.slots)
    }

    /// Puts the tokens of such a request into the step; its blocks are taken already.
    pub(super) fn verify(&mut self, pass: &mut Pass, id: Id<Seq>, tokens: u32) {
        let seq = self.seqs[id];
        if pass.noted {
            pass.chunks.push(Chunk { id, tokens, computed_before: seq.computed, hit_tokens: None });
        }
        pass.batch.add_verify(tokens, seq.computed);
        pass.budget -= tokens;
        pass.verifying.push((id, tokens));
        self.seqs[id].slots = self.slots(&seq, tokens);
    }

    /// What the planned step keeps of its drafts. With a step in flight one that a stop token ended is in it for nothing.
    pub(super) fn accept_drafts(&mut self, pass: &mut Pass) {
        let Some(speculation) = self.config.speculation else { return };
        let (step, ahead) = (self.next_pass, self.lookahead as u64);
        for (id, tokens) in pass.verifying.drain(..) {
            let seq = &mut self.seqs[id];
            let left = seq.output - seq.generated;
            let draw = nth_of(seq.draws, u64::from(seq.generated));
            let yielded = (1 + speculation.accepted(draw, tokens - 1)).min(left);
            seq.computed += yielded;
            seq.generated += yielded;
            seq.in_flight = yielded;
            if left > 0 {
                seq.note_last_token(step, ahead);
                pass.prompt_ends.push(id);
            }
        }
    }

    /// Those whose last step was planned before `step` are not planned again, as [`Instance::retire`] has it.
    pub(super) fn retire_verifying(&mut self, step: u64) {
        if self.config.speculation.is_none() {
            return;
        }
        let (seqs, ending) = (&mut self.seqs, &mut self.ending);
        self.partial.retain(|&id| {
            let seq = &mut seqs[id];
            let retires = seq.phase == Phase::Verify && seq.leave < step;
            if retires {
                (seq.phase, seq.computed) = (Phase::Ending, seq.slots);
                ending.push(id);
            }
            !retires
        });
    }
}

impl Seq {
    /// When step `step` yields its last token, it leaves: after one step more where only that token says so and a step is
    /// planned `ahead`.
    fn note_last_token(&mut self, step: u64, ahead: u64) {
        let ends = self.generated == self.output;
        self.finish = if ends { step } else { u64::MAX };
        self.leave = if !ends {
            u64::MAX
        } else if self.stops {
            step + ahead
        } else {
            step
        };
    }

    /// Of what it has computed while verifying, the tokens that can be remembered: not those in flight, with a step `ahead`.
    pub(super) fn verified(&self, ahead: u32) -> u32 {
        self.computed - if ahead > 0 { self.in_flight } else { 0 }
    }
}
