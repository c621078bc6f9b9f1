//! What drafts cost: a pass of the drafter for each.
//!
//! ```text
//! layer  = (blocks(T) + (n − 1)·blocks(R)) / L + n·gemm(R, V/tp, h)      EAGLE, MTP: one layer of L, and the LM head
//! model  = its step of T tokens + (n − 1) steps of R                    a smaller model on the same GPUs
//! lookup = 0                                                            n-grams of the prompt
//! ```
//!
//! T tokens of the step, which the drafter takes in too, R sequences that yield a token, n drafts. The context of every pass
//! adds to that of the step.

use super::Batch;
use super::physics::{Computed, Parts, Physics, graph_size};
use crate::base::PS_PER_S;
use alloc::boxed::Box;

/// Who drafts.
#[derive(Clone, Debug)]
pub enum Drafter {
    /// A look into the prompt.
    Lookup,
    /// A layer like those of the model, and its LM head.
    Layer,
    /// A smaller model on the same GPUs.
    Model(Box<Physics>),
}

/// How drafts come about.
#[derive(Clone, Debug)]
pub struct Drafting {
    /// Drafts of a step.
    pub drafts: u32,
    /// Who makes them.
    pub by: Drafter,
}

impl Drafting {
    /// Time of one token of a sequence's context over all passes, ps: in all of the context, and in the bounded part.
    pub(super) fn context_ps(&self, parts: &Parts, span_tokens: Option<u32>, to_ps: impl Fn(f64) -> u64) -> [u64; 2] {
        let passes = u64::from(self.drafts);
        match &self.by {
            Drafter::Lookup => [0; 2],
            Drafter::Layer => {
                let of = |bounded| f64::from(self.drafts) * parts.context_seconds(bounded, 1.0).0 / parts.layers();
                [to_ps(of(false)), to_ps(of(true))]
            }
            // A window other than the model's counts as none.
            Drafter::Model(m) if m.span_tokens == span_tokens => [passes * m.ctx_ps, passes * m.span_ps],
            Drafter::Model(m) => [passes * (m.ctx_ps + m.span_ps), 0],
        }
    }

    /// Seconds of all passes but for the context, beside a step that computes `c`.
    pub(super) fn seconds(&self, parts: &Parts, b: &Batch, c: &Computed) -> f64 {
        let yielding = b.yielding();
        let further = if yielding > 0 { f64::from(self.drafts - 1) } else { 0.0 };
        match &self.by {
            Drafter::Lookup => 0.0,
            Drafter::Layer => {
                let sampled = f64::from(yielding);
                let tokens = f64::from(graph_size(yielding, parts.graph_tokens_max as u32));
                let alone = Computed {
                    tokens,
                    sampled,
                    yielding: sampled,
                    sequences: sampled,
                    prompt: 0.0,
                    pairs: [0.0; 2],
                    parts: 1.0,
                };
                let heads = if yielding > 0 { f64::from(self.drafts) * parts.head_seconds(sampled) } else { 0.0 };
                (parts.blocks(c) + further * parts.blocks(&alone)) / parts.layers() + heads
            }
            Drafter::Model(m) => {
                let sampled = f64::from(yielding);
                let first = m.parts.step_without_context(&Computed { sampled, yielding: sampled, ..*c });
                first + further * (m.decoding_ps(yielding) as f64 / PS_PER_S as f64)
            }
        }
    }
}
