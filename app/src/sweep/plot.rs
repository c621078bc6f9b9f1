//! The sweep's picture on the page: drawing, keyboard, and what a click does.

use super::{Sweep, words};
use crate::chart::Palette;
use crate::chart::pareto::{self, Dot, View};
use crate::draw::cursor::{self, Stops};
use crate::draw::plotly::{self, Bundle};
use crate::draw::queue;
use crate::state::Tab;
use js_sys::{Array, Function, Reflect};
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

pub(super) fn view(sweep: Sweep, bundle: RwSignal<Bundle>, palette: Memo<Palette>) -> AnyView {
    let place = NodeRef::<leptos::html::Div>::new();
    let dots: Memo<Arc<Vec<(u32, Dot)>>> =
        Memo::new(move |_| Arc::new(sweep.run.with(|r| r.as_ref().map_or_else(Vec::new, |r| words::dots(&r.points)))));
    let target = Memo::new(move |_| {
        sweep.run.with(|r| {
            let slo = &r.as_ref()?.scenario.workload.classes.first()?.slo;
            Some((slo.ttft_ms?, slo.percentile))
        })
    });
    let listening = StoredValue::new(false);
    let drawn_once = RwSignal::new(false);
    let draw = move || {
        let Some(element) = place.get_untracked() else { return };
        let palette = palette.get_untracked();
        let (width, height) = (f64::from(element.client_width()), f64::from(element.client_height()));
        if width == 0.0 || bundle.get_untracked() != Bundle::Ready {
            return;
        }
        let view = View { width, height, target: target.get_untracked(), palette: &palette };
        let only: Vec<Dot> = dots.get_untracked().iter().map(|(_, d)| d.clone()).collect();
        if let Err(error) = plotly::react(&element, &pareto::figure(&only, &view).json()) {
            leptos::web_sys::console::error_1(&error);
            return bundle.set(Bundle::Failed);
        }
        if !listening.get_value() {
            listening.set_value(true);
            on_click(&element, move |n| {
                let index = dots.with_untracked(|d| d.get(n).map(|d| d.0));
                if let Some(index) = index {
                    sweep.open(index);
                }
            });
        }
        drawn_once.set(true);
    };
    queue::register(move || {
        if sweep.store.tab.get_untracked() == Tab::Sweep {
            draw();
        }
    });
    Effect::new(move |_| {
        dots.track();
        palette.track();
        sweep.width.track();
        if sweep.store.tab.get() == Tab::Sweep && bundle.get() == Bundle::Ready {
            queue::push("sweep", move || {
                draw();
                false
            });
        }
    });
    let said = Memo::new(move |_| dots.get().iter().map(|(_, d)| d.words.clone()).collect());
    let stops = Stops { words: said, at: RwSignal::new(0), on: RwSignal::new(false) };
    Effect::new(move |_| {
        let (on, at) = (stops.on.get(), stops.at.get());
        let Some(element) = place.get().filter(|_| drawn_once.get()) else { return };
        if on { plotly::hover(&element, pareto::HOVER_TRACE, at as u32) } else { plotly::unhover(&element) }
    });
    let label = "Points of the sweep: arrow keys go from point to point".to_owned();
    view! {
        <div class="plot" data-testid="sweep-plot" node_ref=place aria-hidden="true"></div>
        <div class="plot-waiting" aria-hidden="true" hidden={move || drawn_once.get()}></div>
        {cursor::view(label, "cursor-sweep".into(), stops)}
    }
    .into_any()
}

/// Calls back with the number of a point that was clicked.
fn on_click(element: &HtmlElement, f: impl Fn(usize) + 'static) {
    let heard = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
        let points = Reflect::get(&event, &"points".into()).ok().and_then(|p| p.dyn_into::<Array>().ok());
        let Some(point) = points.map(|p| p.get(0)).filter(|p| !p.is_undefined()) else { return };
        let number = |key: &str| Reflect::get(&point, &key.into()).ok().and_then(|n| n.as_f64());
        if let (Some(trace), Some(n)) = (number("curveNumber"), number("pointNumber"))
            && trace == f64::from(pareto::HOVER_TRACE)
        {
            f(n as usize);
        }
    });
    let listen = Reflect::get(element, &"on".into()).ok().and_then(|on| on.dyn_into::<Function>().ok());
    if let Some(listen) = listen {
        // Plotly's own way of listening does not fail on a figure that is drawn.
        let _ = listen.call2(element, &"plotly_click".into(), heard.as_ref());
    }
    // As long as the page lives.
    heard.forget();
}
