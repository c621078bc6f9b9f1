//! The Live tab: which runs, time and what can be done with it, the clusters, the lanes, and a request closely.

use super::lanes::SHOWN_MAX;
use super::reels::Reels;
use super::{Live, controls, list, screens, trace, words};
use crate::chart::Palette;
use crate::details;
use crate::export::{self, Item, Menu};
use crate::form::segments;
use crate::pool::Stage;
use leptos::prelude::*;
use playground_core::study::compare::Side;
use playground_interop::chrome;

/// Everything of the Live tab.
pub(crate) fn view(live: Live, palette: Memo<Palette>) -> AnyView {
    let stage = move || live.stage.with(|s| s.as_ref().map_or("waiting", Stage::word));
    let rows = move || live.with(Reels::rows).unwrap_or(0).to_string();
    let none = Memo::new(move |_| live.reels.with(Option::is_none));
    view! {
        <div class="live" data-testid="live" data-stage=stage data-rows=rows on:keydown=move |event| controls::key(live, &event)>
            {head(live)}
            <div hidden={move || none.get()}>
                {controls::view(live, palette)}
                <p class="visually-hidden" aria-live="polite" data-testid="live-said">{move || live.said.get()}</p>
                {screens::clusters(live, palette)}
                {screens::over_time(live, palette)}
                <div class="live-closely">{list::view(live)} {trace::view(live)}</div>
            </div>
        </div>
    }
    .into_any()
}

/// What this is, and what can be said of the whole of it.
fn head(live: Live) -> AnyView {
    let title = move || {
        if live.with(|reels| reels.all().len() > 1) == Some(true) { "Runs as they go" } else { "One run as it goes" }
    };
    let cut = move || live.with(words::cut).flatten();
    let remark = move || live.compare.why_no_pairs().or_else(|| live.compare.unlike());
    view! {
        <div class="verdict-box">
            <h1>{title}</h1>
            <div class="verdict" data-testid="live-sentence">{move || sentences(live)}</div>
            <p class="finding warning" data-testid="live-cut" hidden={move || cut().is_none()}>
                <span aria-hidden="true">"! "</span> {cut}
            </p>
            <p class="finding warning" data-testid="live-remark" hidden={move || remark().is_none()}>
                <span aria-hidden="true">"! "</span> {remark}
            </p>
        </div>
        <div class="load-bar">
            {details::chooser(live.details, "live-load")}
            {which(live)}
            {instances(live)}
            {save(live)}
        </div>
    }
    .into_any()
}

/// The runs in a sentence each; of several, with whose it is.
fn sentences(live: Live) -> AnyView {
    let said = |text: String| view! { <p>{text}</p> }.into_any();
    match live.stage.get() {
        Some(Stage::Failed(why)) => return said(format!("The run could not be written down: {why}.")),
        Some(Stage::Running) => return said("Writing the first run down…".into()),
        None => return said("Waits for the answer.".into()),
        Some(Stage::Done | Stage::Stopped) => {}
    }
    let all = live.with(|reels| {
        let of = |reel| {
            let text = words::sentence(reels, reel);
            let whose = reel.side.map(|side: Side| {
                view! { <b class=format!("side-{}", side.name())>{side.name()}</b> " " <span class="side-name">{reel.name.clone()}</span> ": " }
            });
            view! { <p>{whose} {text}</p> }
        };
        let heading = (reels.all().len() > 1).then(|| view! { <p>{words::heading(reels)}</p> });
        view! { {heading} {reels.all().iter().map(of).collect_view()} }.into_any()
    });
    all.unwrap_or_else(|| said(String::new()))
}

/// Whether all sides are looked at; nothing where there is one.
fn which(live: Live) -> AnyView {
    let alone = Memo::new(move |_| live.compare.variants().is_none());
    let choices = [(true, "live-together".into(), "Side by side"), (false, "live-alone".into(), "The one in hand")];
    view! {
        <div class="looks" hidden={move || alone.get()}>{segments::view("Which runs", "live-which", choices, live.together)}</div>
    }
    .into_any()
}

/// Which instances are seen, where they are too many at once.
fn instances(live: Live) -> AnyView {
    let count = Memo::new(move |_| live.with(Reels::instances).unwrap_or(0));
    let options = move || {
        let starts = (0..count.get()).step_by(SHOWN_MAX);
        starts.map(|i| view! { <option value=i.to_string()>{format!("{} to {}", i + 1, (i + SHOWN_MAX).min(count.get()))}</option> }).collect_view()
    };
    view! {
        <div class="field" hidden={move || count.get() <= SHOWN_MAX}>
            <div class="field-head"><label for="live-instances">"Instances"</label></div>
            <select
                id="live-instances"
                data-testid="live-instances"
                prop:value={move || live.first.get().to_string()}
                on:change:target=move |e| live.first.set(e.target().value().parse().unwrap_or(0))
            >
                {options}
            </select>
        </div>
    }
    .into_any()
}

/// The menu of what can be saved, anew for other sides.
fn save(live: Live) -> AnyView {
    let sides = Memo::new(move |_| {
        live.with(|reels| reels.all().iter().map(|reel| reel.side).collect::<Vec<_>>()).unwrap_or_else(|| vec![None])
    });
    let ready = Signal::derive(move || live.stage.with(|s| *s == Some(Stage::Done)));
    let menu = move || {
        let items = sides.get().into_iter().enumerate().map(|(place, side)| item(live, place, side)).collect();
        export::menu(Menu {
            waiting: "The run is still being written down.",
            ..Menu::save("live", "the run", items, ready)
        })
    };
    view! { {menu} }.into_any()
}

fn item(live: Live, place: usize, side: Option<Side>) -> Item {
    let (id, label, what) = match side {
        None => ("chrome-trace", "Chrome trace (JSON, for Perfetto)", "run"),
        Some(Side::A) => ("chrome-trace-A", "Chrome trace of A (JSON, for Perfetto)", "run-a"),
        Some(Side::B) => ("chrome-trace-B", "Chrome trace of B (JSON, for Perfetto)", "run-b"),
        Some(Side::C) => ("chrome-trace-C", "Chrome trace of C (JSON, for Perfetto)", "run-c"),
        Some(Side::D) => ("chrome-trace-D", "Chrome trace of D (JSON, for Perfetto)", "run-d"),
    };
    Item::text(live.store, (id, label), what, "trace.json", move |stamp| {
        let title = side.map_or_else(|| stamp.title.clone(), |side| format!("{}: {}", side.name(), stamp.title));
        live.with_reel(place, |_, reel| chrome::write(&reel.film.timeline, &title))
    })
}
