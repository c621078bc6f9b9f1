//! What a comparison says: a row for each metric, and all of it in a sentence.

use crate::say;
use playground_core::report::{Report, Statistic};
use playground_core::study::Answer;
use playground_core::study::compare::{Difference, differences};

/// How B's value stands to A's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Better,
    Worse,
    /// The interval holds zero.
    Open,
    /// To the last digit.
    Equal,
    /// Fewer than two pairs: there is no interval.
    Unknown,
    /// A fact that is not drawn by chance.
    Fact,
}

impl Standing {
    pub(super) fn words(self) -> &'static str {
        match self {
            Standing::Better => "B is better",
            Standing::Worse => "B is worse",
            Standing::Open => "not significant at this run length",
            Standing::Equal => "equal",
            Standing::Unknown => "no interval: one repetition",
            Standing::Fact => "",
        }
    }
}

/// One metric of both, as text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) a: String,
    pub(super) b: String,
    /// B less A, with its interval.
    pub(super) difference: String,
    /// The same relative to A.
    pub(super) change: String,
    /// Replications that are paired; none for facts.
    pub(super) pairs: Option<u32>,
    pub(super) standing: Standing,
}

/// A metric of `differences`.
struct Metric {
    id: &'static str,
    name: &'static str,
    lower_is_better: bool,
}

const METRICS: [Metric; 6] = [
    Metric { id: "ttft", name: "TTFT", lower_is_better: true },
    Metric { id: "itl", name: "ITL", lower_is_better: true },
    Metric { id: "tpot", name: "TPOT", lower_is_better: true },
    Metric { id: "e2e", name: "E2E", lower_is_better: true },
    Metric { id: "goodput", name: "Goodput", lower_is_better: false },
    Metric { id: "output_tokens", name: "Output tokens", lower_is_better: false },
];

/// How much the sentence says; metrics that it leaves out follow from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    Full,
    /// Where there is little room.
    Brief,
}

impl Length {
    fn metrics(self) -> &'static [&'static str] {
        match self {
            Length::Full => &["ttft", "itl", "goodput", "output_tokens"],
            Length::Brief => &["ttft", "goodput"],
        }
    }
}

/// (metric, its difference) of those that both have.
fn paired(a: &Report, b: &Report, statistic: Statistic) -> Vec<(&'static Metric, Difference)> {
    let all = differences(a, b);
    let of = |m: &'static Metric| {
        let found =
            all.iter().find(|d| d.metric == m.id && (d.statistic.is_empty() || d.statistic == statistic.name()));
        found.map(|d| (m, d.clone()))
    };
    METRICS.iter().filter_map(of).collect()
}

fn standing(metric: &Metric, d: &Difference) -> Standing {
    match d {
        _ if d.lo.is_none() => Standing::Unknown,
        _ if d.difference == 0.0 && d.lo == d.hi => Standing::Equal,
        _ if !d.significant => Standing::Open,
        _ if (d.difference < 0.0) == metric.lower_is_better => Standing::Better,
        _ => Standing::Worse,
    }
}

/// Every metric at the scenario's own load, then facts.
pub(super) fn rows(a: &Answer, b: &Answer, statistic: Statistic) -> Vec<Row> {
    let mut rows: Vec<Row> =
        paired(&a.report, &b.report, statistic).iter().map(|(m, d)| row(m, d, statistic)).collect();
    rows.extend(facts(&a.report, &b.report));
    rows
}

fn row(metric: &Metric, d: &Difference, statistic: Statistic) -> Row {
    let is_latency = !d.statistic.is_empty();
    let (name, value): (String, fn(f64) -> String) = if is_latency {
        (format!("{} {}", metric.name, statistic.name()), say::span)
    } else {
        (format!("{}, {}", metric.name, if metric.id == "goodput" { "req/s" } else { "tok/s" }), say::number)
    };
    let difference = if is_latency { say::signed_span_with } else { say::signed_with };
    Row {
        name,
        a: value(d.a),
        b: value(d.b),
        difference: difference(d.difference, d.lo, d.hi),
        change: d.change.map_or_else(|| say::NOTHING.into(), |c| say::change_with(c.frac, c.lo, c.hi)),
        pairs: Some(d.pairs),
        standing: standing(metric, d),
    }
}

