//! The cluster and the lanes of every run that is looked at: beside each other where there is room, below each other where
//! there is none.

use super::lanes::{self, Sight};
use super::reels::Reel;
use super::{Live, picture, words};
use crate::browser;
use crate::chart::Palette;
use leptos::ev;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use playground_core::study::compare::Side;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, PointerEvent};

/// Follows the width of an element, px.
pub(super) fn width_of(place: NodeRef<Div>) -> RwSignal<f64> {
    let width = RwSignal::new(0.0);
    place.on_load(move |element| {
        let element: HtmlElement = element.unchecked_into();
        browser::on_resize(&element, move |(wide, _)| width.set(f64::from(wide)));
    });
    width
}

/// Where a pointer is on the canvas that it is over, px.
pub(super) fn place_of(event: &PointerEvent) -> (f64, f64) {
    (f64::from(event.offset_x()), f64::from(event.offset_y()))
}

/// A part of something, as styles say it.
pub(super) fn percent(part: f64) -> String {
    format!("{:.3}%", part * 100.0)
}

/// Whose run is on a screen: its place among all, its side where there are several, and what it is called.
#[derive(Clone, Debug, PartialEq)]
struct Screen {
    place: usize,
    side: Option<Side>,
    name: String,
}

impl Screen {
    /// A name in tests, of something that every screen has.
    fn id(&self, what: &str) -> String {
        self.side.map_or_else(|| what.to_owned(), |side| format!("{what}-{}", side.name()))
    }

    /// What something is called, for the ear.
    fn label(&self, what: &str) -> String {
        self.side.map_or_else(|| what.to_owned(), |side| format!("{}: {what}", side.name()))
    }
}

/// A screen for every run, below whose it is.
fn screens(live: Live, one: impl Fn(&Screen) -> AnyView + Copy + Send + 'static) -> AnyView {
    let of = |(place, reel): (usize, &Reel)| Screen { place, side: reel.side, name: reel.name.clone() };
    let all = Memo::new(move |_| {
        live.with(|reels| reels.all().iter().enumerate().map(of).collect::<Vec<_>>()).unwrap_or_default()
    });
    let screen = move |screen: &Screen| {
        view! { <div class="live-screen">{head(screen)} {one(screen)}</div> }
    };
    view! {
        <div class="live-screens" data-runs={move || all.with(Vec::len).to_string()}>
            {move || all.with(|all| all.iter().map(screen).collect_view())}
        </div>
    }
    .into_any()
}

/// Of several, whose it is.
fn head(screen: &Screen) -> Option<AnyView> {
    let side = screen.side?;
    let letter = view! { <b class=format!("side-{}", side.name())>{side.name()}</b> };
    Some(view! { <h3>{letter} " " <span class="side-name">{screen.name.clone()}</span></h3> }.into_any())
}

/// Of several, how it stands at the moment, in words.
fn stand(live: Live, screen: &Screen) -> Option<AnyView> {
    let (place, _) = (screen.place, screen.side?);
    let words = Memo::new(move |_| {
        let at = live.clock.at.get();
        live.with_reel(place, |_, reel| words::stand(&reel.film, at))
    });
    Some(view! { <p class="live-stand">{words}</p> }.into_any())
}

/// The clusters.
pub(super) fn clusters(live: Live, palette: Memo<Palette>) -> AnyView {
    view! {
        <figure class="chart live-figure" aria-labelledby="live-cluster-title">
            <div class="chart-head"><h2 id="live-cluster-title">"The cluster " <span class="muted">"every request a dot"</span></h2></div>
            {screens(live, move |screen| cluster(live, palette, screen))}
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

fn cluster(live: Live, palette: Memo<Palette>, screen: &Screen) -> AnyView {
    let place = screen.place;
    let (frame, canvas) = (NodeRef::<Div>::new(), NodeRef::<Canvas>::new());
    let width = width_of(frame);
    let dots = StoredValue::new(Vec::new());
    Effect::new(move |_| {
        let (t, leg, wide, first) = (live.clock.at.get(), live.clock.leg(), width.get(), live.first.get());
        let (picked, palette) = (live.picked.get(), palette.get());
        let Some(canvas) = canvas.get() else { return };
        let drawn = live.with_reel(place, |_, reel| {
            let picked = picked.and_then(|request| reel.place(request));
            picture::draw(&canvas, (wide, first), &reel.film, (t, leg), picked, &palette)
        });
        if let Some(drawn) = drawn {
            // The moment that is seen.
            let _ = canvas.dataset().set("at", &t.to_string());
            dots.set_value(drawn);
        }
    });
    let press = move |event: ev::PointerEvent| {
        let (x, y) = place_of(&event);
        if let Some(pressed) = dots.with_value(|dots| picture::at(dots, x, y)) {
            live.picked.set(untrack(|| live.with_reel(place, |_, reel| reel.request(pressed))));
        }
    };
    let label = screen.label("Requests at the router and in the instances, at this moment");
    view! {
        {stand(live, screen)}
        <div class="live-canvas" node_ref=frame on:pointerdown=press>
            <canvas role="img" aria-label=label data-testid=screen.id("live-cluster") node_ref=canvas></canvas>
        </div>
    }
    .into_any()
}

/// What they do over time.
pub(super) fn over_time(live: Live, palette: Memo<Palette>) -> AnyView {
    view! {
        <figure class="chart live-figure" aria-labelledby="live-lanes-title">
            <div class="chart-head"><h2 id="live-lanes-title">"Over time " <span class="muted">"each pixel the most of its time"</span></h2></div>
            {screens(live, move |screen| in_lanes(live, palette, screen))}
            {legend(live)}
        </figure>
    }
    .into_any()
}

fn in_lanes(live: Live, palette: Memo<Palette>, screen: &Screen) -> AnyView {
    let place = screen.place;
    let clock = live.clock;
    let (frame, canvas) = (NodeRef::<Div>::new(), NodeRef::<Canvas>::new());
    let width = width_of(frame);
    Effect::new(move |_| {
        let ((from, to), wide, first) = (clock.window.get(), width.get(), live.first.get());
        let palette = palette.get();
        let Some(canvas) = canvas.get() else { return };
        live.with_reel(place, |reels, reel| {
            let sight = Sight { from, to, first };
            lanes::draw(&canvas, wide, &reel.film, sight, reels.scales(first), &palette);
        });
    });
    let head = move || {
        let (from, to) = clock.window.get();
        format!("left: {}", percent(((clock.at.get() - from) / (to - from)).clamp(0.0, 1.0)))
    };
    let press = move |event: ev::PointerEvent| {
        if event.buttons() & 1 == 1 {
            let (from, to) = clock.window.get_untracked();
            clock.seek(from + (to - from) * place_of(&event).0 / width.get_untracked().max(1.0));
        }
    };
    let label = screen.label("Queue, batch and KV cache of every instance over time");
    view! {
        <div class="live-canvas" node_ref=frame on:pointerdown=press on:pointermove=press>
            <canvas role="img" aria-label=label data-testid=screen.id("live-lanes") node_ref=canvas></canvas>
            <div class="live-head" style=head aria-hidden="true"></div>
        </div>
    }
    .into_any()
}

/// What the lanes mean.
fn legend(live: Live) -> AnyView {
    let apart =
        Memo::new(move |_| live.with(|reels| reels.all().iter().any(|r| r.film.timeline.about.apart)).unwrap_or(false));
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
