//! A load in numbers: every latency at every statistic, and every class with its targets.

use super::Details;
use crate::draw;
use crate::export::{self, Item, Menu};
use crate::say;
use leptos::prelude::*;
use playground_core::report::{ClassDetail, ClassReport, End, Report, Statistic, Summary};

/// A table for reading.
#[derive(Clone, Debug, Default, PartialEq)]
struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// Latencies of all classes together: statistics with their intervals.
fn latencies(report: &Report) -> Table {
    let m = &report.total.metrics;
    let row = |(name, summary): (&str, &Summary)| {
        let value = |statistic| {
            let (value, lo, hi) = summary.get(statistic);
            let interval = say::span_interval(lo, hi).map_or_else(String::new, |i| format!(" ({i})"));
            format!("{}{interval}", say::maybe_span(value))
        };
        let cells = Statistic::ALL.map(value);
        [name.to_owned()].into_iter().chain(cells).chain([say::count(summary.n)]).collect()
    };
    let rows = [("TTFT", &m.ttft_ms), ("ITL", &m.itl_ms), ("TPOT", &m.tpot_ms), ("E2E", &m.e2e_ms)];
    let head = ["Latency"].into_iter().chain(Statistic::ALL.map(Statistic::name)).chain(["n"]);
    Table { head: head.map(String::from).collect(), rows: rows.map(row).into() }
}

/// One target of a class.
#[derive(Clone, Debug, PartialEq)]
struct Target {
    class: String,
    /// As in "TTFT p99 ≤ 1 s".
    asked: String,
    /// What was found at that percentile, with its interval.
    found: String,
    /// Share that keeps the target; none in a draft.
    kept: Option<f64>,
    /// Whether it is met; none where nothing was measured.
    meets: Option<bool>,
}

fn targets(report: &Report) -> Vec<Target> {
    let details = report.detail.as_ref().map(|d| &d.classes);
    let of_class = |(i, class): (usize, &ClassReport)| {
        let kept: Vec<Option<f64>> =
            details.and_then(|all| all.get(i)).map(|d: &ClassDetail| d.kept_frac.clone()).unwrap_or_default();
        let one = |(j, slo): (usize, &playground_core::report::SloOutcome)| {
            let interval = say::span_interval(slo.lo_ms, slo.hi_ms).map_or_else(String::new, |i| format!(" ({i})"));
            Target {
                class: class.name.clone(),
                asked: format!("{} p{} ≤ {}", slo.metric.to_uppercase(), slo.percentile, say::target(slo.target_ms)),
                found: format!("{}{interval}", say::maybe_span(slo.value_ms)),
                kept: kept.get(j).copied().flatten(),
                meets: slo.value_ms.map(|_| slo.meets),
            }
        };
        class.slo.iter().enumerate().map(one).collect::<Vec<_>>()
    };
    report.classes.iter().enumerate().flat_map(of_class).collect()
}

/// Every class: load, goodput, ends, and what the mean time to first token is made of.
fn classes(report: &Report) -> Table {
    let head = [
        "Class",
        "Offered",
        "Served",
        "Goodput",
        "Front end",
        "Queue",
        "Prefill",
        "Transfer",
        "TTFT mean",
        "Not served",
        "n",
    ];
    let details = report.detail.as_ref();
    let row = |(class, detail): (&ClassReport, Option<&ClassDetail>)| {
        let nothing = || say::NOTHING.to_owned();
        let parts = detail.and_then(|d| d.ttft);
        let part = |i: usize| parts.map_or_else(nothing, |p| say::span(p.named()[i].1));
        let all: u64 = class.ends.values().sum();
        let done = class.ends.get(End::Done.name()).copied().unwrap_or(0);
        vec![
            class.name.clone(),
            say::rate(class.offered_rps),
            say::rate(class.served_rps),
            class.goodput_frac.map_or_else(nothing, say::percent),
            part(0),
            part(1),
            part(2),
            part(3),
            say::maybe_span(class.metrics.ttft_ms.mean),
            if report.run.followed_to_end { say::count(all - done) } else { nothing() },
            say::count(all),
        ]
    };
    let each = report.classes.iter().enumerate().map(|(i, c)| (c, details.and_then(|d| d.classes.get(i))));
    // The total of one class is that class.
    let total = (report.classes.len() > 1).then(|| (&report.total, details.map(|d| &d.total)));
    Table { head: head.map(String::from).into(), rows: each.chain(total).map(row).collect() }
}

/// The tables of the load that is looked at.
pub(super) fn view(details: Details) -> AnyView {
    let of = move |make: fn(&Report) -> Table| Memo::new(move |_| details.with(|r, _| make(r)).unwrap_or_default());
    let all = Memo::new(move |_| details.with(|r, _| targets(r)).unwrap_or_default());
    view! {
        {table(details, ("latencies", "Latencies of all requests", "brackets: 95 % intervals over repetitions"), of(latencies))}
        {attainment(all)}
        {table(details, ("parts", "Classes, and what the mean time to first token is made of", ""), of(classes))}
    }
    .into_any()
}

