//! The menu of what can be saved: a button that opens, and a button for each; keys reach all of them.

use super::item::Item;
use leptos::html::Details;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, HtmlElement, KeyboardEvent, Node};

/// A menu.
pub(crate) struct Menu {
    /// Its name in tests.
    pub(crate) id: String,
    /// What the button says.
    pub(crate) word: &'static str,
    /// What is saved, for the ear.
    pub(crate) name: String,
    pub(crate) items: Vec<Item>,
    /// Whether it can be saved now: a draft cannot.
    pub(crate) ready: Signal<bool>,
    /// Why not, while it cannot.
    pub(crate) waiting: &'static str,
}

impl Menu {
    /// Of what is saved from an answer: not before that has settled.
    pub(crate) fn save(id: impl Into<String>, name: impl Into<String>, items: Vec<Item>, ready: Signal<bool>) -> Menu {
        let waiting = "A draft cannot be saved: wait until the answer has settled.";
        Menu { id: id.into(), word: "Save", name: name.into(), items, ready, waiting }
    }
}

/// The menu.
pub(crate) fn view(menu: Menu) -> AnyView {
    let Menu { id, word, name, items, ready, waiting } = menu;
    let place = NodeRef::<Details>::new();
    let close = move || {
        if let Some(details) = place.get_untracked() {
            details.set_open(false);
        }
    };
    let key = move |event: KeyboardEvent| {
        let Some(details) = place.get_untracked().filter(|d| event.key() == "Escape" && d.open()) else { return };
        event.prevent_default();
        close();
        if let Ok(Some(summary)) = details.query_selector("summary") {
            // An element that takes no focus leaves it where it is.
            let _ = summary.unchecked_into::<HtmlElement>().focus();
        }
    };
    let left = move |event: FocusEvent| {
        let next = event.related_target().and_then(|t| t.dyn_into::<Node>().ok());
        let inside = place.get_untracked().is_some_and(|d| next.as_ref().is_some_and(|n| d.contains(Some(n))));
        // A press on something that takes no focus closes nothing: it may be on its way to a button.
        if next.is_some() && !inside {
            close();
        }
    };
    let buttons = items.into_iter().map(|item| {
        let save = move |_| {
            (item.save)();
            close();
        };
        view! {
            <button type="button" data-testid=format!("save-{id}-{}", item.id) disabled={move || !ready.get()} on:click=save>
                {item.label}
            </button>
        }
    });
    let buttons = buttons.collect_view();
    view! {
        <details class="save" data-testid=format!("save-{id}") node_ref=place on:keydown=key on:focusout=left>
            <summary class="quiet" aria-label=format!("{word} {name}")>{word}</summary>
            <div class="save-menu">
                {buttons}
                <p class="hint" hidden={move || ready.get()}>{waiting}</p>
            </div>
        </details>
    }
    .into_any()
}
