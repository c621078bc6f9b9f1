//! Every load in numbers.

use crate::draw::queue;
use crate::say;
use crate::state::{Shown, Store};
use leptos::prelude::*;
use playground_core::report::{End, Report};
use playground_core::study::Answer;

/// Columns of every table.
const COLUMNS: [(&str, &str); 13] = [
    ("Load", "req/s"),
    ("Load", "% of cap."),
    ("TTFT", "p50"),
    ("TTFT", "p99"),
    ("ITL", "p50"),
    ("ITL", "p99"),
    ("Served", "req/s"),
    ("Output", "tok/s"),
    ("Goodput", ""),
    ("Cost", "$/Mtok"),
    ("KV", "use"),
    ("n", "req."),
    ("Steady", ""),
];

/// Columns that stay the last ones: how many, how sure.
const LAST: usize = 2;

/// A column that is there only if some load has something to say in it.
struct Sometimes {
    head: (&'static str, &'static str),
    value: fn(&Report) -> f64,
    say: fn(f64) -> String,
}

const SOMETIMES: [Sometimes; 7] = [
    Sometimes { head: ("Prefix", "hits"), value: |r| r.kv.hit_rate, say: say::percent },
    Sometimes { head: ("Preempted", "times"), value: |r| r.kv.preemptions as f64, say: say::whole },
    Sometimes { head: ("Shed", "req."), value: |r| ended(r, End::Shed), say: say::whole },
    Sometimes { head: ("Refused", "req."), value: |r| ended(r, End::Refused), say: say::whole },
    Sometimes { head: ("Unroutable", "req."), value: |r| ended(r, End::Unroutable), say: say::whole },
    Sometimes { head: ("Expired", "req."), value: |r| ended(r, End::Expired), say: say::whole },
    Sometimes { head: ("Queue full", "req."), value: |r| ended(r, End::QueueFull), say: say::whole },
];

/// Requests that ended this way.
fn ended(report: &Report, how: End) -> f64 {
    report.total.ends.get(how.name()).map_or(0.0, |n| *n as f64)
}

/// All loads as text.
#[derive(Clone, Debug, Default, PartialEq)]
struct Table {
    head: Vec<(&'static str, &'static str)>,
    rows: Vec<Row>,
}

/// One load as text.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    own: bool,
    steady: bool,
    load: String,
    cells: Vec<String>,
}

