//! Which instance a conversation belongs to.

use super::{Ask, Param, ParamKind, Params};
use crate::base::{Dur, Time};
use alloc::collections::BTreeMap;

/// Parameters of session affinity, as filter and as scorer.
pub(super) const PARAMS: &[Param] = &[
    Param {
        id: "strategy",
        kind: ParamKind::Word { words: &["encoded_endpoint_header", "session_id"], default: "encoded_endpoint_header" },
        doc: "Whether the client says which instance answered it last, or the router remembers it by the session's id.",
    },
    Param {
        id: "encodedEndpointHeaderConfig.header",
        kind: ParamKind::Text { default: "x-session-token" },
        doc: "Header with the instance; every client sends it back.",
    },
    Param {
        id: "sessionIdConfig.evictionTtlSeconds",
        kind: ParamKind::Number { min: 0.0, max: 1e6, default: 300.0 },
        doc: "How long an unused binding is remembered, s.",
    },
    Param {
        id: "sessionIdConfig.evictionSweepSeconds",
        kind: ParamKind::Number { min: 0.001, max: 1e6, default: 10.0 },
        doc: "How often those are forgotten, s.",
    },
    Param {
        id: "profileName",
        kind: ParamKind::Text { default: "" },
        doc: "Profile whose choice is remembered; empty: the primary one.",
    },
];

/// Bindings of conversations to instances.
pub(super) struct Sessions {
    /// How long an unused binding lasts, and how often that is looked at; none: as long as the client says so.
    lease: Option<(Dur, Dur)>,
    swept: Time,
    /// By conversation: the instance, and when it was last used.
    bound: BTreeMap<u64, (u32, Time)>,
}

impl Sessions {
    pub(super) fn new(p: &Params<'_>) -> Self {
        let seconds = |id: &str| Dur::from_secs_f64(p.number(id));
        let by_id = p.text("strategy") == "session_id";
        let lease = || (seconds("sessionIdConfig.evictionTtlSeconds"), seconds("sessionIdConfig.evictionSweepSeconds"));
        Sessions { lease: by_id.then(lease), swept: Time::ZERO, bound: BTreeMap::new() }
    }

    /// The instance of a conversation.
    pub(super) fn bound(&mut self, ask: &Ask<'_>, now: Time) -> Option<u32> {
        if let Some((ttl, sweep)) = self.lease
            && now.since(self.swept) >= sweep
        {
            self.bound.retain(|_, (_, used)| now.since(*used) <= ttl);
            self.swept = now;
        }
        self.bound.get(&ask.session).map(|(instance, _)| *instance)
    }

    /// The conversation's request is sent to an instance. By its id it stays with the first, since instances do not
    /// disappear; the header names the last.
    pub(super) fn sent(&mut self, ask: &Ask<'_>, now: Time, instance: u32) {
        let binding = self.bound.entry(ask.session).or_insert((instance, now));
        binding.1 = now;
        if self.lease.is_none() {
            binding.0 = instance;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Badge, Meta, Wants};
    use serde_json::{Value, json};

    static META: Meta = Meta { id: "", title: "", doc: "", source: "", badge: Badge::Exact, params: PARAMS };

    fn sessions(given: Value) -> Sessions {
        Sessions::new(&Params::new(&META, given.as_object().expect("an object"), &Wants::default()))
    }

    fn at(s: u64) -> Time {
        Time::ZERO + Dur::from_secs_f64(s as f64)
    }

    #[test]
    fn the_header_follows_and_the_id_stays() {
        let ask = Ask { session: 7, ..Ask::default() };
        for (given, then) in [(json!({}), 2), (json!({ "strategy": "session_id" }), 1)] {
            let mut s = sessions(given);
            assert_eq!(s.bound(&ask, at(0)), None);
            s.sent(&ask, at(0), 1);
            s.sent(&ask, at(1), 2);
            assert_eq!(s.bound(&ask, at(2)), Some(then));
        }
    }

    #[test]
    fn an_unused_binding_is_forgotten_at_the_first_sweep_after_its_time() {
        let ask = Ask { session: 7, ..Ask::default() };
        let mut s = sessions(json!({ "strategy": "session_id", "sessionIdConfig": { "evictionTtlSeconds": 15 } }));
        s.sent(&ask, at(0), 1);
        assert_eq!(s.bound(&ask, at(11)), Some(1));
        assert_eq!(s.bound(&ask, at(20)), Some(1), "its time is over, and nobody has swept");
        assert_eq!(s.bound(&ask, at(21)), None);
    }
}
