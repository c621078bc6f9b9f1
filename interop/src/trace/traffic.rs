//! From requests to a scenario's workload: what traffic is like, in few enough numbers for a link.
//!
//! Lengths become empirical laws, the arrivals their mean rate. What that loses is said line by line.

use super::laws::{Law, Spread, TOKENS_MAX};
use super::measures::{busiest_rps, correlation, shared_frac, variation};
use super::{Kind, Mapping, Role, Trace};
use crate::report::{Fate, Line};
use playground_core::scenario::{Arrival, Scenario, SharedPrefix, TrafficClass, Workload};
use playground_core::workload::Recorded;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most values of a law, and of all laws together: some kilobytes of a link.
const VALUES_MAX: usize = 256;
const ALL_VALUES_MAX: usize = 1024;
/// Slowest and fastest arrivals of a scenario.
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
        if !(RATE_RPS.0..=RATE_RPS.1).contains(&rate) {
            note += &format!(", the nearest that a scenario may have to the recording's {rate:.2e}");
        }
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
                "{values} values for all lengths, with a quarter of them for the longest 2 %; their mean is {mean:.1} tokens, was {was:.1}"
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

/// Four significant digits are enough for a rate that is a mean.
fn rounded(rate: f64) -> f64 {
    format!("{rate:.3e}").parse().unwrap_or(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_four_digits() {
        assert_eq!([39.987_654, 0.001_234_56, 12_345.6].map(rounded), [39.99, 0.001_235, 12_350.0]);
    }
}
