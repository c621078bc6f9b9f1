//! Admission as it is usually compared with: everyone, at a rate of tokens, and by tier once somebody is loaded. Each
//! stands in place of llm-d's legacy controller.

use super::Admitter;
use crate::base::{Stream, Time};
use crate::policy::{Ask, Badge, FleetView, Kind, Meta, Param, ParamKind};
use alloc::boxed::Box;

pub(super) const ALWAYS: Kind<dyn Admitter> = Kind {
    meta: Meta {
        id: "always-admitter",
        title: "Admit all",
        doc: "Admits every request, in place of llm-d's legacy shedding. Not an llm-d plugin.",
        source: "inference-sim, always-admit",
        badge: Badge::Textbook,
        params: &[],
    },
    build: |_| Box::new(Always),
};

pub(super) const TOKEN_BUCKET: Kind<dyn Admitter> = Kind {
    meta: Meta {
        id: "token-bucket-admitter",
        title: "Token bucket",
        doc: "Admits a request while a bucket, filled at a steady rate, holds its prompt's tokens, and takes them out; in place \
              of llm-d's legacy shedding. Not an llm-d plugin.",
        source: "inference-sim, token-bucket",
        badge: Badge::Textbook,
        params: &[
            Param {
                id: "capacity",
                kind: ParamKind::Number { min: 0.0, max: 1e12, default: 10_000.0 },
                doc: "Most tokens the bucket holds; it begins full.",
            },
            Param {
                id: "refillRate",
                kind: ParamKind::Number { min: 0.0, max: 1e12, default: 1000.0 },
                doc: "Tokens per second that flow in.",
            },
        ],
    },
    build: |p| {
        let capacity = p.number("capacity");
        Box::new(TokenBucket { capacity, rate: p.number("refillRate"), level: capacity, at: Time::ZERO })
    },
};

pub(super) const TIER_SHED: Kind<dyn Admitter> = Kind {
    meta: Meta {
        id: "tier-shed-admitter",
        title: "Shed by tier",
        doc: "Once an instance has more than overloadThreshold requests waiting, running and in flight together, admits only \
              requests of at least minAdmitPriority; in place of llm-d's legacy shedding. Not an llm-d plugin.",
        source: "inference-sim, tier-shed",
        badge: Badge::Textbook,
        params: &[
            Param {
                id: "overloadThreshold",
                kind: ParamKind::Integer { min: 0, max: 1_000_000_000, default: 0 },
                doc: "Load of the most loaded instance up to which everyone is admitted, requests.",
            },
            Param {
                id: "minAdmitPriority",
                kind: ParamKind::Integer { min: -1_000_000, max: 1_000_000, default: 3 },
                doc: "Lowest priority admitted beyond it.",
            },
        ],
    },
    build: |p| {
        Box::new(TierShed { threshold: p.integer("overloadThreshold"), priority: p.integer("minAdmitPriority") })
    },
};

struct Always;

impl Admitter for Always {
    fn admits(&mut self, _: &Ask<'_>, _: &FleetView<'_>, _: &mut Stream) -> bool {
        true
    }

    fn replaces_legacy(&self) -> bool {
        true
    }
}

struct TokenBucket {
    capacity: f64,
    /// Per second.
    rate: f64,
    level: f64,
    /// When the level was that.
    at: Time,
}

impl Admitter for TokenBucket {
    fn admits(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, _: &mut Stream) -> bool {
        let refill = fleet.now.since(self.at).as_secs_f64() * self.rate;
        (self.level, self.at) = ((self.level + refill).min(self.capacity), fleet.now);
        let cost = f64::from(ask.prompt_tokens);
        let enough = self.level >= cost;
        if enough {
            self.level -= cost;
        }
        enough
    }

    fn replaces_legacy(&self) -> bool {
        true
    }
}

struct TierShed {
    threshold: i64,
    priority: i64,
}

impl Admitter for TierShed {
    fn admits(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, _: &mut Stream) -> bool {
        let load = |i: usize| i64::from(fleet.waiting[i]) + i64::from(fleet.running[i]) + i64::from(fleet.in_flight[i]);
        let worst = (0..fleet.waiting.len()).map(load).max().unwrap_or(0);
        worst <= self.threshold || i64::from(ask.priority) >= self.priority
    }

    fn replaces_legacy(&self) -> bool {
        true
    }
}
