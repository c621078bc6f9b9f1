//! Every load in numbers, latencies at the statistic of the page.

use crate::details::Details;
use crate::draw;
use crate::draw::queue;
use crate::export::{self, Item, Menu, Stamp};
use crate::say;
use crate::state::{Shown, Store};
use leptos::prelude::*;
use playground_core::base::Order;
use playground_core::report::{End, Report, Statistic};
use playground_core::scenario::Load;
use playground_core::study::Answer;

/// Columns of every table.
const COLUMNS: [(&str, &str); 12] = [
    ("Load", "req/s"),
    ("Load", "% of cap."),
    ("TTFT", ""),
    ("ITL", ""),
    ("E2E", ""),
    ("Served", "req/s"),
    ("Output", "tok/s"),
    ("Goodput", ""),
    ("Cost", "$/Mtok"),
    ("KV", "use"),
    ("n", "req."),
    ("Steady", ""),
];

/// Columns that are latencies.
const LATENCIES: std::ops::Range<usize> = 2..5;

/// Columns that stay the last ones: how many, how sure.
const LAST: usize = 2;

/// A column that is there only if some load has something to say in it.
struct Sometimes {
    head: (&'static str, &'static str),
    value: fn(&Report) -> f64,
    say: fn(f64) -> String,
}

const SOMETIMES: [Sometimes; 11] = [
    Sometimes { head: ("Prefix", "hits"), value: |r| r.kv.hit_rate, say: say::percent },
    Sometimes { head: ("Host", "hits"), value: |r| r.offload.as_ref().map_or(0.0, |o| o.hit_rate), say: say::percent },
    Sometimes { head: ("Preempted", "times"), value: |r| r.kv.preemptions as f64, say: say::whole },
    Sometimes { head: ("Shed", "req."), value: |r| ended(r, End::Shed), say: say::whole },
    Sometimes { head: ("Refused", "req."), value: |r| ended(r, End::Refused), say: say::whole },
    Sometimes { head: ("Busy", "req."), value: |r| ended(r, End::Busy), say: say::whole },
    Sometimes { head: ("Timed out", "req."), value: |r| ended(r, End::TimedOut), say: say::whole },
    Sometimes { head: ("Unroutable", "req."), value: |r| ended(r, End::Unroutable), say: say::whole },
    Sometimes { head: ("Expired", "req."), value: |r| ended(r, End::Expired), say: say::whole },
    Sometimes { head: ("Queue full", "req."), value: |r| ended(r, End::QueueFull), say: say::whole },
    Sometimes { head: ("Evicted", "req."), value: |r| ended(r, End::Evicted), say: say::whole },
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
    at: Load,
    own: bool,
    steady: bool,
    load: String,
    cells: Vec<String>,
}

