//! Up to four scenarios under the same random numbers: differences from the first, with paired intervals.
//!
//! Replication k of all sees the same requests, so most of what is random cancels in a difference, and its interval is
//! far narrower than those of the two values. `pair` sees to it that all are measured at the same loads over the same
//! time; `link` writes them into one link.

pub mod link;
mod pair;

pub use pair::{Obstacle, Side, SideRun, Window, align, obstacles, points, same_requests, simulates};

use crate::report::{Report, Statistic};
use crate::scenario::Scenario;
use crate::stats::t_interval;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::borrow::Borrow;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One metric of both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// `ttft`, `itl`, `tpot`, `e2e`, `goodput` or `output_tokens`.
    pub metric: String,
    /// `mean`, `p50` …; empty for rates.
    pub statistic: String,
    /// Value of the first.
    pub a: f64,
    /// Value of the second.
    pub b: f64,
    /// Second minus first, mean over replications.
    pub difference: f64,
    /// Lower end of its paired 95 % interval.
    pub lo: Option<f64>,
    /// Upper end.
    pub hi: Option<f64>,
    /// Whether the interval leaves zero out.
    pub significant: bool,
    /// The second over the first, less 1; none where the first is nothing.
    pub change: Option<Change>,
    /// Pairs behind it: replications in which both have a value.
    pub pairs: u32,
}

/// A change relative to the first, as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Ratio of the means, less 1.
    pub frac: f64,
    /// Lower end of its paired 95 % interval.
    pub lo: Option<f64>,
    /// Upper end.
    pub hi: Option<f64>,
}

/// Latencies that have a difference, in the order in which a replication has them.
const LATENCIES: [&str; 4] = ["ttft", "itl", "tpot", "e2e"];

/// Differences of every metric at the same offered load; empty when the runs cannot be paired, because their seeds or
/// numbers of replications differ.
#[must_use]
pub fn differences(a: &Report, b: &Report) -> Vec<Difference> {
    if !are_pairs(a, b) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for latency in 0..LATENCIES.len() {
        found.extend(Statistic::ALL.into_iter().filter_map(|statistic| of_latency(a, b, latency, statistic)));
    }
    let pairs = || a.per_replication.iter().zip(&b.per_replication);
    found.extend(difference("goodput", "", pairs().map(|(x, y)| (x.goodput_rps, y.goodput_rps)).collect()));
    let tokens = pairs().map(|(x, y)| (x.output_tokens_per_s, y.output_tokens_per_s));
    found.extend(difference("output_tokens", "", tokens.collect()));
    found
}

/// The one of [`differences`] that is of this latency and statistic: a figure of many loads needs no more of each.
#[must_use]
pub fn latency_difference(a: &Report, b: &Report, metric: &str, statistic: Statistic) -> Option<Difference> {
    let latency = LATENCIES.into_iter().position(|name| name == metric)?;
    if are_pairs(a, b) { of_latency(a, b, latency, statistic) } else { None }
}

/// Whether replications of both saw the same draws.
fn are_pairs(a: &Report, b: &Report) -> bool {
    a.run.seed == b.run.seed && a.per_replication.len() == b.per_replication.len()
}

fn of_latency(a: &Report, b: &Report, latency: usize, statistic: Statistic) -> Option<Difference> {
    let place = Statistic::ALL.into_iter().position(|s| s == statistic)?;
    let pairs = a.per_replication.iter().zip(&b.per_replication);
    let pairs = pairs.filter_map(|(x, y)| Some((x.latencies[latency][place]?, y.latencies[latency][place]?)));
    difference(LATENCIES[latency], statistic.name(), pairs.collect())
}

fn difference(metric: &str, statistic: &str, pairs: Vec<(f64, f64)>) -> Option<Difference> {
    let of = |f: &dyn Fn(&(f64, f64)) -> f64| t_interval(&pairs.iter().map(f).collect::<Vec<f64>>());
    let (a, b, d) = (of(&|p| p.0)?, of(&|p| p.1)?, of(&|p| p.1 - p.0)?);
    let (lo, hi) = (d.half_width.map(|h| d.point - h), d.half_width.map(|h| d.point + h));
    let change = (a.point > 0.0).then(|| {
        // The ratio estimator: to first order its error is the mean of y - ratio·x over the mean of x.
        let ratio = b.point / a.point;
        let half = of(&|p| p.1 - ratio * p.0).and_then(|e| e.half_width).map(|h| h / a.point);
        Change { frac: ratio - 1.0, lo: half.map(|h| ratio - 1.0 - h), hi: half.map(|h| ratio - 1.0 + h) }
    });
    Some(Difference {
        metric: metric.into(),
        statistic: statistic.into(),
        a: a.point,
        b: b.point,
        difference: d.point,
        lo,
        hi,
        significant: lo.zip(hi).is_some_and(|(lo, hi)| lo > 0.0 || hi < 0.0),
        change,
        pairs: pairs.len() as u32,
    })
}

