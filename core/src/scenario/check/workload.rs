//! Traffic: shares add up, lengths and targets are in range.

use super::super::workload::{Arrival, Length, SharedPrefix, Slo, TrafficClass, Turns, Workload};
use super::super::{Diagnostic, Edit};
use super::{one_of, within};
use alloc::format;
use alloc::vec::Vec;

/// Slowest and fastest arrivals, requests per second.
const RATE_MIN: f64 = 0.001;
const RATE_MAX: f64 = 100_000.0;
/// Most clients at once: a run simulates each of them several times before it measures.
const CLIENTS_MAX: u32 = 100_000;
/// Clients offered where a closed loop has none: what fills vLLM's default batch on common GPUs a quarter.
const CLIENTS_OFFERED: u32 = 64;
/// Most classes.
const CLASSES_MAX: usize = 32;
/// Ways to arrive, and laws of lengths, that this version knows.
const ARRIVALS: [&str; 8] =
    ["poisson", "gamma", "constant", "on-off", "ramp", "closed-loop", "poisson-in-stages", "poisson-per-second"];
const LENGTHS: [&str; 6] = ["lognormal", "normal", "uniform", "exponential", "constant", "empirical"];
/// Most values of one empirical law, and of all: what a link holds, weights and all.
const VALUES_MAX: usize = 1000;
const ALL_VALUES_MAX: usize = 2000;
/// Most shared prefixes, and prompts under one.
const GROUPS_MAX: u32 = 60_000;
/// Most turns of a conversation.
const TURNS_MAX: u32 = 10_000;
/// Longest prompt or output, tokens.
const TOKENS_MAX: u32 = 1_000_000;
/// How far the shares may be from 1 in sum: rounding in a file, not a mistake.
const SHARE_SLACK: f64 = 1e-6;

pub(super) fn check(w: &Workload, found: &mut Vec<Diagnostic>) {
    check_arrival(&w.arrival, found);
    check_clients(&w.arrival, found);
    within(found, "workload.arrival.rate_rps", w.arrival.rate_rps, RATE_MIN..=RATE_MAX, "requests per second");
    if w.classes.is_empty() {
        found.push(
            Diagnostic::error("workload.classes", "is empty; without a class there are no requests".into()).fix(
                Edit::new(
                    "Add a chat class",
                    "workload.classes",
                    serde_json::to_value([TrafficClass::default()]).unwrap_or_default(),
                ),
            ),
        );
        return;
    }
    if w.classes.len() > CLASSES_MAX {
        found.push(Diagnostic::error(
            "workload.classes",
            format!("has {} classes, at most {CLASSES_MAX} can be simulated", w.classes.len()),
        ));
    }
    for (i, class) in w.classes.iter().enumerate().take(CLASSES_MAX) {
        let at = |field: &str| format!("workload.classes[{i}].{field}");
        within(found, &at("share"), class.share, 0.0..=1.0, "");
        check_length(&at("input"), &class.input, TOKENS_MAX, "tokens", found);
        check_length(&at("output"), &class.output, TOKENS_MAX, "tokens", found);
        if let Some(prefix) = &class.prefix {
            check_prefix(&at("prefix"), prefix, found);
        }
        if let Some(turns) = &class.conversation {
            check_turns(&at("conversation"), turns, found);
        }
        check_slo(&at("slo"), &class.slo, found);
    }
    check_shares(&w.classes, found);
    check_values(&w.classes, found);
}

fn check_arrival(arrival: &Arrival, found: &mut Vec<Diagnostic>) {
    one_of(found, "workload.arrival.type", "arrival process", &arrival.kind, ARRIVALS.into_iter());
    let fields = [
        ("cv", arrival.cv, 0.05..=20.0, ""),
        ("on_s", arrival.on_s, 0.01..=86_400.0, "s"),
        ("off_s", arrival.off_s, 0.0..=86_400.0, "s"),
        ("ramp_s", arrival.ramp_s, 0.01..=86_400.0, "s"),
        ("stage_s", arrival.stage_s, 0.01..=86_400.0, "s"),
        ("ramp_from_frac", arrival.ramp_from_frac, 0.0..=1.0, "of the last rate"),
    ];
    for (field, value, range, unit) in fields {
        if let Some(value) = value {
            within(found, &format!("workload.arrival.{field}"), value, range, unit);
        }
    }
}

/// Clients: as many as are asked for, which a closed loop must say.
fn check_clients(arrival: &Arrival, found: &mut Vec<Diagnostic>) {
    let path = "workload.arrival.max_concurrency";
    match arrival.max_concurrency {
        Some(clients) => within(found, path, clients, 1..=CLIENTS_MAX, "clients"),
        None if arrival.is_closed_loop() => found.push(
            Diagnostic::error(path, "is not set, and a closed loop is its clients: say how many".into())
                .fix(Edit::new(&format!("Set to {CLIENTS_OFFERED} clients"), path, CLIENTS_OFFERED)),
        ),
        None => {}
    }
}

fn check_prefix(path: &str, prefix: &SharedPrefix, found: &mut Vec<Diagnostic>) {
    within(found, &format!("{path}.tokens"), prefix.tokens, 0..=TOKENS_MAX, "tokens");
    within(found, &format!("{path}.groups"), prefix.groups, 1..=GROUPS_MAX, "");
    within(found, &format!("{path}.prompts_per_group"), prefix.prompts_per_group, 0..=GROUPS_MAX, "");
}

