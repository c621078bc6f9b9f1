//! Two scenarios under the same random numbers: differences with paired intervals.
//!
//! Replication k of both sees the same requests, so most of what is random cancels in the difference, and its interval
//! is far narrower than those of the two values. `pair` sees to it that both are measured at the same loads over the
//! same time; `link` writes both into one link.

pub mod link;
mod pair;

pub use pair::{Obstacle, Side, SideRun, Window, align, obstacles, points, same_requests, simulates};

use crate::report::{Report, Statistic};
use crate::scenario::Scenario;
use crate::stats::t_interval;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
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

/// Differences of every metric at the same offered load; empty when the runs cannot be paired, because their seeds or
/// numbers of replications differ.
#[must_use]
pub fn differences(a: &Report, b: &Report) -> Vec<Difference> {
    if a.run.seed != b.run.seed || a.per_replication.len() != b.per_replication.len() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (m, metric) in ["ttft", "itl", "tpot", "e2e"].into_iter().enumerate() {
        for (s, statistic) in Statistic::ALL.into_iter().enumerate() {
            let pairs = a.per_replication.iter().zip(&b.per_replication);
            let pairs = pairs.filter_map(|(x, y)| Some((x.latencies[m][s]?, y.latencies[m][s]?)));
            found.extend(difference(metric, statistic.name(), pairs.collect()));
        }
    }
    let pairs = || a.per_replication.iter().zip(&b.per_replication);
    found.extend(difference("goodput", "", pairs().map(|(x, y)| (x.goodput_rps, y.goodput_rps)).collect()));
    let tokens = pairs().map(|(x, y)| (x.output_tokens_per_s, y.output_tokens_per_s));
    found.extend(difference("output_tokens", "", tokens.collect()));
    found
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

/// Settings in which two scenarios differ: path, value in the first, value in the second.
#[must_use]
pub fn settings(a: &Scenario, b: &Scenario) -> Vec<(String, Value, Value)> {
    let mut found = Vec::new();
    walk("", &a.to_value(), &b.to_value(), &mut found);
    found
}

fn walk(path: &str, a: &Value, b: &Value, found: &mut Vec<(String, Value, Value)>) {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            let mut keys: Vec<&String> = x.keys().chain(y.keys().filter(|k| !x.contains_key(*k))).collect();
            keys.sort();
            for key in keys {
                let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                walk(&below, x.get(key).unwrap_or(&Value::Null), y.get(key).unwrap_or(&Value::Null), found);
            }
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            for (i, (p, q)) in x.iter().zip(y).enumerate() {
                walk(&format!("{path}[{i}]"), p, q, found);
            }
        }
        _ if a != b => found.push((path.into(), a.clone(), b.clone())),
        _ => {}
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
        let found = settings(&a, &b);
        assert_eq!(found, [("topology.pools[0].replicas".into(), 4.into(), 8.into())]);
    }
}
