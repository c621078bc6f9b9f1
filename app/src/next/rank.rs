//! Changes in the order of what they do to the latency that matters most here.

use super::changes::Change;
use super::run::Run;
use crate::say;
use playground_core::base::Order;
use playground_core::report::{Report, SloOutcome, Statistic};
use playground_core::study::compare::{Difference, differences};
use playground_core::study::sustained;

/// What changes are ranked by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Aim {
    metric: &'static str,
    statistic: Statistic,
}

impl Aim {
    /// The target nearest to being missed, or missed furthest; without targets TTFT p99.
    pub(super) fn of(report: &Report) -> Aim {
        let excess = |s: &SloOutcome| s.value_ms.map_or(f64::INFINITY, |v| v / s.target_ms);
        let outcomes = report.classes.iter().flat_map(|c| &c.slo);
        let worst = outcomes.max_by(|a, b| excess(a).total_cmp(&excess(b)));
        let metric = worst.map_or("ttft", |s| match s.metric.as_str() {
            "itl" => "itl",
            "e2e" => "e2e",
            _ => "ttft",
        });
        let named = worst.and_then(|s| Statistic::ALL.into_iter().find(|x| x.name() == format!("p{}", s.percentile)));
        Aim { metric, statistic: named.unwrap_or(Statistic::P99) }
    }

    /// As in "TTFT p99".
    pub(super) fn name(self) -> String {
        format!("{} {}", self.metric.to_uppercase(), self.statistic.name())
    }
}

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    Better,
    Open,
    /// To the last digit.
    Equal,
    Worse,
    /// Nothing was measured on one side.
    Unknown,
}

impl Effect {
    pub(super) fn words(self) -> &'static str {
        match self {
            Effect::Better => "better",
            Effect::Open => "not significant",
            Effect::Equal => "equal",
            Effect::Worse => "worse",
            Effect::Unknown => "nothing measured",
        }
    }
}

/// One change as text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// Which of the changes.
    pub(super) index: usize,
    pub(super) label: String,
    pub(super) effect: Effect,
    /// The difference of the aim, with its paired interval.
    pub(super) difference: String,
    /// The same relative to the scenario as it is.
    pub(super) change: String,
    /// Whether it keeps up, meets every target, and serves whoever comes.
    pub(super) meets: bool,
    /// GPUs more or fewer.
    pub(super) gpus: String,
    frac: f64,
}

/// Every change that is simulated, the one that helps most first.
pub(super) fn rows(run: &Run) -> Option<(Aim, Vec<Row>)> {
    let base = run.base_report.as_ref()?;
    let aim = Aim::of(base);
    let mut rows: Vec<Row> = run
        .reports
        .iter()
        .enumerate()
        .filter_map(|(index, report)| Some(row(aim, base, report.as_ref()?, index, &run.changes[index])))
        .collect();
    rows.order_by(|a, b| a.effect.cmp(&b.effect).then(a.frac.total_cmp(&b.frac)).then(a.index.cmp(&b.index)));
    Some((aim, rows))
}

fn row(aim: Aim, base: &Report, report: &Report, index: usize, change: &Change) -> Row {
    let all = differences(base, report);
    let found = all.iter().find(|d| d.metric == aim.metric && d.statistic == aim.statistic.name());
    let effect = found.map_or(Effect::Unknown, effect);
    let relative = found.and_then(|d| d.change);
    let gpus = i64::from(report.cost.gpus) - i64::from(base.cost.gpus);
    Row {
        index,
        label: change.label.clone(),
        effect,
        difference: found.map_or_else(|| say::NOTHING.into(), |d| say::signed_span_with(d.difference, d.lo, d.hi)),
        change: relative.map_or_else(|| say::NOTHING.into(), |c| say::change_with(c.frac, c.lo, c.hi)),
        meets: sustained(change.scenario.workload.classes.iter().map(|c| c.priority), report),
        gpus: if gpus == 0 { "same".into() } else { format!("{gpus:+}").replace('-', "−") },
        frac: relative.map_or(0.0, |c| c.frac),
    }
}

fn effect(d: &Difference) -> Effect {
    match (d.significant, d.difference < 0.0) {
        (false, _) if d.difference == 0.0 && d.lo == d.hi => Effect::Equal,
        (false, _) => Effect::Open,
        (true, true) => Effect::Better,
        (true, false) => Effect::Worse,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::next::run::tests::whole;

    #[test]
    fn more_replicas_help_a_loaded_fleet_and_fewer_do_not() {
        let run = whole(|s| s.workload.arrival.rate_rps = 70.0);
        let (aim, rows) = rows(&run).expect("the base is there");
        assert!(aim.name().starts_with("TTFT") || aim.name().starts_with("ITL"), "{aim:?}");
        let at = |label: &str| rows.iter().position(|r| r.label.starts_with(label)).expect("is there");
        assert!(at("Replicas 4 → 5") < at("Replicas 4 → 3"), "{rows:#?}");
        assert_eq!(rows[at("Replicas 4 → 5")].gpus, "+1");
        assert!(rows.is_sorted_by_key(|r| r.effect));
        assert_eq!(rows.len(), run.changes.len());
    }

    #[test]
    fn a_setting_that_changes_nothing_is_not_called_better() {
        let run = whole(|_| ());
        let (_, rows) = rows(&run).expect("the base is there");
        // No prompt of the landing scenario shares anything.
        let cache = rows.iter().find(|r| r.label.starts_with("Prefix caching")).expect("is there");
        assert_ne!(cache.effect, Effect::Better, "{cache:?}");
    }
}
