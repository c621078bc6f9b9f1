//! The figures of a load: over time, as a distribution, and what the first token waited for.

use super::Details;
use crate::chart::cdf::{self, Latency};
use crate::chart::parts::{self, Split};
use crate::chart::time::{self, Span};
use crate::chart::{Figure, Palette};
use crate::draw;
use crate::draw::frame::{self, Frame};
use crate::draw::plot::{self, Plot};
use crate::draw::plotly::Bundle;
use crate::export::{Cell, Item, Menu, Sheet};
use crate::form::segments;
use crate::say;
use crate::state::Shown;
use leptos::prelude::*;
use playground_core::report::{Report, SHARES};
use playground_core::study::Answer;

/// What every figure here needs.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) details: Details,
    pub(super) bundle: RwSignal<Bundle>,
    pub(super) palette: Memo<Palette>,
}

/// One of the figures.
struct Of {
    id: &'static str,
    title: &'static str,
    tall: bool,
    hover_trace: u32,
    /// What the arrow keys go over.
    stops: &'static str,
}

/// Puts a figure of the report into its frame.
fn framed(
    place: Place,
    of: Of,
    draw: impl Fn(&Report, &Answer, i32, &Palette) -> Figure + Copy + Send + Sync + 'static,
    words: Memo<Vec<String>>,
    sheet: impl Fn() -> Option<Sheet> + Copy + Send + Sync + 'static,
    caption: impl Fn() -> Option<String> + Send + Sync + 'static,
) -> AnyView {
    let Place { details, bundle, palette } = place;
    let Of { id, title, tall, hover_trace, stops } = of;
    let as_table = RwSignal::new(false);
    let figure = move |(width, _): (i32, i32)| {
        let palette = palette.get();
        details.with(|report, answer| draw(report, answer, width, &palette))
    };
    let follow = move || {
        details.store.shown.track();
        details.store.tab.track();
        details.chosen.track();
        palette.track();
        // Whatever else the figure depends on is read by making it.
        let _ = figure((plot::NARROW, 0));
    };
    let label = format!("{title}: arrow keys go from {stops} to {stops}");
    let plot = Plot {
        id: id.into(),
        label,
        hover_trace,
        words,
        bundle,
        moving: Signal::stored(false),
        pictured: false,
        away: as_table,
        choose: None,
    };
    let store = details.store;
    let load = move || details.with(|r, _| say::load(r.load));
    let what = move || format!("{title} at {}", load().unwrap_or_default());
    let mut items = Item::figure(store, id, what, palette, figure);
    items.push(Item::csv(store, id, sheet));
    let ready = Signal::derive(move || store.is_settled());
    let save = Some(Menu::save(id, title, items, ready));
    let frame = Frame { title, id: id.into(), name: title.into(), bundle, as_table, tall, save };
    let about = move || load().map(|l| format!("at {l}"));
    frame::view(frame, plot::view(plot, follow, figure), move || data(id, title, sheet), about, caption)
}

/// What a figure is drawn from, as a table.
fn data(
    id: &'static str,
    title: &'static str,
    sheet: impl Fn() -> Option<Sheet> + Copy + Send + Sync + 'static,
) -> AnyView {
    let text = |cell: Cell| match cell {
        Cell::Text(text) if text == "true" => "yes".into(),
        Cell::Text(text) if text == "false" => "no".into(),
        Cell::Text(text) => text,
        Cell::Number(value) => say::number(value),
        Cell::Nothing => say::NOTHING.into(),
    };
    let head = move || {
        let names = sheet().map(|s| s.head).unwrap_or_default().into_iter();
        names.map(|name| view! { <th scope="col">{name.replace('_', " ")}</th> }).collect_view()
    };
    let row = move |cells: Vec<Cell>| {
        let mut cells = cells.into_iter().map(text);
        let name = cells.next();
        view! { <tr><th scope="row">{name}</th>{cells.map(|c| view! { <td>{c}</td> }).collect_view()}</tr> }
    };
    draw::table(format!("{title} as a table"), format!("chart-table-{id}"), head, move || {
        sheet().map(|s| s.rows).unwrap_or_default().into_iter().map(row).collect_view()
    })
}

/// Queue, batch and KV cache over time.
pub(super) fn over_time(place: Place) -> AnyView {
    let details = place.details;
    let of = Of { id: "time", title: "Over time", tall: true, hover_trace: time::HOVER_TRACE, stops: "span" };
    let words = Memo::new(move |_| {
        details.with(|r, _| time::spans(r).iter().map(time::announce).collect()).unwrap_or_default()
    });
    let draw = |report: &Report, _: &Answer, width: i32, palette: &Palette| {
        time::figure(report, palette, width < plot::NARROW)
    };
    let sheet = move || details.with(|r, _| spans(&time::spans(r)));
    framed(place, of, draw, words, sheet, move || details.with(|r, _| time::describe(r)))
}

