//! A figure's place on the page: the drawing, when it is redrawn, and the keyboard's way through it.
//!
//! Two take turns in drawing: a picture until somebody comes to the figure, with the pointer, a finger or the keyboard, and
//! while it is on the move; Plotly, with its labels, from then on.

use super::cursor::{self, Stops};
use super::picture;
use super::plotly::{self, Bundle};
use super::queue;
use crate::browser;
use crate::chart::Figure;
use leptos::prelude::*;
use leptos::web_sys::{HtmlElement, MouseEvent};

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
    /// Whether a picture shows all of it, so that Plotly is needed only by who comes to it.
    pub(crate) pictured: bool,
    /// Whether something else stands in its place, such as a table.
    pub(crate) away: RwSignal<bool>,
    /// What a click or the Enter key does at a point, if anything.
    pub(crate) choose: Option<Callback<usize>>,
}

/// The place. `follow` reads everything the figure depends on; `figure` makes it for a size, px.
pub(crate) fn view(
    plot: Plot,
    follow: impl Fn() + 'static,
    figure: impl Fn((i32, i32)) -> Option<Figure> + Copy + 'static,
) -> AnyView {
    let Plot { id, label, hover_trace, words, bundle, moving, pictured, away, choose } = plot;
    let (place, easel) = (NodeRef::<leptos::html::Div>::new(), NodeRef::<leptos::html::Div>::new());
    let stops = Stops { words, at: RwSignal::new(0), on: RwSignal::new(false), choose };
    let drawn = StoredValue::new(String::new());
    let (drawn_once, seen) = (RwSignal::new(false), RwSignal::new(false));
    let visitor = Visitor::new(stops.on);
    if !pictured {
        visitor.come();
    }
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
        if !drawn_once.get_untracked() {
            if let Some(choose) = choose {
                plotly::on_click(element, hover_trace, move |n| choose.run(n));
            }
            visitor.introduce(element, hover_trace, choose);
        }
        drawn_once.set(true);
        true
    };
    let draw = move |size: (i32, i32)| {
        let (Some(element), Some(easel)) = (place.get_untracked(), easel.get_untracked()) else { return false };
        if size.0 == 0 {
            // In a part of the page that is not on: it is drawn when that is.
            return true;
        }
        let Some(figure) = untrack(|| figure(size)) else { return false };
        let ready = bundle.get_untracked() == Bundle::Ready;
        let moving = moving.get_untracked();
        let plotted = !moving && if pictured { ready && visitor.came.get_untracked() } else { true };
        let picture = if plotted { None } else { picture::svg(&figure, size) };
        if picture.is_none() && !ready {
            // What pictures cannot draw is Plotly's, looked at or not.
            visitor.come();
        }
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
        visitor.came.track();
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
        <div
            class="plot-picture"
            node_ref=easel
            aria-hidden="true"
            on:pointerenter=move |_| visitor.come()
            on:pointermove=move |event| visitor.at(&event)
            on:pointerleave=move |_| visitor.leave()
            on:click=move |event| visitor.press(&event)
        ></div>
        <div class="plot-waiting" aria-hidden="true" hidden={move || seen.get()}></div>
        {cursor::view(label, format!("cursor-{id}"), stops)}
    }
    .into_any()
}

/// Who comes to a figure that is still a picture: from then on Plotly draws it, and is told where the pointer is and whether
/// it was pressed there meanwhile.
#[derive(Clone, Copy)]
struct Visitor {
    /// Whether anybody came.
    came: RwSignal<bool>,
    /// Where the pointer is, px from the upper left corner; none while it is elsewhere.
    place: StoredValue<Option<(f64, f64)>>,
    pressed: StoredValue<bool>,
}

impl Visitor {
    /// Nobody so far; the keyboard comes when it is `on`.
    fn new(on: RwSignal<bool>) -> Self {
        let visitor =
            Visitor { came: RwSignal::new(false), place: StoredValue::new(None), pressed: StoredValue::new(false) };
        Effect::new(move |_| {
            if on.get() {
                visitor.come();
            }
        });
        visitor
    }

    fn come(self) {
        if !self.came.get_untracked() {
            // `bundle` says when it is there.
            let _ = plotly::call();
            self.came.set(true);
        }
    }

    /// The pointer is here.
    fn at(self, event: &MouseEvent) {
        self.place.set_value(Some((f64::from(event.offset_x()), f64::from(event.offset_y()))));
    }

    fn leave(self) {
        self.place.set_value(None);
    }

    fn press(self, event: &MouseEvent) {
        self.come();
        self.at(event);
        self.pressed.set_value(true);
    }

    /// Plotly has drawn the figure: it shows what the pointer is on, and a press does what it would have done.
    fn introduce(self, element: &HtmlElement, trace: u32, choose: Option<Callback<usize>>) {
        let Some(place) = self.place.get_value() else { return };
        let found = plotly::hover_at(element, trace, place);
        if let (Some(n), Some(choose), true) = (found, choose, self.pressed.get_value()) {
            choose.run(n);
        }
    }
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
