//! Longest cached prefix, by what the router remembers of where prompts went.

use super::{Scorer, add};
use crate::policy::{Ask, Badge, Candidate, FleetView, Kind, Meta, Param, ParamKind};
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
        ],
    },
    build: |p| {
        Box::new(PrefixCache {
            weight: p.number("matchLengthWeight"),
            scale: p.integer("matchLengthScaleTokens") as f64,
        })
    },
};

struct PrefixCache {
    weight: f64,
    scale: f64,
}

impl Scorer for PrefixCache {
    fn score(&mut self, _: &Ask<'_>, fleet: &FleetView<'_>, weight: f64, candidates: &mut [Candidate]) {
        if fleet.prefix_blocks == 0 {
            return;
        }
        add(weight, candidates, |i| {
            let matched = f64::from(fleet.prefix_match[i]);
            let length = (matched * f64::from(fleet.prefix_block_tokens) / self.scale).min(1.0);
            self.weight * length * length + (1.0 - self.weight) * matched / f64::from(fleet.prefix_blocks)
        });
    }

    fn needs_prefix_match(&self) -> bool {
        true
    }
}
