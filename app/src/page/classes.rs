//! Each class of requests in numbers, where there are several.

use crate::draw;
use crate::say;
use crate::state::{Shown, Store};
use leptos::prelude::*;
use playground_core::report::{ClassReport, SloOutcome, Statistic};
use playground_core::study::Answer;

/// Columns; those of latencies are at the statistic of the page.
fn columns(statistic: Statistic) -> [(&'static str, &'static str); 8] {
    [
        ("Class", ""),
        ("Offered", "req/s"),
        ("TTFT", statistic.name()),
        ("ITL", statistic.name()),
        ("E2E", statistic.name()),
        ("Goodput", ""),
        ("Targets", ""),
        ("n", "req."),
    ]
}

/// One class as text.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    name: String,
    /// Offered load, TTFT, ITL, E2E, goodput.
    numbers: [String; 5],
    /// Each target: whether it is met, where anything was measured, and what was found against what was asked.
    targets: Vec<(Option<bool>, String)>,
    n: String,
}

pub(super) fn view(store: Store) -> AnyView {
    let rows = Memo::new(move |_| {
        let statistic = store.statistic.get();
        store.calm.with(|s| s.as_ref().and_then(Shown::answer).map(|a| all(a, statistic)).unwrap_or_default())
    });
    let several = Memo::new(move |_| rows.with(|r| r.len() > 1));
    let table = move || {
        let head = move || {
            let each = columns(store.statistic.get()).map(|(name, unit)| {
                let unit = (!unit.is_empty()).then(|| view! { <span class="unit">{unit}</span> });
                view! { <th scope="col">{name} " " {unit}</th> }
            });
            each.into_iter().collect_view()
        };
        view! {
            <section class="loads" aria-labelledby="classes-title">
                <h2 id="classes-title">"Every class at the scenario's own load"</h2>
                {draw::table(
                    "Table of every class",
                    "classes-table",
                    head,
                    move || rows.get().into_iter().map(row).collect_view(),
                )}
            </section>
        }
    };
    (move || several.get().then(table)).into_any()
}

fn row(r: Row) -> AnyView {
    let numbers = r.numbers.map(|text| view! { <td>{text}</td> });
    let none = r.targets.is_empty().then_some(say::NOTHING);
    let targets = r.targets.into_iter().map(|(meets, text)| {
        let (class, sign, word) = match meets {
            Some(true) => ("meets", "✓ ", "meets "),
            Some(false) => ("misses", "✗ ", "misses "),
            None => ("muted", "", "not measured: "),
        };
        view! { <p class=class><span aria-hidden="true">{sign}</span> <span class="visually-hidden">{word}</span> {text}</p> }
    });
    view! {
        <tr>
            <th scope="row">{r.name}</th>
            {numbers.into_iter().collect_view()}
            <td>{none} {targets.collect_view()}</td>
            <td>{r.n}</td>
        </tr>
    }
    .into_any()
}

fn all(answer: &Answer, statistic: Statistic) -> Vec<Row> {
    answer.report.classes.iter().map(|class| one(class, statistic)).collect()
}

fn one(class: &ClassReport, statistic: Statistic) -> Row {
    Row {
        name: class.name.clone(),
        numbers: [
            say::number(class.offered_rps),
            say::maybe_span(class.metrics.ttft_ms.get(statistic).0),
            say::maybe_span(class.metrics.itl_ms.get(statistic).0),
            say::maybe_span(class.metrics.e2e_ms.get(statistic).0),
            class.goodput_frac.map_or_else(|| say::NOTHING.into(), say::percent),
        ],
        targets: class.slo.iter().map(target).collect(),
        n: say::count(class.ends.values().sum()),
    }
}

/// A target beside what was found, as in "TTFT p99 182 ms of 1 s".
fn target(slo: &SloOutcome) -> (Option<bool>, String) {
    let metric = slo.metric.to_uppercase();
    let found = say::maybe_span(slo.value_ms);
    (slo.value_ms.map(|_| slo.meets), format!("{metric} p{} {found} of {}", slo.percentile, say::target(slo.target_ms)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::catalog::Catalog;
    use playground_core::scenario::{Scenario, TrafficClass, resolve};
    use playground_core::study::{Fidelity, LoadCurve};

    #[test]
    fn every_class_has_its_numbers_and_targets() {
        let mut s = Scenario::default();
        (s.run.requests, s.run.replications, s.run.load.points) = (200, 2, 2);
        s.workload.classes[0].share = 0.5;
        let mut strict = TrafficClass { name: "strict".into(), share: 0.5, ..TrafficClass::default() };
        (strict.slo.ttft_ms, strict.slo.itl_ms) = (Some(1.0), None);
        s.workload.classes.push(strict);
        let answer = LoadCurve::run(&resolve(&s, &Catalog::builtin()).expect("is sound"), Fidelity::Settled);
        let rows = all(&answer, Statistic::P50);
        assert_eq!(rows.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["chat", "strict"]);
        assert_eq!(rows[0].targets.len(), 2);
        let (meets, text) = &rows[1].targets[0];
        assert!(*meets == Some(false) && text.starts_with("TTFT p99 ") && text.ends_with(" of 1 ms"), "{text}");
        assert!(rows.iter().all(|r| r.numbers.iter().all(|n| n != say::NOTHING)), "{rows:?}");
    }
}
