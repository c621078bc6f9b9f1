//! The offered load: the control that everything answers to.

use crate::chart::round_step;
use crate::form::{Range, Steps};
use crate::state::Store;
use leptos::prelude::*;

/// Right end of the slider over the nominal capacity; more can be typed.
const SLIDER_OVER_CAPACITY: f64 = 1.5;
/// About how many steps the slider has.
const SLIDER_STEPS: f64 = 200.0;

/// The control; `place` tells that of one part of the page from that of another, and is empty in the first.
pub(super) fn view(store: Store, place: &'static str) -> AnyView {
    let capacity = Memo::new(move |_| store.plan.with(|p| p.as_ref().map_or(100.0, |p| p.capacity_rps())));
    let steps = Signal::derive(move || {
        let end = SLIDER_OVER_CAPACITY * capacity.get();
        let step = round_step(end, SLIDER_STEPS);
        Steps { min: step, max: (end / step).ceil() * step, step, whole: false }
    });
    Range::new("workload.arrival.rate_rps", "Offered load", steps).unit("req/s").again(place).view(store)
}