fn facts(a: &Report, b: &Report) -> Vec<Row> {
    let fact = |name: &str, f: &dyn Fn(&Report) -> String| Row {
        name: name.into(),
        a: f(a),
        b: f(b),
        difference: String::new(),
        change: String::new(),
        pairs: None,
        standing: Standing::Fact,
    };
    let any = |f: fn(&Report) -> f64| f(a) > 0.0 || f(b) > 0.0;
    let mut rows = vec![fact("Keeps up", &|r| if r.run.stationary { "yes" } else { "no" }.into())];
    if any(|r| r.kv.hit_rate) {
        rows.push(fact("Prefix hits", &|r| say::percent(r.kv.hit_rate)));
    }
    if a.offload.is_some() || b.offload.is_some() {
        let hits = |r: &Report| r.offload.as_ref().map_or_else(|| say::NOTHING.into(), |o| say::percent(o.hit_rate));
        rows.push(fact("Host memory hits", &hits));
    }
    if any(|r| r.kv.preemptions as f64) {
        rows.push(fact("Preemptions", &|r| say::count(r.kv.preemptions)));
    }
    rows.push(fact("GPUs", &|r| r.cost.gpus.to_string()));
    let cost = |r: &Report| r.cost.usd_per_million_output_tokens.map_or_else(|| say::NOTHING.into(), say::usd);
    rows.push(fact("Cost, $/Mtok", &cost));
    rows
}

/// Everything in a sentence or two; `whole` once every load is there.
pub(super) fn sentence(a: &Answer, b: &Answer, statistic: Statistic, length: Length, whole: bool) -> String {
    let all = paired(&a.report, &b.report, statistic);
    let said: Vec<_> = all.iter().filter(|(m, _)| length.metrics().contains(&m.id)).collect();
    let name = |m: &Metric, d: &Difference| match m.id {
        "goodput" => "goodput".to_owned(),
        "output_tokens" => "output tokens/s".to_owned(),
        _ => format!("{} {}", m.name, d.statistic),
    };
    let mut clear: Vec<String> = Vec::new();
    let (mut open, mut equal): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for (m, d) in said {
        match standing(m, d) {
            Standing::Open => open.push(name(m, d)),
            Standing::Equal => equal.push(name(m, d)),
            Standing::Better => clear.push(format!("{} {} (better)", name(m, d), change(d))),
            Standing::Worse => clear.push(format!("{} {} (worse)", name(m, d), change(d))),
            Standing::Unknown | Standing::Fact => clear.push(format!("{} {}", name(m, d), change(d))),
        }
    }
    let mut parts: Vec<String> = Vec::new();
    parts.extend((!clear.is_empty()).then(|| clear.join(", ")));
    parts.extend((!open.is_empty()).then(|| format!("{}: not significant at this run length", open.join(", "))));
    parts.extend((!equal.is_empty()).then(|| format!("{}: equal", equal.join(", "))));
    let head = format!("B against A at {}: {}.", say::load(a.report.load), parts.join("; "));
    let more = [targets(a, b, whole), unsteady(a, b), alone(&all)];
    more.into_iter().flatten().fold(head, |text, next| format!("{text} {next}"))
}

fn change(d: &Difference) -> String {
    match d.change {
        Some(c) => say::change_with(c.frac, c.lo, c.hi),
        None => format!("{} → {} req/s", say::number(d.a), say::number(d.b)),
    }
}

/// Up to which load each side meets its targets.
fn targets(a: &Answer, b: &Answer, whole: bool) -> Option<String> {
    let set = |answer: &Answer| answer.report.classes.iter().any(|c| !c.slo.is_empty());
    if !whole || !set(a) || !set(b) {
        return None;
    }
    let until = |answer: &Answer, name: &str| {
        let all = answer.curve.iter().map(|c| c.report.load.amount());
        let last = all.fold(answer.report.load.amount(), f64::max);
        match answer.verdict.highest_good {
            None => format!("with {name} at none of the loads"),
            Some(load) if load.amount() >= last => format!("with {name} at every load, up to {}", say::load(load)),
            Some(load) => format!("with {name} up to {}", say::load(load)),
        }
    };
    Some(format!("The targets hold {}, {}.", until(a, "A"), until(b, "B")))
}

