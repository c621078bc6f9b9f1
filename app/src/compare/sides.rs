//! Which side is in hand: a bar above everything, while two scenarios are compared.

use super::Compare;
use crate::state::{Experiment, Store};
use leptos::prelude::*;
use playground_core::study::compare::Side;

/// The side being edited, if there are two.
pub(crate) fn which(store: Store) -> Option<Side> {
    store.beside.with(|b| b.as_ref().map(|b| b.edited))
}

/// The bar; nothing while there is one scenario.
pub(crate) fn view(compare: Compare) -> AnyView {
    let store = compare.store;
    let on = Memo::new(move |_| which(store).is_some());
    (move || on.get().then(|| bar(compare))).into_any()
}

fn bar(compare: Compare) -> AnyView {
    let store = compare.store;
    let choice = move |side: Side| {
        let name = move || compare.name(side);
        let role = if side == Side::A { "baseline" } else { "" };
        view! {
            <label>
                <input
                    type="radio"
                    name="side"
                    data-testid=format!("side-{}", side.name())
                    prop:checked={move || which(store) == Some(side)}
                    on:change=move |_| store.edit_side(side)
                />
                <span>
                    <b class=format!("side-{}", side.name())>{side.name()}</b>
                    <span class="side-name">{name}</span>
                    <span class="muted">{role}</span>
                </span>
            </label>
        }
    };
    let keep = move || format!("Stop comparing; {} stays", which(store).map_or("", Side::name));
    view! {
        <div class="sides" data-testid="sides">
            <fieldset class="segments">
                <legend>"Editing"</legend>
                {choice(Side::A)}
                {choice(Side::B)}
            </fieldset>
            <div class="sides-tools">
                <button
                    type="button"
                    class="quiet"
                    data-testid="swap-sides"
                    on:click=move |_| store.open("Swap A and B", store.experiment().swapped())
                >
                    "Swap A and B"
                </button>
                <button
                    type="button"
                    class="quiet"
                    data-testid="stop-comparing"
                    aria-label=keep
                    title=keep
                    on:click=move |_| store.open("Stop comparing", Experiment::of(store.scenario.get_untracked()))
                >
                    "Stop comparing"
                </button>
            </div>
        </div>
    }
    .into_any()
}
