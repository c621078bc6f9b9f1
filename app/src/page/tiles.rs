//! The numbers at the scenario's own load, each with what stands behind it.

use crate::glossary;
use crate::say;
use crate::state::{Shown, Store};
use leptos::prelude::*;
use playground_core::report::{ClassReport, End, SloOutcome, Statistic, Summary};
use playground_core::study::Answer;
use playground_core::study::hardware::{Quantity, Standing};

/// One number.
#[derive(Clone, Debug, PartialEq)]
struct Tile {
    id: &'static str,
    label: String,
    value: String,
    unit: &'static str,
    /// Interval, or what the number is made of.
    detail: String,
    /// What the hardware would show.
    hardware: Option<String>,
    n: u64,
    /// Whether a target is met, and which.
    verdict: Option<(bool, String)>,
}

pub(super) fn view(store: Store) -> AnyView {
    let all = Memo::new(move |_| {
        let statistic = store.statistic.get();
        let of = |shown: &Shown| shown.answer().map(|a| tiles(a, &Standing::of(&shown.plan, &a.report), statistic));
        store.calm.with(|s| s.as_ref().and_then(of).unwrap_or_default())
    });
    view! {
        <section class="tiles" aria-label="At the scenario's own load" data-testid="tiles">
            {move || all.get().into_iter().map(tile).collect_view()}
        </section>
    }
    .into_any()
}

fn tile(t: Tile) -> AnyView {
    let verdict = t.verdict.map(|(meets, target)| {
        let (class, sign, word) = if meets { ("meets", "✓", "meets") } else { ("misses", "✗", "misses") };
        view! { <p class=class><span aria-hidden="true">{sign} " "</span> {word} " " {target}</p> }
    });
    view! {
        <div class="tile" data-testid=format!("tile-{}", t.id)>
            <h3>{term(t.id, t.label)}</h3>
            <p class="value">{t.value} " " <span class="unit">{t.unit}</span></p>
            <p class="detail">{t.detail}</p>
            {t.hardware.map(|text| view! { <p class="detail" data-testid="hardware">{text}</p> })}
            {verdict}
            <p class="n">{format!("n = {}", say::count(t.n))}</p>
        </div>
    }
    .into_any()
}

/// A tile's label, which can be looked up where the glossary has it.
fn term(id: &'static str, label: String) -> AnyView {
    match id {
        "ttft" | "itl" | "goodput" => glossary::word(id, label),
        "prefix" => glossary::word("prefix-hit", label),
        "offload" => glossary::word("host-hit", label),
        "not-served" => glossary::word("sheddable", label),
        _ => label.into_any(),
    }
}

fn tiles(answer: &Answer, standing: &Standing, statistic: Statistic) -> Vec<Tile> {
    let total = &answer.report.total;
    let requests: u64 = total.ends.values().sum();
    // A fleet that keeps up with requests that come by themselves serves what comes, simulated or not.
    let in_question = answer.report.load.is_closed() || !standing.steady;
    let rate = in_question.then(|| match standing.hardware(Quantity::Rate, total.output_tokens_per_s) {
        Some((lo, hi)) => format!("hardware, 90 %: {}–{}", say::whole(lo), say::whole(hi)),
        None => "hardware: not known".into(),
    });
    let always = [
        Tile {
            id: "goodput",
            label: "Goodput".into(),
            value: total.goodput_frac.map_or_else(|| say::NOTHING.into(), say::percent),
            unit: "",
            // Of those that ended while measuring; the share is of those that arrived then.
            detail: format!("{} end within all targets", say::rate(total.goodput_rps)),
            hardware: None,
            n: requests,
            verdict: targets(answer),
        },
        latency("ttft", "TTFT", answer, standing, statistic),
        latency("itl", "ITL", answer, standing, statistic),
        Tile {
            id: "throughput",
            label: "Output".into(),
            value: say::whole(total.output_tokens_per_s),
            unit: "tok/s",
            detail: format!("{} served", say::rate(total.served_rps)),
            hardware: rate,
            n: requests,
            verdict: None,
        },
        Tile {
            id: "cost",
            label: "Cost".into(),
            value: answer.report.cost.usd_per_million_output_tokens.map_or_else(|| say::NOTHING.into(), say::usd),
            unit: "per Mtok",
            detail: format!(
                "of output; {} GPUs at {}/h",
                answer.report.cost.gpus,
                say::usd(answer.report.cost.usd_per_hour)
            ),
            hardware: None,
            n: requests,
            verdict: None,
        },
    ];
    always.into_iter().chain(prefix(answer)).chain(offload(answer)).chain(not_served(answer)).collect()
}

