//! What a comparison says: a row for each metric, and all of it in sentences.

use super::case::letters;
use crate::say;
use playground_core::report::{Report, Statistic};
use playground_core::study::Answer;
use playground_core::study::compare::{Difference, Side, differences};

/// How a side's value stands to the baseline's.
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
            Standing::Better => "better",
            Standing::Worse => "worse",
            Standing::Open => "not significant at this run length",
            Standing::Equal => "equal",
            Standing::Unknown => "no interval: one repetition",
            Standing::Fact => "",
        }
    }

    /// Its class in the style sheet, and its sign.
    pub(super) fn look(self) -> (&'static str, &'static str) {
        match self {
            Standing::Better => ("meets", "✓ "),
            Standing::Worse => ("misses", "✗ "),
            Standing::Open | Standing::Equal | Standing::Unknown | Standing::Fact => ("muted", ""),
        }
    }
}

/// One metric of all, as text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) name: String,
    /// The baseline's value.
    pub(super) baseline: String,
    /// Those of the others.
    pub(super) others: Vec<Against>,
}

/// One metric of a side against the baseline, as text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Against {
    pub(super) side: Side,
    pub(super) value: String,
    /// It less the baseline, with its interval.
    pub(super) difference: String,
    /// The same relative to the baseline.
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

/// How much the sentences say; metrics that they leave out follow from the others.
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

