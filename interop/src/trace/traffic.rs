//! From requests to a scenario's workload: what traffic is like, in few enough numbers for a link.
//!
//! Lengths become empirical laws, the arrivals their mean rate. What that loses is said line by line.

use super::{Kind, Mapping, Role, Trace};
use crate::report::{Fate, Line};
use playground_core::base::math;
use playground_core::scenario::{Arrival, Length, Scenario, SharedPrefix, TrafficClass, Workload};
use playground_core::workload::Recorded;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most values of a law, and of all laws together: some kilobytes of a link.
const VALUES_MAX: usize = 256;
const ALL_VALUES_MAX: usize = 1024;
/// Share of the longest requests that a quarter of a law's values stand for: percentiles beyond the 99th are looked at.
const TAIL_FRAC: f64 = 0.01;
/// Longest prompt or answer, and slowest and fastest arrivals, of a scenario.
const TOKENS_MAX: u32 = 1_000_000;
const RATE_RPS: (f64, f64) = (0.001, 100_000.0);
/// Most different shared prefixes of a scenario.
const GROUPS_MAX: u64 = 60_000;
/// Variation of gaps below which arrivals are equally spaced.
const EVEN_CV: f64 = 0.05;

/// What a recording's traffic is like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Traffic {
    /// Whose format it had.
    pub kind: Kind,
    /// Requests.
    pub requests: u64,
    /// From the first to the last of them, s.
    pub span_s: f64,
    /// Requests per second between the first and the last; none where all came at once.
    pub rate_rps: Option<f64>,
    /// Standard deviation of the gaps between arrivals over their mean.
    pub gap_cv: Option<f64>,
    /// Requests per second of the busiest minute, of a recording of several.
    pub busiest_rps: Option<f64>,
    /// Prompts, tokens.
    pub input: Spread,
    /// Answers, tokens.
    pub output: Spread,
    /// How prompts and answers vary together: Pearson's correlation.
    pub correlation: Option<f64>,
    /// Share of all prompts' tokens with which an earlier prompt begins too.
    pub shared_frac: f64,
    /// Its classes.
    pub classes: Vec<Stream>,
}

/// Lengths in a few numbers, tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Median.
    pub p50: u32,
    /// Nine in ten are at most as long.
    pub p90: u32,
    /// Ninety-nine in a hundred.
    pub p99: u32,
    /// The longest.
    pub max: u32,
}

/// Requests of one class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// Its name; empty: the recording has none.
    pub name: String,
    /// How many.
    pub requests: u64,
    /// What comes after the shared prefix, tokens.
    pub input: Law,
    /// Answers, tokens.
    pub output: Law,
    /// What all its prompts begin with, where that is as long for all of them.
    pub prefix: Option<Alike>,
}

/// Prompts that begin alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alike {
    /// How much they have in common, tokens.
    pub tokens: u32,
    /// How many different beginnings there are.
    pub groups: u64,
}

/// Lengths as an empirical law.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Law {
    /// Its values, tokens.
    pub values: Vec<u32>,
    /// How likely each is; empty: all alike.
    pub weights: Vec<f64>,
    /// Whether they are all lengths there are.
    pub exact: bool,
}

