//! llm-d's threshold: long prompts that the decoding instance does not hold are computed apart.

use super::{Decider, Stage};
use crate::base::Stream;
use crate::policy::{Ask, Badge, FleetView, Kind, Meta, Param, ParamKind, Response, Signal};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Decider> = Kind {
    meta: Meta {
        id: "prefix-based-pd-decider",
        title: "Apart if uncached",
        doc: "A prompt is computed apart if N = nonCachedTokens is above 0, the prompt is at least N and promptTokens long, and the decoding instance lacks at least N tokens of it.",
        source: "llm-d-router, prefix-based-pd-decider",
        badge: Badge::Exact,
        params: &[
            Param {
                id: "nonCachedTokens",
                kind: ParamKind::Integer { min: 0, max: 100_000_000, default: 0 },
                doc: "Tokens that the decoding instance lacks at least; 0: no prompt is computed apart.",
            },
            Param {
                id: "promptTokens",
                kind: ParamKind::Integer { min: 0, max: 100_000_000, default: 0 },
                doc: "Shortest prompt that is computed apart, tokens; 0: any.",
            },
        ],
    },
    build: |p| Box::new(PrefixBased { non_cached: p.integer("nonCachedTokens"), prompt: p.integer("promptTokens") }),
};

struct PrefixBased {
    non_cached: i64,
    prompt: i64,
}

/// Share of prompts that lack so many tokens, and are long enough, which are computed apart.
fn apart(threshold: i64, uncached_tokens: f64) -> f64 {
    if threshold > 0 && uncached_tokens >= threshold as f64 { 1.0 } else { 0.0 }
}

impl Decider for PrefixBased {
    fn disaggregates(&mut self, ask: &Ask<'_>, _: &FleetView<'_>, stage: &Stage<'_>, _: &mut Stream) -> bool {
        let (n, prompt) = (self.non_cached, i64::from(ask.prompt_tokens));
        n > 0 && stage.match_known && prompt >= self.prompt && prompt >= n && i64::from(stage.uncached_tokens) >= n
    }

    fn needs_prefix_match(&self) -> bool {
        true
    }

    fn share(&self, uncached_tokens: f64) -> Option<f64> {
        Some(apart(self.non_cached, uncached_tokens))
    }

    fn response(&self) -> Option<Response> {
        let n = self.non_cached;
        let to = if n > 0 { 2.0 * n as f64 } else { 1000.0 };
        Some(Response::new(Signal::Uncached, to, "computed apart", move |uncached| apart(n, uncached)))
    }
}
