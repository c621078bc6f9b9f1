//! Every load in numbers.

use crate::draw::queue;
use crate::say;
use crate::state::{Shown, Store};
use leptos::prelude::*;
use playground_core::report::Report;
use playground_core::study::Answer;

const COLUMNS: [(&str, &str); 12] = [
    ("Load", "req/s"),
    ("Load", "% of cap."),
    ("TTFT p50", ""),
    ("TTFT p99", ""),
    ("ITL p50", ""),
    ("ITL p99", ""),
    ("Served", "req/s"),
    ("Output", "tok/s"),
    ("Goodput", ""),
    ("Cost", "$/Mtok"),
    ("n", "req."),
    ("Steady", ""),
];

/// One load as text.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    own: bool,
    steady: bool,
    load: String,
    cells: Vec<String>,
}

pub(super) fn view(store: Store) -> AnyView {
    let rows = RwSignal::new(Vec::<Row>::new());
    Effect::new(move |_| {
        store.shown.track();
        // After the charts, in a task of its own: it is the last thing one looks at.
        queue::push("loads", move || {
            let new = store.shown.with_untracked(|s| s.as_ref().and_then(Shown::answer).map(all)).unwrap_or_default();
            if rows.with_untracked(|old| *old != new) {
                rows.set(new);
            }
            false
        });
    });
    let head = COLUMNS.map(|(name, unit)| {
        let unit = (!unit.is_empty()).then(|| view! { <span class="unit">{unit}</span> });
        view! { <th scope="col">{name} " " {unit}</th> }
    });
    view! {
        <section class="loads" aria-labelledby="loads-title">
            <h2 id="loads-title">"Every load in numbers"</h2>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Table of every load">
                <table data-testid="loads-table">
                    <thead><tr>{head.into_iter().collect_view()}</tr></thead>
                    <tbody>{move || rows.get().into_iter().map(row).collect_view()}</tbody>
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

fn all(answer: &Answer) -> Vec<Row> {
    let mut loads: Vec<(f64, &Report, bool)> = answer.curve.iter().map(|c| (c.rate_rps, &c.report, false)).collect();
    loads.push((answer.rate_rps, &answer.report, true));
    loads.sort_by(|a, b| a.0.total_cmp(&b.0));
    loads.into_iter().map(|(rate, report, own)| one(rate, report, own)).collect()
}

fn one(rate: f64, report: &Report, own: bool) -> Row {
    let t = &report.total;
    let maybe = |value: Option<f64>, say: fn(f64) -> String| value.map_or_else(|| say::NOTHING.into(), say);
    let cells = vec![
        say::percent_whole(report.load_frac).replace(" %", ""),
        say::maybe_span(t.metrics.ttft_ms.p50),
        say::maybe_span(t.metrics.ttft_ms.p99),
        say::maybe_span(t.metrics.itl_ms.p50),
        say::maybe_span(t.metrics.itl_ms.p99),
        say::number(t.served_rps),
        say::whole(t.output_tokens_per_s),
        maybe(t.goodput_frac, say::percent),
        maybe(report.cost.usd_per_million_output_tokens, say::usd),
        say::count(t.ends.values().sum()),
        if report.run.stationary { "yes" } else { "no" }.into(),
    ];
    Row { own, steady: report.run.stationary, load: say::number(rate), cells }
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
        let rows = all(&answer);
        assert_eq!(rows.len(), 5);
        assert_eq!(rows.iter().filter(|r| r.own).count(), 1);
        assert!(rows.iter().all(|r| r.cells.len() + 1 == COLUMNS.len()), "{rows:?}");
        assert!(rows.iter().all(|r| r.cells.iter().all(|c| !c.is_empty())));
    }
}
