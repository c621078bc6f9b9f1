//! A part of the scenario that is there or not: the box adds it as it is by default, or takes it away.

use super::field::{self, About};
use crate::state::{Gesture, Store};
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use serde_json::Value;
use web_sys::HtmlInputElement;

/// What a box is like.
pub(crate) struct Toggle {
    about: About,
    added: Value,
}

impl Toggle {
    /// A box for the part at this path, which begins as `added`.
    pub(crate) fn new(path: impl Into<String>, label: &str, added: Value) -> Self {
        Toggle { about: About { label: label.to_owned(), ..About::new(path.into()) }, added }
    }

    /// The box with its label.
    pub(crate) fn view(self, store: Store) -> AnyView {
        let Toggle { about, added } = self;
        let problem = RwSignal::new(None);
        let value = store.value(&about.path);
        let path = about.path.clone();
        let on_change = move |e: Targeted<Event, HtmlInputElement>| {
            let wanted = if e.target().checked() { added.clone() } else { Value::Null };
            problem.set(store.set(&path, wanted, Gesture::Done).err());
        };
        view! {
            <label class="check">
                <input
                    type="checkbox"
                    id=about.id()
                    data-testid=about.test_id()
                    aria-describedby=format!("{}-findings", about.id())
                    aria-invalid=field::invalid(store, about.path.clone(), problem)
                    prop:checked={move || !value.get().is_null()}
                    on:change:target=on_change
                />
                {about.label.clone()}
            </label>
            <div id=format!("{}-findings", about.id())>
                {move || problem.get().map(|text| view! { <p class="finding error"><span aria-hidden="true">"✗ "</span> {text}</p> })}
                {super::findings::at(store, about.path.clone())}
            </div>
        }
        .into_any()
    }
}
