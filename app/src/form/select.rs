//! A choice out of a list.

use super::field::{self, About};
use crate::state::{Gesture, Store};
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use serde_json::Value;
use web_sys::HtmlSelectElement;

/// One choice.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Choice {
    /// What the scenario says.
    pub(crate) value: Value,
    /// What the page says.
    pub(crate) label: String,
}

impl Choice {
    pub(crate) fn new(value: impl Into<Value>, label: impl Into<String>) -> Self {
        Choice { value: value.into(), label: label.into() }
    }
}

/// What a choice is like.
pub(crate) struct Select {
    about: About,
    choices: Vec<Choice>,
}

impl Select {
    /// A choice at this path, under its usual name.
    pub(crate) fn new(path: impl Into<String>, choices: Vec<Choice>) -> Self {
        Select { about: About::new(path.into()), choices }
    }

    /// Under a shorter name, where the place tells the eye the rest.
    pub(crate) fn label(mut self, label: &str) -> Self {
        self.about.label = label.to_owned();
        self
    }

    pub(crate) fn help(mut self, help: &'static str) -> Self {
        self.about.help = help;
        self
    }

    /// Shows the value at the path, and edits it there.
    pub(crate) fn view(self, store: Store) -> AnyView {
        let value = store.value(&self.about.path);
        let path = self.about.path.clone();
        self.view_of(store, Signal::from(value), move |value| store.set(&path, value, Gesture::Done))
    }

    /// Shows this value, and hands what is chosen to `choose`: for a choice that is more than one field.
    pub(crate) fn view_of(
        self,
        store: Store,
        value: Signal<Value>,
        choose: impl Fn(Value) -> Result<(), String> + Send + Sync + 'static,
    ) -> AnyView {
        let Select { about, choices } = self;
        let problem = RwSignal::new(None);
        let known = choices.clone();
        let current = move || known.iter().position(|c| c.value == value.get());
        let offers = choices.clone();
        let on_change = move |e: Targeted<Event, HtmlSelectElement>| {
            let chosen = e.target().value().parse::<usize>().ok().and_then(|i| offers.get(i));
            if let Some(chosen) = chosen {
                problem.set(choose(chosen.value.clone()).err());
            }
        };
        // A value from a link that is not on the list is shown as it is, so that nothing changes silently.
        let stranger = {
            let current = current.clone();
            move || {
                let text = value.get();
                let text = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
                current().is_none().then(|| view! { <option value="other">{text} " (unknown)"</option> })
            }
        };
        let selected = move || current().map_or_else(|| "other".to_owned(), |i| i.to_string());
        let options =
            choices.iter().enumerate().map(|(i, c)| view! { <option value=i.to_string()>{c.label.clone()}</option> });
        let control = view! {
            <select
                id=about.id()
                data-testid=about.test_id()
                aria-label=about.full_name()
                aria-describedby=about.described_by()
                aria-invalid=field::invalid(store, about.path.clone(), problem)
                prop:value=selected
                on:change:target=on_change
            >
                {options.collect_view()}
                {stranger}
            </select>
        };
        field::frame(store, &about, problem, control.into_any())
    }
}