/// A side that does not keep up has no steady latency: the longer the run, the higher.
fn unsteady(a: &Answer, b: &Answer) -> Option<String> {
    let keeps_up = |answer: &Answer| answer.report.run.stationary;
    let (who, verb, its) = match (keeps_up(a), keeps_up(b)) {
        (true, true) => return None,
        (false, true) => ("A", "does", "its latencies"),
        (true, false) => ("B", "does", "its latencies"),
        (false, false) => ("A and B", "do", "their latencies"),
    };
    Some(format!(
        "{who} {verb} not keep up at this load: {its} grow with the length of the run, and so do the differences."
    ))
}

/// Why there are no intervals.
fn alone(all: &[(&Metric, Difference)]) -> Option<String> {
    let lonely = all.iter().any(|(_, d)| d.pairs == 1);
    lonely.then(|| "With one repetition nothing can be said of chance: ask for two or more.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::catalog::Catalog;
    use playground_core::scenario::{Policies, Scenario, resolve};
    use playground_core::study::{Fidelity, LoadCurve};

    fn answer(change: impl FnOnce(&mut Scenario)) -> Answer {
        let mut s = Scenario::default();
        (s.run.requests, s.run.replications, s.run.load.points) = (300, 3, 3);
        s.workload.arrival.rate_rps = 80.0;
        change(&mut s);
        LoadCurve::run(&resolve(&s, &Catalog::builtin()).expect("is sound"), Fidelity::Settled)
    }

    fn random(s: &mut Scenario) {
        s.policies = Policies::single("random-picker");
    }

    #[test]
    fn better_and_worse_follow_the_metric() {
        let (a, b) = (answer(|_| ()), answer(random));
        let row = |a: &Answer, b: &Answer, name: &str| {
            rows(a, b, Statistic::Mean).into_iter().find(|r| r.name.starts_with(name)).expect("is there")
        };
        assert_eq!(row(&a, &b, "TTFT mean").standing, Standing::Worse);
        assert_eq!(row(&b, &a, "TTFT mean").standing, Standing::Better);
        let ttft = row(&a, &b, "TTFT mean");
        assert!(ttft.difference.starts_with('+') && ttft.change.starts_with('+') && ttft.pairs == Some(3), "{ttft:?}");
        let text = sentence(&a, &b, Statistic::Mean, Length::Full, true);
        assert!(text.starts_with("B against A at 80 req/s: TTFT mean +") && text.contains(" (worse)"), "{text}");
        assert!(text.contains("The targets hold with A "), "{text}");
    }

    #[test]
    fn a_brief_sentence_leaves_out_what_follows() {
        let text = sentence(&answer(|_| ()), &answer(random), Statistic::Mean, Length::Brief, true);
        assert!(text.contains("TTFT mean") && !text.contains("ITL") && text.contains("The targets hold"), "{text}");
    }

    #[test]
    fn a_scenario_and_itself_are_equal() {
        let a = answer(|_| ());
        let all = rows(&a, &a, Statistic::P99);
        assert!(all.iter().all(|r| matches!(r.standing, Standing::Equal | Standing::Fact)), "{all:?}");
        let text = sentence(&a, &a, Statistic::P99, Length::Full, false);
        assert_eq!(text, "B against A at 80 req/s: TTFT p99, ITL p99, goodput, output tokens/s: equal.");
    }

    #[test]
    fn one_repetition_claims_nothing() {
        let once = |s: &mut Scenario| s.run.replications = 1;
        let (a, b) = (answer(once), answer(|s| (once(s), random(s)).1));
        assert!(rows(&a, &b, Statistic::P99).iter().all(|r| matches!(r.standing, Standing::Unknown | Standing::Fact)));
        let text = sentence(&a, &b, Statistic::P99, Length::Full, true);
        assert!(text.contains("one repetition") && !text.contains("better") && !text.contains("worse"), "{text}");
    }

    #[test]
    fn a_side_that_does_not_keep_up_is_named() {
        let fast = |s: &mut Scenario| s.workload.arrival.rate_rps = 400.0;
        let (a, b) = (answer(fast), answer(|s| (fast(s), s.topology.pools[0].replicas = 16).1));
        let text = sentence(&a, &b, Statistic::P99, Length::Full, false);
        assert!(text.contains("A does not keep up at this load"), "{text}");
        assert!(rows(&a, &b, Statistic::P99).iter().any(|r| r.name == "Keeps up" && r.a == "no" && r.b == "yes"));
    }
}
