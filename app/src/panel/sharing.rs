//! What prompts have in common: shared prefixes, and conversations that go on.

use super::length::{self, Of};
use crate::form::{Number, Toggle};
use crate::say;
use crate::state::Store;
use leptos::prelude::*;
use playground_core::scenario::{SharedPrefix, Turns};
use serde_json::Value;

/// Both parts of one class; `class` is its path.
pub(super) fn view(store: Store, class: &str) -> AnyView {
    let prefix_path = format!("{class}.prefix");
    let turns_path = format!("{class}.conversation");
    let prefix = Part {
        title: "Shared prefix",
        label: "Prompts begin with one of a few texts",
        added: serde_json::to_value(SharedPrefix::default()).unwrap_or_default(),
        say: |value| {
            let count =
                |field: &str| value.get(field).and_then(Value::as_u64).map_or_else(|| say::NOTHING.into(), say::count);
            format!("{} × {} tokens", count("groups"), count("tokens"))
        },
        fields: prefix_fields,
    };
    let conversation = Part {
        title: "Conversation",
        label: "Users answer: the next prompt repeats all before",
        added: serde_json::to_value(Turns::default()).unwrap_or_default(),
        say: |value| {
            let turns = value.pointer("/turns/mean").and_then(Value::as_f64);
            turns.map_or_else(|| say::NOTHING.into(), |n| format!("{} turns on average", say::plain(n)))
        },
        fields: turns_fields,
    };
    view! { {part(store, prefix_path, prefix)} {part(store, turns_path, conversation)} }.into_any()
}

/// A part that a class may have.
struct Part {
    title: &'static str,
    label: &'static str,
    added: Value,
    /// The part in a few words.
    say: fn(&Value) -> String,
    fields: fn(Store, &str) -> AnyView,
}

fn part(store: Store, path: String, part: Part) -> AnyView {
    let Part { title, label, added, say, fields } = part;
    let value = store.value(&path);
    let there = Memo::new(move |_| value.with(|v| !v.is_null()));
    let prefix = format!("{path}.");
    let troubled = move || store.findings.with(|all| all.iter().any(|d| d.path.starts_with(&prefix)));
    // Opens by itself for what is there or wrong; closes only by hand.
    let open = Memo::new(move |was: Option<&bool>| there.get() || troubled() || was.copied().unwrap_or(false));
    let word = move || if there.get() { value.with(say) } else { "none".into() };
    let toggle = Toggle::new(path.clone(), label, added).view(store);
    view! {
        <details class="more" prop:open={move || open.get()}>
            <summary>{title} " " <span class="muted">{word}</span></summary>
            {toggle}
            {move || there.get().then(|| fields(store, &path))}
        </details>
    }
    .into_any()
}

fn prefix_fields(store: Store, path: &str) -> AnyView {
    let at = |field: &str| format!("{path}.{field}");
    view! {
        {Number::new(at("tokens"))
            .unit("tokens")
            .within(0.0, 1_000_000.0)
            .step("256")
            .help("System prompt, document or examples before each prompt, in addition to its own length.")
            .view(store)}
        <div class="row two">
            {Number::new(at("groups"))
                .within(1.0, 60_000.0)
                .help("How many different ones; each is as likely.")
                .view(store)}
            {Number::new(at("prompts_per_group"))
                .within(0.0, 60_000.0)
                .help("How many different prompts follow each one. 0: every prompt is new.")
                .view(store)}
        </div>
    }
    .into_any()
}

fn turns_fields(store: Store, path: &str) -> AnyView {
    let at = |field: &str| format!("{path}.{field}");
    let turns = Of { title: "Length", unit: "turns", steps: ("1", "1"), max: 10_000.0 };
    let think = Of { title: "Think time", unit: "ms", steps: ("1000", "1000"), max: 86_400_000.0 };
    view! {
        {length::view(store, at("turns"), turns)}
        {length::view(store, at("input"), Of::tokens("Later prompts, without what they repeat"))}
        {length::view(store, at("think_ms"), think)}
    }
    .into_any()
}
