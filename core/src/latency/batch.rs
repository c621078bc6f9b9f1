//! What one step computes: the composition of a batch, in tokens.

/// What one step computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Tokens of context beyond which the bounded part of attention does not look; none: nothing is bounded, and nothing is
    /// counted up to a bound.
    pub span_tokens: Option<u32>,
    /// Sequences that decode one token.
    pub decode_seqs: u32,
    /// Tokens they attend to that were computed before this step, summed.
    pub decode_ctx_tokens: u64,
    /// The same, each sequence's counted up to the bound.
    pub decode_span_tokens: u64,
    /// Those of the sequences whose context lies below the bound, so that it still grows by the bounded count.
    pub decode_span_growing: u32,
    /// Sequences that verify drafts, instead of decoding one token.
    pub verify_seqs: u32,
    /// Tokens they compute: each one that is known, and drafts.
    pub verify_tokens: u32,
    /// Tokens that they attend to and were computed before this step, summed.
    pub verify_ctx_tokens: u64,
    /// The same, each sequence's counted up to the bound.
    pub verify_span_tokens: u64,
    /// Prompts, or pieces of prompts, in this step.
    pub prefill_chunks: u32,
    /// Tokens of those pieces.
    pub prefill_tokens: u32,
    /// Tokens computed before this step, summed over those pieces.
    pub prefill_ctx_tokens: u64,
    /// The same, each piece's counted up to the bound.
    pub prefill_span_tokens: u64,
    /// Query–key pairs of those pieces: Σ n·c + n²/2, doubled to stay whole.
    pub prefill_pairs_doubled: u64,
    /// The same, each query's keys counted up to the bound.
    pub prefill_span_pairs_doubled: u64,
    /// Pieces that end a prompt, and so yield a token.
    pub prefill_ends: u32,
}

impl Batch {
    /// An empty batch of a step model with this bound.
    #[must_use]
    pub fn new(span_tokens: Option<u32>) -> Self {
        Batch { span_tokens, ..Batch::default() }
    }

    /// Adds `seqs` sequences that decode with `ctx` tokens computed before, each.
    pub fn add_decodes(&mut self, seqs: u32, ctx: u32) {
        self.decode_seqs += seqs;
        self.decode_ctx_tokens += u64::from(seqs) * u64::from(ctx);
        let Some(bound) = self.span_tokens else { return };
        self.decode_span_tokens += u64::from(seqs) * u64::from(ctx.min(bound));
        self.decode_span_growing += if ctx < bound { seqs } else { 0 };
    }

    /// Adds a sequence that computes `tokens` tokens, all but one of them drafts, with `ctx` tokens computed before.
    pub fn add_verify(&mut self, tokens: u32, ctx: u32) {
        self.verify_seqs += 1;
        self.verify_tokens += tokens;
        self.verify_ctx_tokens += u64::from(ctx);
        self.verify_span_tokens += self.span_tokens.map_or(0, |bound| u64::from(ctx.min(bound)));
    }

    /// Adds a piece of `tokens` after `ctx` tokens computed before.
    pub fn add_chunk(&mut self, tokens: u32, ctx: u32, ends_prompt: bool) {
        let (n, c) = (u64::from(tokens), u64::from(ctx));
        self.prefill_chunks += 1;
        self.prefill_tokens += tokens;
        self.prefill_ctx_tokens += c;
        self.prefill_pairs_doubled += pairs_doubled(n, c);
        self.prefill_ends += u32::from(ends_prompt);
        let Some(bound) = self.span_tokens.map(u64::from) else { return };
        self.prefill_span_tokens += c.min(bound);
        // The first of its tokens have less than the bound before them, the others all of it.
        let below = bound.saturating_sub(c).min(n);
        self.prefill_span_pairs_doubled += pairs_doubled(below, c.min(bound)) + 2 * (n - below) * bound;
    }

    /// Tokens in the step.
    #[must_use]
    pub fn tokens(&self) -> u32 {
        self.decode_seqs + self.verify_tokens + self.prefill_tokens
    }

    /// Tokens after which one is sampled: of drafts, each.
    #[must_use]
    pub fn sampled(&self) -> u32 {
        self.decode_seqs + self.verify_tokens + self.prefill_ends
    }

    /// Sequences that yield tokens.
    #[must_use]
    pub fn yielding(&self) -> u32 {
        self.decode_seqs + self.verify_seqs + self.prefill_ends
    }

    /// Whether nothing is computed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens() == 0
    }
}

/// 2 (n·c + n²/2): pairs of n tokens with those before them, c before the first.
fn pairs_doubled(n: u64, c: u64) -> u64 {
    2 * n * c + n * n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_a_minimum_token_by_token() {
        for bound in [1, 3, 7, 100] {
            for (n, c) in [(1, 0), (4, 0), (5, 2), (3, 7), (10, 90), (200, 0), (20, 300)] {
                let mut b = Batch::new(Some(bound));
                b.add_chunk(n, c, true);
                // Tokens one by one: pair counts of a single token are those of its middle, so halves add up.
                let mut single = Batch::new(Some(bound));
                for i in 0..n {
                    single.add_chunk(1, c + i, false);
                }
                assert_eq!(b.prefill_pairs_doubled, single.prefill_pairs_doubled, "{n} after {c}");
                assert_eq!(
                    b.prefill_span_pairs_doubled, single.prefill_span_pairs_doubled,
                    "{n} after {c} within {bound}"
                );
                assert_eq!(b.prefill_span_tokens, u64::from(c.min(bound)));
                let mut beyond = Batch::new(Some(1000));
                beyond.add_chunk(n, c, true);
                assert_eq!(beyond.prefill_span_pairs_doubled, beyond.prefill_pairs_doubled);
            }
        }
    }

    #[test]
    fn decoders_grow_up_to_the_bound() {
        let mut b = Batch::new(Some(10));
        b.add_decodes(2, 9);
        b.add_decodes(3, 10);
        b.add_decodes(1, 40);
        assert_eq!((b.decode_seqs, b.decode_ctx_tokens), (6, 88));
        assert_eq!((b.decode_span_tokens, b.decode_span_growing), (58, 2));
    }
}