/// Every side but the baseline, with its answer.
fn others<'a>(all: &[&'a Answer]) -> impl Iterator<Item = (Side, &'a Answer)> {
    Side::ALL.into_iter().zip(all.to_vec()).skip(1)
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

/// Every metric at the scenario's own load, then facts; the baseline's answer is the first.
pub(super) fn rows(all: &[&Answer], statistic: Statistic) -> Vec<Row> {
    let Some(a) = all.first() else { return Vec::new() };
    let of_each: Vec<(Side, Vec<_>)> =
        others(all).map(|(side, b)| (side, paired(&a.report, &b.report, statistic))).collect();
    let row = |metric: &Metric| {
        let of =
            |found: &[(&Metric, Difference)]| found.iter().find(|(m, _)| m.id == metric.id).map(|(_, d)| d.clone());
        let found: Vec<(Side, Option<Difference>)> = of_each.iter().map(|(side, d)| (*side, of(d))).collect();
        let first = found.iter().find_map(|(_, d)| d.as_ref())?;
        let (name, value) = said(metric, first, statistic);
        let baseline = value(first.a);
        let others = found.iter().map(|(side, d)| against(*side, metric, d.as_ref(), value)).collect();
        Some(Row { name, baseline, others })
    };
    let mut rows: Vec<Row> = METRICS.iter().filter_map(row).collect();
    rows.extend(facts(all));
    rows
}

/// What a metric is called, and how its values are said.
fn said(metric: &Metric, d: &Difference, statistic: Statistic) -> (String, fn(f64) -> String) {
    if d.statistic.is_empty() {
        let unit = if metric.id == "goodput" { "req/s" } else { "tok/s" };
        return (format!("{}, {unit}", metric.name), say::number);
    }
    (format!("{} {}", metric.name, statistic.name()), say::span)
}

/// A side's metric in words; nothing where it has none.
fn against(side: Side, metric: &Metric, d: Option<&Difference>, value: fn(f64) -> String) -> Against {
    let nothing = || say::NOTHING.to_owned();
    let Some(d) = d else {
        let (value, difference, change) = (nothing(), nothing(), nothing());
        return Against { side, value, difference, change, pairs: None, standing: Standing::Fact };
    };
    let difference = if d.statistic.is_empty() { say::signed_with } else { say::signed_span_with };
    Against {
        side,
        value: value(d.b),
        difference: difference(d.difference, d.lo, d.hi),
        change: d.change.map_or_else(nothing, |c| say::change_with(c.frac, c.lo, c.hi)),
        pairs: Some(d.pairs),
        standing: standing(metric, d),
    }
}

fn facts(all: &[&Answer]) -> Vec<Row> {
    let fact = |name: &str, f: &dyn Fn(&Report) -> String| {
        let other = |(side, b): (Side, &Answer)| Against {
            side,
            value: f(&b.report),
            difference: String::new(),
            change: String::new(),
            pairs: None,
            standing: Standing::Fact,
        };
        Row { name: name.into(), baseline: f(&all[0].report), others: others(all).map(other).collect() }
    };
    let any = |f: fn(&Report) -> f64| all.iter().any(|a| f(&a.report) > 0.0);
    let mut rows = vec![fact("Keeps up", &|r| if r.run.stationary { "yes" } else { "no" }.into())];
    if any(|r| r.kv.hit_rate) {
        rows.push(fact("Prefix hits", &|r| say::percent(r.kv.hit_rate)));
    }
    if all.iter().any(|a| a.report.offload.is_some()) {
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

/// Everything in words, `whole` once every load is there: of two a sentence or two together, of more one for each against the
/// baseline, and what is to be said of all after them.
pub(super) fn sentences(all: &[&Answer], statistic: Statistic, length: Length, whole: bool) -> Vec<String> {
    let Some(a) = all.first() else { return Vec::new() };
    let found: Vec<(Side, Vec<_>)> =
        others(all).map(|(side, b)| (side, paired(&a.report, &b.report, statistic))).collect();
    let load = format!(" at {}", say::load(a.report.load));
    let mut said: Vec<String> = Vec::new();
    for (side, metrics) in &found {
        // The load is that of all.
        let at = if said.is_empty() { load.as_str() } else { "" };
        said.push(format!("{} against A{at}: {}.", side.name(), told(metrics, length)));
    }
    let lonely = found.iter().flat_map(|(_, all)| all).any(|(_, d)| d.pairs == 1);
    let more: Vec<String> = [targets(all, whole), unsteady(all), alone(lonely)].into_iter().flatten().collect();
    match &mut said[..] {
        [only] => more.into_iter().for_each(|next| *only = format!("{only} {next}")),
        _ => said.extend((!more.is_empty()).then(|| more.join(" "))),
    }
    said
}

/// What there is to say of one side's differences: what is clear, what is open, what is equal.
fn told(all: &[(&Metric, Difference)], length: Length) -> String {
    let said = all.iter().filter(|(m, _)| length.metrics().contains(&m.id));
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
    parts.join("; ")
}

fn change(d: &Difference) -> String {
    match d.change {
        Some(c) => say::change_with(c.frac, c.lo, c.hi),
        None => format!("{} → {} req/s", say::number(d.a), say::number(d.b)),
    }
}

/// Up to which load each side meets its targets.
fn targets(all: &[&Answer], whole: bool) -> Option<String> {
    let set = |answer: &Answer| answer.report.classes.iter().any(|c| !c.slo.is_empty());
    if !whole || !all.iter().all(|answer| set(answer)) {
        return None;
    }
    let until = |(side, answer): (Side, &&Answer)| {
        let name = side.name();
        let all = answer.curve.iter().map(|c| c.report.load.amount());
        let last = all.fold(answer.report.load.amount(), f64::max);
        match answer.verdict.highest_good {
            None => format!("with {name} at none of the loads"),
            Some(load) if load.amount() >= last => format!("with {name} at every load, up to {}", say::load(load)),
            Some(load) => format!("with {name} up to {}", say::load(load)),
        }
    };
    let each: Vec<String> = Side::ALL.into_iter().zip(all).map(until).collect();
    Some(format!("The targets hold {}.", each.join(", ")))
}

/// A side that does not keep up has no steady latency: the longer the run, the higher.
fn unsteady(all: &[&Answer]) -> Option<String> {
    let sides = Side::ALL.into_iter().zip(all).filter(|(_, answer)| !answer.report.run.stationary);
    let sides: Vec<Side> = sides.map(|(side, _)| side).collect();
    let (verb, its) = match sides.len() {
        0 => return None,
        1 => ("does", "its latencies"),
        _ => ("do", "their latencies"),
    };
    let who = letters(&sides);
    Some(format!(
        "{who} {verb} not keep up at this load: {its} grow with the length of the run, and so do the differences."
    ))
}

/// Why there are no intervals.
fn alone(lonely: bool) -> Option<String> {
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

    /// What is said of two.
    fn sentence(a: &Answer, b: &Answer, statistic: Statistic, length: Length, whole: bool) -> String {
        let said = sentences(&[a, b], statistic, length, whole);
        assert_eq!(said.len(), 1, "of two it is one");
        said[0].clone()
    }

    #[test]
    fn better_and_worse_follow_the_metric() {
        let (a, b) = (answer(|_| ()), answer(random));
        let row = |a: &Answer, b: &Answer, name: &str| {
            let row = rows(&[a, b], Statistic::Mean).into_iter().find(|r| r.name.starts_with(name));
            row.expect("is there").others.remove(0)
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
        let all = rows(&[&a, &a], Statistic::P99);
        let mut standings = all.iter().flat_map(|r| &r.others).map(|o| o.standing);
        assert!(standings.all(|s| matches!(s, Standing::Equal | Standing::Fact)), "{all:?}");
        let text = sentence(&a, &a, Statistic::P99, Length::Full, false);
        assert_eq!(text, "B against A at 80 req/s: TTFT p99, ITL p99, goodput, output tokens/s: equal.");
    }

    #[test]
    fn one_repetition_claims_nothing() {
        let once = |s: &mut Scenario| s.run.replications = 1;
        let (a, b) = (answer(once), answer(|s| (once(s), random(s)).1));
        let all = rows(&[&a, &b], Statistic::P99);
        let mut standings = all.iter().flat_map(|r| &r.others).map(|o| o.standing);
        assert!(standings.all(|s| matches!(s, Standing::Unknown | Standing::Fact)));
        let text = sentence(&a, &b, Statistic::P99, Length::Full, true);
        assert!(text.contains("one repetition") && !text.contains("better") && !text.contains("worse"), "{text}");
    }

    #[test]
    fn a_side_that_does_not_keep_up_is_named() {
        let fast = |s: &mut Scenario| s.workload.arrival.rate_rps = 400.0;
        let (a, b) = (answer(fast), answer(|s| (fast(s), s.topology.pools[0].replicas = 16).1));
        let text = sentence(&a, &b, Statistic::P99, Length::Full, false);
        assert!(text.contains("A does not keep up at this load"), "{text}");
        let all = rows(&[&a, &b], Statistic::P99);
        assert!(all.iter().any(|r| r.name == "Keeps up" && r.baseline == "no" && r.others[0].value == "yes"));
    }

    #[test]
    fn of_several_each_is_told_against_the_baseline_and_the_rest_of_all() {
        let (a, b) = (answer(|_| ()), answer(random));
        let fast = answer(|s| s.topology.pools[0].replicas = 8);
        let all = [&a, &b, &fast, &a];
        let said = sentences(&all, Statistic::Mean, Length::Full, true);
        assert_eq!(said.len(), 4, "{said:?}");
        assert!(said[0].starts_with("B against A at 80 req/s: TTFT mean +") && said[0].contains("(worse)"), "{said:?}");
        assert!(said[1].starts_with("C against A: TTFT mean −") && said[1].contains("(better)"), "{said:?}");
        assert_eq!(said[2], "D against A: TTFT mean, ITL mean, goodput, output tokens/s: equal.");
        assert!(said[3].starts_with("The targets hold with A ") && said[3].contains(", with D "), "{said:?}");
        let rows = rows(&all, Statistic::Mean);
        let ttft = &rows[0];
        assert_eq!(ttft.others.iter().map(|o| o.side).collect::<Vec<_>>(), Side::ALL[1..]);
        assert_eq!(
            ttft.others.iter().map(|o| o.standing).collect::<Vec<_>>(),
            [Standing::Worse, Standing::Better, Standing::Equal]
        );
        assert_eq!(ttft.others[2].value, ttft.baseline);
    }
}
