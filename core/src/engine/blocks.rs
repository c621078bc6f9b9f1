//! KV blocks, counted: free ones, and how many a sequence holds.

/// The pool of one engine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocks {
    total: u32,
    free: u32,
    size: u32,
}

impl Blocks {
    pub(super) fn new(total: u32, size: u32) -> Self {
        Blocks { total, free: total, size }
    }

    /// Blocks that `tokens` tokens fill or begin.
    pub(super) fn for_tokens(&self, tokens: u32) -> u32 {
        tokens.div_ceil(self.size)
    }

    pub(super) fn free(&self) -> u32 {
        self.free
    }

    pub(super) fn used(&self) -> u32 {
        self.total - self.free
    }

    /// Takes blocks, if there are as many.
    #[must_use]
    pub(super) fn take(&mut self, blocks: u32) -> bool {
        let enough = blocks <= self.free;
        if enough {
            self.free -= blocks;
        }
        enough
    }

    /// Gives blocks back.
    pub(super) fn give(&mut self, blocks: u32) {
        self.free += blocks;
        assert!(self.free <= self.total, "no block is given back twice");
    }
}
