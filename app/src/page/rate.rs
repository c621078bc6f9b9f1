//! The load: the control that everything answers to.

use crate::chart::round_step;
use crate::form::{Range, Steps};
use crate::state::Store;
use leptos::prelude::*;

/// Right end of the slider over the load at nominal capacity; more can be typed.
const SLIDER_OVER_CAPACITY: f64 = 1.5;
/// About how many steps the slider has.
const SLIDER_STEPS: f64 = 200.0;

/// The control; `place` tells that of one part of the page from that of another, and is empty in the first.
pub(super) fn view(store: Store, place: &'static str) -> AnyView {
    let closed = Memo::new(move |_| store.scenario.with(|s| s.workload.arrival.is_closed_loop()));
    // While a scenario cannot be worked out, the ends stay where they were.
    let capacity = Memo::new(move |before: Option<&f64>| {
        let before = before.copied().unwrap_or(100.0);
        store.plan.with(|p| p.as_ref().map_or(before, |p| p.capacity().amount()))
    });
    let end = move || SLIDER_OVER_CAPACITY * capacity.get();
    let rates = Signal::derive(move || {
        let step = round_step(end(), SLIDER_STEPS);
        Steps { min: step, max: (end() / step).ceil() * step, step, whole: false }
    });
    let clients = Signal::derive(move || {
        let step = round_step(end(), SLIDER_STEPS).max(1.0);
        Steps { min: 1.0, max: (end() / step).ceil().max(2.0) * step, step, whole: true }
    });
    let control = move || {
        if closed.get() {
            Range::new("workload.arrival.max_concurrency", "Clients", clients).again(place).view(store)
        } else {
            Range::new("workload.arrival.rate_rps", "Offered load", rates).unit("req/s").again(place).view(store)
        }
    };
    view! { {control} }.into_any()
}
