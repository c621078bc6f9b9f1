//! A distribution: of tokens, of turns, of time.

use crate::form::{self, Choice, Number, Select};
use crate::state::Store;
use leptos::prelude::*;

/// Laws, as a scenario names them.
const LAWS: [&str; 5] = ["lognormal", "normal", "uniform", "exponential", "constant"];

/// What a distribution is of.
#[derive(Clone, Copy)]
pub(super) struct Of {
    pub(super) title: &'static str,
    pub(super) unit: &'static str,
    /// What one press of an arrow changes, of the mean and of the largest.
    pub(super) steps: (&'static str, &'static str),
    pub(super) max: f64,
}

impl Of {
    /// Lengths of prompts and outputs.
    pub(super) fn tokens(title: &'static str) -> Self {
        Of { title, unit: "tokens", steps: ("16", "256"), max: 1_000_000.0 }
    }
}

pub(super) fn view(store: Store, path: String, of: Of) -> AnyView {
    let at = |field: &str| format!("{path}.{field}");
    let kind = store.value(&at("type"));
    let is = move |names: &'static [&'static str]| kind.get().as_str().is_some_and(|k| names.contains(&k));
    let uniform = Memo::new(move |_| is(&["uniform"]));
    let constant = move || is(&["constant"]);
    let spread = move || is(&["lognormal", "normal"]);
    let (step, _) = of.steps;
    let ends = {
        let path = path.clone();
        // A uniform law is its ends; the others are only clipped by them.
        move || match uniform.get() {
            true => ends(store, &path, of),
            false => view! {
                <details class="more" hidden=constant>
                    <summary>"Shortest and longest"</summary>
                    {ends(store, &path, of)}
                </details>
            }
            .into_any(),
        }
    };
    view! {
        <h3>{of.title} " " <span class="unit">{of.unit}</span></h3>
        <div class="row three">
            {Select::new(at("type"), LAWS.map(|k| Choice::new(k, k)).into()).label("Type").view(store)}
            <div hidden={move || uniform.get()}>{Number::new(at("mean")).label("Mean").within(0.0, of.max).step(step).view(store)}</div>
            <div hidden={move || !spread()}>{Number::new(at("std_dev")).label("Std dev").step(step).view(store)}</div>
        </div>
        {ends}
        {form::findings_at(store, path.clone())}
    }
    .into_any()
}

fn ends(store: Store, path: &str, of: Of) -> AnyView {
    let (_, step) = of.steps;
    view! {
        <div class="row two">
            {Number::new(format!("{path}.min")).label("Shortest").within(0.0, of.max).view(store)}
            {Number::new(format!("{path}.max")).label("Longest").within(1.0, of.max).step(step).view(store)}
        </div>
    }
    .into_any()
}
