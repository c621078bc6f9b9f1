//! Which side is in hand, and what can be done to the sides: a bar above everything, while scenarios are compared.

use super::Compare;
use crate::state::{Experiment, Store};
use leptos::prelude::*;
use playground_core::study::compare::Side;

/// The side being edited, if there are several.
pub(crate) fn which(store: Store) -> Option<Side> {
    store.beside.with(|b| b.as_ref().map(|b| b.edited))
}

/// Every side there is; none while there is one scenario.
pub(super) fn all(store: Store) -> &'static [Side] {
    store.beside.with(|b| Side::first(b.as_ref().map_or(0, |b| b.others.len() + 1)))
}

/// Adds a copy of what is in hand, if there is room.
pub(crate) fn add(store: Store) {
    let experiment = store.experiment();
    if let Some(side) = experiment.next_side() {
        store.open(&format!("Compare with {}, a copy", side.name()), experiment.with_copy());
    }
}

/// Takes a side out of the comparison.
pub(crate) fn remove(store: Store, side: Side) {
    store.open(&removing(side), store.experiment().without(side));
}

/// What taking a side out is called.
pub(crate) fn removing(side: Side) -> String {
    format!("Take {} out", side.name())
}

/// Makes a side the baseline; of two that is their exchange.
pub(crate) fn rebase(store: Store, side: Side) {
    let experiment = store.experiment();
    store.open(&rebasing(&experiment, side), experiment.with_baseline(side));
}

/// What making a side the baseline is called.
pub(crate) fn rebasing(experiment: &Experiment, side: Side) -> String {
    if experiment.sides().len() == 2 { "Swap A and B".into() } else { format!("Make {} the baseline", side.name()) }
}

/// Ends the comparison; what is in hand stays.
pub(crate) fn leave(store: Store) {
    store.open("Stop comparing", Experiment::of(store.scenario.get_untracked()));
}

/// The bar; nothing while there is one scenario.
pub(crate) fn view(compare: Compare) -> AnyView {
    let store = compare.store;
    let on = Memo::new(move |_| which(store).is_some());
    (move || on.get().then(|| bar(compare))).into_any()
}

fn bar(compare: Compare) -> AnyView {
    let store = compare.store;
    let sides = Memo::new(move |_| compare.sides());
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
    view! {
        <div class="sides" class:many={move || sides.get().len() > 2} data-testid="sides">
            <fieldset class="segments">
                <legend>"Editing"</legend>
                {move || sides.get().iter().map(|side| choice(*side)).collect_view()}
            </fieldset>
            {tools(store, sides)}
        </div>
    }
    .into_any()
}

/// What can be done to the sides.
fn tools(store: Store, sides: Memo<&'static [Side]>) -> AnyView {
    let next = Memo::new(move |_| store.followed().next_side());
    let adding = move || next.get().map_or_else(|| "Add one".to_owned(), |side| format!("Add {}", side.name()));
    let about_adding = move || match next.get() {
        Some(side) => format!("Add {}, a copy of {}", side.name(), which(store).map_or("", Side::name)),
        None => "Add one: four are compared at most".to_owned(),
    };
    let base = Memo::new(move |_| {
        let experiment = store.followed();
        let side = experiment.next_baseline();
        (side, rebasing(&experiment, side))
    });
    let in_hand = move || which(store).unwrap_or(Side::A);
    let keep = move || format!("Stop comparing; {} stays", in_hand().name());
    view! {
        <div class="sides-tools">
            <button
                type="button"
                class="quiet"
                data-testid="add-side"
                aria-label=about_adding
                title=about_adding
                disabled={move || next.get().is_none()}
                on:click=move |_| add(store)
            >
                {adding}
            </button>
            <button type="button" class="quiet" data-testid="swap-sides" on:click=move |_| rebase(store, base.get_untracked().0)>
                {move || base.get().1}
            </button>
            <button
                type="button"
                class="quiet"
                data-testid="remove-side"
                hidden={move || sides.get().len() < 3}
                on:click=move |_| remove(store, untrack(in_hand))
            >
                {move || removing(in_hand())}
            </button>
            <button type="button" class="quiet" data-testid="stop-comparing" aria-label=keep title=keep on:click=move |_| leave(store)>
                "Stop comparing"
            </button>
        </div>
    }
    .into_any()
}
