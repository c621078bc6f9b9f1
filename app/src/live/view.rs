//! The Live tab: what can be done with time, the cluster, the lanes, the whole run at a glance, and a request closely.

use super::lanes::{self, SHOWN_MAX, Sight};
use super::{Live, clock, list, picture, trace, words};
use crate::browser;
use crate::chart::Palette;
use crate::details;
use crate::export::{self, Item, Menu};
use crate::form::segments;
use crate::pool::Stage;
use crate::say;
use leptos::ev;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use playground_interop::chrome;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent, PointerEvent};

/// Height of the whole run at a glance, px.
const GLANCE: f64 = 40.0;
/// What an arrow key moves by, of what is seen; and with Shift.
const STEP_FRAC: f64 = 0.02;
const STRIDE_FRAC: f64 = 0.2;
/// What a step of zoom is.
const ZOOM: f64 = 1.5;
/// How fast time may pass.
const SPEEDS: [(f64, &str, &str); 4] = [
    (0.1, "live-speed-0.1", "×0.1"),
    (1.0, "live-speed-1", "×1"),
    (10.0, "live-speed-10", "×10"),
    (100.0, "live-speed-100", "×100"),
];

/// Everything of the Live tab.
pub(crate) fn view(live: Live, palette: Memo<Palette>) -> AnyView {
    let stage = move || live.stage.with(|s| s.as_ref().map_or("waiting", Stage::word));
    let rows = move || live.with(|film| film.timeline.rows()).unwrap_or(0).to_string();
    let none = Memo::new(move |_| live.film.with(Option::is_none));
    view! {
        <div class="live" data-testid="live" data-stage=stage data-rows=rows on:keydown=move |event| key(live, &event)>
            {head(live)}
            <div hidden={move || none.get()}>
                {controls(live)}
                <p class="visually-hidden" aria-live="polite" data-testid="live-said">{move || live.said.get()}</p>
                {cluster(live, palette)}
                {over_time(live, palette)}
                <div class="live-closely">{list::view(live)} {trace::view(live)}</div>
            </div>
        </div>
    }
    .into_any()
}

/// What this is, and what can be said of the whole run.
fn head(live: Live) -> AnyView {
    let sentence = move || match live.stage.get() {
        Some(Stage::Failed(why)) => format!("The run could not be written down: {why}."),
        Some(Stage::Done | Stage::Stopped) => {
            let load = live.details.load().map(say::load);
            live.with(|film| words::sentence(film, load)).unwrap_or_default()
        }
        Some(Stage::Running) => "Writing the first run down…".into(),
        None => "Waits for the answer.".into(),
    };
    let cut = move || live.with(words::cut).flatten();
    view! {
        <div class="verdict-box">
            <h1>"One run as it goes"</h1>
            <p class="verdict" data-testid="live-sentence">{sentence}</p>
            <p class="finding warning" data-testid="live-cut" hidden={move || cut().is_none()}>
                <span aria-hidden="true">"! "</span> {cut}
            </p>
        </div>
        <div class="load-bar">
            {details::chooser(live.details, "live-load")}
            {instances(live)}
            {save(live)}
        </div>
    }
    .into_any()
}

/// Which instances are seen, where they are too many at once.
fn instances(live: Live) -> AnyView {
    let count = Memo::new(move |_| live.with(|film| film.engines.len()).unwrap_or(0));
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

fn save(live: Live) -> AnyView {
    let item = Item::text(
        live.store,
        ("chrome-trace", "Chrome trace (JSON, for Perfetto)"),
        "run",
        "trace.json",
        move |stamp| live.with(|film| chrome::write(&film.timeline, &stamp.title)),
    );
    let ready = Signal::derive(move || live.stage.with(|s| *s == Some(Stage::Done)));
    export::menu(Menu {
        waiting: "The run is still being written down.",
        ..Menu::save("live", "the run", vec![item], ready)
    })
}

/// Time, and what can be done with it.
fn controls(live: Live) -> AnyView {
    let button = |id: &'static str, label: &'static str, name: &'static str, act: fn(Live)| {
        view! {
            <button type="button" class="quiet" data-testid=id aria-label=name title=name on:click=move |_| act(live)>{label}</button>
        }
    };
    let no_miss = Memo::new(move |_| live.with(|film| film.misses.is_empty()).unwrap_or(true));
    view! {
        <div class="live-controls" role="group" aria-label="Time">
            <button type="button" class="primary" data-testid="live-play" on:click=move |_| live.toggle()>
                {move || if live.playing.get() { "Pause" } else { "Play" }}
            </button>
            {segments::view("Simulated time in a second", "live-speed", SPEEDS.map(|(v, id, label)| (v, id.into(), label)), live.speed)}
            <output class="live-moment" data-testid="live-moment">{move || words::moment(live.at.get())}</output>
            <button
                type="button"
                class="quiet"
                data-testid="live-first-miss"
                disabled={move || no_miss.get()}
                on:click=move |_| live.first_miss()
            >
                "First missed target"
            </button>
            <span class="live-steps">
                {button("live-event-back", "‹", "The event before", |live| live.event(false))}
                {button("live-event", "›", "The next event", |live| live.event(true))}
                {button("live-zoom-in", "+", "See less time, larger", |live| live.zoom(1.0 / ZOOM))}
                {button("live-zoom-out", "−", "See more time", |live| live.zoom(ZOOM))}
                {button("live-zoom-all", "All", "All of it at once", |live| live.zoom(f64::INFINITY))}
            </span>
        </div>
    }
    .into_any()
}

