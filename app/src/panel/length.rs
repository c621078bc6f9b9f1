//! A distribution: of tokens, of turns, of time.

use super::spark;
use crate::form::{self, Choice, Number, Select};
use crate::say;
use crate::state::Store;
use leptos::prelude::*;
use playground_core::scenario::Length;

/// Laws, as a scenario names them, that can be made here; an empirical one comes with its values.
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
    let empirical = Memo::new(move |_| is(&["empirical"]));
    let values = store.value(&at("values"));
    let laws = Memo::new(move |_| {
        let measured = empirical.get() || values.get().as_array().is_some_and(|v| !v.is_empty());
        LAWS.into_iter().chain(measured.then_some("empirical")).collect::<Vec<_>>()
    });
    let constant = move || is(&["constant"]);
    let spread = move || is(&["lognormal", "normal"]);
    let (step, _) = of.steps;
    let ends = {
        let path = path.clone();
        // A uniform law is its ends; the others are only clipped by them.
        move || match (empirical.get(), uniform.get()) {
            (true, _) => {
                view! { <p class="hint" data-testid=format!("empirical-{path}")>{summary(store, &path, of)}</p> }
                    .into_any()
            }
            (_, true) => ends(store, &path, of),
            _ => view! {
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
            {
                let kind = at("type");
                move || {
                    let choices = laws.get().into_iter().map(|k| Choice::new(k, k)).collect();
                    Select::new(kind.clone(), choices).label("Type").view(store)
                }
            }
            <div hidden={move || uniform.get() || empirical.get()}>{Number::new(at("mean")).label("Mean").within(0.0, of.max).step(step).view(store)}</div>
            <div hidden={move || !spread()}>{Number::new(at("std_dev")).label("Std dev").step(step).view(store)}</div>
        </div>
        {spark::view(store, &path, of)}
        {ends}
        {form::findings_at(store, at("values"))}
        {form::findings_at(store, at("weights"))}
        {form::findings_at(store, path.clone())}
    }
    .into_any()
}

/// An empirical law in a sentence: it is opened with a file or a link, and read here.
fn summary(store: Store, path: &str, of: Of) -> impl Fn() -> String + Send + Sync + 'static {
    let law = store.value(path);
    move || serde_json::from_value::<Length>(law.get()).ok().and_then(|l| in_words(&l, of.unit)).unwrap_or_default()
}

/// Number of values, mean, and quantiles of an empirical law; none for one that cannot be drawn from.
fn in_words(law: &Length, unit: &str) -> Option<String> {
    let dist = law.dist()?;
    let weighted = if law.weights.is_empty() { "" } else { ", weighted" };
    Some(format!(
        "Drawn from {} values{weighted}: mean {} {unit}, p50 {}, p99 {}, at most {}.",
        say::count(law.values.len() as u64),
        say::plain(dist.expect(|x| x)),
        say::whole(f64::from(dist.at(0.5))),
        say::whole(f64::from(dist.at(0.99))),
        say::whole(f64::from(dist.max())),
    ))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empirical_law_is_summed_up() {
        let law = Length::empirical((1..=1000).collect());
        let text = "Drawn from 1,000 values: mean 501 tokens, p50 500, p99 990, at most 1,000.";
        assert_eq!(in_words(&law, "tokens").as_deref(), Some(text));
        assert_eq!(in_words(&Length::empirical(Vec::new()), "tokens"), None);
    }
}