impl Traffic {
    /// Of a recording.
    #[must_use]
    pub fn of(trace: &Trace) -> Traffic {
        let all = &trace.requests;
        let (first, last) = (all.first(), all.last());
        let at = |r: Option<&Recorded>| r.map_or(0.0, |r| r.at.as_secs_f64());
        let span_s = at(last) - at(first);
        let gaps = all.windows(2).map(|w| w[1].at.as_secs_f64() - w[0].at.as_secs_f64());
        let apart = span_s > 0.0;
        let most = (ALL_VALUES_MAX / (2 * trace.classes.len().max(1))).clamp(8, VALUES_MAX);
        let stream = |(class, name): (u32, &String)| {
            let own: Vec<&Recorded> = all.iter().filter(|r| r.class == class).collect();
            (!own.is_empty()).then(|| Stream::of(name, &own, most))
        };
        Traffic {
            kind: trace.kind,
            requests: all.len() as u64,
            span_s,
            rate_rps: apart.then(|| (all.len() - 1) as f64 / span_s),
            gap_cv: (apart && all.len() > 2).then(|| variation(gaps)),
            busiest_rps: (span_s >= 120.0).then(|| busiest_rps(all)),
            input: Spread::of(all.iter().map(|r| r.prompt_tokens)),
            output: Spread::of(all.iter().map(|r| r.output_tokens)),
            correlation: correlation(all),
            shared_frac: shared_frac(all),
            classes: (0..).zip(&trace.classes).filter_map(stream).collect(),
        }
    }

    /// The scenario with this traffic in place of its own, and what became of each part of the recording. `columns` are all
    /// that the recording has.
    #[must_use]
    pub fn onto(&self, scenario: &Scenario, mapping: &Mapping, columns: &[String]) -> (Scenario, Vec<Line>) {
        let mut lines = Vec::new();
        let name = |role: Role| mapping.columns.get(&role).cloned().unwrap_or_else(|| role.word().into());
        let (arrival, fate, note) = self.arrival(&scenario.workload.arrival);
        lines.push(Line::new(name(Role::Time), None, fate, note));
        let classes = self.classes.iter().map(|stream| self.class(stream, scenario)).collect();
        self.say_lengths(Role::Input, &name(Role::Input), &mut lines);
        self.say_lengths(Role::Output, &name(Role::Output), &mut lines);
        self.say_classes(scenario, &name(Role::Class), &mut lines);
        self.say_sharing(mapping, &mut lines);
        let unread = columns.iter().filter(|column| !mapping.columns.values().any(|read| read == *column));
        lines.extend(unread.map(|column| Line::new(column.as_str(), None, Fate::Ignored, "is not read")));
        let workload = Workload { arrival, classes, ..scenario.workload.clone() };
        (Scenario { workload, ..scenario.clone() }, lines)
    }

    fn arrival(&self, now: &Arrival) -> (Arrival, Fate, String) {
        let Some(rate) = self.rate_rps else {
            let note = "all requests are due at once, so that there is no rate: arrivals stay as they are";
            return (now.clone(), Fate::Ignored, note.into());
        };
        let rate_rps = rounded(rate.clamp(RATE_RPS.0, RATE_RPS.1));
        let even = self.gap_cv.is_some_and(|cv| cv < EVEN_CV);
        let kind = if even { "constant" } else { "poisson" };
        let mut note = if even {
            format!("equal gaps at the mean rate, {rate_rps} req/s")
        } else {
            format!("Poisson at the mean rate, {rate_rps} req/s")
        };
        if let Some(cv) = self.gap_cv.filter(|_| !even) {
            note += &format!("; in the recording the gaps' standard deviation is {cv:.2} times their mean, here once");
        }
        if let Some(busiest) = self.busiest_rps {
            note += &format!("; its busiest minute has {busiest:.2} req/s");
        }
        (Arrival { kind: kind.into(), rate_rps, ..Arrival::default() }, Fate::Approximated, note)
    }

    /// A class with the stream's lengths; its targets are those of the scenario's class of that name, or of the first.
    fn class(&self, stream: &Stream, scenario: &Scenario) -> TrafficClass {
        let known = &scenario.workload.classes;
        let same = known.iter().find(|class| class.name == stream.name);
        let base = same.or(known.first()).cloned().unwrap_or_default();
        let name = if stream.name.is_empty() { base.name.clone() } else { stream.name.clone() };
        let prefix = stream.prefix.map(|alike| SharedPrefix {
            tokens: alike.tokens,
            groups: u32::try_from(alike.groups).unwrap_or(u32::MAX),
            ..SharedPrefix::default()
        });
        TrafficClass {
            name,
            share: stream.requests as f64 / self.requests as f64,
            input: stream.input.length(),
            output: stream.output.length(),
            prefix,
            conversation: None,
            ..base
        }
    }

