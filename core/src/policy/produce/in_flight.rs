//! What the router has sent and not seen end: requests, and tokens of their prompts that were not cached where they went.

use crate::policy::{Badge, Meta, Param, ParamKind, Params};
use alloc::vec;
use alloc::vec::Vec;

/// The plugin.
pub static META: Meta = Meta {
    id: "inflight-load-producer",
    title: "Load in flight",
    doc: "Counts requests from dispatch to their ends, and the uncached tokens of their prompts from dispatch to their first \
          tokens, per instance. Answers are streamed.",
    source: "llm-d-router, inflight-load-producer",
    badge: Badge::Exact,
    params: &[
        Param {
            id: "addEstimatedOutputTokens",
            kind: ParamKind::Boolean { default: false },
            doc: "Whether outputRatio times the prompt's tokens count too, to the request's end.",
        },
        Param {
            id: "outputRatio",
            kind: ParamKind::Number { min: 0.0, max: 1000.0, default: 1.5 },
            doc: "Estimated output tokens over prompt tokens.",
        },
        Param {
            id: "maxEstimatedOutputTokens",
            kind: ParamKind::Integer { min: 0, max: 1_000_000_000, default: 1_000_000_000 },
            doc: "Most output tokens estimated.",
        },
        super::PREFIX_SOURCE,
        Param {
            id: "syncCrossReplicaState",
            kind: ParamKind::Boolean { default: true },
            doc: "Whether several routers tell each other; one is simulated.",
        },
    ],
};

/// The counts, per instance.
#[derive(Debug)]
pub struct InFlight {
    /// Requests.
    pub requests: Vec<u32>,
    /// Tokens.
    pub tokens: Vec<u64>,
    /// Estimated output tokens over prompt tokens, and how many at most; none: they do not count.
    output: Option<(f64, f64)>,
}

impl InFlight {
    /// Nothing in flight on so many instances.
    #[must_use]
    pub fn new(params: &Params<'_>, instances: usize) -> Self {
        let most = params.integer("maxEstimatedOutputTokens") as f64;
        let estimated = params.boolean("addEstimatedOutputTokens");
        InFlight {
            requests: vec![0; instances],
            tokens: vec![0; instances],
            output: estimated.then(|| (params.number("outputRatio"), most)),
        }
    }

    /// A request is sent to an instance that has to compute so many tokens of its prompt. Returns the tokens that it
    /// counts for.
    pub fn sent(&mut self, instance: u32, prompt_tokens: u32, uncached: u32) -> u64 {
        let output = self
            .output
            .map_or(0.0, |(ratio, most)| crate::base::math::round(ratio * f64::from(prompt_tokens)).min(most));
        let tokens = u64::from(uncached) + output as u64;
        self.requests[instance as usize] += 1;
        self.tokens[instance as usize] += tokens;
        tokens
    }

    /// Its first token is there: how many tokens it still counts for.
    pub fn first_token(&mut self, instance: u32, tokens: u64) -> u64 {
        let left = if self.output.is_some() { tokens } else { 0 };
        self.tokens[instance as usize] -= tokens - left;
        left
    }

    /// It has ended.
    pub fn ended(&mut self, instance: u32, tokens: u64) {
        self.requests[instance as usize] -= 1;
        self.tokens[instance as usize] -= tokens;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Wants;
    use serde_json::{Value, json};

    fn counts(given: Value) -> InFlight {
        InFlight::new(&Params::new(&META, given.as_object().expect("an object"), &Wants::default()), 2)
    }

    #[test]
    fn prompt_tokens_count_until_the_first_token_and_requests_to_the_end() {
        let mut load = counts(json!({}));
        let tokens = load.sent(1, 100, 40);
        assert_eq!((load.requests[1], load.tokens[1], tokens), (1, 40, 40));
        let left = load.first_token(1, tokens);
        assert_eq!((load.requests[1], load.tokens[1], left), (1, 0, 0));
        load.ended(1, left);
        assert_eq!((load.requests[1], load.tokens[1]), (0, 0));
    }

    #[test]
    fn estimated_outputs_count_to_the_end() {
        let mut load = counts(json!({ "addEstimatedOutputTokens": true, "maxEstimatedOutputTokens": 120 }));
        assert_eq!(load.sent(0, 50, 50), 125, "50 and 1.5 times 50");
        assert_eq!(load.sent(0, 100, 0), 120, "no more than 120");
        assert_eq!(load.first_token(0, 125), 125);
        load.ended(0, 125);
        assert_eq!((load.requests[0], load.tokens[0]), (1, 120));
    }
}
