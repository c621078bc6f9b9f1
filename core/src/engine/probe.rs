//! What a router may learn of an engine besides its gauges: what is in its cache, and how long its steps take.

use super::instance::Instance;
use crate::base::{Dur, Time};
use crate::latency::Batch;
use crate::report::timeline::Stand;

impl Instance {
    /// How many blocks of these hashes, from the first, are in the cache.
    #[must_use]
    pub fn cached_blocks(&self, hashes: &[u64]) -> u32 {
        self.kv.found(hashes)
    }

    /// What it holds and does at `t`, under the condition of [`Instance::gauges`].
    #[must_use]
    pub fn stand(&self, t: Time) -> Stand {
        let executes = self.executing.as_ref().and_then(|_| self.planned.front()).map(|planned| planned.batch);
        let batch = executes.unwrap_or_default();
        Stand {
            waiting: self.queued() as u32,
            running: self.running.len() as u32,
            prompts: batch.prefill_chunks,
            prompt_tokens: batch.prefill_tokens,
            decodes: batch.decode_seqs + batch.verify_seqs,
            kv_used: self.kv.used() + self.blocks_taken_by(t),
        }
    }

    /// How long a step takes that computes so many prompt tokens beside so many sequences of this context, each; no more
    /// than a step may have.
    #[must_use]
    pub fn step_of(&self, prompt_tokens: u32, decodes: u32, context_tokens: u32) -> Dur {
        let mut batch = Batch::new(self.model.span_tokens());
        let prompts = u32::from(prompt_tokens > 0);
        let decodes = decodes.min(self.config.max_num_seqs - prompts);
        batch.add_decodes(decodes, context_tokens);
        if prompts > 0 {
            batch.add_chunk(prompt_tokens.min(self.config.max_num_batched_tokens), 0, true);
        }
        Dur::from_ps(self.model.duration(&batch))
    }
}
