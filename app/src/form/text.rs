//! A line of text.

use super::field::{self, About};
use crate::state::{Gesture, Store};
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use serde_json::Value;
use web_sys::HtmlInputElement;

/// What a text field is like.
pub(crate) struct Text {
    about: About,
    optional: bool,
}

impl Text {
    /// A field at this path, under its usual name.
    pub(crate) fn new(path: impl Into<String>) -> Self {
        Text { about: About::new(path.into()), optional: false }
    }

    /// Empty means absent.
    pub(crate) fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    pub(crate) fn help(mut self, help: &'static str) -> Self {
        self.about.help = help;
        self
    }

    /// The field in its frame.
    pub(crate) fn view(self, store: Store) -> AnyView {
        let about = self.about;
        let problem = RwSignal::new(None);
        let value = store.value(&about.path);
        let path = about.path.clone();
        let optional = self.optional;
        let edit = move |input: &HtmlInputElement, gesture| {
            let text = input.value();
            let value = if optional && text.is_empty() { Value::Null } else { Value::from(text) };
            problem.set(store.set(&path, value, gesture).err());
        };
        let on_input = {
            let edit = edit.clone();
            move |e: Targeted<Event, HtmlInputElement>| edit(&e.target(), Gesture::Moving)
        };
        let on_change = move |e: Targeted<Event, HtmlInputElement>| edit(&e.target(), Gesture::Done);
        let control = view! {
            <input
                type="text"
                id=about.id()
                data-testid=about.test_id()
                aria-label=about.full_name()
                autocomplete="off"
                aria-describedby=about.described_by()
                aria-invalid=field::invalid(store, about.path.clone(), problem)
                prop:value={move || value.get().as_str().unwrap_or_default().to_owned()}
                on:input:target=on_input
                on:change:target=on_change
            />
        };
        field::frame(store, &about, problem, control.into_any())
    }
}
