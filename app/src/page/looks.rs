//! How figures are looked at: the statistic, the scale.

use crate::state::Store;
use leptos::prelude::*;
use playground_core::report::Statistic;

/// The controls; `place` tells those of one part of the page from those of another, and is empty in the first.
pub(super) fn view(store: Store, place: &'static str) -> AnyView {
    let statistics = Statistic::ALL.map(|statistic| {
        view! {
            <label>
                <input
                    type="radio"
                    name=format!("{place}-statistic")
                    data-testid=named(place, &format!("statistic-{}", statistic.name()))
                    prop:checked={move || store.statistic.get() == statistic}
                    on:change=move |_| store.statistic.set(statistic)
                />
                <span>{statistic.name()}</span>
            </label>
        }
    });
    view! {
        <div class="looks">
            <fieldset class="segments">
                <legend class="visually-hidden">"Statistic of figures, tiles and tables"</legend>
                {statistics.into_iter().collect_view()}
            </fieldset>
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
