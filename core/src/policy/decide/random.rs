//! Stationary and random: a coin with fixed odds, whatever the state of the fleet.

use super::{Decider, Stage};
use crate::base::Stream;
use crate::policy::{Ask, Badge, FleetView, Kind, Meta, Param, ParamKind};
use alloc::boxed::Box;

pub(super) const KIND: Kind<dyn Decider> = Kind {
    meta: Meta {
        id: "random-disagg-pd-decider",
        title: "Apart at random",
        doc: "A prompt is computed apart with a fixed probability, whatever the fleet does.",
        source: "stationary randomised policy of queueing theory, for comparison",
        badge: Badge::Textbook,
        params: &[Param {
            id: "probability",
            kind: ParamKind::Number { min: 0.0, max: 1.0, default: 0.5 },
            doc: "Share of prompts that are computed apart.",
        }],
    },
    build: |p| Box::new(Random { probability: p.number("probability") }),
};

struct Random {
    probability: f64,
}

impl Decider for Random {
    fn disaggregates(&mut self, ask: &Ask<'_>, _: &FleetView<'_>, _: &Stage<'_>, draws: &mut Stream) -> bool {
        draws.unit(ask.number) < self.probability
    }

    fn share(&self, _: f64) -> Option<f64> {
        Some(self.probability)
    }
}
