//! A rule as a curve: what a plugin makes of the one thing that it looks at, with the parameters it is given.
//!
//! A plugin whose rule has one input says so by `response` of its trait, with the arithmetic that it decides by. Who draws
//! the curve needs to know nothing of the rule.

use super::{Kind, Params, Wants, admit, decide, detect, score};
use alloc::boxed::Box;
use alloc::string::String;
use serde_json::{Map, Value};

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Signal {
    /// Requests that wait at an instance.
    Waiting,
    /// Share of an instance's KV blocks that are in use.
    KvUse,
    /// Where an instance lies between the candidate with the fewest, 0, and the one with the most, 1.
    Between,
    /// Share of a prompt that an instance holds.
    Hit,
    /// Tokens of a prompt that the decoding instance lacks.
    Uncached,
    /// Mean over instances of the larger of waiting requests and KV use, each over its threshold.
    Saturation {
        /// Waiting requests that count as 1.
        waiting: f64,
        /// KV use that counts as 1, as a share.
        kv_use: f64,
    },
}

/// A rule of one input.
pub struct Response {
    /// What it looks at.
    pub input: Signal,
    /// Right end of what is worth seeing, in units of the input; the left end is 0.
    pub to: f64,
    /// What comes of it, for people: `score`, `rejected`, `computed apart`.
    pub output: &'static str,
    rule: Box<dyn Fn(f64) -> f64>,
}

impl Response {
    /// A rule that is worth seeing up to `to`.
    pub(super) fn new(input: Signal, to: f64, output: &'static str, rule: impl Fn(f64) -> f64 + 'static) -> Self {
        Response { input, to, output, rule: Box::new(rule) }
    }

    /// What comes of an input, from 0 to 1.
    #[must_use]
    pub fn at(&self, input: f64) -> f64 {
        (self.rule)(input).clamp(0.0, 1.0)
    }
}

/// The rule of a plugin with these parameters; none where it has several inputs, or a parameter that is not acceptable.
#[must_use]
pub fn response(id: &str, parameters: &Map<String, Value>) -> Option<Response> {
    let scorer = || ask(score::find(id)?, parameters, |it| it.response());
    let admitter = || ask(admit::find(id)?, parameters, |it| it.response());
    let decider = || ask(decide::find(id)?, parameters, |it| it.response());
    let detector = || ask(detect::find(id)?, parameters, |it| it.response());
    scorer().or_else(admitter).or_else(decider).or_else(detector)
}

fn ask<T: ?Sized>(
    kind: &'static Kind<T>,
    parameters: &Map<String, Value>,
    response: impl FnOnce(&T) -> Option<Response>,
) -> Option<Response> {
    let known = |(id, value): (&String, &Value)| {
        kind.meta.params.iter().find(|p| p.id == id).is_none_or(|p| p.kind.objection(value).is_none())
    };
    if !parameters.iter().all(known) {
        return None;
    }
    response(&*(kind.build)(&Params::new(&kind.meta, parameters, &Wants::default())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::all;
    use serde_json::json;

    fn of(id: &str, parameters: Value) -> Option<Response> {
        response(id, parameters.as_object().expect("an object"))
    }

    #[test]
    fn curves_are_the_documented_rules() {
        let kv = of("kv-cache-utilization-scorer", json!({})).expect("has one");
        assert_eq!((kv.input, kv.at(0.25)), (Signal::KvUse, 0.75));
        let load = of("load-aware-scorer", json!({"threshold": 10})).expect("has one");
        assert_eq!([0.0, 5.0, 10.0, 40.0].map(|q| load.at(q)), [0.5, 0.25, 0.0, 0.0]);
        let shed =
            of("probabilistic-admitter", json!({"power": 2, "k": 4, "queueDepthThreshold": 8})).expect("has one");
        assert_eq!(shed.input, Signal::Saturation { waiting: 8.0, kv_use: 0.8 });
        assert_eq!([0.0, 0.25, 0.5, 2.0].map(|s| shed.at(s)), [0.0, 0.25, 1.0, 1.0]);
        let apart = of("prefix-based-pd-decider", json!({"nonCachedTokens": 512})).expect("has one");
        assert_eq!([511.0, 512.0].map(|n| apart.at(n)), [0.0, 1.0]);
        let prefix = of("prefix-cache-scorer", json!({})).expect("has one");
        assert_eq!(prefix.at(0.3), 0.3);
        let queue = of("queue-scorer", json!({})).expect("has one");
        assert_eq!([0.0, 0.5, 1.0].map(|x| queue.at(x)), [1.0, 0.5, 0.0]);
    }

    #[test]
    fn every_curve_can_be_drawn() {
        let parameters = Map::new();
        for found in all().filter_map(|meta| response(meta.id, &parameters)) {
            assert!(found.to > 0.0 && found.to.is_finite(), "{:?}", found.input);
            for i in 0..=64 {
                assert!((0.0..=1.0).contains(&found.at(found.to * f64::from(i) / 64.0)), "{:?}", found.input);
            }
        }
    }

    #[test]
    fn what_cannot_be_accepted_has_no_curve() {
        assert!(of("load-aware-scorer", json!({"threshold": 0})).is_none());
        assert!(of("load-aware-scorer", json!({"threshold": "many"})).is_none());
        assert!(of("session-affinity-scorer", json!({})).is_none());
        assert!(of("nothing", json!({})).is_none());
    }
}