fn spans(all: &[Span]) -> Sheet {
    let head = [
        "until_s",
        "warmup",
        "arrived_rps",
        "ended_rps",
        "waiting",
        "waiting_fullest_instance",
        "running",
        "running_fullest_instance",
        "kv_blocks_used_share",
        "kv_blocks_used_share_fullest_instance",
    ];
    let row = |s: &Span| {
        let first = [s.end_s.into(), s.is_warmup.into(), s.arrived_rps.into(), s.ended_rps.into()];
        let rest = s.values.iter().flat_map(|(all, most)| [Cell::from(*all), Cell::from(*most)]);
        first.into_iter().chain(rest).collect()
    };
    Sheet { head: head.map(String::from).into(), rows: all.iter().map(row).collect() }
}

/// The distribution of one latency, which the control above it chooses.
pub(super) fn distribution(place: Place) -> AnyView {
    let details = place.details;
    let latency = RwSignal::new(Latency::Ttft);
    let of = Of { id: "cdf", title: "Distribution", tall: false, hover_trace: cdf::HOVER_TRACE, stops: "share" };
    let words = Memo::new(move |_| {
        let latency = latency.get();
        let all = details.with(|r, _| cdf::curves(r, latency)).unwrap_or_default();
        if all.is_empty() { Vec::new() } else { (0..SHARES.len()).map(|i| cdf::announce(&all, latency, i)).collect() }
    });
    let draw =
        move |report: &Report, _: &Answer, _: i32, palette: &Palette| cdf::figure(report, latency.get(), palette);
    let sheet = move || details.with(|r, _| shares(r));
    let caption = move || details.with(|r, _| cdf::describe(r, latency.get()));
    let choice = |one: Latency| (one, format!("latency-{}", one.name().to_lowercase()), one.name());
    let choices = Latency::ALL.map(choice);
    view! {
        <div class="with-choice">
            {segments::view("Latency of the distribution", "details-latency", choices, latency)}
            {framed(place, of, draw, words, sheet, caption)}
        </div>
    }
    .into_any()
}

/// Every distribution of every class.
fn shares(report: &Report) -> Sheet {
    let all: Vec<(String, cdf::Curve)> = Latency::ALL
        .into_iter()
        .flat_map(|l| cdf::curves(report, l).into_iter().map(move |c| (l.name().to_lowercase(), c)))
        .collect();
    let head = ["share".to_owned()].into_iter().chain(all.iter().map(|(l, c)| format!("{l}_s_{}", c.name))).collect();
    let row = |(i, share): (usize, f64)| {
        let values = all.iter().map(|(_, c)| Cell::Number(c.values_ms[i] / 1000.0));
        [Cell::Number(share)].into_iter().chain(values).collect()
    };
    // Where nothing was measured there are no shares of it.
    let rows = if all.is_empty() { Vec::new() } else { SHARES.into_iter().enumerate().map(row).collect() };
    Sheet { head, rows }
}

/// What the mean time to first token is made of, at every load.
pub(super) fn first_token(place: Place) -> AnyView {
    let details = place.details;
    let of = Of {
        id: "ttft-parts",
        title: "What the first token waits for",
        tall: false,
        hover_trace: parts::HOVER_TRACE,
        stops: "load",
    };
    let words = Memo::new(move |_| {
        details.with(|_, a| parts::splits(a).iter().map(parts::announce).collect()).unwrap_or_default()
    });
    let draw = move |_: &Report, answer: &Answer, width: i32, palette: &Palette| {
        let highest = details.store.shown.with(|s| s.as_ref().map_or(1.0, Shown::highest));
        parts::figure(answer, highest, palette, width < plot::NARROW)
    };
    let sheet = move || details.with(|_, a| parts_sheet(&parts::splits(a)));
    framed(place, of, draw, words, sheet, move || details.with(|_, a| parts::describe(a)))
}

fn parts_sheet(all: &[Split]) -> Sheet {
    let load = if all.iter().any(|s| s.load.is_closed()) { "max_concurrency" } else { "offered_rps" };
    let head = [load, "this_scenario", "front_end_s", "queue_s", "prefill_s", "transfer_s", "ttft_mean_s"];
    let row = |s: &Split| {
        let parts = s.parts.named().map(|(_, ms)| Cell::Number(ms / 1000.0));
        let first = [Cell::Number(s.load.amount()), s.own.into()];
        first.into_iter().chain(parts).chain([Cell::Number(s.whole_ms() / 1000.0)]).collect()
    };
    Sheet { head: head.map(String::from).into(), rows: all.iter().map(row).collect() }
}
