//! What can be done with time, by buttons, by keys, and on the whole of it at a glance. There is one time, however many runs
//! are looked at.

use super::reels::Reels;
use super::screens::{percent, place_of, width_of};
use super::{Live, lanes, words};
use crate::chart::Palette;
use crate::form::segments;
use leptos::ev;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

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

/// The controls, and below them the whole of it.
pub(super) fn view(live: Live, palette: Memo<Palette>) -> AnyView {
    let clock = live.clock;
    let button = |id: &'static str, label: &'static str, name: &'static str, act: fn(Live)| {
        view! {
            <button type="button" class="quiet" data-testid=id aria-label=name title=name on:click=move |_| act(live)>{label}</button>
        }
    };
    view! {
        <div class="live-controls" role="group" aria-label="Time">
            <button type="button" class="primary" data-testid="live-play" on:click=move |_| clock.toggle()>
                {move || if clock.playing.get() { "Pause" } else { "Play" }}
            </button>
            {segments::view("Simulated time in a second", "live-speed", SPEEDS.map(|(v, id, label)| (v, id.into(), label)), clock.speed)}
            <output class="live-moment" data-testid="live-moment">{move || words::moment(clock.at.get())}</output>
            <span class="live-steps">
                {button("live-event-back", "‹", "The event before", |live| live.event(false))}
                {button("live-event", "›", "The next event", |live| live.event(true))}
                {button("live-zoom-in", "+", "See less time, larger", |live| live.clock.zoom(1.0 / ZOOM))}
                {button("live-zoom-out", "−", "See more time", |live| live.clock.zoom(ZOOM))}
                {button("live-zoom-all", "All", "All of it at once", |live| live.clock.zoom(f64::INFINITY))}
            </span>
            {jumps(live)}
        </div>
        {whole(live, palette)}
    }
    .into_any()
}

/// Moments worth a look, on whichever side they come first.
fn jumps(live: Live) -> AnyView {
    let jump = |id: &'static str, label: &'static str, has: fn(&Reels) -> bool, act: fn(Live)| {
        let none = Memo::new(move |_| !live.with(has).unwrap_or(false));
        view! {
            <button type="button" class="quiet" data-testid=id disabled={move || none.get()} on:click=move |_| act(live)>{label}</button>
        }
    };
    view! {
        <span class="live-steps">
            {jump("live-first-miss", "First missed target", |reels| reels.first_miss().is_some(), Live::first_miss)}
            {jump("live-longest-queue", "Longest queue", |reels| reels.longest_queue().is_some(), Live::longest_queue)}
            {jump("live-first-preempted", "First preemption", |reels| reels.first_preempted().is_some(), Live::first_preempted)}
        </span>
    }
    .into_any()
}

/// All of it at a glance, and the moment as a slider.
fn whole(live: Live, palette: Memo<Palette>) -> AnyView {
    let clock = live.clock;
    let (frame, canvas) = (NodeRef::<Div>::new(), NodeRef::<Canvas>::new());
    let width = width_of(frame);
    Effect::new(move |_| {
        let (wide, palette) = (width.get(), palette.get());
        let Some(canvas) = canvas.get() else { return };
        live.with(|reels| lanes::draw_glance(&canvas, wide, reels, &palette));
    });
    let until = move || clock.until.get().unwrap_or(0.0);
    let seen = move || {
        let ((from, to), until) = (clock.window.get(), until().max(f64::MIN_POSITIVE));
        format!("left: {}; width: {}", percent(from / until), percent(((to - from) / until).min(1.0)))
    };
    let glide = move |event: ev::PointerEvent| {
        if event.buttons() & 1 == 1 {
            clock.seek(untrack(until) * place_of(&event).0 / width.get_untracked().max(1.0));
        }
    };
    view! {
        <div class="live-canvas live-glance" node_ref=frame on:pointerdown=glide on:pointermove=glide>
            <canvas role="img" aria-label="Requests in the fleet over the whole run" data-testid="live-glance" node_ref=canvas></canvas>
            <div class="live-seen" style=seen aria-hidden="true"></div>
        </div>
        <input
            type="range"
            class="live-scrubber"
            data-testid="live-scrubber"
            aria-label="Moment of the run"
            aria-valuetext={move || words::moment(clock.at.get())}
            min="0"
            step="any"
            prop:max={move || until().to_string()}
            prop:value={move || clock.at.get().to_string()}
            on:input:target=move |e| if let Ok(t) = e.target().value().parse() { clock.seek(t) }
        />
    }
    .into_any()
}

/// What keys do while the focus is in here. Buttons and lists keep theirs.
pub(super) fn key(live: Live, event: &KeyboardEvent) {
    let tag = |e: &web_sys::Element| (e.tag_name().to_lowercase(), e.get_attribute("type").unwrap_or_default());
    let place = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    let (name, kind) = place.as_ref().map(tag).unwrap_or_default();
    let takes_space = matches!(name.as_str(), "button" | "summary" | "select") || (name == "input" && kind != "range");
    let takes_all = name == "select" || (name == "input" && kind != "range");
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
        return;
    }
    let clock = live.clock;
    let length = clock.window.with_untracked(|(from, to)| to - from);
    let step = length * if event.shift_key() { STRIDE_FRAC } else { STEP_FRAC };
    match event.key().as_str() {
        " " if !takes_space => clock.toggle(),
        _ if takes_all => return,
        "ArrowRight" => clock.step(step),
        "ArrowLeft" => clock.step(-step),
        "Home" => clock.seek(0.0),
        "End" => clock.seek(f64::MAX),
        "." => live.event(true),
        "," => live.event(false),
        "j" => live.miss(true),
        "k" => live.miss(false),
        "+" | "=" => clock.zoom(1.0 / ZOOM),
        "-" => clock.zoom(ZOOM),
        "0" => clock.zoom(f64::INFINITY),
        _ => return,
    }
    event.prevent_default();
}
