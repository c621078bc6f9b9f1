//! Both sides in one figure on the page, with the same loads as a table.

use super::Compare;
use crate::chart::overlay::{self, Load, Overlay};
use crate::chart::{Chart, Options, Palette};
use crate::draw;
use crate::draw::frame::{self, Frame};
use crate::draw::plot::{self, Plot};
use crate::draw::plotly::Bundle;
use crate::export::{Cell, Item, Menu, Sheet};
use crate::say;
use leptos::prelude::*;
use playground_core::study::Answer;
use std::sync::Arc;

/// Highest load of either curve over both answers.
fn highest(a: &Answer, b: &Answer) -> f64 {
    let all = [a, b].into_iter().flat_map(|x| x.curve.iter().map(|c| &c.report).chain([&x.report]));
    all.map(|r| r.load.amount()).fold(0.0, f64::max)
}

/// Calls with what is drawn; none while there is nothing.
fn with<T>(compare: Compare, f: impl FnOnce(&Overlay<'_>) -> T) -> Option<T> {
    compare.run.with(|run| {
        let run = run.as_ref()?;
        let [a, b] = run.answers.as_ref()?;
        // The axis does not grow while loads come in.
        let planned = run.pair.plans.iter().flat_map(|p| p.loads()).map(|l| l.amount()).fold(highest(a, b), f64::max);
        Some(f(&Overlay { a, b, highest: planned }))
    })
}

/// The whole `<figure>`.
pub(super) fn view(
    compare: Compare,
    chart: &'static Chart,
    bundle: RwSignal<Bundle>,
    palette: Memo<Palette>,
    compact: bool,
) -> AnyView {
    let store = compare.store;
    let as_table = RwSignal::new(false);
    let loads: Memo<Arc<Vec<Load>>> = Memo::new(move |_| {
        let statistic = store.statistic.get();
        Arc::new(with(compare, |both| overlay::loads(chart, both, statistic)).unwrap_or_default())
    });
    let words = Memo::new(move |_| {
        let statistic = store.statistic.get();
        loads.get().iter().map(|l| overlay::announce(chart, l, statistic)).collect::<Vec<_>>()
    });
    let options = move |width: i32| Options {
        statistic: store.statistic.get(),
        log_y: store.log_y.get(),
        compact: compact || width < plot::NARROW,
        palette: palette.get(),
    };
    let plot = Plot {
        id: format!("compare-{}", chart.id),
        label: format!("Loads of {}, A and B: arrow keys go from load to load", chart.title),
        hover_trace: overlay::HOVER_TRACE,
        words,
        bundle,
        moving: Signal::derive(move || compare.is_running()),
        away: as_table,
        choose: None,
    };
    let follow = move || {
        compare.run.track();
        options(0);
    };
    let figure = move |(width, _): (i32, i32)| {
        let options = options(width);
        with(compare, |both| overlay::figure(chart, both, &options))
    };
    let caption = move || {
        let statistic = store.statistic.get();
        with(compare, |both| overlay::describe(chart, both, statistic))
    };
    let (id, name) = (plot.id.clone(), format!("{} of A and B", chart.title));
    let save = (!compact).then(|| {
        let what = move || format!("{} {} of A and B against load", chart.title, store.statistic.get().name());
        let mut items = Item::figure(store, &id, what, palette, figure);
        items.push(Item::csv(store, &id, move || Some(sheet(chart, &loads.get()))));
        Menu::save(&*id, &*name, items, Signal::derive(move || compare.is_whole()))
    });
    let about = move || Some(format!("{} {}", chart.short, store.statistic.get().name()));
    let frame = Frame { title: chart.title, id, name, bundle, as_table, tall: false, save };
    frame::view(frame, plot::view(plot, follow, figure), move || table(chart, loads), about, caption)
}

/// The loads as data.
fn sheet(chart: &Chart, loads: &[Load]) -> Sheet {
    let load = if loads.iter().any(|l| l.at.is_closed()) { "max_concurrency" } else { "offered_rps" };
    let columns = ["a", "b", "difference", "difference_ci95_low", "difference_ci95_high"];
    let mut head = vec![load.to_owned()];
    head.extend(columns.map(|column| format!("{}_{column}_s", chart.slo)));
    head.extend(["a_steady", "b_steady"].map(String::from));
    let row = |l: &Load| {
        let side = |p: &Option<crate::chart::Point>| p.as_ref().and_then(|p| p.value_ms);
        let d = l.difference.as_ref();
        let (lo, hi) = (d.and_then(|d| d.lo), d.and_then(|d| d.hi));
        let seconds = [side(&l.a), side(&l.b), d.map(|d| d.difference), lo, hi];
        let seconds = seconds.map(|ms| Cell::from(ms.map(|ms| ms / 1000.0)));
        let steady = [&l.a, &l.b].map(|p| Cell::from(p.as_ref().map(|p| p.steady)));
        [Cell::from(l.at.amount())].into_iter().chain(seconds).chain(steady).collect()
    };
    Sheet { head, rows: loads.iter().map(row).collect() }
}

/// The loads as a table.
fn table(chart: &'static Chart, loads: Memo<Arc<Vec<Load>>>) -> AnyView {
    let row = |l: &Load| {
        let value = |p: &Option<crate::chart::Point>| {
            let Some(p) = p else { return say::NOTHING.to_owned() };
            let open = if p.steady { "" } else { " (not steady)" };
            format!("{}{open}", say::maybe_span(p.value_ms))
        };
        let (difference, change) = l.difference.as_ref().map_or_else(
            || (say::NOTHING.to_owned(), say::NOTHING.to_owned()),
            |d| {
                let change = d.change.map_or_else(|| say::NOTHING.into(), |c| say::change_with(c.frac, c.lo, c.hi));
                (say::signed_span_with(d.difference, d.lo, d.hi), change)
            },
        );
        let mark = if l.own { "◆ " } else { "" };
        let own = l.own.then(|| view! { <span class="visually-hidden">" (the load of this comparison)"</span> });
        view! {
            <tr class:own=l.own>
                <th scope="row"><span aria-hidden="true">{mark}</span> {say::load_number(l.at)} {own}</th>
                <td>{value(&l.a)}</td>
                <td>{value(&l.b)}</td>
                <td>{difference}</td>
                <td>{change}</td>
            </tr>
        }
    };
    let unit = move || loads.with(|all| all.first().map(|l| say::load_unit(l.at)));
    draw::table(
        format!("{} of A and B as a table", chart.title),
        format!("chart-table-compare-{}", chart.id),
        view! {
            <th scope="col">"Load " <span class="unit">{unit}</span></th>
            <th scope="col">"A"</th>
            <th scope="col">"B"</th>
            <th scope="col">"B − A " <span class="unit">"95 % interval"</span></th>
            <th scope="col">"Change"</th>
        },
        move || loads.get().iter().map(row).collect_view(),
    )
}
