//! What happened when: the mean over replications, and where the beginning of a run ends.

use super::{RunRecord, SeriesRecord};
use crate::base::{PS_PER_S, math};
use crate::scenario::Load;
use crate::stats::mser;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Most instances with series of their own: of a large fleet, there are those of the whole.
const INSTANCES_MAX: usize = 16;

/// Counts and levels over equal spans from time zero to the end of the horizon, warm-up included.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SeriesReport {
    /// Length of a span, s.
    pub span_s: f64,
    /// Requests that arrived, per second.
    pub arrived_rps: Vec<f64>,
    /// Requests that ended, in whatever way, per second.
    pub ended_rps: Vec<f64>,
    /// Requests in the system, on average over the span.
    pub in_system: Vec<f64>,
    /// Of those, in the engines' queues.
    pub waiting: Vec<f64>,
    /// Of those, in the engines' batches.
    pub running: Vec<f64>,
    /// Share of KV blocks in use at the end of the span.
    pub kv_use_frac: Vec<f64>,
    /// Each instance; empty where there are more than 16.
    pub instances: Vec<InstanceSeries>,
}

/// One instance over the same spans.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InstanceSeries {
    /// Requests in its queue.
    pub waiting: Vec<f64>,
    /// Requests in its batch.
    pub running: Vec<f64>,
    /// Share of its KV blocks in use at the end of the span.
    pub kv_use_frac: Vec<f64>,
}

/// Mean over replications of a column.
fn column(records: &[RunRecord], value: impl Fn(&RunRecord, usize) -> f64) -> Vec<f64> {
    let spans = records.iter().map(|r| r.series.arrived.len()).min().unwrap_or(0);
    let n = records.len() as f64;
    (0..spans).map(|k| rounded(records.iter().map(|r| value(r, k)).sum::<f64>() / n)).collect()
}

/// To a thousandth, which no eye can tell apart: a report holds thousands of these.
fn rounded(x: f64) -> f64 {
    math::round(x * 1000.0) / 1000.0
}

fn span_ps(s: &SeriesRecord) -> f64 {
    s.span.as_ps() as f64
}

pub(super) fn series(records: &[RunRecord]) -> SeriesReport {
    let per_s = |s: &SeriesRecord, count: u64| count as f64 * PS_PER_S as f64 / span_ps(s);
    let instances = records[0].instances.len();
    let all = |pick: fn(&RunRecord, usize, usize) -> f64| {
        column(records, |r, k| (0..instances).map(|i| pick(r, i, k)).sum::<f64>())
    };
    let blocks = |r: &RunRecord| r.instances.iter().map(|i| i.kv_blocks).sum::<u64>().max(1) as f64;
    let of = |i: usize| InstanceSeries {
        waiting: column(records, |r, k| waiting(r, i, k)),
        running: column(records, |r, k| running(r, i, k)),
        kv_use_frac: column(records, |r, k| kv_blocks(r, i, k) / r.instances[i].kv_blocks.max(1) as f64),
    };
    SeriesReport {
        span_s: records[0].series.span.as_secs_f64(),
        arrived_rps: column(records, |r, k| per_s(&r.series, r.series.arrived[k])),
        ended_rps: column(records, |r, k| per_s(&r.series, r.series.ended[k])),
        in_system: column(records, |r, k| r.series.in_system[k] as f64 / span_ps(&r.series)),
        waiting: all(waiting),
        running: all(running),
        kv_use_frac: column(records, |r, k| (0..instances).map(|i| kv_blocks(r, i, k)).sum::<f64>() / blocks(r)),
        instances: if instances <= INSTANCES_MAX { (0..instances).map(of).collect() } else { Vec::new() },
    }
}

fn waiting(r: &RunRecord, i: usize, k: usize) -> f64 {
    r.series.instances[i].waiting[k] as f64 / span_ps(&r.series)
}

fn running(r: &RunRecord, i: usize, k: usize) -> f64 {
    r.series.instances[i].running[k] as f64 / span_ps(&r.series)
}

fn kv_blocks(r: &RunRecord, i: usize, k: usize) -> f64 {
    r.series.instances[i].kv_blocks[k] as f64
}

/// When measuring would best begin, s, by MSER-5 on the mean over replications of the number in system; of a closed loop,
/// where that is constant, of the requests that end. A span is a batch: the mean of five equal parts of it is its own.
#[must_use]
pub fn mser_s(load: Load, records: &[RunRecord]) -> Option<f64> {
    let series = &records[0].series;
    let n = records.len() as f64;
    let batch = |k: usize| {
        let value = |s: &SeriesRecord| if load.is_closed() { s.ended[k] as f64 } else { s.in_system[k] as f64 };
        records.iter().map(|r| value(&r.series)).sum::<f64>() / n
    };
    let batches: Vec<f64> = (0..series.arrived.len()).map(batch).collect();
    mser(&batches).map(|skipped| series.span.as_secs_f64() * skipped as f64)
}