    fn say_lengths(&self, role: Role, setting: &str, lines: &mut Vec<Line>) {
        let input = role == Role::Input;
        let law = |s: &Stream| if input { s.input.clone() } else { s.output.clone() };
        let laws: Vec<Law> = self.classes.iter().map(law).collect();
        let exact = laws.iter().all(|law| law.exact);
        let values: usize = laws.iter().map(|law| law.values.len()).sum();
        let mut note = if exact {
            format!("every length, as often as it occurs ({values} values)")
        } else {
            let means = self.classes.iter().zip(&laws).map(|(s, law)| {
                let prefix = s.prefix.filter(|_| input).map_or(0.0, |alike| f64::from(alike.tokens));
                (law.mean() + prefix) * s.requests as f64
            });
            let mean = means.sum::<f64>() / self.requests as f64;
            let was = if input { self.input.mean } else { self.output.mean };
            format!(
                "{values} values for all lengths, with a quarter of them for the longest 1 %; their mean is {mean:.1} tokens, was {was:.1}"
            )
        };
        let related = self.correlation.filter(|r| r.abs() >= 0.01 && !input);
        if let Some(r) = related {
            note += &format!("; drawn apart from the prompt's: in the recording their correlation is {r:.2}");
        }
        let fate = if exact && related.is_none() { Fate::Exact } else { Fate::Approximated };
        lines.push(Line::new(setting, None, fate, note));
    }

    fn say_classes(&self, scenario: &Scenario, setting: &str, lines: &mut Vec<Line>) {
        let known = &scenario.workload.classes;
        let Some(first) = known.first() else { return };
        for stream in self.classes.iter().filter(|stream| !stream.name.is_empty()) {
            let line = if known.iter().any(|class| class.name == stream.name) {
                Line::new(setting, None, Fate::Exact, format!("{} keeps its targets and priority", stream.name))
            } else {
                let note = format!(
                    "the scenario has no class {}: it gets the targets and the priority of {}",
                    stream.name, first.name
                );
                Line::new(setting, None, Fate::Approximated, note)
            };
            lines.push(line);
        }
        if known.iter().any(|class| class.conversation.is_some()) {
            let note = "the scenario's conversations go: each recorded request is one of its own";
            lines.push(Line::new("conversation", None, Fate::Approximated, note));
        }
    }

    fn say_sharing(&self, mapping: &Mapping, lines: &mut Vec<Line>) {
        let roles = [Role::Prefix, Role::PrefixTokens, Role::Prompt, Role::Hashes];
        let alike = self.classes.iter().any(|stream| stream.prefix.is_some());
        for role in roles {
            let Some(column) = mapping.columns.get(&role) else { continue };
            let percent = 100.0 * self.shared_frac;
            let line = match role {
                Role::Prefix | Role::PrefixTokens if alike => {
                    let note = "prompts of a class begin with prefixes as long and as many, each as likely";
                    Line::new(column.as_str(), None, Fate::Approximated, note)
                }
                _ if self.shared_frac == 0.0 => {
                    Line::new(column.as_str(), None, Fate::Exact, "no prompt begins as another")
                }
                _ => {
                    let note = format!(
                        "prompts begin alike only as far as a class's prefix says; in the recording {percent:.1} % of their tokens repeat an earlier prompt"
                    );
                    Line::new(column.as_str(), None, Fate::Ignored, note)
                }
            };
            lines.push(line);
        }
    }
}

impl Spread {
    fn of(lengths: impl Iterator<Item = u32>) -> Spread {
        let mut all: Vec<u32> = lengths.collect();
        all.sort_unstable();
        let (n, sum) = (all.len(), all.iter().map(|l| u64::from(*l)).sum::<u64>());
        let at = |percent: usize| all.get((percent * n).div_ceil(100).saturating_sub(1)).copied().unwrap_or(0);
        Spread { mean: sum as f64 / n.max(1) as f64, p50: at(50), p90: at(90), p99: at(99), max: at(100) }
    }
}

