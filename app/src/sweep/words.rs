//! A sweep in words: the sentence, the best of each number of GPUs, what cannot be deployed, every point.

use crate::chart::pareto::Dot;
use crate::form::names;
use crate::say;
use playground_core::base::Order;
use playground_core::scenario::Edit;
use playground_core::study::sweep::{Combination, Deployment, Sustained, SweepOutcome, SweepPoint};
use playground_core::study::{Marks, marks};
use serde_json::Value;

/// What "maximum sustainable rate" means.
pub(super) const DEFINITION: &str = "Maximum sustainable rate: the highest simulated load at which the fleet keeps up, every target is met and at most 2 % of any class come to nothing (bisection, 8 loads).";

/// A setting's value as text.
pub(super) fn value(value: &Value) -> String {
    // Whole numbers without a point, whichever way they are kept.
    value.as_str().map_or_else(|| value.to_string().trim_end_matches(".0").to_owned(), str::to_owned)
}

fn edit_of<'a>(combination: &'a Combination, field: &str) -> Option<&'a Edit> {
    combination.edits.iter().find(|e| e.path.rsplit('.').next() == Some(field))
}

/// The shape of the deployment, as in "TP 4 × 2"; none if that is not swept.
fn shape(combination: &Combination) -> Option<String> {
    let tp = edit_of(combination, "tensor_parallel_size").map(|e| format!("TP {}", value(&e.value)));
    let replicas = edit_of(combination, "replicas").map(|e| value(&e.value));
    match (tp, replicas) {
        (Some(tp), Some(replicas)) => Some(format!("{tp} × {replicas}")),
        (Some(tp), None) => Some(tp),
        (None, Some(replicas)) => Some(format!("× {replicas}")),
        (None, None) => None,
    }
}

/// All settings in a line, as in "TP 4 × 2, max batched tokens 2,048".
pub(super) fn settings(combination: &Combination) -> String {
    let is_shape = |e: &Edit| matches!(e.path.rsplit('.').next(), Some("tensor_parallel_size" | "replicas"));
    let number = |e: &Edit| e.value.as_u64().map_or_else(|| value(&e.value), say::count);
    let lower = |name: String| name[..1].to_lowercase() + &name[1..];
    let rest = combination
        .edits
        .iter()
        .filter(|e| !is_shape(e))
        .map(|e| format!("{} {}", lower(names::of(&e.path)), number(e)));
    shape(combination).into_iter().chain(rest).collect::<Vec<_>>().join(", ")
}

pub(super) fn gpus(count: u32) -> String {
    if count == 1 { "1 GPU".into() } else { format!("{count} GPUs") }
}

/// What was found, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Counts {
    sustain: usize,
    never: usize,
    impossible: usize,
    frontier: usize,
}

fn counts(points: &[SweepPoint], marks: &[Marks]) -> Counts {
    let of = |wanted: fn(&SweepOutcome) -> bool| points.iter().filter(|p| wanted(&p.outcome)).count();
    Counts {
        sustain: of(|o| matches!(o, SweepOutcome::Sustains(..))),
        never: of(|o| matches!(o, SweepOutcome::NeverMeets(_))),
        impossible: of(|o| matches!(o, SweepOutcome::Impossible(_))),
        frontier: marks.iter().filter(|m| m.frontier).count(),
    }
}

/// The sweep in a sentence; `total` combinations were asked for.
pub(super) fn sentence(points: &[SweepPoint], total: usize) -> String {
    let c = counts(points, &marks(points));
    let begin = if points.len() < total {
        format!("{} of {total} — partial", points.len())
    } else {
        format!("{total} {}", if total == 1 { "combination" } else { "combinations" })
    };
    let one = |n: usize, singular: &str, plural: &str| format!("{n} {}", if n == 1 { singular } else { plural });
    let mut parts = vec![format!("{} a load within the targets", one(c.sustain, "sustains", "sustain"))];
    if c.never > 0 {
        parts.push(one(c.never, "never does", "never do"));
    }
    if c.impossible > 0 {
        let all_too_big = points.iter().filter_map(impossible).all(|why| why.contains("does not fit"));
        parts.push(if all_too_big {
            one(c.impossible, "does not fit", "do not fit")
        } else {
            format!("{} cannot be deployed", c.impossible)
        });
    }
    let frontier = one(c.frontier, "is on the frontier", "are on the frontier");
    format!("{begin}: {}; {frontier}.", parts.join(", "))
}

