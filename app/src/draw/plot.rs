//! A figure's place on the page: the drawing, when it is redrawn, and the keyboard's way through it.
//!
//! Two take turns in drawing: Plotly, and pictures while the figure is on the move or Plotly is not there yet.

use super::cursor::{self, Stops};
use super::picture;
use super::plotly::{self, Bundle};
use super::queue;
use crate::browser;
use crate::chart::Figure;
use leptos::prelude::*;
use leptos::web_sys::HtmlElement;

/// Width below which a figure has fewer words in it, px.
pub(crate) const NARROW: i32 = 420;

/// What a place is like.
#[derive(Clone)]
pub(crate) struct Plot {
    /// Its name in the queue of redraws and in tests.
    pub(crate) id: String,
    /// What the arrow keys do here.
    pub(crate) label: String,
    /// Which trace holds every point.
    pub(crate) hover_trace: u32,
    /// Words of every point, in the order of that trace.
    pub(crate) words: Memo<Vec<String>>,
    pub(crate) bundle: RwSignal<Bundle>,
    /// Whether the figure changes several times a second, so that a picture of it is enough.
    pub(crate) moving: Signal<bool>,
    /// Whether something else stands in its place, such as a table.
    pub(crate) away: RwSignal<bool>,
}

/// The place. `follow` reads everything the figure depends on; `figure` makes it for a width.
pub(crate) fn view(
    plot: Plot,
    follow: impl Fn() + 'static,
    figure: impl Fn(i32) -> Option<Figure> + Copy + 'static,
) -> AnyView {
    let Plot { id, label, hover_trace, words, bundle, moving, away } = plot;
    let (place, easel) = (NodeRef::<leptos::html::Div>::new(), NodeRef::<leptos::html::Div>::new());
    let stops = Stops { words, at: RwSignal::new(0), on: RwSignal::new(false) };
    let drawn = StoredValue::new(String::new());
    let (drawn_once, seen) = (RwSignal::new(false), RwSignal::new(false));
    let by_plotly = move |element: &HtmlElement, figure: &Figure| {
        let json = figure.json();
        if drawn.with_value(|old| *old == json) {
            return true;
        }
        if let Err(error) = plotly::react(element, &json) {
            leptos::web_sys::console::error_1(&error);
            bundle.set(Bundle::Failed);
            return false;
        }
        drawn.set_value(json);
        drawn_once.set(true);
        true
    };
    let draw = move |size: (i32, i32)| {
        let (Some(element), Some(easel)) = (place.get_untracked(), easel.get_untracked()) else { return false };
        if size.0 == 0 {
            // In a part of the page that is not on: it is drawn when that is.
            return true;
        }
        let Some(figure) = untrack(|| figure(size.0)) else { return false };
        let ready = bundle.get_untracked() == Bundle::Ready;
        let picture = if moving.get_untracked() || !ready { picture::svg(&figure, size) } else { None };
        // Only one is seen; both are there, so that neither has to be laid out again for the other.
        let _ = HtmlElement::style(&element).set_property("visibility", if picture.is_some() { "hidden" } else { "" });
        easel.set_inner_html(picture.as_deref().unwrap_or_default());
        let done = picture.is_some() || ready && by_plotly(&element, &figure);
        if done && !seen.get_untracked() {
            seen.set(true);
        }
        done
    };
    queue::register(move || {
        let Some(element) = place.get_untracked() else { return };
        if bundle.get_untracked() != Bundle::Failed && !away.get_untracked() {
            draw((element.client_width(), element.client_height()));
        }
    });
    let size = size_of(place);
    let name = id.clone();
    Effect::new(move |_| {
        // Everything the figure depends on is read here, so that a change of any of it is seen …
        follow();
        moving.track();
        let visible = !away.get() && bundle.get() != Bundle::Failed;
        let size = size.get();
        // … and drawn later, in a task of its own.
        queue::push(name.clone(), move || match size {
            Some(size) if visible => draw(size),
            _ => bundle.get_untracked() == Bundle::Failed || away.get_untracked(),
        });
    });
    Effect::new(move |_| {
        let (on, at) = (stops.on.get(), stops.at.get());
        let drawn = drawn_once.get();
        let Some(element) = place.get().filter(|_| drawn && bundle.get_untracked() == Bundle::Ready) else { return };
        if on { plotly::hover(&element, hover_trace, at as u32) } else { plotly::unhover(&element) }
    });
    Effect::new(move |_| {
        // Coming back from the table, the place may have another width than when it was drawn.
        if let (false, true, Some(element)) = (away.get(), drawn_once.get_untracked(), place.get_untracked()) {
            plotly::fit(&element);
        }
    });
    view! {
        <div class="plot" node_ref=place aria-hidden="true"></div>
        <div class="plot-picture" node_ref=easel aria-hidden="true"></div>
        <div class="plot-waiting" aria-hidden="true" hidden={move || seen.get()}></div>
        {cursor::view(label, format!("cursor-{id}"), stops)}
    }
    .into_any()
}

/// The size of the place, px; none until it is known.
fn size_of(place: NodeRef<leptos::html::Div>) -> RwSignal<Option<(i32, i32)>> {
    let size = RwSignal::new(None);
    Effect::new(move |_| {
        if let Some(element) = place.get() {
            browser::on_resize(&element, move |now| {
                if size.get_untracked() != Some(now) {
                    size.set(Some(now));
                }
            });
        }
    });
    size
}