fn check_turns(path: &str, turns: &Turns, found: &mut Vec<Diagnostic>) {
    check_length(&format!("{path}.turns"), &turns.turns, TURNS_MAX, "turns", found);
    within(found, &format!("{path}.turns.max"), turns.turns.max, 1..=TURNS_MAX, "turns");
    check_length(&format!("{path}.input"), &turns.input, TOKENS_MAX, "tokens", found);
    check_length(&format!("{path}.think_ms"), &turns.think_ms, TOKENS_MAX, "ms", found);
}

fn check_shares(classes: &[TrafficClass], found: &mut Vec<Diagnostic>) {
    let sum: f64 = classes.iter().map(|c| c.share).sum();
    if (sum - 1.0).abs() <= SHARE_SLACK {
        return;
    }
    let equal = 1.0 / classes.len() as f64;
    let scaled: Vec<TrafficClass> = classes
        .iter()
        .map(|c| TrafficClass { share: if sum > 0.0 && sum.is_finite() { c.share / sum } else { equal }, ..c.clone() })
        .collect();
    found.push(
        Diagnostic::error("workload.classes", format!("the shares add up to {sum:.4}, and must add up to 1"))
            .fix(Edit::new("Scale them to 1", "workload.classes", serde_json::to_value(scaled).unwrap_or_default())),
    );
}

fn check_length(path: &str, length: &Length, most: u32, unit: &str, found: &mut Vec<Diagnostic>) {
    let at = |field: &str| format!("{path}.{field}");
    one_of(found, &at("type"), "distribution", &length.kind, LENGTHS.into_iter());
    if length.kind == "empirical" {
        return check_empirical(path, length, most, unit, found);
    }
    within(found, &at("mean"), length.mean, 1.0..=f64::from(TOKENS_MAX), unit);
    if length.kind == "constant" {
        return;
    }
    within(found, &at("std_dev"), length.std_dev, 0.0..=f64::from(TOKENS_MAX), unit);
    within(found, &at("min"), length.min, 1..=TOKENS_MAX, unit);
    within(found, &at("max"), length.max, length.min.max(1)..=TOKENS_MAX, &format!("{unit} (no less than min)"));
}

/// An empirical law is its values and their weights; nothing else of it counts.
fn check_empirical(path: &str, length: &Length, most: u32, unit: &str, found: &mut Vec<Diagnostic>) {
    let (values, weights) = (format!("{path}.values"), format!("{path}.weights"));
    let n = length.values.len();
    if n == 0 {
        found.push(
            Diagnostic::error(&values, "is empty, and an empirical law is its values".into())
                .fix(Edit::new("Always 512", &values, [512]))
                .fix(Edit::new("Use a lognormal law", &format!("{path}.type"), "lognormal")),
        );
        return;
    }
    if n > VALUES_MAX {
        // Every k-th of the sorted values has nearly the same quantiles.
        let mut sorted = length.values.clone();
        sorted.sort_unstable();
        let fewer: Vec<u32> = (0..VALUES_MAX).map(|i| sorted[(2 * i + 1) * n / (2 * VALUES_MAX)]).collect();
        let mut finding =
            Diagnostic::error(&values, format!("has {n} values, at most {VALUES_MAX} of one law are kept in a link"));
        if weights_are_absent(length) {
            finding = finding.fix(Edit::new(&format!("Keep {VALUES_MAX} of its quantiles"), &values, fewer));
        }
        found.push(finding);
        return;
    }
    if let Some(wrong) = length.values.iter().position(|v| !(1..=most).contains(v)) {
        let inside: Vec<u32> = length.values.iter().map(|v| (*v).clamp(1, most)).collect();
        found.push(
            Diagnostic::error(
                &values,
                format!("must be from 1 to {most} {unit}, and number {} is {}", wrong + 1, length.values[wrong]),
            )
            .fix(Edit::new("Set those outside to the nearest end", &values, inside)),
        );
    }
    let all_alike = || Edit::new("Take all values as alike", &weights, serde_json::Value::Null);
    let reason = if weights_are_absent(length) {
        return;
    } else if length.weights.len() != n {
        format!("has {} weights for {n} values; each value needs one, or none has", length.weights.len())
    } else if let Some(wrong) = length.weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
        format!("must be 0 or more, and number {} is {}", wrong + 1, length.weights[wrong])
    } else if length.dist().is_none() {
        "must have a sum that is positive and finite".into()
    } else {
        return;
    };
    found.push(Diagnostic::error(&weights, reason).fix(all_alike()));
}

fn weights_are_absent(length: &Length) -> bool {
    length.weights.is_empty()
}

/// Values of all empirical laws together.
fn check_values(classes: &[TrafficClass], found: &mut Vec<Diagnostic>) {
    let laws = classes.iter().flat_map(|c| {
        let turns = c.conversation.iter().flat_map(|t| [&t.turns, &t.input, &t.think_ms]);
        [&c.input, &c.output].into_iter().chain(turns)
    });
    let n: usize = laws.map(|l| l.values.len()).sum();
    if n > ALL_VALUES_MAX {
        found.push(Diagnostic::error(
            "workload.classes",
            format!("have {n} values in their empirical laws; at most {ALL_VALUES_MAX} are kept in a link: take every other one of the largest law"),
        ));
    }
}

fn check_slo(path: &str, slo: &Slo, found: &mut Vec<Diagnostic>) {
    within(found, &format!("{path}.percentile"), slo.percentile, 50.0..=99.9, "percent");
    for (field, target) in [("ttft_ms", slo.ttft_ms), ("itl_ms", slo.itl_ms), ("e2e_ms", slo.e2e_ms)] {
        if let Some(ms) = target {
            within(found, &format!("{path}.{field}"), ms, 0.1..=86_400_000.0, "ms");
        }
    }
}
