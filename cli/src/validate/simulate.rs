//! Runs one experiment, and reads off what its cells measure.

use super::statistics::{mean, quantile};
use playground_core::base::Time;
use playground_core::catalog::Catalog;
use playground_core::cluster::{Progress, Sim};
use playground_core::report::{Outcome, RunRecord};
use playground_core::scenario::{Plan, Scenario, resolve};
use playground_core::stats::Sketch;
use playground_core::study::hardware::Effort;
use playground_core::workload::{Recorded, Replay};
use playground_interop::measured::{Experiment, Latency, Quantity, RequestColumn, Row, Stat};
use std::ops::Range;

/// What the simulation says of an experiment.
pub struct Simulated {
    /// Value of each cell of each row; none where nothing was served.
    pub values: Vec<Vec<Option<f64>>>,
    /// Values of the columns of the file with a line per request.
    pub per_request: Vec<Vec<Option<f64>>>,
    /// How hard the deployment worked.
    pub regime: Regime,
}

/// How hard a deployment worked.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Regime {
    /// What decides how large errors are.
    pub effort: Effort,
    /// Time requests spent in queues over the time they were in the system.
    pub waiting_frac: f64,
}

/// Simulates an experiment.
///
/// # Errors
/// When its deployment cannot be simulated, or its recording cannot be replayed.
pub fn simulate(experiment: &Experiment, catalog: &Catalog) -> Result<Simulated, String> {
    let requests = experiment.load.recorded();
    let clients = experiment.load.in_flight_max.map(|n| n.max(1));
    let (plan, outcomes, record) = sent(&experiment.scenario, catalog, requests.clone(), clients)?;
    let run = Run { experiment, requests: &requests, outcomes: &outcomes, record: &record };
    Ok(Simulated {
        values: experiment.rows.iter().map(|row| run.row(row)).collect(),
        per_request: run.per_request(),
        regime: run.regime(&plan),
    })
}

/// Sends requests to a scenario's fleet, so many clients at once: what came of each, and of all.
pub(super) fn sent(
    scenario: &Scenario,
    catalog: &Catalog,
    requests: Vec<Recorded>,
    clients: Option<u32>,
) -> Result<(Plan, Vec<Outcome>, RunRecord), String> {
    let plan = resolve(scenario, catalog).map_err(|found| {
        let errors = found.iter().filter(|d| d.is_error()).map(|d| format!("{} {}", d.path, d.message));
        errors.collect::<Vec<_>>().join("; ")
    })?;
    let replay = Replay::new(requests, plan.classes().len() as u32).map_err(|e| e.to_string())?;
    let mut sim = Sim::replay(&plan, replay, clients);
    while sim.advance(u32::MAX) == Progress::Running {}
    let (outcomes, record) = sim.into_outcomes();
    Ok((plan, outcomes, record))
}

/// A finished run.
struct Run<'a> {
    experiment: &'a Experiment,
    requests: &'a [Recorded],
    outcomes: &'a [Outcome],
    record: &'a RunRecord,
}

/// The latencies of some requests that succeeded, ms, ascending.
#[derive(Default)]
struct Latencies {
    ttft: Vec<f64>,
    tpot: Vec<f64>,
    e2e: Vec<f64>,
    per_token: Vec<f64>,
}

/// What came of the requests of some classes.
struct Part {
    latencies: Latencies,
    sent: f64,
    succeeded: f64,
    input_tokens: f64,
    output_tokens: f64,
    /// From the first request sent to the last one sent, and to the last answer or failure, s.
    sending_s: f64,
    lasting_s: f64,
    lag_s: f64,
}

