//! A sweep: every combination of a few settings, each with the highest load it sustains.

use super::{Fidelity, RateSearch};
use crate::catalog::Catalog;
use crate::report::Report;
use crate::scenario::{Diagnostic, Edit, Load, Plan, Scenario, SweepAxis, resolve};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Most combinations of one sweep in a page.
pub const COMBINATIONS_MAX: usize = 4096;

/// One combination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Combination {
    /// Its place in the order of the axes.
    pub index: u32,
    /// Its settings, as edits of the scenario.
    pub edits: Vec<Edit>,
}

impl Combination {
    /// The settings in a line.
    #[must_use]
    pub fn label(&self) -> String {
        let parts: Vec<&str> = self.edits.iter().map(|e| e.label.as_str()).collect();
        parts.join(", ")
    }

    /// The scenario with these settings.
    ///
    /// # Errors
    /// A finding for a path that leads nowhere or a value of the wrong type.
    pub fn apply(&self, scenario: &Scenario) -> Result<Scenario, Diagnostic> {
        self.edits.iter().try_fold(scenario.clone(), |s, edit| {
            edit.apply(&s).map_err(|e| Diagnostic::error(&edit.path, e.to_string()))
        })
    }
}

/// Every combination of the axes' values, in an order that spreads over all of them from the start, so that the first
/// results already show the shape: positions are visited by the golden ratio's multiples.
#[must_use]
pub fn combinations(axes: &[SweepAxis]) -> Vec<Combination> {
    let count: usize = axes.iter().map(|a| a.values.len()).product();
    if axes.is_empty() || count == 0 {
        return Vec::new();
    }
    let count = count.min(COMBINATIONS_MAX);
    let stride = coprime_near(count, (count as f64 * 0.618_033_988_749_895) as usize);
    (0..count).map(|i| combination(axes, i * stride % count)).collect()
}

fn combination(axes: &[SweepAxis], index: usize) -> Combination {
    let mut rest = index;
    let edits = axes.iter().map(|axis| {
        let value = axis.values[rest % axis.values.len()].clone();
        rest /= axis.values.len();
        Edit::new(&format!("{} {}", axis.label(), text(&value)), &axis.path, value)
    });
    Combination { index: index as u32, edits: edits.collect() }
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToString::to_string)
}

/// The number nearest to `wish` that shares no divisor with `n`, so that its multiples visit every place.
fn coprime_near(n: usize, wish: usize) -> usize {
    let coprime = |k: usize| k > 0 && gcd(n, k) == 1;
    (0..n).flat_map(|d| [wish + d, wish.saturating_sub(d)]).find(|&k| coprime(k)).unwrap_or(1)
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// What a combination turned out to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SweepPoint {
    /// The combination.
    pub combination: Combination,
    /// What was found.
    pub outcome: SweepOutcome,
}

/// How a combination ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SweepOutcome {
    /// It cannot be deployed: the findings.
    Impossible(Vec<Diagnostic>),
    /// It sustains no load within its targets.
    NeverMeets(Deployment),
    /// It sustains this load.
    Sustains(Deployment, Box<Sustained>),
}

/// What is deployed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    /// GPUs of all pools.
    pub gpus: u32,
    /// USD per hour.
    pub usd_per_hour: f64,
    /// Nominal capacity, requests per second.
    pub capacity_rps: f64,
}

/// The highest load a combination sustains, and how it does there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sustained {
    /// The load.
    pub load: Load,
    /// Requests per second there: what was asked for, and of a closed loop what came of it.
    pub max_rate_rps: f64,
    /// TTFT p99 there, ms.
    pub ttft_p99_ms: Option<f64>,
    /// ITL p99 there, ms.
    pub itl_p99_ms: Option<f64>,
    /// E2E p99 there, ms.
    pub e2e_p99_ms: Option<f64>,
    /// Output tokens per second there.
    pub output_tokens_per_s: f64,
    /// USD per million output tokens there.
    pub usd_per_million_output_tokens: Option<f64>,
    /// Requests measured there.
    pub n: u64,
}

impl Sustained {
    fn new(report: &Report) -> Self {
        let m = &report.total.metrics;
        Sustained {
            load: report.load,
            max_rate_rps: report.offered_rps(),
            ttft_p99_ms: m.ttft_ms.p99,
            itl_p99_ms: m.itl_ms.p99,
            e2e_p99_ms: m.e2e_ms.p99,
            output_tokens_per_s: report.total.output_tokens_per_s,
            usd_per_million_output_tokens: report.cost.usd_per_million_output_tokens,
            n: m.ttft_ms.n,
        }
    }
}

/// Works out a combination's plan, or says why it cannot be deployed.
///
/// # Errors
/// The findings.
pub fn plan(scenario: &Scenario, combination: &Combination, catalog: &Catalog) -> Result<Plan, Vec<Diagnostic>> {
    let changed = combination.apply(scenario).map_err(|d| Vec::from([d]))?;
    resolve(&changed, catalog)
}

/// One combination in slices: `plan` is its own.
pub struct SweepRun<'p> {
    plan: &'p Plan,
    search: RateSearch<'p>,
}

impl<'p> SweepRun<'p> {
    /// A run that has not begun.
    #[must_use]
    pub fn new(plan: &'p Plan) -> Self {
        SweepRun { plan, search: RateSearch::new(plan, Fidelity::Probe) }
    }

    /// Handles up to `events` events; true once it is over.
    pub fn advance(&mut self, events: u32) -> bool {
        self.search.advance(events)
    }

    /// What was found.
    #[must_use]
    pub fn outcome(self) -> SweepOutcome {
        let deployment = Deployment {
            gpus: self.plan.gpus(),
            usd_per_hour: self.plan.usd_per_hour(),
            capacity_rps: self.plan.capacity_rps(),
        };
        match self.search.result().best {
            None => SweepOutcome::NeverMeets(deployment),
            Some((_, report)) => SweepOutcome::Sustains(deployment, Box::new(Sustained::new(&report))),
        }
    }
}

/// The whole sweep, one combination after the other: for callers without workers. `progress` sees each point.
pub fn run(
    scenario: &Scenario,
    axes: &[SweepAxis],
    catalog: &Catalog,
    mut progress: impl FnMut(&SweepPoint),
) -> Vec<SweepPoint> {
    combinations(axes)
        .into_iter()
        .map(|combination| {
            let outcome = match plan(scenario, &combination, catalog) {
                Err(found) => SweepOutcome::Impossible(found),
                Ok(plan) => {
                    let mut run = SweepRun::new(&plan);
                    while !run.advance(u32::MAX) {}
                    run.outcome()
                }
            };
            let point = SweepPoint { combination, outcome };
            progress(&point);
            point
        })
        .collect()
}
