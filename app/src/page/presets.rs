//! Scenarios to start from: one choice replaces everything, and one undo brings it back.

use crate::state::{Experiment, Store};
use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use playground_core::scenario::{PRESETS, Scenario};
use web_sys::HtmlSelectElement;

/// What the menu says while the scenario is none of its own.
const NONE: &str = "Start from…";

/// One entry of the menu.
#[derive(Clone)]
pub(crate) struct Start {
    pub(crate) title: String,
    pub(crate) scenario: Scenario,
}

pub(super) fn view(store: Store) -> AnyView {
    let starts = StoredValue::new(starts());
    // It shows what is on the page, so that arrow keys go from one entry to the next.
    let current = Memo::new(move |_| {
        store.scenario.with(|now| starts.with_value(|all| all.iter().position(|s| s.scenario == *now)))
    });
    let choose = move |e: Targeted<Event, HtmlSelectElement>| {
        let Ok(chosen) = e.target().value().parse::<usize>() else { return };
        let start = starts.with_value(|all| all.get(chosen).map(|s| (s.title.clone(), s.scenario.clone())));
        if let Some((title, scenario)) = start {
            store.open(&format!("Start from “{title}”"), Experiment::of(scenario));
        }
    };
    let options = starts.with_value(|all| {
        let each = all.iter().enumerate();
        each.map(|(i, s)| view! { <option value=i.to_string()>{s.title.clone()}</option> }).collect_view()
    });
    view! {
        <select
            class="preset"
            data-testid="preset"
            aria-label="Start from a ready-made scenario; it replaces this one"
            prop:value={move || current.get().map_or_else(String::new, |i| i.to_string())}
            on:change:target=choose
        >
            <option value="" disabled>{NONE}</option>
            {options}
        </select>
    }
    .into_any()
}

/// The landing scenario and every preset.
pub(crate) fn starts() -> Vec<Start> {
    // A test of the core excludes that a preset cannot be read.
    let presets = PRESETS.iter().filter_map(|p| p.scenario().ok());
    [Scenario::default()].into_iter().chain(presets).map(|s| Start { title: title(&s), scenario: s }).collect()
}

fn title(scenario: &Scenario) -> String {
    if *scenario == Scenario::default() { "Landing scenario".into() } else { scenario.title.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_menu_names_every_preset_once() {
        let all = starts();
        assert_eq!(all.len(), 1 + PRESETS.len());
        assert_eq!(all[0].title, "Landing scenario");
        let mut titles: Vec<&str> = all.iter().map(|s| s.title.as_str()).collect();
        assert!(titles.iter().all(|t| !t.is_empty()));
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), all.len());
    }
}