/// Whether all targets are met, if there are any. What does not keep up meets none for long, and what turns requests away
/// meets them for some.
fn targets(answer: &Answer) -> Option<(bool, String)> {
    let outcomes = || answer.report.classes.iter().flat_map(|c| &c.slo);
    let word = match (answer.verdict.meets, outcomes().all(|s| s.meets)) {
        (true, _) => "all targets",
        (false, false) => "a target",
        (false, true) if !answer.report.run.stationary => "a steady state",
        (false, true) => "service to all",
    };
    outcomes().next().map(|_| (answer.verdict.meets, word.into()))
}

/// What the prefix caches found, if they found anything.
fn prefix(answer: &Answer) -> Option<Tile> {
    let kv = &answer.report.kv;
    let preempted = match kv.preemptions {
        0 => String::new(),
        n => format!(", {} preemptions", say::count(n)),
    };
    (kv.hit_rate > 0.0).then(|| Tile {
        id: "prefix",
        label: "Prefix hits".into(),
        value: say::percent(kv.hit_rate),
        unit: "",
        detail: format!(
            "of prompt tokens; KV cache {} full, at most {}{preempted}",
            say::percent_whole(kv.use_frac),
            say::percent_whole(kv.peak_frac)
        ),
        hardware: None,
        n: answer.report.total.ends.values().sum(),
        verdict: None,
    })
}

/// What host memory gave back, where an engine offloads.
fn offload(answer: &Answer) -> Option<Tile> {
    let offload = answer.report.offload.as_ref()?;
    Some(Tile {
        id: "offload",
        label: "Host memory hits".into(),
        value: say::percent(offload.hit_rate),
        unit: "",
        detail: match offload.load_ms.mean {
            Some(mean) => format!(
                "of prompt tokens; a load takes {}, p99 {}",
                say::span(mean),
                say::maybe_span(offload.load_ms.p99)
            ),
            None => "of prompt tokens; nothing was loaded".into(),
        },
        hardware: None,
        n: offload.load_ms.n,
        verdict: None,
    })
}

/// Requests that ended otherwise than well, if any did.
fn not_served(answer: &Answer) -> Option<Tile> {
    let ends = &answer.report.total.ends;
    let others: Vec<(&String, u64)> =
        ends.iter().filter(|(how, n)| *how != End::Done.name() && **n > 0).map(|(how, n)| (how, *n)).collect();
    let (sum, all): (u64, u64) = (others.iter().map(|(_, n)| n).sum(), ends.values().sum());
    let counted: Vec<String> =
        others.iter().map(|(how, n)| format!("{} {}", say::count(*n), how.replace('_', " "))).collect();
    (sum > 0).then(|| Tile {
        id: "not-served",
        label: "Not served".into(),
        value: say::percent(sum as f64 / all as f64),
        unit: "",
        detail: format!("of requests: {}", counted.join(", ")),
        hardware: None,
        n: all,
        verdict: None,
    })
}

/// A latency at a statistic, of the class that is nearest to missing its target; without a target, of all. Whether the
/// target is met is said at its own percentile, with what was found there.
fn latency(metric: &'static str, name: &str, answer: &Answer, standing: &Standing, statistic: Statistic) -> Tile {
    fn summary<'a>(metric: &str, c: &'a ClassReport) -> &'a Summary {
        if metric == "ttft" { &c.metrics.ttft_ms } else { &c.metrics.itl_ms }
    }
    let excess = |s: &SloOutcome| s.value_ms.map_or(0.0, |v| v / s.target_ms);
    let outcomes = answer.report.classes.iter().flat_map(|c| c.slo.iter().map(move |s| (c, s)));
    let worst = outcomes.filter(|(_, s)| s.metric == metric).max_by(|a, b| excess(a.1).total_cmp(&excess(b.1)));
    let of = worst.filter(|_| answer.report.classes.len() > 1).map(|(c, _)| format!(" of {}", c.name));
    let found = summary(metric, worst.map_or(&answer.report.total, |(c, _)| c));
    let (value, lo, hi) = found.get(statistic);
    let hardware = value.map(|ms| between(standing.hardware(Quantity::of(metric, statistic), ms)));
    let (value, unit) = value.map_or_else(|| (say::NOTHING.to_owned(), ""), say::span_parts);
    Tile {
        id: metric,
        label: format!("{name} {}{}", statistic.name(), of.unwrap_or_default()),
        value,
        unit,
        detail: say::span_interval(lo, hi).map_or_else(|| "no interval".into(), |i| format!("95 %: {i}")),
        hardware,
        n: found.n,
        verdict: worst.map(|(_, s)| (s.meets, target(s, statistic))),
    }
}

