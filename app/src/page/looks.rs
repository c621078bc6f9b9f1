//! How figures are looked at: the statistic, the scale.

use crate::form::segments;
use crate::state::Store;
use leptos::prelude::*;
use playground_core::report::Statistic;

/// The controls; `place` tells those of one part of the page from those of another, and is empty in the first.
pub(super) fn view(store: Store, place: &'static str) -> AnyView {
    let statistic = |s: Statistic| (s, named(place, &format!("statistic-{}", s.name())), s.name());
    let (legend, group) = ("Statistic of figures, tiles and tables", format!("{place}-statistic"));
    view! {
        <div class="looks">
            {segments::view(legend, &group, Statistic::ALL.map(statistic), store.statistic)}
            <label class="check">
                <input
                    type="checkbox"
                    data-testid=named(place, "log-y")
                    prop:checked={move || store.log_y.get()}
                    on:change:target=move |e| store.log_y.set(e.target().checked())
                />
                "Log scale"
            </label>
        </div>
    }
    .into_any()
}

/// A name for tests, after its place.
fn named(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}-{name}") }
}
