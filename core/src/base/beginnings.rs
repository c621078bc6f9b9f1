//! How chains begin: many prompts begin alike, with a system prompt or a document, and its hashes are worked out once.

use super::{Chain, Run};
use alloc::vec::Vec;

/// How many beginnings are kept at a time. Where there are more of them, some are worked out again.
const SLOTS: usize = 16;

/// Chains of single runs, as far as they were asked for. Keeps time, changes nothing.
#[derive(Clone, Debug, Default)]
pub struct Beginnings {
    /// By content; what is here gives way to another of the same slot.
    slots: Vec<Beginning>,
}

#[derive(Clone, Debug, Default)]
struct Beginning {
    /// The content and the size of the blocks that it was cut into; none is cut into blocks of nothing.
    of: (u64, u32),
    /// Its full blocks.
    chain: Chain,
}

impl Beginnings {
    /// Chains a whole prompt anew. A run alone is nobody's beginning.
    pub fn chain(&mut self, chain: &mut Chain, prompt: &[Run], block_size: u32) {
        chain.clear();
        let mut rest = prompt;
        if let [first, after @ ..] = prompt
            && !after.is_empty()
            && first.start == 0
            && first.length >= block_size
        {
            let blocks = first.length / block_size;
            chain.begin(&self.of(first.content, block_size, blocks)[..blocks as usize]);
            let whole = blocks * block_size;
            chain.push(Run { start: whole, length: first.length - whole, ..*first }, block_size);
            rest = after;
        }
        for &run in rest {
            chain.push(run, block_size);
        }
    }

    /// Hashes of at least so many first blocks of a content.
    fn of(&mut self, content: u64, block_size: u32, blocks: u32) -> &[u64] {
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, Beginning::default);
        }
        // The remainder is below the number of slots.
        let slot = &mut self.slots[(content % SLOTS as u64) as usize];
        if slot.of != (content, block_size) {
            slot.of = (content, block_size);
            slot.chain.clear();
        }
        // As many as a content has hash values, which a length in tokens bounds.
        let known = slot.chain.hashes().len() as u32;
        if known < blocks {
            let (start, length) = (known * block_size, (blocks - known) * block_size);
            slot.chain.push(Run { content, start, length }, block_size);
        }
        slot.chain.hashes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Purpose, Stream};

    /// Prompts of few contents, of any lengths, cut into blocks of two sizes: more contents than slots.
    #[test]
    fn what_is_known_is_what_would_be_worked_out() {
        let mut draws = Stream::new(3, 0, Purpose::Group, 0);
        let (mut beginnings, mut chain) = (Beginnings::default(), Chain::default());
        for step in 0..20_000 {
            let mut below = |k: u64, n: u32| draws.below(8 * step + k, n);
            let block_size = [16, 64][below(0, 2) as usize];
            let content = u64::from(below(1, 40)) * 0x0123_4567_89ab_cdef;
            let start = [0, 0, 0, 5][below(2, 4) as usize];
            let mut prompt = Vec::from([Run { content, start, length: below(3, 500) }]);
            if below(4, 5) > 0 {
                prompt.push(Run { content: step + 1, start: 0, length: below(5, 100) });
            }
            beginnings.chain(&mut chain, &prompt, block_size);
            let mut plain = Chain::default();
            prompt.iter().for_each(|&run| plain.push(run, block_size));
            assert_eq!(chain.hashes(), plain.hashes(), "{prompt:?}");
            // What is not full is the same too.
            let more = Run { content: 7, start: 0, length: 64 };
            let mut grown = chain.clone();
            grown.push(more, block_size);
            plain.push(more, block_size);
            assert_eq!(grown.hashes(), plain.hashes(), "{prompt:?}");
        }
    }
}
