//! Keys and values of prompts in host memory, as vLLM's offloading connector keeps them there (source key `vllm-offload`).
//!
//! When a step has ended that completed blocks of a prompt, those that host memory lacks are copied there; the least
//! recently used make room. A request that is tried for admission looks there after the engine's own cache. If it finds
//! more, it gets blocks for all it knows and loads them, has no place meanwhile, and is admitted when they have come, as
//! one whose prompt was computed elsewhere. While blocks it could use are being copied it is passed over, and those behind
//! it are tried. Copies of one direction go one after the other at the pace of the host link; both directions, and the
//! engine's steps, do not disturb each other.

mod host;
mod lane;
#[cfg(test)]
mod tests;
mod tier;

pub(super) use tier::{Offer, Tier};

use super::instance::{Emitted, Instance, Sinks};
use super::pass::Pass;
use super::seq::{Phase, Seq};
use crate::base::{Id, Time};

impl Instance {
    /// What host memory has for a request that knows so many tokens, `local` blocks of which the engine has.
    pub(super) fn offer(&self, id: Id<Seq>, known: u32, local: u32) -> Offer {
        let Some(tier) = &self.offload else { return Offer::Blocks(local) };
        // Never its last known token, as in the engine's own cache.
        let most = ((known - 1) / self.config.block_size) as usize;
        let hashes = self.kv.hashes(id);
        tier.offer(&hashes[..most.min(hashes.len())], local)
    }

    /// A request has blocks for all it knows, the first `local` of them filled; up to `there` host memory fills them.
    pub(super) fn begin_load(&mut self, id: Id<Seq>, (local, there): (u32, u32), now: Time, sinks: &mut Sinks<'_>) {
        let size = self.config.block_size;
        let tier = self.offload.as_mut().expect("host memory has offered something");
        let until = tier.load(now, id, &self.kv.hashes(id)[..there as usize], local);
        let seq = &mut self.seqs[id];
        (seq.computed, seq.slots) = (local * size, seq.known());
        let tag = seq.tag;
        self.fetching += 1;
        self.record.kv_used_peak = self.record.kv_used_peak.max(u64::from(self.kv.used()));
        sinks.emitted.push(Emitted::Loading { tag, blocks: there - local, until });
        sinks.emitted.push(Emitted::Copying { until });
    }

    /// What the pass computes of prompts will be copied to host memory.
    pub(super) fn plan_stores(&mut self, pass: &Pass) {
        let Some(tier) = &mut self.offload else { return };
        let size = self.config.block_size;
        for chunk in &pass.chunks {
            let seq = &self.seqs[chunk.id];
            let full = (chunk.computed_before + chunk.tokens).min(seq.prompt) / size;
            let completes = chunk.hit_tokens.is_some() || full > chunk.computed_before / size;
            if seq.phase == Phase::Prefill && completes {
                let hashes = self.kv.hashes(chunk.id);
                let (blocks, stored) = tier.store(self.next_pass, &hashes[..(full as usize).min(hashes.len())]);
                let count = if stored { &mut self.record.stored_blocks } else { &mut self.record.unstored_blocks };
                *count += u64::from(blocks);
            }
        }
    }

    /// The steps before the next one have ended: what they computed is copied.
    pub(super) fn begin_stores(&mut self, now: Time, sinks: &mut Sinks<'_>) {
        let Some(tier) = &mut self.offload else { return };
        while let Some(until) = tier.begin_store(now, self.step) {
            sinks.emitted.push(Emitted::Copying { until });
        }
    }

    /// Copies have ended, as [`Emitted::Copying`] said. As after [`Instance::arrive`], the present end may come sooner, and an
    /// idle engine may want a plan.
    pub fn copied(&mut self, now: Time, sinks: &mut Sinks<'_>) {
        if let Some(tier) = &mut self.offload {
            tier.end_stores(now);
        }
        while let Some(loaded) = self.offload.as_mut().and_then(|tier| tier.end_load(now)) {
            let seq = self.seqs[loaded.id];
            if loaded.abandoned {
                // Steps that have ended counted the blocks as in use.
                self.settle_before(now, sinks);
                self.kv.release(loaded.id, &seq, seq.slots, seq.computed);
                self.seqs.remove(loaded.id);
                self.blocked = false;
                if !self.waiting.is_empty() {
                    self.shorten(now);
                }
                continue;
            }
            let (from, to) = loaded.blocks;
            let size = self.config.block_size;
            let row = &mut self.seqs[loaded.id];
            (row.computed, row.loaded) = (to * size, (to - from) * size);
            self.fetching -= 1;
            self.fetched.push_back(loaded.id);
            self.blocked = false;
            sinks.emitted.push(Emitted::Loaded(seq.tag));
            self.shorten(now);
        }
    }

    /// A request that loads is taken back; whether it does. Its blocks are let go of when they are no longer written to.
    pub(super) fn abandon_load(&mut self, now: Time, id: Id<Seq>) -> bool {
        let loads = self.offload.as_mut().is_some_and(|tier| tier.abandon(id));
        if loads {
            self.fetching -= 1;
            self.record.waiting.set(now, self.queued());
        }
        loads
    }

    /// How many blocks of these hashes, from the first, host memory has.
    #[must_use]
    pub fn offloaded_blocks(&self, hashes: &[u64]) -> u32 {
        self.offload.as_ref().map_or(0, |tier| tier.found(hashes))
    }
}
