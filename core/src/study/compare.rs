//! Two scenarios under the same random numbers: differences with paired intervals.
//!
//! Replication k of both sees the same requests, so most of what is random cancels in the difference, and its interval
//! is far narrower than those of the two values.

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
    let of = |f: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(f).collect::<Vec<f64>>();
    let (a, b) = (t_interval(&of(&|p| p.0))?, t_interval(&of(&|p| p.1))?);
    let d = t_interval(&of(&|p| p.1 - p.0))?;
    let (lo, hi) = (d.half_width.map(|h| d.point - h), d.half_width.map(|h| d.point + h));
    Some(Difference {
        metric: metric.into(),
        statistic: statistic.into(),
        a: a.point,
        b: b.point,
        difference: d.point,
        lo,
        hi,
        significant: lo.zip(hi).is_some_and(|(lo, hi)| lo > 0.0 || hi < 0.0),
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
    fn differing_settings_are_listed_by_path() {
        let a = Scenario::default();
        let b = Edit::new("", "topology.pools[0].replicas", 8).apply(&a).expect("applies");
        let found = settings(&a, &b);
        assert_eq!(found, [("topology.pools[0].replicas".into(), 4.into(), 8.into())]);
    }
}
