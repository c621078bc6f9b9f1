//! A step law given by four numbers: for measured coefficients, and for tests against closed forms.

use super::Batch;
use crate::base::{Dur, PS_PER_S};

/// duration = step + sequences · per_sequence + tokens · per_token + context · per_context_token
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Affine {
    step_ps: u64,
    sequence_ps: u64,
    token_ps: u64,
    /// Growth per token of context, ps.
    pub(super) ctx_ps: u64,
    /// Growth per token of context up to a bound, ps, and the bound.
    pub(super) span_ps: u64,
    pub(super) span_tokens: Option<u32>,
    /// Durations are rounded down to whole ticks of this, ps.
    tick_ps: u64,
}

impl Affine {
    /// The law with these coefficients.
    #[must_use]
    pub fn new(step: Dur, per_sequence: Dur, per_token: Dur, per_context_token: Dur) -> Self {
        Affine {
            step_ps: step.as_ps(),
            sequence_ps: per_sequence.as_ps(),
            token_ps: per_token.as_ps(),
            ctx_ps: per_context_token.as_ps(),
            span_ps: 0,
            span_tokens: None,
            tick_ps: 1,
        }
    }

    /// The same law with a part that looks at no more than `tokens` tokens of a sequence's context, as layers with a window
    /// do.
    #[must_use]
    pub fn with_span(self, tokens: u32, per_token: Dur) -> Self {
        Affine { span_ps: per_token.as_ps(), span_tokens: Some(tokens), ..self }
    }

    /// The same law on a clock that ticks: durations rounded down, as in traces kept in whole microseconds.
    ///
    /// # Panics
    /// For a tick of no time.
    #[must_use]
    pub fn with_tick(self, tick: Dur) -> Self {
        assert!(tick > Dur::ZERO, "a clock's tick takes time");
        Affine { tick_ps: tick.as_ps(), ..self }
    }

    /// Seconds of a step so composed, in floating point, which cannot overflow.
    pub(crate) fn seconds(&self, sequences: f64, tokens: f64, context: f64) -> f64 {
        let ps = self.step_ps as f64
            + sequences * self.sequence_ps as f64
            + tokens * self.token_ps as f64
            + context * self.ctx_ps as f64;
        ps / PS_PER_S as f64
    }

    /// Whether consecutive steps differ by the same amount: not when rounding to ticks comes in between.
    pub(super) fn is_ramp(&self) -> bool {
        self.tick_ps == 1 || (self.ctx_ps == 0 && self.span_ps == 0)
    }

    /// Context counts what is attended to after this step: tokens computed before it and in it.
    pub(super) fn duration(&self, b: &Batch) -> u64 {
        let sequences = u64::from(b.decode_seqs + b.verify_seqs + b.prefill_chunks);
        let context = b.decode_ctx_tokens + b.verify_ctx_tokens + b.prefill_ctx_tokens + u64::from(b.tokens());
        let exact = self.step_ps
            + sequences * self.sequence_ps
            + u64::from(b.tokens()) * self.token_ps
            + context * self.ctx_ps
            + (b.decode_span_tokens + b.verify_span_tokens + b.prefill_span_tokens) * self.span_ps;
        exact - exact % self.tick_ps
    }
}
