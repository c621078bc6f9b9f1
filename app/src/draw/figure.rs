//! A chart on the page: heading, drawing, keyboard, caption, and the same numbers as a table.

use super::frame::{self, Frame};
use super::plot::{self, Plot};
use super::plotly::Bundle;
use crate::chart::{Chart, Curves, Figure, Options, Palette, Point};
use crate::export::{self, Item, Menu};
use crate::say;
use crate::state::{Phase, Shown, Store};
use leptos::prelude::*;
use playground_core::scenario::Load;
use std::sync::Arc;

/// Everything a figure is drawn from.
#[derive(Clone, Copy)]
struct Sources {
    store: Store,
    chart: &'static Chart,
    bundle: RwSignal<Bundle>,
    palette: Memo<Palette>,
    as_table: RwSignal<bool>,
    compact: bool,
    /// What is to be done with a load that is chosen, if anything.
    choose: Option<Callback<Load>>,
}

impl Sources {
    fn options(self, width: i32) -> Options {
        Options {
            statistic: self.store.statistic.get(),
            log_y: self.store.log_y.get(),
            compact: self.compact || width < plot::NARROW,
            palette: self.palette.get(),
        }
    }

    /// The figure; none while there is no result.
    fn figure(self, width: i32) -> Option<Figure> {
        let options = self.options(width);
        self.store.shown.with(|shown| {
            let shown = shown.as_ref()?;
            let curves = curves(shown)?;
            Some(self.chart.figure(&curves, &options))
        })
    }

    /// The points of the answer in words.
    fn points(self) -> Memo<Arc<Vec<(Point, String)>>> {
        Memo::new(move |_| {
            let statistic = self.store.statistic.get();
            let points = self.store.shown.with(|shown| {
                let answer = shown.as_ref().and_then(Shown::answer)?;
                let points = self.chart.points(answer, statistic).into_iter();
                Some(points.map(|p| (p.clone(), self.chart.announce(&p, answer, statistic))).collect())
            });
            Arc::new(points.unwrap_or_default())
        })
    }
}

/// What of an answer is drawn: the newest on top, a draft under a settled one that is not whole yet.
fn curves(shown: &Shown) -> Option<Curves<'_>> {
    let (draft, settled) = (shown.draft.as_deref(), shown.settled.as_deref());
    let main = settled.or(draft)?;
    let under = if settled.is_some() && !shown.whole { draft } else { None };
    Some(Curves { main, is_draft: settled.is_none(), under, highest: shown.highest() })
}

/// The whole `<figure>`; compact, it offers no files. `choose` gets the load of a point that is clicked.
pub(crate) fn figure_view(
    store: Store,
    chart: &'static Chart,
    bundle: RwSignal<Bundle>,
    palette: Memo<Palette>,
    compact: bool,
    choose: Option<Callback<Load>>,
) -> AnyView {
    let sources = Sources { store, chart, bundle, palette, as_table: RwSignal::new(false), compact, choose };
    let as_table = sources.as_table;
    let points = sources.points();
    let about = move || {
        let statistic = store.statistic.get();
        let unit = store.shown.with(|s| s.as_ref().and_then(Shown::answer).map(|a| chart.unit(a, statistic)));
        let unit = unit.map_or_else(String::new, |unit| format!(", {unit}"));
        Some(format!("{} {}{unit}", chart.short, statistic.name()))
    };
    let caption = move || {
        let statistic = store.statistic.get();
        store.shown.with(|s| s.as_ref().and_then(Shown::answer).map(|a| chart.describe(a, statistic)))
    };
    let (id, name) = (chart.id.to_owned(), chart.title.to_owned());
    let save = (!compact).then(|| menu(sources));
    let frame = Frame { title: chart.title, id, name, bundle, as_table, tall: false, save };
    frame::view(frame, drawing(sources, points), move || table(chart, points), about, caption)
}

/// What the figure can be saved as.
fn menu(sources: Sources) -> Menu {
    let Sources { store, chart, palette, .. } = sources;
    let what = move || format!("{} {} against load", chart.title, store.statistic.get().name());
    let mut items = Item::figure(store, chart.id, what, palette, move |(width, _)| sources.figure(width));
    let sheet = move || {
        store.shown.with(|s| s.as_ref().and_then(Shown::answer).map(|a| export::curve_sheet(a, Some(chart.slo))))
    };
    items.push(Item::csv(store, chart.id, sheet));
    let ready = Signal::derive(move || store.is_settled());
    Menu::save(chart.id, chart.title, items, ready)
}

fn drawing(sources: Sources, points: Memo<Arc<Vec<(Point, String)>>>) -> AnyView {
    let Sources { store, chart, bundle, as_table, choose, .. } = sources;
    let choose = choose.map(|choose| {
        Callback::new(move |n: usize| {
            if let Some(load) = points.with_untracked(|all| all.get(n).map(|(p, _)| p.load)) {
                choose.run(load);
            }
        })
    });
    let more = if choose.is_some() { ", Enter shows one closely" } else { "" };
    let plot = Plot {
        id: chart.id.to_owned(),
        label: format!("Points of {}: arrow keys go from load to load{more}", chart.title),
        hover_trace: Figure::HOVER_TRACE,
        words: Memo::new(move |_| points.get().iter().map(|(_, words)| words.clone()).collect()),
        bundle,
        moving: Memo::new(move |_| is_moving(store)).into(),
        pictured: true,
        away: as_table,
        choose,
    };
    let follow = move || {
        store.shown.track();
        sources.options(0);
    };
    plot::view(plot, follow, move |(width, _)| sources.figure(width))
}

/// Whether the answer that is shown will soon be another one: until it is settled, if that is under way.
fn is_moving(store: Store) -> bool {
    let settled = store.shown.with(|s| s.as_ref().is_some_and(Shown::is_settled));
    let under_way = matches!(store.phase.get(), Phase::Running | Phase::Draft) && !store.work.with(|w| w.stopped);
    under_way && !settled
}

/// The points as a table.
fn table(chart: &'static Chart, points: Memo<Arc<Vec<(Point, String)>>>) -> AnyView {
    let unit = move || points.with(|all| all.first().map_or("req/s", |(p, _)| say::load_unit(p.load)));
    let row = |p: &Point| {
        let mark = if p.own { "◆ " } else { "" };
        let own = p.own.then(|| view! { <span class="visually-hidden">" (this scenario)"</span> });
        view! {
            <tr class:own=p.own>
                <th scope="row"><span aria-hidden="true">{mark}</span> {say::load_number(p.load)} {own}</th>
                <td>{say::percent_whole(p.load_frac).replace(" %", "")}</td>
                <td>{say::maybe_span(p.value_ms)}</td>
                <td>{say::span_interval(p.lo_ms, p.hi_ms).unwrap_or_else(|| say::NOTHING.into())}</td>
                <td>{say::count(p.n)}</td>
                <td>{if p.steady { "yes" } else { "no" }}</td>
            </tr>
        }
    };
    super::table(
        format!("{} as a table", chart.title),
        format!("chart-table-{}", chart.id),
        view! {
            <th scope="col">"Load " <span class="unit">{unit}</span></th>
            <th scope="col">"Load " <span class="unit">"% of cap."</span></th>
            <th scope="col">{chart.short}</th>
            <th scope="col">"Interval " <span class="unit">"95 %"</span></th>
            <th scope="col">"n"</th>
            <th scope="col">"Steady"</th>
        },
        move || points.get().iter().map(|(p, _)| row(p)).collect_view(),
    )
}
