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

/// llm-d's filter for the decode profile.
pub static DECODE_FILTER: Meta = Meta {
    id: "decode-filter",
    title: "Decode instances",
    doc: "Keeps instances whose role is decode or both.",
    source: "llm-d-router, decode-filter",
    badge: Badge::Exact,
    params: &[],
};

/// llm-d's filter for the prefill profile.
pub static PREFILL_FILTER: Meta = Meta {
    id: "prefill-filter",
    title: "Prefill instances",
    doc: "Keeps instances whose role is prefill or both.",
    source: "llm-d-router, prefill-filter",
    badge: Badge::Exact,
    params: &[],
};

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The instance that decodes.
    pub decode: Id<Instance>,
    /// The one that computes its prompt, where that is another.
    pub prefill: Option<Id<Instance>>,
}

impl Placement {
    /// One instance does all of it.
    #[must_use]
    pub fn whole(instance: Id<Instance>) -> Self {
        Placement { decode: instance, prefill: None }
    }
}

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
    /// Draws of the prefill profile, one per request.
    pub prefill_draws: Stream,
    /// Draws of the decider, likewise.
    pub decide_draws: Stream,
}

impl Disaggregation {
    /// Chooses where a request goes, the decode profile first.
    pub fn place(
        &mut self,
        decode: &mut SchedulingProfile,
        ask: &Ask<'_>,
        view: &FleetView<'_>,
        draws: &mut Stream,
    ) -> Option<Placement> {
        decode.look_up(ask);
        let chosen = decode.choose(ask, view, draws)?;
        let view = decode.seen(view);
        let known = view.prefix_blocks > 0;
        let cached = if known { view.prefix_match[chosen.index() as usize] * view.prefix_block_tokens } else { 0 };
        let stage = Stage {
            decode: chosen,
            // A last partial block counts as a whole one.
            uncached_tokens: ask.prompt_tokens.saturating_sub(cached),
            match_known: known,
            decode_pool: &self.decode_pool,
            prefill_pool: &self.prefill_pool,
        };
        let apart = self.decider.disaggregates(ask, &view, &stage, &mut self.decide_draws);
        let prefill = if apart { self.prefill.choose(ask, &view, &mut self.prefill_draws) } else { None };
        // An instance does not send to itself.
        let prefill = prefill.filter(|p| *p != chosen);
        let placed = Note::Placed {
            number: ask.number,
            class: ask.class,
            prompt_tokens: ask.prompt_tokens,
            uncached_tokens: stage.uncached_tokens,
            apart: prefill.is_some(),
        };
        self.decider.note(view.now, &placed);
        decode.sent(chosen);
        if let Some(prefill) = prefill {
            decode.sent(prefill);
        }
        Some(Placement { decode: chosen, prefill })
    }

    /// Tells the decider what happened.
    pub fn note(&mut self, now: Time, note: &Note) {
        self.decider.note(now, note);
    }
}