fn impossible(point: &SweepPoint) -> Option<&str> {
    let SweepOutcome::Impossible(found) = &point.outcome else { return None };
    Some(found.iter().find(|d| d.is_error()).map_or("it is refused without a reason", |d| d.message.as_str()))
}

/// Combinations that cannot be deployed, and why; equal reasons together.
pub(super) fn cannot(points: &[SweepPoint]) -> Vec<(String, Vec<String>)> {
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    for (point, why) in points.iter().filter_map(|p| Some((p, impossible(p)?))) {
        let settings = settings(&point.combination);
        match all.iter_mut().find(|(reason, _)| reason == why) {
            Some((_, who)) => who.push(settings),
            None => all.push((why.to_owned(), vec![settings])),
        }
    }
    all
}

/// The best deployment of one number of GPUs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Best {
    pub(super) gpus: u32,
    pub(super) text: String,
    /// What a smaller deployment does better, if one does.
    pub(super) beaten: Option<String>,
}

/// The stars, the smallest first.
pub(super) fn best(points: &[SweepPoint]) -> Vec<Best> {
    let good: Vec<(&Combination, Deployment, &Sustained, bool)> = points
        .iter()
        .zip(marks(points))
        .filter_map(|(p, m)| match &p.outcome {
            SweepOutcome::Sustains(d, s) => Some((&p.combination, *d, &**s, m.star)),
            _ => None,
        })
        .collect();
    let mut stars: Vec<_> = good.iter().filter(|g| g.3).collect();
    stars.order_by_key(|g| g.1.gpus);
    let ttft = |s: &Sustained| s.ttft_p99_ms.unwrap_or(f64::INFINITY);
    let line = |&&(combination, d, s, _): &&(&Combination, Deployment, &Sustained, bool)| {
        let cost = s.usd_per_million_output_tokens.map_or_else(String::new, |usd| format!(", {}/Mtok", say::usd(usd)));
        let text = format!(
            "{} sustains {} with TTFT p99 {}{cost}.",
            settings(combination),
            sustained(s),
            say::maybe_span(s.ttft_p99_ms)
        );
        // The best of the smaller ones in rate; among equals the quicker.
        let smaller = good.iter().filter(|o| o.1.gpus < d.gpus && o.2.max_rate_rps >= s.max_rate_rps);
        let winner = smaller.min_by(|a, b| a.1.gpus.cmp(&b.1.gpus).then(ttft(a.2).total_cmp(&ttft(b.2))));
        let beaten = winner.map(|&(other, od, os, _)| {
            let both = if ttft(os) <= ttft(s) { " with a lower TTFT p99 too" } else { "" };
            format!("{} do more: {} sustains {}{both}.", gpus(od.gpus), settings(other), sustained(os))
        });
        Best { gpus: d.gpus, text, beaten }
    };
    stars.iter().map(line).collect()
}

/// The points that sustain a load, as they are drawn, each with the index of its combination.
pub(super) fn dots(points: &[SweepPoint]) -> Vec<(u32, Dot)> {
    let marks = marks(points);
    let dot = |(i, p): (usize, &SweepPoint)| {
        let SweepOutcome::Sustains(d, s) = &p.outcome else { return None };
        let label = format!("{}, {}", shape(&p.combination).unwrap_or_else(|| settings(&p.combination)), gpus(d.gpus));
        let dot = Dot {
            gpus: d.gpus,
            ttft_p99_ms: s.ttft_p99_ms?,
            max_rate_rps: s.max_rate_rps,
            frontier: marks[i].frontier,
            star: marks[i].star,
            label,
            words: announce(p, d, s, marks[i]),
        };
        Some((p.combination.index, dot))
    };
    points.iter().enumerate().filter_map(dot).collect()
}

fn announce(point: &SweepPoint, d: &Deployment, s: &Sustained, marks: Marks) -> String {
    let mut parts = vec![
        format!("{}, {}", settings(&point.combination), gpus(d.gpus)),
        format!("sustains {}", sustained(s)),
        format!("TTFT p99 {} there, ITL p99 {}", say::maybe_span(s.ttft_p99_ms), say::maybe_span(s.itl_p99_ms)),
    ];
    if let Some(usd) = s.usd_per_million_output_tokens {
        parts.push(format!("{}/Mtok", say::usd(usd)));
    }
    parts.push(format!("n = {}", say::count(s.n)));
    if let Some(words) = mark(marks) {
        parts.push(words.1.into());
    }
    parts.join("; ")
}

/// The highest load: as a rate, and in a closed loop the clients that make it.
fn sustained(s: &Sustained) -> String {
    let rate = say::rate(s.max_rate_rps);
    if s.load.is_closed() { format!("{rate} from {}", say::load(s.load)) } else { rate }
}

