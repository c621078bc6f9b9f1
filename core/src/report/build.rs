//! From the records of all replications to a report with intervals.

use super::series::{mser_s, series};
use super::{
    Bounds, ClassRecord, ClassReport, CostReport, End, InstanceReport, KvReport, Metrics, ReplicationReport, Report,
    RunFacts, RunRecord, SloOutcome, Summary, Unsteady,
};
use crate::MODEL_VERSION;
use crate::base::{Dur, math};
use crate::scenario::{ClassPlan, Load, Plan, SCHEMA_VERSION};
use crate::stats::{Sketch, t_interval};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// A fleet counts as keeping up while the number in system grows by less than this share of arrivals: the
/// share that a 98 % throughput criterion leaves …
const GROWTH_SLACK_FRAC: f64 = 0.02;
/// … plus this many standard deviations of a Poisson number in system at either end, since a stable system
/// fluctuates too.
const GROWTH_SLACK_SD: f64 = 3.0;

/// The report of one load.
///
/// # Panics
/// Without a record.
#[must_use]
pub fn report(plan: &Plan, load: Load, records: &[RunRecord]) -> Report {
    assert!(!records.is_empty(), "a report needs at least one replication");
    let classes: Vec<ClassReport> = plan
        .classes()
        .iter()
        .enumerate()
        .map(|(i, class)| {
            let of_class: Vec<&ClassRecord> = records.iter().map(|r| &r.classes[i]).collect();
            class_report(class.name.clone(), Some(class), &of_class, records)
        })
        .collect();
    let totals: Vec<ClassRecord> = records.iter().map(total).collect();
    let total = class_report("total".into(), None, &totals.iter().collect::<Vec<_>>(), records);
    let cost = cost(plan, &total);
    Report {
        schema_version: SCHEMA_VERSION,
        model_version: MODEL_VERSION.into(),
        run: run_facts(plan, load, records),
        load,
        load_frac: plan.load_frac(load),
        total,
        classes,
        kv: kv(records),
        cost,
        instances: instances(plan, records),
        disagg: super::disagg::disagg(plan, records),
        offload: super::offload::offload(plan, records),
        series: series(records),
        per_replication: totals.iter().zip(records).map(replication).collect(),
        detail: None,
        digest: String::new(),
    }
    .sealed()
}

/// All classes of a replication together.
pub(super) fn total(record: &RunRecord) -> ClassRecord {
    let mut all = ClassRecord::new();
    for class in &record.classes {
        all.merge(class);
    }
    all
}

fn replication((total, run): (&ClassRecord, &RunRecord)) -> ReplicationReport {
    let statistics =
        |s: &Sketch| [s.mean_ms(), s.quantile_ms(0.5), s.quantile_ms(0.9), s.quantile_ms(0.95), s.quantile_ms(0.99)];
    let seconds = horizon(run).max(f64::MIN_POSITIVE);
    ReplicationReport {
        latencies: [statistics(&total.ttft), statistics(&total.itl), statistics(&total.tpot), statistics(&total.e2e)],
        goodput_rps: total.good_of_served() / seconds,
        output_tokens_per_s: total.tokens_in_horizon as f64 / seconds,
    }
}

pub(super) fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len() as f64;
    values.sum::<f64>() / n
}

fn horizon(record: &RunRecord) -> f64 {
    record.end.since(record.begin).as_secs_f64()
}

