//! Instances that hold most of the prompt, unless waiting there costs too much.

use super::Filter;
use crate::base::Stream;
use crate::policy::produce::{IN_FLIGHT_SOURCE, PREDICTION_SOURCE, PREFIX_SOURCE};
use crate::policy::{Ask, Badge, Candidate, FleetView, Kind, Meta, Param, ParamKind, Params};
use alloc::boxed::Box;
use alloc::vec::Vec;

pub(super) const KIND: Kind<dyn Filter> = Kind {
    meta: Meta {
        id: "prefix-cache-affinity-filter",
        title: "Where the prefix is",
        doc: "Keeps instances that hold at least affinityThreshold of the prompt, if there are any, unless the best of them \
              is expected to take maxTTFTPenaltyMs longer to its first token than the best of the others. TTFT is \
              1000·tokens in flight/peakPrefillThroughput, or predicted.",
        source: "llm-d-router, prefix-cache-affinity-filter",
        badge: Badge::Exact,
        params: &[
            Param {
                id: "affinityThreshold",
                kind: ParamKind::Number { min: 0.0, max: 1.0, default: 0.80 },
                doc: "Share of the prompt's blocks that makes an instance sticky; 0 turns the filter off.",
            },
            Param {
                id: "explorationProbability",
                kind: ParamKind::Number { min: 0.0, max: 1.0, default: 0.0 },
                doc: "Probability that a request passes unfiltered.",
            },
            Param {
                id: "maxTTFTPenaltyMs",
                kind: ParamKind::Number { min: 0.0, max: 1e9, default: 18_000.0 },
                doc: "Longest additional wait, ms, that stickiness may cost; 0: any.",
            },
            Param {
                id: "ttftSource",
                kind: ParamKind::Word {
                    words: &["prefillThroughput", "latencyPredictor"],
                    default: "prefillThroughput",
                },
                doc: "Where the expected time to first token comes from.",
            },
            Param {
                id: "peakPrefillThroughput",
                kind: ParamKind::Number { min: 1.0, max: 1e9, default: 15_928.0 },
                doc: "Prompt tokens per second that an instance computes at its best.",
            },
            PREFIX_SOURCE,
            IN_FLIGHT_SOURCE,
            PREDICTION_SOURCE,
        ],
    },
    build: |p| Box::new(PrefixCacheAffinity::new(p)),
};

struct PrefixCacheAffinity {
    threshold: f64,
    exploration: f64,
    penalty_ms: f64,
    /// Tokens per second; none: latencies are predicted.
    throughput: Option<f64>,
    prefix: usize,
}

impl PrefixCacheAffinity {
    fn new(p: &Params<'_>) -> Self {
        let predicted = p.text("ttftSource") == "latencyPredictor";
        if predicted {
            p.reads_predictions(PREDICTION_SOURCE.id);
        } else {
            p.reads_tokens(IN_FLIGHT_SOURCE.id);
        }
        PrefixCacheAffinity {
            threshold: p.number("affinityThreshold"),
            exploration: p.number("explorationProbability"),
            penalty_ms: p.number("maxTTFTPenaltyMs"),
            throughput: (!predicted).then(|| p.number("peakPrefillThroughput")),
            prefix: p.prefixes(PREFIX_SOURCE.id),
        }
    }

    /// Expected time to the first token, ms; without a prediction the instance is not waited for, nor avoided.
    fn ttft_ms(&self, fleet: &FleetView<'_>, i: usize) -> Option<f64> {
        match self.throughput {
            Some(rate) => Some(1000.0 * fleet.in_flight_tokens[i] as f64 / rate),
            None => fleet.prediction(i).map(|p| p.ttft_ms),
        }
    }
}

impl Filter for PrefixCacheAffinity {
    fn filter(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, candidates: &mut Vec<Candidate>, draws: &mut Stream) {
        if candidates.len() <= 1 || self.threshold <= 0.0 {
            return;
        }
        if self.exploration > 0.0 && draws.unit(ask.number) < self.exploration {
            return;
        }
        let info = &fleet.prefixes[self.prefix];
        let sticky = |c: &Candidate| info.share(c.at()) >= self.threshold;
        let stuck = candidates.iter().filter(|c| sticky(c)).count();
        if stuck == 0 || stuck == candidates.len() {
            return;
        }
        if self.penalty_ms > 0.0 {
            let best = |stuck: bool| {
                let of = candidates.iter().filter(|c| sticky(c) == stuck);
                of.filter_map(|c| self.ttft_ms(fleet, c.at())).min_by(f64::total_cmp)
            };
            if let (Some(sticky), Some(other)) = (best(true), best(false))
                && sticky - other > self.penalty_ms
            {
                return;
            }
        }
        candidates.retain(sticky);
    }
}
