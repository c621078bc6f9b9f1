//! Longest cached prefix, by what the router remembers of where prompts went.

use super::{Scorer, add};
use crate::policy::produce::PREFIX_SOURCE;
use crate::policy::{Ask, Badge, Candidate, FleetView, Kind, Meta, Param, ParamKind, Response, Signal};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Scorer> = Kind {
    meta: Meta {
        id: "prefix-cache-scorer",
        title: "Longest cached prefix",
        doc: "w·min(1, matched tokens/scale)² + (1 − w)·matched/total blocks of the prompt; 0 where nothing is known.",
        source: "llm-d-router, prefix-cache-scorer",
        badge: Badge::Exact,
        params: &[
            Param {
                id: "matchLengthWeight",
                kind: ParamKind::Number { min: 0.0, max: 1.0, default: 0.0 },
                doc: "Weight w of the absolute length of the match against its share of the prompt.",
            },
            Param {
                id: "matchLengthScaleTokens",
                kind: ParamKind::Integer { min: 1, max: 1_000_000, default: 8192 },
                doc: "Match length, tokens, that counts as full.",
            },
            PREFIX_SOURCE,
        ],
    },
    build: |p| {
        Box::new(PrefixCache {
            weight: p.number("matchLengthWeight"),
            scale: p.integer("matchLengthScaleTokens") as f64,
            prefix: p.prefixes(PREFIX_SOURCE.id),
        })
    },
};

struct PrefixCache {
    weight: f64,
    scale: f64,
    /// Whose matches.
    prefix: usize,
}

impl Scorer for PrefixCache {
    fn score(&mut self, _: &Ask<'_>, fleet: &FleetView<'_>, weight: f64, candidates: &mut [Candidate]) {
        let info = &fleet.prefixes[self.prefix];
        if info.blocks == 0 {
            return;
        }
        add(weight, candidates, |i| {
            // Most of a large fleet has nothing of a prompt.
            if info.matched[i] == 0 {
                return 0.0;
            }
            let matched = f64::from(info.matched[i]);
            let length = (matched * f64::from(info.block_tokens) / self.scale).min(1.0);
            self.weight * length * length + (1.0 - self.weight) * matched / f64::from(info.blocks)
        });
    }

    fn response(&self) -> Option<Response> {
        // The length of the match is a second input, unless it has no weight.
        (self.weight == 0.0).then(|| Response::new(Signal::Hit, 1.0, "score", |share| share))
    }
}
