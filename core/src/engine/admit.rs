//! Admission: waiting requests join the running ones.

use super::instance::Instance;
use super::pass::Pass;
use super::seq::{Phase, Seq};
use crate::base::Id;

impl Instance {
    /// Admits waiting requests while budget, places and blocks last; the first that does not fit ends it.
    pub(super) fn admit(&mut self, pass: &mut Pass, step: u64) {
        if self.kv.is_eager() && !self.waiting.is_empty() {
            self.publish_answers(step);
        }
        let places = self.config.max_num_seqs.min(self.config.max_num_active_seqs);
        while pass.budget > 0 && self.running.len() < places as usize && self.admit_next(pass, step) {}
        if !pass.held {
            self.cadence.admitted(!self.waiting.is_empty());
        }
    }

    /// Admits the head of the queue, if there is one and it fits.
    fn admit_next(&mut self, pass: &mut Pass, step: u64) -> bool {
        let Some(id) = self.waiting.front() else {
            return false;
        };
        let known = self.seqs[id].known();
        let hits = self.kv.lookup(id, known);
        let found = hits.blocks * self.config.block_size;
        // A single token left is no prompt to hold back.
        let prompt = found + 1 < known;
        if pass.held && prompt {
            return false;
        }
        let wanted = Self::capped(pass, known - found);
        if !self.config.chunked_prefill && wanted > pass.budget {
            return false;
        }
        let tokens = wanted.min(pass.budget);
        let blocks = self.kv.for_tokens(found + tokens) - hits.blocks;
        let whole = self.kv.for_tokens(known) - hits.blocks;
        let needed = hits.idle + if self.config.reserve_full_sequence { whole } else { blocks };
        let kept_free = if self.running.is_empty() { 0 } else { self.config.watermark_blocks };
        if needed + kept_free > self.kv.free() {
            return false;
        }
        self.kv.adopt(id, hits);
        assert!(self.kv.take(blocks), "as many were free");
        self.waiting.pop_front();
        self.running.push(id);
        self.partial.push(id);
        self.start_prefill(id, found);
        pass.prompt |= prompt;
        self.compute_chunk(pass, step, id, tokens, Some(found));
        true
    }

    fn start_prefill(&mut self, id: Id<Seq>, found: u32) {
        let seq = &mut self.seqs[id];
        seq.phase = Phase::Prefill;
        seq.computed = found;
        seq.rank = self.admitted;
        self.admitted += 1;
        if seq.preemptions == 0 {
            self.record.prompt_tokens += u64::from(seq.prompt);
            self.record.hit_tokens += u64::from(found);
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
}
