//! What stands behind a report's few numbers: whole distributions, and what the time to first token is made of.
//!
//! It is beside the report and outside of its digest, which is about what a report says of every load; a detail is for
//! whoever looks closely at one.

use super::{ClassRecord, RunRecord, total};
use crate::base::Dur;
use crate::scenario::{ClassPlan, Plan};
use crate::stats::Sketch;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Shares at which a distribution is written down: evenly, and closer towards the ends, where the tails are.
pub const SHARES: [f64; 27] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8,
    0.85, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999,
];

/// A close look at one load.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    /// All classes together.
    pub total: ClassDetail,
    /// Each class, in the order of the report's.
    pub classes: Vec<ClassDetail>,
}

/// A close look at one class, or at all. Distributions are those of all replications together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClassDetail {
    /// Values of each latency at [`SHARES`], ms; empty where nothing was measured.
    pub distributions: Distributions,
    /// What the mean time to first token is made of; none where no request got one.
    pub ttft: Option<TtftParts>,
    /// Of each target, in the order of the report's: the share of requests, and of gaps between tokens, that keep it.
    pub kept_frac: Vec<Option<f64>>,
}

/// The four latencies, each at [`SHARES`], ms.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Distributions {
    /// Time to first token.
    pub ttft_ms: Vec<f64>,
    /// Gaps between tokens.
    pub itl_ms: Vec<f64>,
    /// Mean gap of a request.
    pub tpot_ms: Vec<f64>,
    /// Time to the last token.
    pub e2e_ms: Vec<f64>,
}

/// Parts of the mean time to first token, which they add up to: mean over replications, ms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TtftParts {
    /// Servers' front ends, before the engines and after them, and ways between servers.
    pub front_end_ms: f64,
    /// Queues, the router's and the engines', until a request is first admitted to a batch.
    pub queue_ms: f64,
    /// From then until the engine has the first token: computing the prompt, beside whatever else is in the batch.
    pub prefill_ms: f64,
    /// Keys and values of prompts computed apart, on their way to the engine that decodes.
    pub transfer_ms: f64,
}

impl TtftParts {
    /// Each with its name.
    #[must_use]
    pub fn named(&self) -> [(&'static str, f64); 4] {
        [
            ("front end", self.front_end_ms),
            ("queue", self.queue_ms),
            ("prefill", self.prefill_ms),
            ("transfer", self.transfer_ms),
        ]
    }
}

/// The detail of one load.
pub(super) fn detail(plan: &Plan, records: &[RunRecord]) -> Detail {
    let totals: Vec<ClassRecord> = records.iter().map(total).collect();
    let class = |(i, class): (usize, &ClassPlan)| {
        let of_class: Vec<&ClassRecord> = records.iter().map(|r| &r.classes[i]).collect();
        class_detail(Some(class), &of_class)
    };
    Detail {
        total: class_detail(None, &totals.iter().collect::<Vec<_>>()),
        classes: plan.classes().iter().enumerate().map(class).collect(),
    }
}

fn class_detail(class: Option<&ClassPlan>, records: &[&ClassRecord]) -> ClassDetail {
    let mut all = ClassRecord::new();
    records.iter().for_each(|r| all.merge(r));
    let at = |sketch: &Sketch| sketch.quantiles_ms(&SHARES).into_iter().map(short).collect();
    let targets = |c: &ClassPlan| [(c.slo_ttft, &all.ttft), (c.slo_itl, &all.itl), (c.slo_e2e, &all.e2e)];
    let kept = |(target, sketch): (Option<Dur>, &Sketch)| target.map(|t| sketch.share_until(t));
    ClassDetail {
        distributions: Distributions {
            ttft_ms: at(&all.ttft),
            itl_ms: at(&all.itl),
            tpot_ms: at(&all.tpot),
            e2e_ms: at(&all.e2e),
        },
        ttft: parts(records),
        kept_frac: class.map_or_else(Vec::new, |c| targets(c).into_iter().filter_map(kept).collect()),
    }
}

/// To a ten-thousandth, far below the width of a bucket that is not below a microsecond.
fn short(ms: f64) -> f64 {
    crate::base::math::round(ms * 1e4) / 1e4
}

/// The parts of the mean, over the replications that have one.
fn parts(records: &[&ClassRecord]) -> Option<TtftParts> {
    let some: Vec<&&ClassRecord> = records.iter().filter(|r| r.ttft.n() > 0).collect();
    let mean = |ms: &dyn Fn(&ClassRecord) -> f64| some.iter().map(|r| ms(r)).sum::<f64>() / some.len() as f64;
    let each = |ps: u128, r: &ClassRecord| ps as f64 / 1e9 / r.ttft.n() as f64;
    let (queue_ms, prefill_ms) = (mean(&|r| each(r.queued_ps, r)), mean(&|r| each(r.prefill_ps, r)));
    let transfer_ms = mean(&|r| each(r.transfer_ps, r));
    let whole_ms = mean(&|r| r.ttft.mean_ms().unwrap_or(0.0));
    let front_end_ms = (whole_ms - queue_ms - prefill_ms - transfer_ms).max(0.0);
    (!some.is_empty()).then_some(TtftParts { front_end_ms, queue_ms, prefill_ms, transfer_ms })
}