impl Stream {
    fn of(name: &str, own: &[&Recorded], most: usize) -> Stream {
        let tokens = own.first().map_or(0, |r| r.prefix.1);
        let groups = own.iter().map(|r| (r.prefix.0, ())).collect::<BTreeMap<u64, ()>>().len() as u64;
        // Something must be left of every prompt, and somebody must begin alike.
        let as_long = |r: &&Recorded| r.prefix.1 == tokens && r.prompt_tokens > tokens;
        let repeated = groups < own.len() as u64 && groups <= GROUPS_MAX;
        let alike = tokens > 0 && tokens <= TOKENS_MAX && repeated && own.iter().all(as_long);
        let prefix = alike.then_some(Alike { tokens, groups });
        let without = if alike { tokens } else { 0 };
        Stream {
            name: name.into(),
            requests: own.len() as u64,
            input: Law::of(own.iter().map(|r| r.prompt_tokens - without).collect(), most),
            output: Law::of(own.iter().map(|r| r.output_tokens).collect(), most),
            prefix,
        }
    }
}

impl Law {
    /// Of these lengths, with at most so many values: each length where they are so few, else the means of equal shares, three
    /// quarters of them below the longest hundredth and one quarter in it.
    fn of(mut lengths: Vec<u32>, most: usize) -> Law {
        lengths.iter_mut().for_each(|length| *length = (*length).min(TOKENS_MAX));
        lengths.sort_unstable();
        let mut counts: Vec<(u32, u64)> = Vec::new();
        for length in &lengths {
            match counts.last_mut().filter(|(value, _)| value == length) {
                Some((_, n)) => *n += 1,
                None => counts.push((*length, 1)),
            }
        }
        let exact = counts.len() <= most;
        if !exact {
            let body = lengths.len() - (lengths.len() as f64 * TAIL_FRAC).ceil() as usize;
            let (below, above) = lengths.split_at(body);
            counts.clear();
            shares(below, most - most / 4, &mut counts);
            shares(above, most / 4, &mut counts);
        }
        let alike = counts.iter().all(|(_, n)| *n == counts[0].1);
        let weights = if alike { Vec::new() } else { counts.iter().map(|(_, n)| *n as f64).collect() };
        Law { values: counts.into_iter().map(|(value, _)| value).collect(), weights, exact }
    }

    /// Expected value.
    fn mean(&self) -> f64 {
        self.length().dist().map_or(0.0, |dist| dist.expect(|x| x))
    }

    fn length(&self) -> Length {
        Length { weights: self.weights.clone(), ..Length::empirical(self.values.clone()) }
    }
}

/// Means of so many equal shares of ascending lengths, with how many each stands for.
fn shares(lengths: &[u32], most: usize, counts: &mut Vec<(u32, u64)>) {
    for i in 0..most {
        let share = &lengths[i * lengths.len() / most..(i + 1) * lengths.len() / most];
        let n = share.len() as u64;
        if n == 0 {
            continue;
        }
        let mean = ((share.iter().map(|l| u64::from(*l)).sum::<u64>() + n / 2) / n) as u32;
        match counts.last_mut().filter(|(value, _)| *value == mean) {
            Some((_, before)) => *before += n,
            None => counts.push((mean, n)),
        }
    }
}

/// Four significant digits are enough for a rate that is a mean.
fn rounded(rate: f64) -> f64 {
    format!("{rate:.3e}").parse().unwrap_or(rate)
}

/// Standard deviation over mean.
fn variation(gaps: impl Iterator<Item = f64>) -> f64 {
    let (mut n, mut mean, mut squares) = (0.0, 0.0, 0.0);
    // Welford (1962).
    for gap in gaps {
        n += 1.0;
        let off = gap - mean;
        mean += off / n;
        squares += off * (gap - mean);
    }
    math::sqrt(squares / n) / mean
}