/// What keys do while the focus is in here. Buttons and lists keep theirs.
fn key(live: Live, event: &KeyboardEvent) {
    let tag = |e: &web_sys::Element| (e.tag_name().to_lowercase(), e.get_attribute("type").unwrap_or_default());
    let place = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    let (name, kind) = place.as_ref().map(tag).unwrap_or_default();
    let takes_space = matches!(name.as_str(), "button" | "summary" | "select") || (name == "input" && kind != "range");
    let takes_all = name == "select" || (name == "input" && kind != "range");
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
        return;
    }
    let length = live.window.with_untracked(|(from, to)| to - from);
    let step = length * if event.shift_key() { STRIDE_FRAC } else { STEP_FRAC };
    let by = |s: f64| live.seek(live.at.get_untracked() + s);
    match event.key().as_str() {
        " " if !takes_space => live.toggle(),
        _ if takes_all => return,
        "ArrowRight" => by(step),
        "ArrowLeft" => by(-step),
        "Home" => live.seek(0.0),
        "End" => live.seek(f64::MAX),
        "." => live.event(true),
        "," => live.event(false),
        "j" => live.miss(true),
        "k" => live.miss(false),
        "+" | "=" => live.zoom(1.0 / ZOOM),
        "-" => live.zoom(ZOOM),
        "0" => live.zoom(f64::INFINITY),
        _ => return,
    }
    event.prevent_default();
}

/// Follows the width of an element, px.
fn width_of(place: NodeRef<Div>) -> RwSignal<f64> {
    let width = RwSignal::new(0.0);
    place.on_load(move |element| {
        let element: HtmlElement = element.unchecked_into();
        browser::on_resize(&element, move |(wide, _)| width.set(f64::from(wide)));
    });
    width
}

/// Where a pointer is on the canvas that it is over, px.
fn place_of(event: &PointerEvent) -> (f64, f64) {
    (f64::from(event.offset_x()), f64::from(event.offset_y()))
}

/// The cluster.
fn cluster(live: Live, palette: Memo<Palette>) -> AnyView {
    let (frame, canvas) = (NodeRef::<Div>::new(), NodeRef::<Canvas>::new());
    let width = width_of(frame);
    let dots = StoredValue::new(Vec::new());
    Effect::new(move |_| {
        let (t, leg, wide, first) = (live.at.get(), clock::leg(live), width.get(), live.first.get());
        let (picked, palette) = (live.picked.get(), palette.get());
        let Some(canvas) = canvas.get() else { return };
        if let Some(drawn) = live.with(|film| picture::draw(&canvas, (wide, first), film, (t, leg), picked, &palette)) {
            dots.set_value(drawn);
        }
    });
    let press = move |event: ev::PointerEvent| {
        let (x, y) = place_of(&event);
        if let Some(request) = dots.with_value(|dots| picture::at(dots, x, y)) {
            live.picked.set(Some(request));
        }
    };
    view! {
        <figure class="chart live-figure" aria-labelledby="live-cluster-title">
            <div class="chart-head"><h2 id="live-cluster-title">"The cluster " <span class="muted">"every request a dot"</span></h2></div>
            <div class="live-canvas" node_ref=frame on:pointerdown=press>
                <canvas role="img" aria-label="Requests at the router and in the instances, at this moment" data-testid="live-cluster" node_ref=canvas></canvas>
            </div>
            <figcaption class="live-legend">
                <span><span class="mark live-waits" aria-hidden="true"></span> "waits"</span>
                <span><span class="mark live-prefill" aria-hidden="true"></span> "its prompt is computed"</span>
                <span><span class="mark live-decode" aria-hidden="true"></span> "decodes"</span>
                <span><span class="mark live-missed" aria-hidden="true"></span> "has missed a target"</span>
                <span class="muted">"Press a dot to follow its request."</span>
            </figcaption>
        </figure>
    }
    .into_any()
}