pub(super) fn view(store: Store, details: Details) -> AnyView {
    let shown = RwSignal::new(Table { head: COLUMNS.into(), rows: Vec::new() });
    Effect::new(move |_| {
        store.calm.track();
        let statistic = store.statistic.get();
        // After the charts, in a task of its own: it is the last thing one looks at.
        queue::push("loads", move || {
            let new = store.calm.with_untracked(|s| s.as_ref().and_then(Shown::answer).map(|a| all(a, statistic)));
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
            <div class="chart-head">
                <h2 id="loads-title">"Every load in numbers"</h2>
                {export::menu(menu(store))}
            </div>
            {draw::table(
                "Table of every load",
                "loads-table",
                view! { {head} <th scope="col"><span class="visually-hidden">"A close look"</span></th> },
                move || shown.with(|t| t.rows.clone()).into_iter().map(|r| row(details, r)).collect_view(),
            )}
        </section>
    }
    .into_any()
}

/// What the table can be saved as: as it is, and everything that is known.
fn menu(store: Store) -> Menu {
    let answer =
        move |f: fn(&Answer) -> Option<String>| store.shown.with(|s| s.as_ref().and_then(Shown::answer).and_then(f));
    let json = Item::text(store, ("json", "JSON of everything"), "answer", "json", move |_| {
        answer(|a| serde_json::to_string_pretty(a).ok())
    });
    let sheet = move || store.shown.with(|s| s.as_ref().and_then(Shown::answer).map(|a| export::curve_sheet(a, None)));
    let text = Item::text(store, ("md", "Markdown table"), "loads", "md", move |stamp| {
        let statistic = store.statistic.get_untracked();
        store.shown.with(|s| s.as_ref().and_then(Shown::answer).map(|a| markdown(a, statistic, stamp)))
    });
    let items = vec![Item::csv(store, "loads", sheet), text, json];
    let ready = Signal::derive(move || store.is_settled());
    Menu::save("loads", "every load in numbers", items, ready)
}

/// The answer as a text that can be pasted.
fn markdown(answer: &Answer, statistic: Statistic, stamp: &Stamp) -> String {
    let Table { head, rows } = all(answer, statistic);
    let head: Vec<String> = head.iter().map(|(name, unit)| format!("{name} {unit}").trim_end().to_owned()).collect();
    let line = |r: &Row| {
        let load = if r.own { format!("**{}**", r.load) } else { r.load.clone() };
        [load].into_iter().chain(r.cells.iter().cloned()).collect()
    };
    let rows: Vec<Vec<String>> = rows.iter().map(line).collect();
    let text = export::markdown(&head, &rows);
    format!("{}\n\n{text}\n{}", answer.verdict.sentence, stamp.markdown())
}

fn row(details: Details, r: Row) -> AnyView {
    let cells = r.cells.into_iter().map(|c| view! { <td>{c}</td> }.into_any()).collect_view();
    let (at, label) = (r.at, format!("Details of {}", say::load(r.at)));
    let mark = if r.own { "◆ " } else { "" };
    let said = r.own.then(|| view! { <span class="visually-hidden">" (this scenario)"</span> });
    view! {
        <tr class:own=r.own class:unsteady=!r.steady>
            <th scope="row"><span aria-hidden="true">{mark}</span> {r.load} {said}</th>
            {cells}
            <td><button type="button" class="quiet open" data-testid="load-details" aria-label=label on:click=move |_| details.open(at)>"Details"</button></td>
        </tr>
    }
    .into_any()
}

fn all(answer: &Answer, statistic: Statistic) -> Table {
    let mut loads: Vec<(&Report, bool)> = answer.curve.iter().map(|c| (&c.report, false)).collect();
    loads.push((&answer.report, true));
    loads.order_by(|a, b| a.0.load.total_cmp(&b.0.load));
    let told: Vec<&Sometimes> =
        SOMETIMES.iter().filter(|column| loads.iter().any(|(report, _)| (column.value)(report) > 0.0)).collect();
    let mut head = COLUMNS.to_vec();
    head[0].1 = say::load_unit(answer.report.load);
    head[LATENCIES].iter_mut().for_each(|column| column.1 = statistic.name());
    let at = head.len() - LAST;
    head.splice(at..at, told.iter().map(|column| column.head));
    Table { head, rows: loads.into_iter().map(|(report, own)| one(report, own, statistic, &told)).collect() }
}

fn one(report: &Report, own: bool, statistic: Statistic, told: &[&Sometimes]) -> Row {
    let t = &report.total;
    let maybe = |value: Option<f64>, say: fn(f64) -> String| value.map_or_else(|| say::NOTHING.into(), say);
    let mut cells = vec![
        say::percent_whole(report.load_frac).replace(" %", ""),
        say::maybe_span(t.metrics.ttft_ms.get(statistic).0),
        say::maybe_span(t.metrics.itl_ms.get(statistic).0),
        say::maybe_span(t.metrics.e2e_ms.get(statistic).0),
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
    Row { at: report.load, own, steady: report.run.stationary, load: say::load_number(report.load), cells }
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
        let Table { head, rows } = all(&answer, Statistic::P90);
        assert!(!head.iter().any(|h| ["Prefix", "Shed"].contains(&h.0)), "nothing was shared or shed");
        assert_eq!(rows.len(), 5);
        assert_eq!(head[LATENCIES].iter().map(|h| h.1).collect::<Vec<_>>(), ["p90"; 3]);
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
        let Table { head, rows } = all(&answer, Statistic::P90);
        let at = head.iter().position(|h| h.0 == "Prefix").expect("is there");
        assert!(rows.iter().all(|r| r.cells.len() + 1 == head.len() && r.cells[at - 1].ends_with('%')), "{rows:?}");
        assert_eq!(head.last().map(|h| h.0), Some("Steady"));
    }

    #[test]
    fn a_text_says_the_sentence_every_load_and_where_it_comes_from() {
        let mut s = Scenario::default();
        (s.run.requests, s.run.replications, s.run.load.points) = (100, 2, 2);
        let answer = LoadCurve::run(&resolve(&s, &Catalog::builtin()).expect("is sound"), Fidelity::Settled);
        let stamp = Stamp { title: "t".into(), source: "simulator 1".into(), link: "https://x/#1".into() };
        let text = markdown(&answer, Statistic::P99, &stamp);
        assert!(text.starts_with(&answer.verdict.sentence) && text.contains("| **40.0** |"), "{text}");
        assert!(text.contains("[simulator 1](https://x/#1)"));
        assert_eq!(text.lines().filter(|l| l.starts_with('|')).count(), 5);
    }
}
