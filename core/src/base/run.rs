//! What tokens say, without their text: runs of contents.
//!
//! Two tokens are equal exactly if they are at the same position of the same content. A shared system prompt is
//! one content, a conversation another, in which prompts and answers follow each other; so a prompt is a few
//! runs however long it is, and whether two prompts share a prefix can be told from them.

/// Consecutive tokens of one content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Which content.
    pub content: u64,
    /// Position of the first token in it.
    pub start: u32,
    /// How many tokens.
    pub length: u32,
}

impl Run {
    /// Whether `next` continues this run.
    #[must_use]
    pub fn continued_by(&self, next: &Run) -> bool {
        self.content == next.content && self.start + self.length == next.start
    }
}
