//! Instances set aside for prompts of some length, by a label with a range.

use super::{Scorer, add};
use crate::base::Stream;
use crate::policy::filter::Filter;
use crate::policy::{Ask, Badge, Candidate, FleetView, Kind, Meta, Param, ParamKind, Params};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

pub(super) const KIND: Kind<dyn Scorer> = Kind {
    meta: Meta {
        id: ContextLengthFilter::ID,
        title: "By prompt length",
        doc: "Of instances labelled with a range “min-max” of prompt tokens. Within: 0.3 + 0.7·(0.7/(1 + width/10000) + \
              0.3·room above/width); outside: 0.3/(1 + distance/1000); without a label 0.5. With enableFiltering, those \
              outside are removed.",
        source: "llm-d-router, context-length-aware",
        badge: Badge::Exact,
        params: &[
            Param {
                id: "label",
                kind: ParamKind::Text { default: "llm-d.ai/context-length-range" },
                doc: "The label with the range.",
            },
            Param {
                id: "enableFiltering",
                kind: ParamKind::Boolean { default: false },
                doc: "Whether instances of another range are removed.",
            },
        ],
    },
    build: |p| Box::new(ContextLength { label: p.text("label") }),
};

/// What an instance's label says.
enum Range {
    Absent,
    Unreadable,
    Tokens(u32, u32),
}

impl Range {
    fn of(label: &str, fleet: &FleetView<'_>, i: usize) -> Range {
        let Some(text) = fleet.endpoints.get(i).and_then(|e| e.label(label)) else { return Range::Absent };
        let ends = text.split_once('-').and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?)));
        match ends {
            Some((min, max)) if min <= max => Range::Tokens(min, max),
            _ => Range::Unreadable,
        }
    }
}

struct ContextLength {
    label: String,
}

impl Scorer for ContextLength {
    fn score(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, weight: f64, candidates: &mut [Candidate]) {
        add(weight, candidates, |i| match Range::of(&self.label, fleet, i) {
            Range::Absent => 0.5,
            Range::Unreadable => 0.0,
            Range::Tokens(min, max) => fit(ask.prompt_tokens, min, max),
        });
    }
}

/// How well a prompt fits a range.
fn fit(tokens: u32, min: u32, max: u32) -> f64 {
    if (min..=max).contains(&tokens) {
        if min == max {
            return 1.0;
        }
        let width = f64::from(max - min);
        let position = f64::from(max - tokens) / width;
        return 0.3 + 0.7 * (0.7 / (1.0 + width / 10_000.0) + 0.3 * position);
    }
    let distance = if tokens > max { tokens - max } else { min - tokens };
    0.3 / (1.0 + f64::from(distance) / 1000.0)
}

/// The same plugin as a filter.
pub(in crate::policy) struct ContextLengthFilter {
    /// The label; none: it does not filter.
    label: Option<String>,
}

impl ContextLengthFilter {
    pub(in crate::policy) const ID: &str = "context-length-aware";

    pub(in crate::policy) fn new(p: &Params<'_>) -> Self {
        ContextLengthFilter { label: p.boolean("enableFiltering").then(|| p.text("label")) }
    }
}

impl Filter for ContextLengthFilter {
    fn filter(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, candidates: &mut Vec<Candidate>, _: &mut Stream) {
        let Some(label) = &self.label else { return };
        candidates.retain(|c| match Range::of(label, fleet, c.at()) {
            Range::Absent => true,
            Range::Unreadable => false,
            Range::Tokens(min, max) => (min..=max).contains(&ask.prompt_tokens),
        });
    }
}
