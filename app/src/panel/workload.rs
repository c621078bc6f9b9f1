//! The traffic: how much of it, and what its requests are like.

use super::length::{self, Of};
use super::{arrival, sharing};
use crate::form::{self, Number, Text};
use crate::state::{Gesture, Store};
use leptos::prelude::*;
use playground_core::scenario::TrafficClass;

/// Share of all requests that a class gets when it is added.
const ADDED_SHARE: f64 = 0.2;

pub(super) fn view(store: Store) -> AnyView {
    let count = Memo::new(move |_| store.scenario.with(|s| s.workload.classes.len()));
    let put = move |classes: Vec<TrafficClass>| {
        let value = serde_json::to_value(classes).unwrap_or_default();
        if let Err(reason) = store.set("workload.classes", value, Gesture::Done) {
            crate::browser::complain(&reason);
        }
    };
    let add = move |_| put(with_one_more(&store.scenario.get_untracked().workload.classes));
    let remove = move |i: usize| put(without(&store.scenario.get_untracked().workload.classes, i));
    view! {
        {arrival::view(store)}
        {form::findings_at(store, "workload.classes".into())}
        <For each={move || 0..count.get()} key=|i| *i children={move |i| class(store, i, count, remove)} />
        <button type="button" class="quiet" data-testid="add-class" on:click=add>"+ Add a class of requests"</button>
    }
    .into_any()
}

fn class(store: Store, i: usize, count: Memo<usize>, remove: impl Fn(usize) + Copy + Send + Sync + 'static) -> AnyView {
    let at = move |field: &str| format!("workload.classes[{i}].{field}");
    let name = store.value(&at("name"));
    let several = move || count.get() > 1;
    view! {
        <fieldset class="card" data-testid=format!("class-{i}")>
            <legend>{move || name.get().as_str().unwrap_or_default().to_owned()}</legend>
            <div class="row three">
                {Text::new(at("name")).view(store)}
                {Number::new(at("share")).within(0.0, 1.0).step("0.05").view(store)}
                {Number::new(at("priority")).within(-100.0, 100.0).view(store)}
            </div>
            {length::view(store, at("input"), Of::tokens("Prompts"))}
            {length::view(store, at("output"), Of::tokens("Outputs"))}
            {sharing::view(store, &format!("workload.classes[{i}]"))}
            <h3>"Targets " <span class="unit">"empty: none"</span></h3>
            <div class="row two">
                {Number::new(at("slo.ttft_ms")).label("TTFT").unit("ms").step("10").or_default(Signal::stored("none".into())).view(store)}
                {Number::new(at("slo.itl_ms")).label("ITL").unit("ms").or_default(Signal::stored("none".into())).view(store)}
                {Number::new(at("slo.e2e_ms")).label("E2E").unit("ms").step("100").or_default(Signal::stored("none".into())).view(store)}
                {Number::new(at("slo.percentile")).label("Percentile").within(50.0, 99.9).step("0.1").view(store)}
            </div>
            {form::findings_at(store, at("slo"))}
            <button
                type="button"
                class="quiet"
                data-testid=format!("remove-class-{i}")
                aria-label={move || format!("Remove this class: {}", name.get().as_str().unwrap_or_default())}
                hidden={move || !several()}
                on:click=move |_| remove(i)
            >
                "Remove this class"
            </button>
        </fieldset>
    }
    .into_any()
}

/// One class more; the others make room in proportion.
fn with_one_more(classes: &[TrafficClass]) -> Vec<TrafficClass> {
    let share = if classes.is_empty() { 1.0 } else { ADDED_SHARE };
    let mut all: Vec<TrafficClass> =
        classes.iter().map(|c| TrafficClass { share: rounded(c.share * (1.0 - share)), ..c.clone() }).collect();
    all.push(TrafficClass { name: format!("class {}", classes.len() + 1), share, ..TrafficClass::default() });
    settle(all)
}

/// All but one; the others fill its place in proportion.
fn without(classes: &[TrafficClass], i: usize) -> Vec<TrafficClass> {
    let rest: Vec<&TrafficClass> = classes.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, c)| c).collect();
    let sum: f64 = rest.iter().map(|c| c.share).sum();
    let equal = 1.0 / rest.len().max(1) as f64;
    let share = |c: &TrafficClass| if sum > 0.0 { rounded(c.share / sum) } else { equal };
    settle(rest.into_iter().map(|c| TrafficClass { share: share(c), ..c.clone() }).collect())
}

/// Shares are for reading: four decimals do.
fn rounded(share: f64) -> f64 {
    (share * 10_000.0).round() / 10_000.0
}

/// Gives what rounding left to the first class, so that the shares add up to 1.
fn settle(mut classes: Vec<TrafficClass>) -> Vec<TrafficClass> {
    let others: f64 = classes.iter().skip(1).map(|c| c.share).sum();
    if let Some(first) = classes.first_mut() {
        first.share = rounded(1.0 - others);
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(classes: &[TrafficClass]) -> Vec<f64> {
        classes.iter().map(|c| c.share).collect()
    }

    #[test]
    fn shares_add_up_after_adding_and_removing() {
        let one = vec![TrafficClass::default()];
        let two = with_one_more(&one);
        assert_eq!(shares(&two), [0.8, 0.2]);
        let three = with_one_more(&two);
        assert_eq!(shares(&three), [0.64, 0.16, 0.2]);
        assert_eq!(shares(&without(&three, 2)), [0.8, 0.2]);
        assert_eq!(shares(&without(&two, 0)), [1.0]);
        assert!(without(&one, 0).is_empty());
        assert_eq!(shares(&with_one_more(&[])), [1.0]);
    }
}