impl Run<'_> {
    /// Whether a request succeeded before its client gave up.
    fn succeeded(&self, outcome: &Outcome) -> bool {
        outcome.e2e.is_some_and(|e2e| self.experiment.load.timeout.is_none_or(|timeout| e2e <= timeout))
    }

    fn part(&self, classes: &Range<u32>) -> Part {
        let mut l = Latencies::default();
        let (mut sent, mut input_tokens, mut output_tokens, mut lag_s) = (0.0, 0.0, 0.0, 0.0_f64);
        let (mut first, mut last_sent, mut last) = (f64::INFINITY, 0.0_f64, 0.0_f64);
        let cold_start = self.experiment.load.cold_start();
        let begun = Time::ZERO + cold_start;
        for (request, outcome) in self.requests.iter().zip(self.outcomes).filter(|(r, _)| classes.contains(&r.class)) {
            let at = outcome.sent.as_secs_f64();
            sent += 1.0;
            lag_s = lag_s.max(at - request.at.as_secs_f64());
            (first, last_sent) = (first.min(at), last_sent.max(at));
            let (true, Some(ttft), Some(e2e)) = (self.succeeded(outcome), outcome.ttft, outcome.e2e) else {
                last = last.max(at + self.experiment.load.timeout.map_or(0.0, |timeout| timeout.as_secs_f64()));
                continue;
            };
            last = last.max(at + e2e.as_secs_f64());
            // Those of the first wave were sent when the server began to start.
            let late = if outcome.sent <= begun { cold_start.as_ms_f64() } else { 0.0 };
            let (ttft, e2e) = (late + ttft.as_ms_f64(), late + e2e.as_ms_f64());
            let tokens = f64::from(request.output_tokens);
            l.ttft.push(ttft);
            l.e2e.push(e2e);
            l.per_token.push(e2e / tokens);
            if tokens > 1.0 {
                l.tpot.push((e2e - ttft) / (tokens - 1.0));
            }
            input_tokens += f64::from(request.prompt_tokens);
            output_tokens += tokens;
        }
        for values in [&mut l.ttft, &mut l.tpot, &mut l.e2e, &mut l.per_token] {
            values.sort_by(f64::total_cmp);
        }
        let succeeded = l.e2e.len() as f64;
        let (sending_s, lasting_s) = ((last_sent - first).max(0.0), (last - first).max(0.0));
        Part { latencies: l, sent, succeeded, input_tokens, output_tokens, sending_s, lasting_s, lag_s }
    }

    fn row(&self, row: &Row) -> Vec<Option<f64>> {
        let part = self.part(&row.classes);
        row.cells.iter().map(|cell| self.value(&part, &row.classes, cell.quantity).map(|v| v * cell.factor)).collect()
    }

    fn value(&self, part: &Part, classes: &Range<u32>, quantity: Quantity) -> Option<f64> {
        let per_second = |count: f64| (part.lasting_s > 0.0).then(|| count / part.lasting_s);
        match quantity {
            Quantity::Of(latency, stat) => part.latencies.statistic(latency, stat),
            Quantity::Gap(permille) => {
                let mut gaps = Sketch::new();
                classes.clone().for_each(|class| gaps.merge(&self.record.classes[class as usize].itl));
                gaps.quantile_ms(f64::from(permille) / 1e3)
            }
            Quantity::OutputRate => per_second(part.output_tokens),
            Quantity::InputRate => per_second(part.input_tokens),
            Quantity::ServedRate => per_second(part.succeeded),
            Quantity::SentRate => (part.sending_s > 0.0).then(|| (part.sent - 1.0) / part.sending_s),
            Quantity::Succeeded => Some(part.succeeded),
            Quantity::Failed => Some(part.sent - part.succeeded),
            Quantity::Duration => Some(part.lasting_s),
            Quantity::InFlight => per_second(part.latencies.e2e.iter().sum::<f64>() / 1e3),
            Quantity::Lag => Some(part.lag_s),
            Quantity::Given(value) => Some(value),
        }
    }

    fn per_request(&self) -> Vec<Vec<Option<f64>>> {
        let Some(file) = &self.experiment.per_request else { return Vec::new() };
        let line = |outcome: &Outcome| {
            let ok = self.succeeded(outcome);
            let us = |d: Option<playground_core::base::Dur>| d.filter(|_| ok).map(|d| d.as_ms_f64() * 1e3);
            let value = |column: &RequestColumn| match column {
                RequestColumn::Sent => Some(outcome.sent.as_secs_f64() * 1e6),
                RequestColumn::Ttft | RequestColumn::Prefill => us(outcome.ttft),
                RequestColumn::E2e => us(outcome.e2e),
                RequestColumn::Failed => Some(f64::from(u8::from(!ok))),
                // The wait for the running step is within the time to the first token here.
                RequestColumn::Queue(_) => Some(0.0),
                RequestColumn::Decode => Some(us(outcome.e2e)? - us(outcome.ttft)?),
            };
            file.columns.iter().map(value).collect()
        };
        self.outcomes.iter().map(line).collect()
    }

    fn regime(&self, plan: &Plan) -> Regime {
        let over = self.record.over.as_secs_f64();
        let places = f64::from(plan.pools()[0].engine.max_num_seqs);
        let seconds = |area: u128| area as f64 / 1e12;
        let most = |f: &dyn Fn(&playground_core::report::InstanceRecord) -> f64| {
            self.record.instances.iter().map(f).fold(0.0, f64::max)
        };
        let waiting: f64 = self.record.instances.iter().map(|i| seconds(i.waiting.area(self.record.over))).sum();
        let (prompts, hits) = self
            .record
            .instances
            .iter()
            .fold((0, 0), |(prompts, hits), i| (prompts + i.prompt_tokens, hits + i.hit_tokens));
        let part = self.part(&(0..plan.classes().len() as u32));
        // Of the time in which somebody was there.
        let busy = most(&|i| i.busy.as_secs_f64()).clamp(f64::MIN_POSITIVE, over.max(f64::MIN_POSITIVE));
        let effort = Effort {
            batch_frac: most(&|i| seconds(i.running.area(self.record.over))) / busy / places,
            kv_peak_frac: most(&|i| i.kv_used_peak as f64 / i.kv_blocks.max(1) as f64),
            computed_frac: 1.0 - hits as f64 / prompts.max(1) as f64,
            failed_frac: 1.0 - part.succeeded / part.sent.max(1.0),
        };
        Regime { effort, waiting_frac: waiting / seconds(self.record.in_system_area).max(f64::MIN_POSITIVE) }
    }
}

impl Latencies {
    fn statistic(&self, latency: Latency, stat: Stat) -> Option<f64> {
        let ascending = match latency {
            Latency::Ttft => &self.ttft,
            Latency::Tpot => &self.tpot,
            Latency::E2e => &self.e2e,
            Latency::PerToken => &self.per_token,
        };
        match stat {
            Stat::Mean => mean(ascending),
            Stat::Permille(permille) => quantile(ascending, f64::from(permille) / 1e3),
            Stat::Min => ascending.first().copied(),
            Stat::Max => ascending.last().copied(),
        }
    }
}
