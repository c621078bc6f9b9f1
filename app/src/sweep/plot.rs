//! The sweep's picture on the page: drawing, keyboard, and what a click does.

use super::{Sweep, words};
use crate::chart::Palette;
use crate::chart::pareto::{self, Dot, View};
use crate::draw::cursor::{self, Stops};
use crate::draw::plotly::{self, Bundle};
use crate::draw::queue;
use crate::state::Tab;
use leptos::prelude::*;
use std::sync::Arc;

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
    let choose = Callback::new(move |n: usize| {
        if let Some(index) = dots.with_untracked(|d| d.get(n).map(|d| d.0)) {
            sweep.open(index);
        }
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
        let labels = !untrack(|| sweep.is_running());
        let view = View { width, height, target: target.get_untracked(), labels, palette: &palette };
        let only: Vec<Dot> = dots.get_untracked().iter().map(|(_, d)| d.clone()).collect();
        if let Err(error) = plotly::react(&element, &pareto::figure(&only, &view).json()) {
            leptos::web_sys::console::error_1(&error);
            return bundle.set(Bundle::Failed);
        }
        if !listening.get_value() {
            listening.set_value(true);
            plotly::on_click(&element, vec![pareto::HOVER_TRACE], move |n| choose.run(n));
        }
        drawn_once.set(true);
    };
    queue::register(move || {
        if sweep.store.tab.get_untracked() == Tab::Sweep {
            draw();
        }
    });
    let running = Memo::new(move |_| sweep.is_running());
    Effect::new(move |_| {
        dots.track();
        running.track();
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
    let stops = Stops { words: said, at: RwSignal::new(0), on: RwSignal::new(false), choose: Some(choose) };
    Effect::new(move |_| {
        let (on, at) = (stops.on.get(), stops.at.get());
        let Some(element) = place.get().filter(|_| drawn_once.get()) else { return };
        if on { plotly::hover(&element, pareto::HOVER_TRACE, at as u32) } else { plotly::unhover(&element) }
    });
    let label = "Points of the sweep: arrow keys go from point to point, Enter opens one".to_owned();
    view! {
        <div class="plot" data-testid="sweep-plot" node_ref=place aria-hidden="true"></div>
        <div class="plot-waiting" aria-hidden="true" hidden={move || drawn_once.get()}></div>
        {cursor::view(label, "cursor-sweep".into(), stops)}
    }
    .into_any()
}
