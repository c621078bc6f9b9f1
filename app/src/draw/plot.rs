//! A figure's place on the page: the drawing, when it is redrawn, and the keyboard's way through it.

use super::cursor::{self, Stops};
use super::plotly::{self, Bundle};
use super::queue;
use leptos::prelude::*;

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
    /// Whether something else stands in its place, such as a table.
    pub(crate) away: RwSignal<bool>,
    /// What a click or the Enter key does at a point, if anything.
    pub(crate) choose: Option<Callback<usize>>,
}

/// The place. `follow` reads everything the figure depends on; `figure` makes it for a width, as JSON.
pub(crate) fn view(
    plot: Plot,
    follow: impl Fn() + 'static,
    figure: impl Fn(i32) -> Option<String> + Copy + 'static,
) -> AnyView {
    let Plot { id, label, hover_trace, words, bundle, away, choose } = plot;
    let place = NodeRef::<leptos::html::Div>::new();
    let stops = Stops { words, at: RwSignal::new(0), on: RwSignal::new(false), choose };
    let drawn = StoredValue::new(String::new());
    let drawn_once = RwSignal::new(false);
    let draw = move || {
        let Some(element) = place.get_untracked() else { return false };
        if element.client_width() == 0 {
            // In a part of the page that is not on: it is drawn when that is.
            return true;
        }
        let Some(figure) = untrack(|| figure(element.client_width())) else { return false };
        if drawn.with_value(|old| *old != figure) {
            if let Err(error) = plotly::react(&element, &figure) {
                leptos::web_sys::console::error_1(&error);
                bundle.set(Bundle::Failed);
                return false;
            }
            drawn.set_value(figure);
            if let Some(choose) = choose.filter(|_| !drawn_once.get_untracked()) {
                plotly::on_click(&element, vec![hover_trace], move |n| choose.run(n));
            }
            drawn_once.set(true);
        }
        true
    };
    queue::register(move || {
        if bundle.get_untracked() == Bundle::Ready && !away.get_untracked() {
            draw();
        }
    });
    let name = id.clone();
    Effect::new(move |_| {
        // Everything the figure depends on is read here, so that a change of any of it is seen …
        follow();
        let visible = !away.get() && bundle.get() == Bundle::Ready;
        // … and drawn later, in a task of its own.
        queue::push(name.clone(), move || {
            if visible { draw() } else { bundle.get_untracked() == Bundle::Failed || away.get_untracked() }
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
        <div class="plot-waiting" aria-hidden="true" hidden={move || drawn_once.get()}></div>
        {cursor::view(label, format!("cursor-{id}"), stops)}
    }
    .into_any()
}
