//! Prefill apart from decode: llm-d's `disagg-profile-handler`, decode first.
//!
//! The decode profile chooses where a request decodes. A decider then says, knowing that choice, whether its prompt is
//! computed elsewhere; if so the prefill profile chooses where. Otherwise the decoding instance computes it too.

use super::decide::{Decider, Note, Stage};
use super::{Ask, Badge, FleetView, Instance, Meta, Param, ParamKind, SchedulingProfile};
use crate::base::{Id, Stream, Time};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The plugin.
pub static META: Meta = Meta {
    id: "disagg-profile-handler",
    title: "Prefill apart from decode",
    doc: "The profile “decode” chooses the instance that decodes; a decider says whether the profile “prefill” chooses another one to compute the prompt.",
    source: "llm-d-router, disagg-profile-handler",
    badge: Badge::Exact,
    params: &[
        Param {
            id: "stageOrder",
            kind: ParamKind::Word { words: &["decode-first"], default: "decode-first" },
            doc: "Which profile runs first; only decode-first is simulated.",
        },
        Param {
            id: "profiles",
            kind: ParamKind::Names { keys: &["decode", "prefill", "encode"] },
            doc: "Names of the profiles, where they are not decode and prefill; encode has no effect.",
        },
        Param {
            id: "deciders",
            kind: ParamKind::Names { keys: &["prefill", "encode"] },
            doc: "Names of the deciders; encode has no effect.",
        },
    ],
};

/// llm-d's filters of the decode profile and of the prefill profile.
pub const DECODE_FILTER: &str = "decode-filter";
/// See [`DECODE_FILTER`].
pub const PREFILL_FILTER: &str = "prefill-filter";

/// How prompts are placed apart from decoding.
pub struct Disaggregation {
    /// Chooses among those that compute prompts.
    pub prefill: SchedulingProfile,
    /// Says whether.
    pub decider: Box<dyn Decider>,
    /// Instances that the decode profile may choose.
    pub decode_pool: Vec<u32>,
    /// Instances that the prefill profile may choose.
    pub prefill_pool: Vec<u32>,
    /// Draws of the decider, one per request.
    pub decide_draws: Stream,
    /// Whose prefix matches it reads, if any.
    pub prefix: Option<usize>,
}

impl Disaggregation {
    /// Whether the prompt of a request that decodes there is computed elsewhere, and where; and how many of its tokens the
    /// decoding instance lacks.
    pub fn choose(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, decode: Id<Instance>) -> Option<Id<Instance>> {
        let info = self.prefix.map(|place| &fleet.prefixes[place]).filter(|info| info.blocks > 0);
        let stage = Stage {
            decode,
            // A last partial block counts as a whole one.
            uncached_tokens: info.map_or(ask.prompt_tokens, |i| i.uncached(decode.index() as usize, ask.prompt_tokens)),
            match_known: info.is_some(),
            decode_pool: &self.decode_pool,
            prefill_pool: &self.prefill_pool,
        };
        let apart = self.decider.disaggregates(ask, fleet, &stage, &mut self.decide_draws);
        let beside = FleetView { peer: Some(decode), ..*fleet };
        let prefill = if apart { self.prefill.choose(ask, &beside) } else { None };
        // An instance does not send to itself.
        let prefill = prefill.filter(|p| *p != decode);
        let placed = Note::Placed {
            number: ask.number,
            class: ask.class,
            prompt_tokens: ask.prompt_tokens,
            uncached_tokens: stage.uncached_tokens,
            apart: prefill.is_some(),
        };
        self.decider.note(fleet.now, &placed);
        prefill
    }

    /// Tells the decider what happened.
    pub fn note(&mut self, now: Time, note: &Note) {
        self.decider.note(now, note);
    }
}
