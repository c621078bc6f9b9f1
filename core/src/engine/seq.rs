//! One request inside an engine.

use super::handoff::Handoff;
use super::instance::Incoming;
use crate::base::Time;

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// In the queue. One whose last token is in flight ends there.
    Waiting,
    /// Its known tokens are being computed.
    Prefill,
    /// It decoded, and a pass had nothing left for it: it lacks one token more than others, and catches up like a prompt.
    Late,
    /// One token a step.
    Decode,
    /// One token a step and drafts of the next ones, of which some are kept: its last known token is not computed yet.
    Verify,
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
    /// Whether its last token says that it is the last: nobody knows before that token is there.
    pub(super) stops: bool,
    /// Lower goes first, where priorities count.
    pub(super) priority: i32,
    /// Lower goes first, among those of one priority.
    pub(super) order: u64,
    /// As which of all it arrived.
    pub(super) number: u64,
    /// Output tokens known when it was last admitted or preempted: with the prompt, what must be computed.
    pub(super) generated: u32,
    /// Tokens planned so far of that, while it catches up; in [`Phase::Ending`], those that hold blocks; found
    /// by the lookup, while its prompt is fetched or loaded.
    pub(super) computed: u32,
    /// Its rank in order of admission.
    pub(super) rank: u64,
    /// When it was first admitted; before that, when it arrived.
    pub(super) admitted_at: Time,
    /// First step in which it decodes.
    pub(super) decode_from: u64,
    /// Step whose end yields its last token.
    pub(super) finish: u64,
    /// Last step in which it decodes: with a step in flight, one that stops is scheduled once more than it needs.
    pub(super) leave: u64,
    /// How often it lost its blocks.
    pub(super) preemptions: u32,
    /// Tells entries of the past from those that hold: no two times of decoding have the same.
    pub(super) stamp: u32,
    /// Whether a token was delivered, and when the last one was.
    pub(super) has_token: bool,
    pub(super) last_token_at: Time,
    /// While it verifies drafts, or fetches its prompt and catches up after that: tokens that its blocks are for.
    pub(super) slots: u32,
    /// While it verifies drafts: tokens that the last step planned adds.
    pub(super) in_flight: u32,
    /// Tokens that it has loaded from host memory since it last waited.
    pub(super) loaded: u32,
    /// Begins the row of draws of which drafts are accepted.
    pub(super) draws: u64,
    /// Its part in handing a prompt over; none once it has its own.
    pub(super) handoff: Handoff,
    /// Whether the owner is told of its admission.
    pub(super) announced: bool,
}

impl Seq {
    /// A request that has just arrived.
    pub(super) fn new(incoming: &Incoming<'_>, number: u64, now: Time) -> Self {
        Seq {
            tag: incoming.tag,
            class: incoming.class,
            phase: Phase::Waiting,
            prompt: incoming.prompt_tokens,
            output: incoming.output_tokens,
            stops: incoming.stops,
            priority: incoming.priority,
            order: incoming.order,
            number,
            generated: 0,
            computed: 0,
            rank: 0,
            admitted_at: now,
            decode_from: 0,
            finish: 0,
            leave: 0,
            preemptions: 0,
            stamp: 0,
            has_token: false,
            last_token_at: now,
            slots: 0,
            loaded: 0,
            in_flight: 0,
            draws: incoming.draws,
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

    /// Whether its known tokens are not all planned yet.
    pub(super) fn catches_up(&self) -> bool {
        matches!(self.phase, Phase::Prefill | Phase::Late | Phase::Verify)
    }

    /// Tokens that its blocks are for, while it catches up with its prompt.
    pub(super) fn held(&self) -> u32 {
        self.computed.max(self.slots)
    }

    /// Of `tokens` tokens planned before step `step`, those that can be remembered: of one that decodes, not those whose
    /// own token is in flight, `ahead` steps of them.
    pub(super) fn remembered(&self, tokens: u32, step: u64, ahead: u32) -> u32 {
        if step > self.decode_from { tokens - ahead } else { tokens }
    }

    /// Tokens that are worth remembering once it has ended: the last one generated is never computed.
    pub(super) fn final_tokens(&self) -> u32 {
        self.prompt + self.output - 1
    }
}