pub(super) fn view(store: Store) -> AnyView {
    let shown = RwSignal::new(Table { head: COLUMNS.into(), rows: Vec::new() });
    Effect::new(move |_| {
        store.shown.track();
        // After the charts, in a task of its own: it is the last thing one looks at.
        queue::push("loads", move || {
            let new = store.shown.with_untracked(|s| s.as_ref().and_then(Shown::answer).map(all));
            if let Some(new) = new.filter(|new| shown.with_untracked(|old| old != new)) {
                shown.set(new);
            }
            false
        });
    });
    let columns = Memo::new(move |_| shown.with(|t| t.head.clone()));
    let head = move || {
        let each = columns.get().into_iter().map(|(name, unit)| {
            let unit = (!unit.is_empty()).then(|| view! { <span class="unit">{unit}</span> });
            view! { <th scope="col">{name} " " {unit}</th> }
        });
        each.collect_view()
    };
    view! {
        <section class="loads" aria-labelledby="loads-title">
            <h2 id="loads-title">"Every load in numbers"</h2>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Table of every load">
                <table data-testid="loads-table">
                    <thead><tr>{head}</tr></thead>
                    <tbody>{move || shown.with(|t| t.rows.clone()).into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(r: Row) -> AnyView {
    let cells = r.cells.into_iter().map(|c| view! { <td>{c}</td> }.into_any()).collect_view();
    let mark = if r.own { "◆ " } else { "" };
    let said = r.own.then(|| view! { <span class="visually-hidden">" (this scenario)"</span> });
    view! {
        <tr class:own=r.own class:unsteady=!r.steady>
            <th scope="row"><span aria-hidden="true">{mark}</span> {r.load} {said}</th>
            {cells}
        </tr>
    }
    .into_any()
}

fn all(answer: &Answer) -> Table {
    let mut loads: Vec<(&Report, bool)> = answer.curve.iter().map(|c| (&c.report, false)).collect();
    loads.push((&answer.report, true));
    loads.sort_by(|a, b| a.0.load.total_cmp(&b.0.load));
    let told: Vec<&Sometimes> =
        SOMETIMES.iter().filter(|column| loads.iter().any(|(report, _)| (column.value)(report) > 0.0)).collect();
    let mut head = COLUMNS.to_vec();
    head[0].1 = say::load_unit(answer.report.load);
    let at = head.len() - LAST;
    head.splice(at..at, told.iter().map(|column| column.head));
    Table { head, rows: loads.into_iter().map(|(report, own)| one(report, own, &told)).collect() }
}

fn one(report: &Report, own: bool, told: &[&Sometimes]) -> Row {
    let t = &report.total;
    let maybe = |value: Option<f64>, say: fn(f64) -> String| value.map_or_else(|| say::NOTHING.into(), say);
    let mut cells = vec![
        say::percent_whole(report.load_frac).replace(" %", ""),
        say::maybe_span(t.metrics.ttft_ms.p50),
        say::maybe_span(t.metrics.ttft_ms.p99),
        say::maybe_span(t.metrics.itl_ms.p50),
        say::maybe_span(t.metrics.itl_ms.p99),
        say::number(t.served_rps),
        say::whole(t.output_tokens_per_s),
        maybe(t.goodput_frac, say::percent),
        maybe(report.cost.usd_per_million_output_tokens, say::usd),
        say::percent_whole(report.kv.use_frac),
        say::count(t.ends.values().sum()),
        if report.run.stationary { "yes" } else { "no" }.into(),
    ];
    let at = cells.len() - LAST;
    cells.splice(at..at, told.iter().map(|column| (column.say)((column.value)(report))));
    Row { own, steady: report.run.stationary, load: say::load_number(report.load), cells }
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::catalog::Catalog;
    use playground_core::scenario::{Scenario, resolve};
    use playground_core::study::{Fidelity, LoadCurve};

    #[test]
    fn loads_ascend_and_every_row_fills_its_columns() {
        let mut s = Scenario::default();
        (s.run.requests, s.run.replications, s.run.load.points) = (100, 2, 4);
        let answer = LoadCurve::run(&resolve(&s, &Catalog::builtin()).expect("is sound"), Fidelity::Settled);
        let Table { head, rows } = all(&answer);
        assert!(!head.iter().any(|h| ["Prefix", "Shed"].contains(&h.0)), "nothing was shared or shed");
        assert_eq!(rows.len(), 5);
        assert_eq!(rows.iter().filter(|r| r.own).count(), 1);
        assert!(rows.iter().all(|r| r.cells.len() + 1 == head.len()), "{rows:?}");
        assert!(rows.iter().all(|r| r.cells.iter().all(|c| !c.is_empty())));
    }

    #[test]
    fn shared_prefixes_are_a_column_of_their_own() {
        let mut s = Scenario::default();
        (s.run.requests, s.run.replications, s.run.load.points) = (100, 2, 2);
        s.workload.classes[0].prefix = Some(playground_core::scenario::SharedPrefix::default());
        let answer = LoadCurve::run(&resolve(&s, &Catalog::builtin()).expect("is sound"), Fidelity::Settled);
        let Table { head, rows } = all(&answer);
        let at = head.iter().position(|h| h.0 == "Prefix").expect("is there");
        assert!(rows.iter().all(|r| r.cells.len() + 1 == head.len() && r.cells[at - 1].ends_with('%')), "{rows:?}");
        assert_eq!(head.last().map(|h| h.0), Some("Steady"));
    }
}
