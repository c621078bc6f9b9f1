//! The report for a terminal.

use super::report::{Column, Report, Table};

/// The report as text.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut lines = vec![format!("Model {}, against measurements", report.model_version), String::new()];
    lines.push(format!(
        "{:52} {:>7} {:>8} {:>9} {:>9} {:>6}",
        "bar", "at most", "left out", "in-sample", "zero-shot", "n"
    ));
    lines.extend(report.bars.iter().map(|bar| {
        let verdict = match bar.holds() {
            Some(true) => "holds",
            Some(false) => "MISSED",
            None => "nothing measured",
        };
        let [found, fitted, kernels] = [bar.found, bar.in_sample, bar.zero_shot].map(share);
        format!("{:52} {:>7} {found:>8} {fitted:>9} {kernels:>9} {:>6} {verdict}", bar.name, percent(bar.bar), bar.n)
    }));
    report.tables.iter().for_each(|t| table(t, &mut lines));
    lines.push("\nOther simulators on the same rows: their median error, ours, rows on which ours is smaller".into());
    lines.extend(report.duels.iter().map(|d| {
        format!(
            "{:34} {:24} {:>8} {:>8} {:>3} of {}",
            d.simulator,
            d.column,
            percent(d.theirs),
            percent(d.ours),
            d.wins,
            d.rows
        )
    }));
    lines.push("\nPolicies in the measured order".into());
    lines.extend(report.rankings.iter().map(|r| {
        format!(
            "{:36} {:22} {} of {} pairs; {} of {} simulated apart",
            r.comparison, r.column, r.ordered, r.pairs, r.distinct_ordered, r.distinct_pairs
        )
    }));
    lines.push("\nSingle steps".into());
    lines.extend(report.steps.iter().map(|s| {
        let kind = format!("{} sequences, {} tokens of prompts", s.running, s.prompt_tokens);
        format!(
            "{:30} {kind:14} {:>7} (90 %: {}), bias {}, {} steps",
            s.engine,
            percent(s.median),
            percent(s.p90),
            signed(s.bias),
            s.steps
        )
    }));
    lines.push("\nRows within 90 % error bands that have not seen their model and GPU".into());
    lines.extend(report.coverage.iter().map(|c| {
        let within = percent(f64::from(c.within) / f64::from(c.rows));
        let [_, holds, _] = c.holds();
        let verdict = if holds { "" } else { " OFF" };
        let by = (c.experiments, percent(c.experiments_within), interval(Some(c.intervals[1])));
        format!("{:36} {within} of {} rows, {} of {} experiments, {}{verdict}", c.regime, c.rows, by.1, by.0, by.2)
    }));
    if !report.approximations.is_empty() {
        lines.push("\nSimulated otherwise than it was run, experiments".into());
        lines.extend(report.approximations.iter().map(|(note, n)| format!("{n:>6}  {note}")));
    }
    lines.join("\n")
}

fn table(table: &Table, lines: &mut Vec<String>) {
    let what = match (table.stages, table.overload) {
        (true, _) => ", by stage",
        (_, true) => ", overload",
        _ => "",
    };
    lines.push(format!("\n{}{what}", table.set));
    lines.push(format!(
        "{:32} {:>12} {:>8} {:>16} {:>8} {:>16} {:>8} {:>8} {:>9}",
        "", "experiments", "median", "90 % interval", "mean", "90 % interval", "bias", "left out", "zero-shot"
    ));
    for Column { name, errors: e, left_out, zero_shot } in &table.columns {
        let n =
            if e.rows == e.experiments { e.experiments.to_string() } else { format!("{} ({})", e.experiments, e.rows) };
        lines.push(format!(
            "{name:32} {n:>12} {:>8} {:>16} {:>8} {:>16} {:>8} {:>8} {:>9}",
            percent(e.median),
            interval(e.median_interval),
            percent(e.mean),
            interval(e.mean_interval),
            signed(e.bias),
            share(*left_out),
            share(*zero_shot)
        ));
    }
    lines.push(format!("worst: {}", worst(table)));
}

/// The worst rows of a table's first column that has any.
pub(super) fn worst(table: &Table) -> String {
    let of = |column: &Column| {
        let row = |(name, error): &(String, f64)| format!("{name} {}", signed(*error));
        let rows: Vec<String> = column.errors.worst.iter().map(row).collect();
        format!("{}: {}", column.name, rows.join("; "))
    };
    table.columns.iter().map(of).next().unwrap_or_default()
}

/// A share in percent, if there is one.
pub(super) fn share(share: Option<f64>) -> String {
    share.map_or_else(|| "—".into(), percent)
}

/// A share in percent.
pub(super) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent.abs() < 99.95 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

/// A signed share in percent.
pub(super) fn signed(share: f64) -> String {
    let percent = 100.0 * share;
    if percent.abs() < 99.95 { format!("{percent:+.1} %") } else { format!("{percent:+.0} %") }
}

/// An interval of shares in percent.
pub(super) fn interval(interval: Option<(f64, f64)>) -> String {
    interval.map_or_else(|| "—".into(), |(low, high)| format!("{:.1} – {:.1} %", 100.0 * low, 100.0 * high))
}