fn run_facts(plan: &Plan, load: Load, records: &[RunRecord]) -> RunFacts {
    let horizon_s = mean(records.iter().map(horizon));
    let grown = growth(load, records);
    let around = mean(records.iter().map(|r| r.in_system[0] as f64));
    let arrived = mean(records.iter().map(|r| r.classes.iter().map(|c| c.arrived).sum::<u64>() as f64));
    let chance = GROWTH_SLACK_SD * math::sqrt(2.0 * around.max(1.0) / records.len() as f64);
    let behind = records.iter().any(|r| r.behind[1] > r.behind[0]);
    let unsteady = (grown > GROWTH_SLACK_FRAC * arrived + chance).then_some(if behind {
        Unsteady::ClientsFallBehind
    } else {
        Unsteady::QueueGrows
    });
    RunFacts {
        seed: plan.seed,
        replications: records.len() as u32,
        warmup_s: records[0].begin.as_secs_f64(),
        horizon_s,
        followed_to_end: records.iter().all(|r| r.followed_to_end),
        stationary: unsteady.is_none(),
        unsteady,
        mser_s: mser_s(load, records),
        growth_rps: if horizon_s > 0.0 { grown / horizon_s } else { 0.0 },
        steps: records.iter().flat_map(|r| &r.instances).map(|i| i.steps).sum(),
        events: records.iter().map(|r| r.events).sum(),
    }
}

/// By how many requests the fleet fell behind while measuring: those more in the system, and those that are due and not
/// sent, because all clients are busy. A closed loop never falls behind.
fn growth(load: Load, records: &[RunRecord]) -> f64 {
    let Load::Rate(rate) = load else { return 0.0 };
    let of = |r: &RunRecord| {
        let late_s = r.behind[1].as_secs_f64() - r.behind[0].as_secs_f64();
        r.in_system[1] as f64 - r.in_system[0] as f64 + rate * late_s
    };
    mean(records.iter().map(of))
}

fn class_report(name: String, class: Option<&ClassPlan>, records: &[&ClassRecord], runs: &[RunRecord]) -> ClassReport {
    let per_second = |count: &dyn Fn(&ClassRecord) -> f64| {
        let count: f64 = records.iter().map(|r| count(r)).sum();
        let seconds: f64 = runs.iter().map(horizon).sum();
        if seconds > 0.0 { count / seconds } else { 0.0 }
    };
    let arrived: u64 = records.iter().map(|r| r.arrived).sum();
    let good: u64 = records.iter().map(|r| r.good).sum();
    let ends = End::ALL
        .into_iter()
        .map(|end| (end, records.iter().map(|r| r.ends[end as usize]).sum::<u64>()))
        .filter(|&(end, n)| end.is_always_named() || n > 0)
        .map(|(end, n)| (String::from(end.name()), n))
        .collect();
    ClassReport {
        name,
        metrics: Metrics {
            ttft_ms: summary(records.iter().map(|r| &r.ttft)),
            itl_ms: summary(records.iter().map(|r| &r.itl)),
            tpot_ms: summary(records.iter().map(|r| &r.tpot)),
            e2e_ms: summary(records.iter().map(|r| &r.e2e)),
        },
        offered_rps: per_second(&|r| r.arrived as f64),
        served_rps: per_second(&|r| r.served_in_horizon as f64),
        goodput_rps: per_second(&ClassRecord::good_of_served),
        goodput_frac: (arrived > 0 && runs.iter().all(|r| r.followed_to_end)).then(|| good as f64 / arrived as f64),
        output_tokens_per_s: per_second(&|r| r.tokens_in_horizon as f64),
        ends,
        slo: class.map_or_else(Vec::new, |c| slo(c, records)),
    }
}

/// (point, lower, upper) of one statistic: the mean over replications, and its t-interval. Latencies are
/// positive, so the lower end is cut at zero.
fn estimate(values: impl Iterator<Item = Option<f64>>) -> (Option<f64>, Option<f64>, Option<f64>) {
    let values: Vec<f64> = values.flatten().collect();
    let Some(interval) = t_interval(&values) else {
        return (None, None, None);
    };
    let end = |sign: f64| interval.half_width.map(|h| (interval.point + sign * h).max(0.0));
    (Some(interval.point), end(-1.0), end(1.0))
}