/// Requests per second of the fullest of consecutive minutes.
fn busiest_rps(all: &[Recorded]) -> f64 {
    let minute = |r: &Recorded| (r.at.as_secs_f64() / 60.0) as u64;
    let most = all.chunk_by(|a, b| minute(a) == minute(b)).map(<[Recorded]>::len).max();
    most.unwrap_or(0) as f64 / 60.0
}

fn correlation(all: &[Recorded]) -> Option<f64> {
    let n = all.len() as f64;
    let mean = |f: fn(&Recorded) -> u32| all.iter().map(|r| f64::from(f(r))).sum::<f64>() / n;
    let (x, y) = (mean(|r| r.prompt_tokens), mean(|r| r.output_tokens));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for r in all {
        let (dx, dy) = (f64::from(r.prompt_tokens) - x, f64::from(r.output_tokens) - y);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    (xx > 0.0 && yy > 0.0).then(|| xy / math::sqrt(xx * yy))
}

/// Share of the prompts' tokens that an earlier prompt has at its beginning too.
fn shared_frac(all: &[Recorded]) -> f64 {
    let (mut firsts, mut rests) = (BTreeMap::new(), BTreeMap::new());
    let (mut shared, mut total) = (0_u64, 0_u64);
    for r in all {
        let (content, tokens) = r.prefix;
        let rest = r.prompt_tokens - tokens;
        let mut in_first = 0;
        if tokens > 0 {
            let before: &mut u32 = firsts.entry(content).or_default();
            in_first = tokens.min(*before);
            *before = tokens.max(*before);
        }
        let mut in_rest = 0;
        if let Some(body) = r.body {
            let before: &mut u32 = rests.entry((content, tokens, body)).or_default();
            // A rest is the same only after the whole of what comes before it.
            in_rest = if in_first == tokens { rest.min(*before) } else { 0 };
            *before = rest.max(*before);
        }
        shared += u64::from(in_first) + u64::from(in_rest);
        total += u64::from(r.prompt_tokens);
    }
    shared as f64 / total.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_lengths_are_kept_with_their_counts() {
        let law = Law::of(vec![7, 3, 7, 900], 8);
        assert_eq!(
            (law.values.as_slice(), law.weights.as_slice(), law.exact),
            (&[3, 7, 900][..], &[1.0, 2.0, 1.0][..], true)
        );
        assert_eq!(law.mean(), 917.0 / 4.0);
        assert!(Law::of(vec![5, 5, 6, 6], 8).weights.is_empty());
    }

    #[test]
    fn many_lengths_keep_their_mean_and_their_tail() {
        // Of a heavy tail: the n-th longest is as long as 1/n of the longest.
        let lengths: Vec<u32> = (1..=100_000_u32).map(|n| 50 + 10_000_000 / (n + 100)).collect();
        let spread = Spread::of(lengths.iter().copied());
        let law = Law::of(lengths, 256);
        assert!(!law.exact && law.values.len() <= 256, "{}", law.values.len());
        assert!((law.mean() - spread.mean).abs() < 0.5, "{} {}", law.mean(), spread.mean);
        let dist = law.length().dist().expect("a law");
        for (share, was) in [(0.5, spread.p50), (0.9, spread.p90), (0.99, spread.p99)] {
            let is = f64::from(dist.at(share));
            assert!((is / f64::from(was) - 1.0).abs() < 0.02, "{share}: {is} {was}");
        }
        assert!(f64::from(dist.max()) > 0.8 * f64::from(spread.max), "{} {}", dist.max(), spread.max);
    }

    #[test]
    fn rates_have_four_digits() {
        assert_eq!([39.987_654, 0.001_234_56, 12_345.6].map(rounded), [39.99, 0.001_235, 12_350.0]);
    }
}
