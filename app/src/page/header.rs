//! The top bar: whose page it is, where to start, undo and redo, theme, share.

use super::{presets, share};
use crate::commands::Desk;
use crate::compare;
use crate::export::{self, Menu};
use crate::state::theme::Colours;
use crate::state::{Phase, Store, Tab};
use leptos::prelude::*;

pub(super) fn view(desk: Desk) -> AnyView {
    let Desk { store, colours, import, share, .. } = desk;
    let Colours { theme, .. } = colours;
    let theme_label = move || format!("Theme: {}. Switch to {}", theme.get().name(), theme.get().next().name());
    let comparing = move || compare::which_side(store).is_some();
    let compare_label = move || if comparing() { "A|B: show the comparison" } else { "A|B: compare with a copy" };
    let start = move |_| if untrack(comparing) { store.show(Tab::Compare) } else { compare::with_copy(store) };
    let skip = move |event: web_sys::MouseEvent| {
        // Not by the address: its fragment is the scenario.
        event.prevent_default();
        if let Some(stage) = document().get_element_by_id("stage") {
            let stage: web_sys::HtmlElement = wasm_bindgen::JsCast::unchecked_into(stage);
            // An element that takes no focus leaves it where it is.
            let _ = stage.focus();
        }
    };
    view! {
        <header class="top">
            <a class="skip" href="#stage" on:click=skip>"Skip to the answer"</a>
            <p class="brand">
                <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
                    <rect width="32" height="32" rx="7" fill="currentColor" />
                    <path d="M6 25 C16 24 22 20 26 7" fill="none" stroke="var(--surface)" stroke-width="3.5" stroke-linecap="round" />
                </svg>
                <span>"llm-d Playground"</span>
                <span class="badge" title="Not a product of the llm-d project">"unofficial"</span>
            </p>
            {presets::view(store)}
            <div class="tools">
                {step("undo", "Undo", store.undo_label, "M9 14L4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3", move || store.undo())}
                {step("redo", "Redo", store.redo_label, "M15 14l5-5-5-5M20 9H10a6 6 0 0 0 0 12h3", move || store.redo())}
                <button
                    type="button"
                    class="quiet icon"
                    data-testid="compare-start"
                    aria-label=compare_label
                    title=compare_label
                    on:click=start
                >
                    <span aria-hidden="true">"A|B"</span>
                </button>
                <button
                    type="button"
                    class="quiet icon"
                    data-testid="theme"
                    aria-label=theme_label
                    title=theme_label
                    on:click=move |_| colours.choose(theme.get_untracked().next())
                >
                    {icon("M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18")}
                    <span class="theme-name">{move || theme.get().name()}</span>
                </button>
                <button
                    type="button"
                    class="quiet icon"
                    data-testid="import"
                    aria-label="Import: drop or paste a configuration, a load, a trace, a scenario, a link or a picture"
                    title="Import a configuration, a load, a trace, a scenario, a link or a picture"
                    on:click=move |_| import.begin()
                >
                    {icon("M12 3v11M7.5 9.5L12 14l4.5-4.5M4 15v4a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-4")}
                </button>
                {export::menu(documents(store))}
                <button
                    type="button"
                    class="quiet icon"
                    data-testid="palette"
                    aria-label="Commands, keyboard, glossary (Ctrl K)"
                    title="Commands, keyboard, glossary (Ctrl K)"
                    on:click=move |_| desk.palette.set(true)
                >
                    <span aria-hidden="true">"?"</span>
                </button>
                {share::view(share)}
            </div>
        </header>
    }
    .into_any()
}

/// The scenario for other programs, while it can be simulated.
fn documents(store: Store) -> Menu {
    Menu {
        id: "scenario".into(),
        word: "Export",
        name: "the scenario".into(),
        items: export::documents(store),
        ready: Signal::derive(move || store.phase.with(|p| *p != Phase::Stale)),
        waiting: "Nothing is exported that cannot be simulated: mend the scenario first.",
    }
}

/// A way through the history, named after what it changes.
fn step(
    id: &'static str,
    verb: &'static str,
    change: RwSignal<Option<String>>,
    drawing: &'static str,
    go: impl Fn() + 'static,
) -> AnyView {
    let label = move || change.get().map_or_else(|| format!("Nothing to {id}"), |l| format!("{verb}: {l}"));
    view! {
        <button
            type="button"
            class="quiet icon"
            data-testid=id
            aria-label=label
            title=label
            disabled={move || change.get().is_none()}
            on:click=move |_| go()
        >
            {icon(drawing)}
        </button>
    }
    .into_any()
}

/// A line drawing of 24 × 24.
fn icon(path: &'static str) -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">
            <path d=path />
        </svg>
    }
}