fn table(
    details: Details,
    (id, title, note): (&'static str, &'static str, &'static str),
    table: Memo<Table>,
) -> AnyView {
    let head = move || {
        let cells = table.with(|t| t.head.clone()).into_iter();
        cells.map(|name| view! { <th scope="col">{name}</th> }).collect_view()
    };
    let row = |cells: Vec<String>| {
        let mut cells = cells.into_iter();
        let name = cells.next();
        view! { <tr><th scope="row">{name}</th>{cells.map(|c| view! { <td>{c}</td> }).collect_view()}</tr> }
    };
    let store = details.store;
    let markdown = Item::text(store, ("md", "Markdown table"), id, "md", move |stamp| {
        let about = details.with(|r, _| say::load(r.load)).unwrap_or_default();
        let text = table.with(|t| export::markdown(&t.head, &t.rows));
        Some(format!("{title} at {about}\n\n{text}\n{}", stamp.markdown()))
    });
    let ready = Signal::derive(move || store.is_settled());
    let menu = Menu::save(format!("details-{id}"), title, vec![markdown], ready);
    view! {
        <section class="loads wraps" aria-labelledby=format!("details-{id}-title")>
            <div class="chart-head">
                <h2 id=format!("details-{id}-title")>{title} " " <span class="muted">{note}</span></h2>
                {export::menu(menu)}
            </div>
            {draw::table(
                format!("Table: {title}"),
                format!("details-{id}"),
                head,
                move || table.with(|t| t.rows.clone()).into_iter().map(row).collect_view(),
            )}
        </section>
    }
    .into_any()
}

/// Every target of every class: what was asked, what was found, which share keeps it.
fn attainment(targets: Memo<Vec<Target>>) -> AnyView {
    let row = |t: Target| {
        let (class, sign, word) = match t.meets {
            Some(true) => ("meets", "✓ ", "meets"),
            Some(false) => ("misses", "✗ ", "misses"),
            None => ("muted", "", "not measured"),
        };
        let kept = t.kept.map_or_else(|| say::NOTHING.to_owned(), say::percent);
        let wide = format!("width: {:.1}%", t.kept.unwrap_or(0.0) * 100.0);
        view! {
            <tr>
                <th scope="row">{t.class}</th>
                <td>{t.asked}</td>
                <td>{t.found}</td>
                <td class="kept"><span class="bar" aria-hidden="true"><span class=format!("bar-{class}") style=wide></span></span> {kept}</td>
                <td class=class><span aria-hidden="true">{sign}</span> {word}</td>
            </tr>
        }
    };
    let none = Memo::new(move |_| targets.with(Vec::is_empty));
    view! {
        <section class="loads" aria-labelledby="details-targets-title" hidden={move || none.get()}>
            <h2 id="details-targets-title">"Targets of every class"</h2>
            {draw::table(
                "Table: targets of every class",
                "details-targets",
                view! {
                    <th scope="col">"Class"</th>
                    <th scope="col">"Target"</th>
                    <th scope="col">"Found " <span class="unit">"95 % interval"</span></th>
                    <th scope="col">"Within it"</th>
                    <th scope="col">"In words"</th>
                },
                move || targets.get().into_iter().map(row).collect_view(),
            )}
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::catalog::Catalog;
    use playground_core::scenario::{Scenario, TrafficClass, resolve};
    use playground_core::study::{Fidelity, LoadCurve};

    fn report(fidelity: Fidelity) -> Report {
        let mut s = Scenario::default();
        (s.run.requests, s.run.replications, s.run.load.points) = (400, 2, 2);
        s.workload.classes[0].share = 0.5;
        let mut strict = TrafficClass { name: "strict".into(), share: 0.5, ..TrafficClass::default() };
        (strict.slo.ttft_ms, strict.slo.itl_ms, strict.slo.e2e_ms) = (Some(1.0), None, Some(60_000.0));
        s.workload.classes.push(strict);
        LoadCurve::run(&resolve(&s, &Catalog::builtin()).expect("is sound"), fidelity).report
    }

    #[test]
    fn every_row_fills_its_columns() {
        for fidelity in [Fidelity::Settled, Fidelity::Draft] {
            let report = report(fidelity);
            for table in [latencies(&report), classes(&report)] {
                assert!(table.rows.iter().all(|r| r.len() == table.head.len()), "{table:?}");
                assert!(table.rows.iter().flatten().all(|c| !c.is_empty()));
            }
            assert_eq!(classes(&report).rows.len(), 3, "both classes and all");
        }
    }

    #[test]
    fn a_target_says_which_share_keeps_it() {
        let all = targets(&report(Fidelity::Settled));
        assert_eq!(all.len(), 4);
        assert_eq!((all[2].asked.as_str(), all[2].kept, all[2].meets), ("TTFT p99 ≤ 1 ms", Some(0.0), Some(false)));
        assert_eq!((all[3].asked.as_str(), all[3].kept, all[3].meets), ("E2E p99 ≤ 60 s", Some(1.0), Some(true)));
        assert!(targets(&report(Fidelity::Draft)).iter().all(|t| t.kept.is_none()));
    }
}