pub(super) fn summary<'a>(sketches: impl Iterator<Item = &'a Sketch> + Clone) -> Summary {
    let quantile = |q: f64| estimate(sketches.clone().map(|s| s.quantile_ms(q)));
    let (mean, p50, p90, p95, p99) =
        (estimate(sketches.clone().map(Sketch::mean_ms)), quantile(0.5), quantile(0.9), quantile(0.95), quantile(0.99));
    Summary {
        mean: mean.0,
        p50: p50.0,
        p90: p90.0,
        p95: p95.0,
        p99: p99.0,
        n: sketches.map(Sketch::n).sum(),
        lo: Bounds { mean: mean.1, p50: p50.1, p90: p90.1, p95: p95.1, p99: p99.1 },
        hi: Bounds { mean: mean.2, p50: p50.2, p90: p90.2, p95: p95.2, p99: p99.2 },
    }
}

fn slo(class: &ClassPlan, records: &[&ClassRecord]) -> Vec<SloOutcome> {
    type Pick = fn(&ClassRecord) -> &Sketch;
    let targets: [(&str, Option<Dur>, Pick); 3] =
        [("ttft", class.slo_ttft, |r| &r.ttft), ("itl", class.slo_itl, |r| &r.itl), ("e2e", class.slo_e2e, |r| &r.e2e)];
    targets
        .into_iter()
        .filter_map(|(metric, target, sketch)| {
            let target_ms = target?.as_ms_f64();
            let q = class.slo_percentile / 100.0;
            let (value_ms, lo_ms, hi_ms) = estimate(records.iter().map(|r| sketch(r).quantile_ms(q)));
            Some(SloOutcome {
                metric: metric.into(),
                percentile: class.slo_percentile,
                target_ms,
                value_ms,
                lo_ms,
                hi_ms,
                meets: value_ms.is_none_or(|v| v <= target_ms),
            })
        })
        .collect()
}

fn kv(records: &[RunRecord]) -> KvReport {
    let instances = || records.iter().flat_map(|r| &r.instances);
    let used: f64 = instances().map(|i| i.kv_used_sum as f64).sum();
    let offered: f64 = instances().map(|i| i.steps as f64 * i.kv_blocks as f64).sum();
    KvReport {
        blocks: records[0].instances.iter().map(|i| i.kv_blocks).sum(),
        use_frac: if offered > 0.0 { used / offered } else { 0.0 },
        peak_frac: instances().map(|i| i.kv_used_peak as f64 / i.kv_blocks.max(1) as f64).fold(0.0, f64::max),
        hit_rate: share(instances().map(|i| i.hit_tokens).sum(), instances().map(|i| i.prompt_tokens).sum()),
        preemptions: instances().map(|i| i.preemptions).sum(),
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole > 0 { part as f64 / whole as f64 } else { 0.0 }
}

fn cost(plan: &Plan, total: &ClassReport) -> CostReport {
    let usd_per_hour = plan.usd_per_hour();
    let tokens_per_hour = total.output_tokens_per_s * 3600.0;
    CostReport {
        gpus: plan.gpus(),
        usd_per_hour,
        usd_per_million_output_tokens: (tokens_per_hour > 0.0).then(|| usd_per_hour / tokens_per_hour * 1e6),
    }
}

fn instances(plan: &Plan, records: &[RunRecord]) -> Vec<InstanceReport> {
    let names =
        plan.pools().iter().flat_map(|pool| (0..pool.replicas).map(move |k| format!("{} {}", pool.name, k + 1)));
    names
        .enumerate()
        .map(|(i, name)| {
            let over = |r: &RunRecord| r.over.as_secs_f64().max(f64::MIN_POSITIVE);
            let each = || records.iter().map(move |r| (r, r.instances[i]));
            InstanceReport {
                name,
                busy_frac: mean(each().map(|(r, x)| x.busy.as_secs_f64() / over(r))),
                running_mean: mean(each().map(|(r, x)| x.running.mean(r.over))),
                waiting_mean: mean(each().map(|(r, x)| x.waiting.mean(r.over))),
                kv_use_frac: mean(
                    each().map(|(_, x)| x.kv_used_sum as f64 / (x.steps.max(1) as f64 * x.kv_blocks.max(1) as f64)),
                ),
                requests: records.iter().map(|r| r.instances[i].requests).sum(),
            }
        })
        .collect()
}
