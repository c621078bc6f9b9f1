//! Admission: waiting requests join the running ones.

use super::handoff::Handoff;
use super::instance::{Emitted, Instance, Sinks};
use super::offload::Offer;
use super::pass::Pass;
use super::seq::{Phase, Seq};
use crate::base::{Id, Time};

/// What came of trying a request.
enum Tried {
    /// It left the queue: it has a place, or blocks to be filled.
    Admitted,
    /// What it could use is being copied, and it stays where it is.
    Later,
    /// Nobody is there, or does not fit.
    Stuck,
}

impl Instance {
    /// Admits those whose prompts were fetched, then waiting requests while budget, places and blocks last; the first that
    /// does not fit ends it. One that takes its prompt from elsewhere gets its blocks, and does not end it.
    pub(super) fn admit(&mut self, pass: &mut Pass, (step, now): (u64, Time), sinks: &mut Sinks<'_>) {
        let places = self.config.max_num_seqs.min(self.config.max_num_active_seqs) as usize;
        self.admit_fetched(pass, (step, now), places, sinks);
        if self.kv.is_eager() && !self.waiting.is_empty() {
            self.publish_answers(step);
        }
        let mut passed_over = 0;
        while pass.budget > 0 && self.running.len() < places {
            match self.admit_next(pass, passed_over, (step, now), sinks) {
                Tried::Admitted => {}
                Tried::Later => passed_over += 1,
                Tried::Stuck => break,
            }
        }
        if !pass.held {
            self.cadence.admitted(self.someone_waits());
        }
    }

    /// Those whose prompts have come: they have their blocks, and compute the last prompt token again, or what could not be
    /// loaded.
    fn admit_fetched(&mut self, pass: &mut Pass, (step, now): (u64, Time), places: usize, sinks: &mut Sinks<'_>) {
        while pass.budget > 0 && self.running.len() < places {
            let Some(&id) = self.fetched.front() else {
                return;
            };
            let seq = &self.seqs[id];
            let (found, known) = (seq.computed, seq.known());
            let from = if seq.handoff == Handoff::Takes { known - 1 } else { found };
            let prompt = from + 1 < known;
            let wanted = Self::capped(pass, known - from);
            if prompt && (pass.held || (!self.config.chunked_prefill && wanted > pass.budget)) {
                return;
            }
            self.fetched.pop_front();
            self.seqs[id].handoff = Handoff::None;
            self.start_prefill(id, (from, found), now, sinks);
            pass.prompt |= prompt;
            self.compute_chunk(pass, step, id, wanted.min(pass.budget), Some(from));
        }
    }

    /// Admits who is next after those passed over, if there is one and it fits.
    fn admit_next(
        &mut self,
        pass: &mut Pass,
        passed_over: usize,
        (step, now): (u64, Time),
        sinks: &mut Sinks<'_>,
    ) -> Tried {
        let Some(id) = self.waiting.get(passed_over) else {
            return Tried::Stuck;
        };
        let known = self.seqs[id].known();
        let hits = self.kv.lookup(id, known);
        let takes = self.seqs[id].handoff == Handoff::Takes;
        let there = match if takes { Offer::Blocks(hits.blocks) } else { self.offer(id, known, hits.blocks) } {
            Offer::Blocks(blocks) => blocks,
            Offer::Later => return Tried::Later,
        };
        let (found, loads) = (hits.blocks * self.config.block_size, there > hits.blocks);
        let computes = !takes && !loads;
        // A single token left is no prompt to hold back.
        let prompt = computes && found + 1 < known;
        if pass.held && prompt {
            return Tried::Stuck;
        }
        let wanted = Self::capped(pass, known - found);
        if computes && !self.config.chunked_prefill && wanted > pass.budget {
            return Tried::Stuck;
        }
        let tokens = wanted.min(pass.budget);
        let whole = self.kv.for_tokens(known) - hits.blocks;
        let blocks = if computes { self.kv.for_tokens(found + tokens) - hits.blocks } else { whole };
        let needed = hits.idle + if self.config.reserve_full_sequence { whole } else { blocks };
        let kept_free = if self.running.is_empty() { 0 } else { self.config.watermark_blocks };
        if needed + kept_free > self.kv.free() {
            return Tried::Stuck;
        }
        self.kv.adopt(id, hits);
        assert!(self.kv.take(blocks), "as many were free");
        self.waiting.take(passed_over);
        if takes {
            self.begin_fetch(id, found, blocks, sinks);
        } else if loads {
            self.begin_load(id, (hits.blocks, there), now, sinks);
        } else {
            self.start_prefill(id, (found, found), now, sinks);
            pass.prompt |= prompt;
            self.compute_chunk(pass, step, id, tokens, Some(found));
        }
        Tried::Admitted
    }

    /// A request has its blocks and gets a place, with so many tokens `computed`, of which the lookup `found` some.
    fn start_prefill(&mut self, id: Id<Seq>, (computed, found): (u32, u32), now: Time, sinks: &mut Sinks<'_>) {
        self.running.push(id);
        self.partial.push(id);
        let seq = &mut self.seqs[id];
        seq.phase = Phase::Prefill;
        seq.computed = computed;
        seq.rank = self.admitted;
        self.admitted += 1;
        if seq.preemptions == 0 {
            seq.admitted_at = now;
            self.record.prompt_tokens += u64::from(seq.prompt);
            self.record.hit_tokens += u64::from(found - seq.loaded);
            self.record.loaded_tokens += u64::from(seq.loaded);
        }
        if seq.announced {
            let again = seq.preemptions > 0;
            sinks.emitted.push(Emitted::Admitted { tag: seq.tag, cached_tokens: found, again });
        }
    }

    /// Makes what decoders have written visible to the lookups of this pass: all but a token still in flight.
    fn publish_answers(&mut self, step: u64) {
        for &id in &self.running {
            let seq = self.seqs[id];
            if seq.phase == Phase::Decode {
                let computed = seq.context(step) + 1;
                self.kv.publish(id, &seq, computed - self.lookahead as u32);
            } else if seq.phase == Phase::Verify {
                self.kv.publish(id, &seq, seq.verified(self.lookahead as u32));
            }
        }
    }
}