/// A mark as a sign and in words.
pub(super) fn mark(marks: Marks) -> Option<(&'static str, &'static str)> {
    match (marks.star, marks.frontier) {
        (true, true) => Some(("★◯", "best for its number of GPUs, on the frontier")),
        (true, false) => Some(("★", "best for its number of GPUs")),
        (false, true) => Some(("◯", "on the frontier")),
        (false, false) => None,
    }
}

/// How long so many combinations take, as in "about 12 s".
pub(super) fn about(ms: f64) -> String {
    let seconds = ms / 1000.0;
    if seconds < 1.5 {
        "about 1 s".into()
    } else if seconds < 90.0 {
        format!("about {} s", say::whole(seconds))
    } else {
        format!("about {} min", say::whole(seconds / 60.0))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use playground_core::scenario::{Diagnostic, Load, SweepAxis};
    use playground_core::study::sweep::combinations;

    fn combination(tp: u32, replicas: u32) -> Combination {
        let axes = [
            SweepAxis::numbers("topology.pools[0].engine.tensor_parallel_size", &[tp]),
            SweepAxis::numbers("topology.pools[0].replicas", &[replicas]),
            SweepAxis::numbers("topology.pools[0].engine.max_num_batched_tokens", &[2048]),
        ];
        combinations(&axes)[0].clone()
    }

    pub(crate) fn sustains(tp: u32, replicas: u32, ttft: f64, rate: f64) -> SweepPoint {
        let deployment = Deployment { gpus: tp * replicas, usd_per_hour: 1.0, capacity_rps: rate };
        let sustained = Sustained {
            load: Load::Rate(rate),
            max_rate_rps: rate,
            ttft_p99_ms: Some(ttft),
            itl_p99_ms: Some(20.0),
            e2e_p99_ms: None,
            output_tokens_per_s: 1.0,
            usd_per_million_output_tokens: Some(0.25),
            n: 1234,
        };
        let outcome = SweepOutcome::Sustains(deployment, Box::new(sustained));
        SweepPoint { combination: combination(tp, replicas), outcome }
    }

    pub(crate) fn refused(tp: u32) -> SweepPoint {
        let why = Diagnostic::error("topology", "does not fit: 3.2 GiB are missing".into());
        SweepPoint { combination: combination(tp, 1), outcome: SweepOutcome::Impossible(vec![why]) }
    }

    #[test]
    fn settings_are_short_and_whole() {
        assert_eq!(settings(&combination(4, 2)), "TP 4 × 2, max batched tokens 2,048");
        assert_eq!(dots(&[sustains(4, 2, 90.0, 10.0)])[0].1.label, "TP 4 × 2, 8 GPUs");
    }

    #[test]
    fn the_sentence_counts_and_says_what_is_partial() {
        let points = [sustains(4, 1, 70.5, 6.85), sustains(2, 3, 95.5, 4.67), refused(1)];
        assert_eq!(
            sentence(&points, 3),
            "3 combinations: 2 sustain a load within the targets, 1 does not fit; 1 is on the frontier."
        );
        assert!(sentence(&points, 64).starts_with("3 of 64 — partial: 2 sustain"));
        assert!(sentence(&[], 8).starts_with("0 of 8 — partial: 0 sustain"));
    }

    #[test]
    fn a_larger_budget_that_does_not_help_is_named() {
        let best = best(&[sustains(4, 1, 70.5, 6.85), sustains(2, 3, 95.5, 4.67), sustains(8, 1, 46.0, 10.65)]);
        let beaten: Vec<bool> = best.iter().map(|b| b.beaten.is_some()).collect();
        assert_eq!(best.iter().map(|b| b.gpus).collect::<Vec<_>>(), [4, 6, 8]);
        assert_eq!(beaten, [false, true, false]);
        let why = best[1].beaten.as_deref().unwrap_or_default();
        assert!(why.starts_with("4 GPUs do more: TP 4 × 1") && why.contains("lower TTFT"), "{why}");
    }

    #[test]
    fn equal_reasons_are_said_once() {
        let cannot = cannot(&[refused(1), sustains(2, 1, 1.0, 1.0), refused(2)]);
        assert_eq!(cannot.len(), 1);
        assert_eq!(cannot[0].1.len(), 2);
    }

    #[test]
    fn durations_are_rough() {
        assert_eq!([200.0, 12_300.0, 200_000.0].map(about), ["about 1 s", "about 12 s", "about 3 min"]);
    }
}