/// Settings in which scenarios differ: path, and the value in each of them.
#[must_use]
pub fn settings<S: Borrow<Scenario>>(all: &[S]) -> Vec<(String, Vec<Value>)> {
    let values: Vec<Value> = all.iter().map(|s| s.borrow().to_value()).collect();
    let mut found = Vec::new();
    walk("", &values.iter().collect::<Vec<_>>(), &mut found);
    found
}

fn walk(path: &str, all: &[&Value], found: &mut Vec<(String, Vec<Value>)>) {
    let objects: Option<Vec<_>> = all.iter().map(|v| v.as_object()).collect();
    let arrays: Option<Vec<_>> = all.iter().map(|v| v.as_array()).collect();
    let arrays = arrays.filter(|arrays| arrays.windows(2).all(|two| two[0].len() == two[1].len()));
    if let Some(objects) = objects {
        let mut keys: Vec<&String> = objects.iter().flat_map(|fields| fields.keys()).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let values: Vec<&Value> = objects.iter().map(|fields| fields.get(key).unwrap_or(&Value::Null)).collect();
            walk(&below, &values, found);
        }
    } else if let Some(arrays) = arrays {
        for i in 0..arrays.first().map_or(0, |items| items.len()) {
            walk(&format!("{path}[{i}]"), &arrays.iter().map(|items| &items[i]).collect::<Vec<_>>(), found);
        }
    } else if all.windows(2).any(|two| two[0] != two[1]) {
        found.push((path.into(), all.iter().map(|v| (*v).clone()).collect()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::scenario::{Edit, Policies, resolve};
    use crate::study::{Fidelity, PointRun};

    fn run(scenario: &Scenario) -> Report {
        let plan = resolve(scenario, &Catalog::builtin()).expect("sound");
        let mut run = PointRun::new(&plan, plan.load(), Fidelity::Settled);
        while !run.advance(u32::MAX) {}
        run.report().expect("over")
    }

    #[test]
    fn a_scenario_does_not_differ_from_itself() {
        let report = run(&Scenario::default());
        let found = differences(&report, &report);
        assert_eq!(found.len(), 22);
        assert!(found.iter().all(|d| d.difference == 0.0 && !d.significant));
    }

    #[test]
    fn pairing_narrows_the_interval() {
        let a = Scenario::default();
        let b = Scenario { policies: Policies::single("random-picker"), ..a.clone() };
        let (x, y) = (run(&a), run(&b));
        let found = differences(&x, &y);
        let ttft = found.iter().find(|d| d.metric == "ttft" && d.statistic == "mean").expect("there");
        assert!(ttft.significant && ttft.difference > 0.0, "random routing queues more: {ttft:?}");
        assert_eq!(latency_difference(&x, &y, "ttft", Statistic::Mean).as_ref(), Some(ttft));
        assert_eq!(latency_difference(&x, &y, "goodput", Statistic::Mean), None);
    }

    #[test]
    fn a_change_is_the_ratio_of_the_means_with_the_interval_of_the_ratio_estimator() {
        let d = difference("ttft", "mean", Vec::from([(19.0, 10.5), (20.0, 10.0), (21.0, 9.5)])).expect("is one");
        let change = d.change.expect("the first is not zero");
        assert!((change.frac + 0.5).abs() < 1e-12 && d.pairs == 3 && d.significant);
        // Residuals 1, 0, -1: their half-width is 4.302653/√3, over a mean of 20.
        let half = 4.302_653 / 3f64.sqrt() / 20.0;
        assert!((change.hi.expect("three pairs") + 0.5 - half).abs() < 1e-9, "{change:?}");
        let from_nothing = difference("goodput", "", Vec::from([(0.0, 1.0), (0.0, 2.0)])).expect("is one");
        assert_eq!(from_nothing.change, None);
        let once = difference("goodput", "", Vec::from([(4.0, 1.0)])).expect("is one");
        assert!(!once.significant && once.change.is_some_and(|c| c.lo.is_none()), "one pair tells nothing of chance");
    }

    #[test]
    fn differing_settings_are_listed_by_path() {
        let a = Scenario::default();
        let b = Edit::new("", "topology.pools[0].replicas", 8).apply(&a).expect("applies");
        let found = settings(&[&a, &b]);
        assert_eq!(found, [("topology.pools[0].replicas".into(), Vec::from([4.into(), 8.into()]))]);
        let c = Edit::new("", "run.seed", 7).apply(&a).expect("applies");
        let seeds = ("run.seed".into(), Vec::from([42.into(), 42.into(), 7.into()]));
        let replicas = ("topology.pools[0].replicas".into(), Vec::from([4.into(), 8.into(), 4.into()]));
        assert_eq!(settings(&[&a, &b, &c]), [seeds, replicas]);
        assert_eq!(settings(&[&a]), []);
    }
}
