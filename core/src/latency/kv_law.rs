//! How many KV blocks a sequence holds.
//!
//! A block is room for `block_size` tokens in all layers that keep every token. Layers with a window and recurrent
//! states take blocks of the same pool, as vLLM's hybrid memory manager has it: the first as many as tokens lie within
//! the window, in whole groups of layers; the second a fixed number.

/// Blocks that a sequence holds besides those of the layers that keep every token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KvLaw {
    /// For each block of its tokens, within the window: blocks of the layers that keep no more than a window.
    pub window_blocks: u32,
    /// The window, tokens.
    pub window_tokens: u32,
    /// Blocks of recurrent states, from its first token on.
    pub state_blocks: u32,
}

impl KvLaw {
    /// Blocks of a sequence of `tokens` tokens.
    #[must_use]
    pub fn blocks(&self, block_size: u32, tokens: u32) -> u32 {
        if tokens == 0 {
            return 0;
        }
        let all = tokens.div_ceil(block_size);
        let within = all.min(self.window_tokens.div_ceil(block_size));
        all.saturating_add(self.window_blocks.saturating_mul(within)).saturating_add(self.state_blocks)
    }

    /// Blocks that one more token needs after `tokens` tokens: only where a new block begins.
    #[must_use]
    pub fn next_blocks(&self, block_size: u32, tokens: u32) -> u32 {
        if !tokens.is_multiple_of(block_size) {
            return 0;
        }
        1 + if tokens < self.window_tokens { self.window_blocks } else { 0 }
    }

    /// The longest sequence that so many blocks hold, tokens.
    #[must_use]
    pub fn longest(&self, block_size: u32, blocks: u32) -> u32 {
        let left = blocks.saturating_sub(self.state_blocks);
        let window = self.window_tokens.div_ceil(block_size);
        let per_block = 1 + self.window_blocks;
        let all = if left / per_block < window { left / per_block } else { left - self.window_blocks * window };
        all.saturating_mul(block_size)
    }

    /// The context beyond which a decoding sequence takes fewer blocks, if there is such a thing.
    #[must_use]
    pub fn bound(&self) -> Option<u32> {
        (self.window_blocks > 0).then_some(self.window_tokens)
    }

    /// Tokens that a sequence of `tokens` tokens displaces, had it layers of the first kind only.
    #[must_use]
    pub fn displaced(&self, block_size: u32, tokens: f64) -> f64 {
        tokens
            + f64::from(self.window_blocks) * tokens.min(f64::from(self.window_tokens))
            + f64::from(self.state_blocks) * f64::from(block_size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_grow_by_what_the_next_token_needs() {
        for (window_blocks, window_tokens, state_blocks) in [(0, 0, 0), (1, 128, 0), (6, 100, 0), (0, 0, 30), (3, 7, 2)]
        {
            let law = KvLaw { window_blocks, window_tokens, state_blocks };
            for size in [1, 3, 16] {
                let mut blocks = law.blocks(size, 1);
                assert_eq!(blocks, 1 + if window_tokens > 0 { window_blocks } else { 0 } + state_blocks);
                for tokens in 1..400 {
                    blocks += law.next_blocks(size, tokens);
                    assert_eq!(blocks, law.blocks(size, tokens + 1), "{law:?} {size} {tokens}");
                }
            }
        }
    }

    #[test]
    fn the_longest_fits_and_one_token_more_does_not() {
        for (window_blocks, window_tokens, state_blocks) in [(0, 0, 0), (1, 128, 0), (6, 100, 0), (0, 0, 30), (3, 7, 2)]
        {
            let law = KvLaw { window_blocks, window_tokens, state_blocks };
            for size in [1, 3, 16] {
                for blocks in 0..300 {
                    let longest = law.longest(size, blocks);
                    assert!(law.blocks(size, longest) <= blocks, "{law:?} {size} {blocks}");
                    assert!(law.blocks(size, longest + 1) > blocks, "{law:?} {size} {blocks}");
                }
            }
        }
    }
}
