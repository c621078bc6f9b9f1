//! One request inside an engine.

use super::handoff::Handoff;
use super::instance::Incoming;
use crate::base::Time;

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// In the queue.
    Waiting,
    /// Its known tokens are being computed; it is then the last of the running list.
    Prefill,
    /// One token a step.
    Decode,
    /// Its last token is planned or in flight: it keeps its place until that step has ended.
    Ending,
}

/// One request. A row of a slab: small, copied freely.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seq {
    /// The owner's name for it.
    pub(super) tag: u32,
    /// Traffic class.
    pub(super) class: u32,
    pub(super) phase: Phase,
    /// Prompt, tokens.
    pub(super) prompt: u32,
    /// Output, tokens, all of it.
    pub(super) output: u32,
    /// Output tokens known when it was last admitted or preempted: with the prompt, what must be computed.
    pub(super) generated: u32,
    /// Tokens planned so far of that, while in [`Phase::Prefill`]; found by the lookup, while its prompt is fetched.
    pub(super) computed: u32,
    /// Its rank in order of admission.
    pub(super) rank: u64,
    /// First step in which it decodes.
    pub(super) decode_from: u64,
    /// Step whose end yields its last token.
    pub(super) finish: u64,
    /// Tells entries of the past from those that hold: grows with each preemption.
    pub(super) epoch: u32,
    /// Whether a token was delivered, and when the last one was.
    pub(super) has_token: bool,
    pub(super) last_token_at: Time,
    /// Whether its blocks were taken away while it was ending.
    pub(super) stripped: bool,
    /// Its part in handing a prompt over; none once it has its own.
    pub(super) handoff: Handoff,
    /// Whether the owner is told of its admission.
    pub(super) announced: bool,
}

impl Seq {
    /// A request that has just arrived.
    pub(super) fn new(incoming: &Incoming<'_>, now: Time) -> Self {
        Seq {
            tag: incoming.tag,
            class: incoming.class,
            phase: Phase::Waiting,
            prompt: incoming.prompt_tokens,
            output: incoming.output_tokens,
            generated: 0,
            computed: 0,
            rank: 0,
            decode_from: 0,
            finish: 0,
            epoch: 0,
            has_token: false,
            last_token_at: now,
            stripped: false,
            handoff: incoming.handoff,
            announced: incoming.announced,
        }
    }

    /// Tokens known: what a pass brings its computed tokens up to.
    pub(super) fn known(&self) -> u32 {
        self.prompt + self.generated
    }

    /// Tokens computed before step `step`, while decoding.
    pub(super) fn context(&self, step: u64) -> u32 {
        self.known() + u32::try_from(step - self.decode_from).expect("an output is shorter than 2^32 tokens")
    }

    /// Tokens that hold blocks once it has ended: the last one generated is never computed.
    pub(super) fn final_tokens(&self) -> u32 {
        self.prompt + self.output - 1
    }
}
