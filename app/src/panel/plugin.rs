//! One plugin: what it is, and its parameters as its description lists them.

use super::response;
use crate::form::{self, Choice, Number, Select, Text};
use crate::say;
use crate::state::Store;
use leptos::prelude::*;
use playground_core::policy::{Meta, Param, ParamKind};
use serde_json::Value;

/// llm-d's type, how close to llm-d it is, and what it does.
pub(super) fn about(meta: &'static Meta) -> AnyView {
    view! {
        <p class="policy" data-testid="policy-doc">
            <code>{meta.id}</code>
            " "
            <span class="badge">{meta.badge.word()}</span>
            <br />
            {meta.doc}
        </p>
    }
    .into_any()
}

/// Its rule as a curve, and its parameters, folded away; nothing where there is nothing to see or to choose.
pub(super) fn parameters(store: Store, plugin: usize, meta: &'static Meta) -> AnyView {
    let path = format!("policies.plugins[{plugin}].parameters");
    let prefix = format!("{path}.");
    let troubled = move || store.findings.with(|all| all.iter().any(|d| d.path.starts_with(&prefix)));
    // Opens by itself for what is wrong; closes only by hand.
    let open = Memo::new(move |was: Option<&bool>| troubled() || was.copied().unwrap_or(false));
    let chosen: Vec<&'static Param> = meta.params.iter().filter(|p| has_choice(&p.kind)).collect();
    let given = store.value(&path);
    // Parameters from elsewhere are kept; the check says so.
    let strangers = move || {
        let keys = given.with(|v| v.as_object().map(|o| o.keys().cloned().collect::<Vec<_>>())).unwrap_or_default();
        let unknown = keys.into_iter().filter(|key| !meta.params.iter().any(|p| p.id == key && has_choice(&p.kind)));
        unknown.map(|key| form::findings_at(store, format!("{path}.{key}"))).collect_view()
    };
    let fields = (!chosen.is_empty()).then(|| {
        let fields = chosen.into_iter().map(|p| field(store, plugin, p)).collect_view();
        view! {
            <details class="more" prop:open={move || open.get()}>
                <summary>"Parameters"</summary>
                {fields}
            </details>
        }
    });
    view! { {response::view(store, plugin, meta)} {fields} {strangers} }.into_any()
}

/// Whether there is more than one value.
fn has_choice(kind: &ParamKind) -> bool {
    match *kind {
        ParamKind::Integer { min, max, .. } => min < max,
        ParamKind::Number { min, max, .. } => min < max,
        ParamKind::Word { words, .. } => words.len() > 1,
        ParamKind::Boolean { .. } | ParamKind::Text { .. } | ParamKind::Duration { .. } | ParamKind::Plugin { .. } => {
            true
        }
        // Lists are edited as text, in the scenario's file.
        // Names of plugins are given where the plugins are chosen.
        ParamKind::Texts | ParamKind::Labels | ParamKind::Table { .. } | ParamKind::Names { .. } => false,
    }
}

fn field(store: Store, plugin: usize, param: &'static Param) -> AnyView {
    let path = format!("policies.plugins[{plugin}].parameters.{}", param.id);
    let number = |min: f64, max: f64, default: f64, step| {
        let placeholder = Signal::stored(say::plain(default));
        Number::new(path.clone()).within(min, max).step(step).or_default(placeholder).help(param.doc).view(store)
    };
    match param.kind {
        ParamKind::Integer { min, max, default } => number(min as f64, max as f64, default as f64, "1"),
        ParamKind::Number { min, max, default } => number(min, max, default, "0.05"),
        ParamKind::Boolean { default } => {
            let word = |on: bool| if on { "on" } else { "off" };
            let choices = vec![
                Choice::new(Value::Null, format!("llm-d's default: {}", word(default))),
                Choice::new(true, "on"),
                Choice::new(false, "off"),
            ];
            Select::new(path.clone(), choices).help(param.doc).view(store)
        }
        ParamKind::Word { words, default } => {
            let unset = Choice::new(Value::Null, format!("llm-d's default: {default}"));
            let choices = [unset].into_iter().chain(words.iter().map(|&word| Choice::new(word, word))).collect();
            Select::new(path.clone(), choices).help(param.doc).view(store)
        }
        ParamKind::Text { .. } | ParamKind::Duration { .. } | ParamKind::Plugin { .. } => {
            Text::new(path.clone()).optional().help(param.doc).view(store)
        }
        ParamKind::Texts | ParamKind::Labels | ParamKind::Table { .. } | ParamKind::Names { .. } => ().into_any(),
    }
}
