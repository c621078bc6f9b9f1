//! The answer in one sentence: does the fleet meet its targets at this load, until which load would it, and
//! what binds.

use super::{CurveReport, served};
use crate::base::Order;
use crate::report::{Report, SloOutcome, Unsteady};
use crate::scenario::{Load, Plan};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The answer in words and in the few numbers behind them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// One or two sentences.
    pub sentence: String,
    /// Whether the fleet keeps up with the scenario's own load, meets every target of every class, and serves everyone.
    pub meets: bool,
    /// The highest simulated load at which that is so.
    pub highest_good: Option<Load>,
    /// Requests per second there: what was asked for, and of a closed loop what came of it.
    pub highest_good_rps: Option<f64>,
    /// The target that is missed first as load grows.
    pub binding: Option<String>,
}

/// What a report and its curve say.
#[must_use]
pub fn verdict(plan: &Plan, report: &Report, curve: &[CurveReport]) -> Verdict {
    let good = |report: &Report| served::sustained(plan.classes().iter().map(|c| c.priority), report);
    let mut loads: Vec<&Report> = curve.iter().map(|c| &c.report).chain([report]).collect();
    loads.order_by(|a, b| a.load.total_cmp(&b.load));
    // The first load that fails ends the good range, even if a later one passes by chance.
    let first_bad = loads.iter().position(|r| !good(r));
    let best = match first_bad {
        Some(i) => i.checked_sub(1).map(|i| loads[i]),
        None => loads.last().copied(),
    };
    let binding = first_bad.map(|i| binding(loads[i]));
    let highest_good = best.map(|r| r.load);
    let sentence = sentence(plan, report, highest_good, binding.as_deref(), first_bad.is_some());
    Verdict { sentence, meets: good(report), highest_good, highest_good_rps: best.map(Report::offered_rps), binding }
}

/// (class, target) pairs that are missed.
fn misses(report: &Report) -> Vec<(&str, &SloOutcome)> {
    report.classes.iter().flat_map(|c| c.slo.iter().filter(|s| !s.meets).map(move |s| (c.name.as_str(), s))).collect()
}

fn binding(report: &Report) -> String {
    let first = misses(report).into_iter().max_by(|a, b| excess(a.1).total_cmp(&excess(b.1)));
    match first {
        Some((class, outcome)) if report.classes.len() > 1 => {
            format!("{} of {class}", name(outcome))
        }
        Some((_, outcome)) => name(outcome),
        None if report.run.stationary => "the share of requests that is served".into(),
        None => "throughput".into(),
    }
}

/// How far a target is missed, as a ratio.
fn excess(outcome: &SloOutcome) -> f64 {
    outcome.value_ms.map_or(0.0, |v| v / outcome.target_ms)
}

fn name(outcome: &SloOutcome) -> String {
    format!("{} p{}", outcome.metric.to_uppercase(), percentile(outcome.percentile))
}

fn percentile(p: f64) -> String {
    p.to_string()
}

fn sentence(plan: &Plan, report: &Report, highest: Option<Load>, binding: Option<&str>, limited: bool) -> String {
    let share = match report.load {
        // In percent first, so that halves are rounded as they would be by hand.
        Load::Rate(rps) => 100.0 * rps / plan.capacity_rps(),
        Load::Concurrency(_) => 100.0 * report.load_frac,
    };
    let head = format!("At {} ({share:.0} % of capacity)", load_text(report.load));
    let head = if report.load.is_closed() {
        format!("{head} and the {} req/s that they send", significant(report.total.offered_rps))
    } else {
        head
    };
    let middle = if report.run.stationary { latencies(report) } else { overload(report) };
    let tail = match (highest, limited) {
        (Some(load), true) => {
            format!("The targets hold up to {}; {} gives way first.", load_text(load), binding.unwrap_or("throughput"))
        }
        (Some(load), false) => format!("The targets hold at every load simulated, up to {}.", load_text(load)),
        (None, _) => {
            format!("The targets hold at none of the loads simulated; {} is missed.", binding.unwrap_or("throughput"))
        }
    };
    let unserved = served::unserved(report).map_or_else(String::new, |words| format!(" {words}"));
    format!("{head}, {middle}{unserved} {tail}")
}

fn latencies(report: &Report) -> String {
    let outcomes: Vec<(&str, &SloOutcome)> =
        report.classes.iter().flat_map(|c| c.slo.iter().map(move |s| (c.name.as_str(), s))).collect();
    if outcomes.is_empty() {
        let ttft = report.total.metrics.ttft_ms.p99.map_or_else(|| "—".into(), ms);
        return format!("TTFT p99 is {ttft}; no target is set.");
    }
    let several = report.classes.len() > 1;
    // With several classes, the ones closest to their targets speak for all.
    let mut shown = outcomes.clone();
    shown.order_by(|a, b| excess(b.1).total_cmp(&excess(a.1)));
    let parts: Vec<String> = shown
        .iter()
        .take(2)
        .map(|(class, s)| {
            let of = if several { format!(" of {class}") } else { String::new() };
            let value = s.value_ms.map_or_else(|| "—".into(), ms);
            let word = if s.meets { "meets" } else { "misses" };
            format!("{}{of} is {value} and {word} {}", name(s), ms(s.target_ms))
        })
        .collect();
    format!("{}.", parts.join("; "))
}

fn overload(report: &Report) -> String {
    if report.run.unsteady == Some(Unsteady::ClientsFallBehind) {
        return format!(
            "all clients are busy: they send {} req/s, and fall behind by {} requests a second.",
            significant(report.total.offered_rps),
            significant(report.run.growth_rps)
        );
    }
    format!(
        "the fleet does not keep up: it serves {} req/s and the queue grows by {} requests a second.",
        significant(report.total.served_rps),
        significant(report.run.growth_rps)
    )
}

/// A span of ms with three significant digits, as seconds from one second on.
#[must_use]
pub(super) fn ms(value: f64) -> String {
    if value >= 999.5 { format!("{} s", significant(value / 1000.0)) } else { format!("{} ms", significant(value)) }
}

fn load_text(load: Load) -> String {
    match load {
        Load::Rate(rps) => format!("{} {}", significant(rps), load.unit()),
        Load::Concurrency(clients) => format!("{clients} {}", load.unit()),
    }
}

/// Three significant digits, without trailing zeros of a fraction.
fn significant(value: f64) -> String {
    let digits = match value {
        v if v >= 99.95 => 0,
        v if v >= 9.995 => 1,
        v if v >= 0.9995 => 2,
        _ => 3,
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_like_numbers() {
        let texts: Vec<String> = [0.1234, 1.5, 12.34, 182.4, 999.6, 9620.0].into_iter().map(ms).collect();
        assert_eq!(texts, ["0.123 ms", "1.5 ms", "12.3 ms", "182 ms", "1 s", "9.62 s"]);
    }
}