/// Between what the hardware would lie, in nine of ten cases.
fn between(ms: Option<(f64, f64)>) -> String {
    let span = ms.and_then(|(lo, hi)| say::span_interval(Some(lo), Some(hi)));
    span.map_or_else(|| "hardware: not known".into(), |span| format!("hardware, 90 %: {span}"))
}

/// A target as it is met or missed: at another percentile than its own, with what was found there.
fn target(s: &SloOutcome, statistic: Statistic) -> String {
    if statistic.name() == format!("p{}", s.percentile) {
        return say::target(s.target_ms);
    }
    format!("p{} ≤ {}: {}", s.percentile, say::target(s.target_ms), say::maybe_span(s.value_ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::catalog::Catalog;
    use playground_core::scenario::{Scenario, TrafficClass, resolve};
    use playground_core::study::{Fidelity, LoadCurve};

    fn answer(change: impl FnOnce(&mut Scenario)) -> (Answer, Standing) {
        let mut s = Scenario::default();
        (s.run.requests, s.run.replications, s.run.load.points) = (200, 2, 2);
        change(&mut s);
        let plan = resolve(&s, &Catalog::builtin()).expect("is sound");
        let answer = LoadCurve::run(&plan, Fidelity::Settled);
        let standing = Standing::of(&plan, &answer.report);
        (answer, standing)
    }

    fn shown((answer, standing): &(Answer, Standing)) -> Vec<Tile> {
        tiles(answer, standing, Statistic::P99)
    }

    #[test]
    fn every_tile_says_how_many_and_how_sure() {
        let all = shown(&answer(|_| ()));
        assert_eq!(all.iter().map(|t| t.id).collect::<Vec<_>>(), ["goodput", "ttft", "itl", "throughput", "cost"]);
        assert!(all.iter().all(|t| t.n > 0 && !t.value.is_empty() && !t.detail.is_empty()), "{all:?}");
        let hardware: Vec<bool> = all.iter().map(|t| t.hardware.is_some()).collect();
        assert_eq!(hardware, [false, true, true, false, false], "latencies were compared with hardware");
        assert!(all[1].label == "TTFT p99" && all[1].detail.starts_with("95 %") && all[1].verdict.is_some());
    }

    #[test]
    fn of_several_classes_the_one_nearest_to_missing_speaks() {
        let all = shown(&answer(|s| {
            s.workload.classes[0].share = 0.5;
            let mut strict = TrafficClass { name: "strict".into(), share: 0.5, ..TrafficClass::default() };
            strict.slo.ttft_ms = Some(1.0);
            s.workload.classes.push(strict);
        }));
        assert_eq!(all[1].label, "TTFT p99 of strict");
        assert_eq!(all[1].verdict, Some((false, "1 ms".into())));
    }

    #[test]
    fn at_another_percentile_a_target_is_told_at_its_own() {
        let (answer, standing) = answer(|s| s.run.requests = 1000);
        let all = tiles(&answer, &standing, Statistic::P50);
        assert_eq!(all[1].label, "TTFT p50");
        let (meets, text) = all[1].verdict.as_ref().expect("there is a target");
        let p99 = say::maybe_span(answer.report.total.metrics.ttft_ms.p99);
        assert_eq!((*meets, text.as_str()), (true, format!("p99 ≤ 1 s: {p99}").as_str()));
    }

    #[test]
    fn hits_are_told_where_prompts_share_something() {
        let all =
            shown(&answer(|s| s.workload.classes[0].prefix = Some(playground_core::scenario::SharedPrefix::default())));
        let hits = all.iter().find(|t| t.id == "prefix").expect("is there");
        assert!(hits.value.ends_with('%') && hits.detail.contains("KV cache"), "{hits:?}");
    }

    #[test]
    fn a_rate_that_the_fleet_decides_is_compared_with_hardware_too() {
        let all = shown(&answer(|s| s.workload.arrival.rate_rps = 500.0));
        assert!(all[3].hardware.as_ref().is_some_and(|text| text.starts_with("hardware")), "{:?}", all[3]);
    }

    #[test]
    fn who_is_shed_is_told() {
        let all = shown(&answer(|s| {
            s.workload.classes[0].priority = -1;
            s.workload.arrival.rate_rps = 500.0;
        }));
        let shed = all.iter().find(|t| t.id == "not-served").expect("is there");
        assert!(shed.detail.ends_with(" shed"), "{shed:?}");
    }

    #[test]
    fn without_targets_nothing_is_met_or_missed() {
        let all =
            shown(&answer(|s| (s.workload.classes[0].slo.ttft_ms, s.workload.classes[0].slo.itl_ms) = (None, None)));
        assert!(all.iter().all(|t| t.verdict.is_none()), "{all:?}");
    }
}
