//! `playground sweep`: the points as a table, those worth looking at marked.

use playground_core::catalog::Catalog;
use playground_core::scenario::{Scenario, default_axes};
use playground_core::study::marks;
use playground_core::study::sweep::{SweepOutcome, SweepPoint, combinations, run as run_all};

/// Every combination, as text or JSON. Progress goes to standard error.
pub(crate) fn run(scenario: &Scenario, json: bool) -> Result<String, String> {
    let axes = if scenario.sweep.is_empty() { default_axes() } else { scenario.sweep.clone() };
    let total = combinations(&axes).len();
    if total == 0 {
        return Err("the sweep has no combination: give `sweep` at least one axis with at least one value".into());
    }
    let mut done = 0;
    let points = run_all(scenario, &axes, &Catalog::builtin(), |_| {
        done += 1;
        if done % 16 == 0 || done == total {
            eprintln!("{done} of {total}");
        }
    });
    if json {
        return serde_json::to_string_pretty(&points).map_err(|e| e.to_string());
    }
    Ok(table(&points))
}

fn table(points: &[SweepPoint]) -> String {
    let marks = marks(points);
    let mut rows: Vec<(f64, String)> = points.iter().zip(&marks).map(|(p, m)| row(p, m.star, m.frontier)).collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let head =
        format!("{:4} {:>5} {:>9} {:>10} {:>9} {:>9}  settings", "", "GPUs", "req/s", "TTFT p99", "ITL p99", "$/Mtok");
    let lines: Vec<String> = std::iter::once(head).chain(rows.into_iter().map(|r| r.1)).collect();
    let notes =
        "★ highest rate for its number of GPUs, ◯ on the frontier of rate and TTFT p99; latencies in ms at that rate";
    format!("{}\n{notes}", lines.join("\n"))
}

fn row(point: &SweepPoint, star: bool, frontier: bool) -> (f64, String) {
    let label = point.combination.label();
    match &point.outcome {
        SweepOutcome::Sustains(d, s) => {
            let number = |v: Option<f64>| v.map_or_else(|| "—".into(), |v| format!("{v:.1}"));
            let mark = format!("{}{}", if star { "★" } else { " " }, if frontier { "◯" } else { " " });
            let usd = s.usd_per_million_output_tokens.map_or_else(|| "—".into(), |v| format!("{v:.3}"));
            let text = format!(
                "{mark}   {:>5} {:>9.2} {:>10} {:>9} {usd:>9}  {label}",
                d.gpus,
                s.max_rate_rps,
                number(s.ttft_p99_ms),
                number(s.itl_p99_ms)
            );
            (s.max_rate_rps, text)
        }
        SweepOutcome::NeverMeets(d) => {
            (-1.0, format!("×    {:>5} {:>9}  {label}: misses its targets at every load", d.gpus, "—"))
        }
        SweepOutcome::Impossible(found) => {
            let why = found.iter().find(|d| d.is_error()).map_or_else(String::new, |d| d.message.clone());
            (-2.0, format!("×    {:>5} {:>9}  {label}: {why}", "", "—"))
        }
    }
}
