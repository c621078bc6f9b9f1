//! A prompt that nobody knows goes where one went longest ago, so that new prefixes spread.

use super::{Scorer, add};
use crate::base::Id;
use crate::policy::produce::PREFIX_SOURCE;
use crate::policy::{Ask, Badge, Candidate, FleetView, Instance, Kind, Meta, Param, ParamKind};
use alloc::boxed::Box;
use alloc::vec::Vec;

pub(super) const KIND: Kind<dyn Scorer> = Kind {
    meta: Meta {
        id: "no-hit-lru-scorer",
        title: "Spread new prompts",
        doc: "0.5 for all when a candidate holds some of the prompt. Else 1 − rank/(candidates − 1): first those that never \
              got such a prompt, in their order, then those that got one longest ago.",
        source: "llm-d-router, no-hit-lru-scorer",
        badge: Badge::Exact,
        params: &[
            Param {
                id: "lruSize",
                kind: ParamKind::Integer { min: 1, max: 1_000_000, default: 1024 },
                doc: "Instances that are remembered.",
            },
            PREFIX_SOURCE,
        ],
    },
    build: |p| {
        let size = usize::try_from(p.integer("lruSize")).expect("checked to be in range");
        Box::new(NoHitLru { size, prefix: p.prefixes(PREFIX_SOURCE.id), used: Vec::new(), cold: false })
    },
};

struct NoHitLru {
    size: usize,
    prefix: usize,
    /// Instances that got a new prompt, the one longest ago first.
    used: Vec<u32>,
    /// Whether the request being placed is one.
    cold: bool,
}

impl Scorer for NoHitLru {
    fn score(&mut self, _: &Ask<'_>, fleet: &FleetView<'_>, weight: f64, candidates: &mut [Candidate]) {
        let info = &fleet.prefixes[self.prefix];
        self.cold = candidates.iter().all(|c| info.matched[c.at()] == 0);
        if !self.cold {
            return add(weight, candidates, |_| 0.5);
        }
        let last = (candidates.len().max(2) - 1) as f64;
        let mut rank = 0u32;
        let mut give = |candidate: &mut Candidate| {
            candidate.score += weight * (1.0 - f64::from(rank) / last).max(0.0);
            rank += 1;
        };
        candidates.iter_mut().filter(|c| !self.used.contains(&c.instance.index())).for_each(&mut give);
        for &instance in &self.used {
            if let Some(candidate) = candidates.iter_mut().find(|c| c.instance.index() == instance) {
                give(candidate);
            }
        }
    }

    fn sent(&mut self, _: &Ask<'_>, _: &FleetView<'_>, chosen: Id<Instance>) {
        if self.cold {
            self.used.retain(|&i| i != chosen.index());
            self.used.push(chosen.index());
            let over = self.used.len().saturating_sub(self.size);
            self.used.drain(..over);
        }
    }
}
