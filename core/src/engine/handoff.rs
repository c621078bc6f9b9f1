//! What passes between engines: the keys and values of a prompt, computed by one engine and read by another.
//!
//! As vLLM's NIXL connector has it. The engine that computed a prompt holds its blocks after the request has ended, until
//! its owner says that they were read. The engine that decodes takes blocks for the whole prompt once the request is the
//! head of its queue, and announces what it lacks; while that is on its way the request has blocks, but no place. When it
//! has come, the next pass admits the request before all that wait, and computes the last prompt token again for its
//! first output.

use super::instance::{Emitted, Instance, Sinks};
use super::seq::Seq;
use crate::base::{Id, Time};

/// A request's part in handing a prompt over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Handoff {
    /// None: its prompt is computed where it is decoded.
    #[default]
    None,
    /// When it has ended its blocks are held, until they are let go of.
    Gives,
    /// Its prompt was computed elsewhere, and is read from there.
    Takes,
}

impl Instance {
    /// A request that takes its prompt from elsewhere has its blocks, `lacking` of them to be read.
    pub(super) fn begin_fetch(&mut self, id: Id<Seq>, found: u32, lacking: u32, sinks: &mut Sinks<'_>) {
        let seq = &mut self.seqs[id];
        (seq.computed, seq.slots) = (found, seq.known());
        let tag = seq.tag;
        self.parked.insert(tag, id);
        self.fetching += 1;
        self.record.kv_used_peak = self.record.kv_used_peak.max(u64::from(self.kv.used()));
        sinks.emitted.push(Emitted::Fetch { tag, blocks: lacking });
    }

    /// What a request lacked has been read: the next pass to come may admit it. As after [`Instance::arrive`], the present
    /// end may come sooner, and an idle engine wants a plan.
    ///
    /// # Panics
    /// When the request does not fetch.
    pub fn fetched(&mut self, now: Time, tag: u32) {
        let id = self.parked.remove(&tag).expect("who has fetched was fetching");
        self.fetching -= 1;
        self.fetched.push_back(id);
        self.blocked = false;
        self.shorten(now);
    }

    /// Lets go of the blocks of a request that has ended and holds them, or that fetches and is given up. Whether there
    /// was one. As after [`Instance::arrive`], the present end may come sooner, and an idle engine may want a plan.
    pub fn let_go(&mut self, now: Time, tag: u32, sinks: &mut Sinks<'_>) -> bool {
        let Some(id) = self.parked.remove(&tag) else { return false };
        // Steps that have ended counted the blocks as in use.
        self.settle_before(now, sinks);
        let seq = self.seqs[id];
        if seq.handoff == Handoff::Takes {
            self.fetching -= 1;
            self.record.waiting.set(now, self.queued());
            self.kv.release(id, &seq, seq.slots, seq.computed);
        } else {
            self.kv.release(id, &seq, seq.computed, seq.final_tokens());
        }
        self.seqs.remove(id);
        if !self.waiting.is_empty() {
            self.blocked = false;
            self.shorten(now);
        }
        true
    }

    /// Whether a request has ended and its blocks are held. They are not where its last token was still on its way when
    /// they were taken from it.
    #[must_use]
    pub fn holds_for(&self, tag: u32) -> bool {
        self.parked.contains_key(&tag)
    }

    /// Requests in the queue: those that fetch or load, or have just done so, included.
    pub(super) fn queued(&self) -> u64 {
        self.waiting.len() as u64 + u64::from(self.fetching) + self.fetched.len() as u64
    }

    /// Whether the next pass has somebody to admit, or to try.
    pub(super) fn someone_waits(&self) -> bool {
        !self.waiting.is_empty() || !self.fetched.is_empty()
    }

    /// Requests that have blocks and nothing to compute: they fetch or load, or have ended and hold them.
    pub(super) fn idle_holders(&self) -> usize {
        self.parked.len() + self.offload.as_ref().map_or(0, |tier| tier.loads())
    }
}