/// The lanes, and the run at a glance.
fn over_time(live: Live, palette: Memo<Palette>) -> AnyView {
    let (frame, canvas, glance) = (NodeRef::<Div>::new(), NodeRef::<Canvas>::new(), NodeRef::<Canvas>::new());
    let width = width_of(frame);
    Effect::new(move |_| {
        let ((from, to), wide, first) = (live.window.get(), width.get(), live.first.get());
        let palette = palette.get();
        let Some(canvas) = canvas.get() else { return };
        live.with(|film| lanes::draw(&canvas, wide, film, Sight { from, to, first }, &palette));
    });
    Effect::new(move |_| {
        let (wide, palette) = (width.get(), palette.get());
        let Some(canvas) = glance.get() else { return };
        live.with(|film| lanes::draw_glance(&canvas, (wide, GLANCE), film, &palette));
    });
    let until = Memo::new(move |_| live.with(|film| film.until).unwrap_or(0.0));
    let percent = |part: f64| format!("{:.3}%", part * 100.0);
    let head = move || {
        let (from, to) = live.window.get();
        format!("left: {}", percent(((live.at.get() - from) / (to - from)).clamp(0.0, 1.0)))
    };
    let seen = move || {
        let ((from, to), until) = (live.window.get(), until.get().max(f64::MIN_POSITIVE));
        format!("left: {}; width: {}", percent(from / until), percent(((to - from) / until).min(1.0)))
    };
    let press = move |event: ev::PointerEvent| {
        if event.buttons() & 1 == 1 {
            let (from, to) = live.window.get_untracked();
            live.seek(from + (to - from) * place_of(&event).0 / width.get_untracked().max(1.0));
        }
    };
    let glide = move |event: ev::PointerEvent| {
        if event.buttons() & 1 == 1 {
            live.seek(until.get_untracked() * place_of(&event).0 / width.get_untracked().max(1.0));
        }
    };
    view! {
        <figure class="chart live-figure" aria-labelledby="live-lanes-title">
            <div class="chart-head"><h2 id="live-lanes-title">"Over time " <span class="muted">"each pixel the most of its time"</span></h2></div>
            <div class="live-canvas" node_ref=frame on:pointerdown=press on:pointermove=press>
                <canvas role="img" aria-label="Queue, batch and KV cache of every instance over time" data-testid="live-lanes" node_ref=canvas></canvas>
                <div class="live-head" style=head aria-hidden="true"></div>
            </div>
            <div class="live-canvas live-glance" on:pointerdown=glide on:pointermove=glide>
                <canvas role="img" aria-label="Requests in the fleet over the whole run" data-testid="live-glance" node_ref=glance></canvas>
                <div class="live-seen" style=seen aria-hidden="true"></div>
            </div>
            {scrubber(live, until)}
            {legend(live)}
        </figure>
    }
    .into_any()
}

/// The moment as a slider.
fn scrubber(live: Live, until: Memo<f64>) -> AnyView {
    view! {
        <input
            type="range"
            class="live-scrubber"
            data-testid="live-scrubber"
            aria-label="Moment of the run"
            aria-valuetext={move || words::moment(live.at.get())}
            min="0"
            step="any"
            prop:max={move || until.get().to_string()}
            prop:value={move || live.at.get().to_string()}
            on:input:target=move |e| if let Ok(t) = e.target().value().parse() { live.seek(t) }
        />
    }
    .into_any()
}

/// What the lanes mean.
fn legend(live: Live) -> AnyView {
    let apart = Memo::new(move |_| live.with(|film| film.timeline.about.apart).unwrap_or(false));
    view! {
        <figcaption class="live-legend">
            <span><span class="mark live-bar miss" aria-hidden="true"></span> "top edge: a target is missed; in the batch: a request loses its blocks"</span>
            <span><span class="mark live-bar queue" aria-hidden="true"></span> "queue"</span>
            <span><span class="mark live-bar prefill" aria-hidden="true"></span> "batch, prompts computed"</span>
            <span><span class="mark live-bar decode" aria-hidden="true"></span> "batch, decoding"</span>
            <span><span class="mark live-bar kv" aria-hidden="true"></span> "KV cache in use; striped: the share of prompts found in it"</span>
            {move || apart.get().then(|| view! { <span><span class="mark live-bar prefill" aria-hidden="true"></span> "last lane: transfers under way"</span> })}
            <span class="muted">
                "Space plays; arrows move, with Shift farther; . and , go from event to event, j and k from missed target to missed target; + − 0 zoom."
            </span>
        </figcaption>
    }
    .into_any()
}
