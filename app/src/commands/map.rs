//! The map of keys.

use super::{Desk, keys, list};
use leptos::prelude::*;

/// Keys that are no single letters.
const OTHERS: [(&str, &str); 9] = [
    ("Ctrl/⌘ K", "Find a command"),
    ("Ctrl/⌘ Z", "Undo"),
    ("Ctrl/⌘ Shift Z", "Redo"),
    ("Esc", "Cancel what is being simulated; close a box"),
    ("← →", "On a chart: the load before or after. On a slider: one step"),
    ("Home End", "On a chart: the first load, the last"),
    ("Enter", "On a chart: look at the load closely"),
    ("← → on tabs", "The part of the page before or after"),
    ("Tab", "The next control; the first one skips to the answer"),
];

pub(super) fn body(desk: Desk) -> AnyView {
    let all = list::all(desk);
    let title = |id: &str| {
        let found = all.iter().find(|c| c.id == id);
        found.map_or_else(|| "Swap A and B".to_owned(), |c| format!("{}: {}", c.group, c.title))
    };
    let singles = list::KEYS.iter().map(|(key, id)| ((*key).to_owned(), title(id)));
    let others = OTHERS.iter().map(|(key, what)| ((*key).to_owned(), (*what).to_owned()));
    let rows = |list: Vec<(String, String)>| {
        list.into_iter().map(|(key, what)| view! { <div><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div> }).collect_view()
    };
    view! {
        <dl class="keys">{rows(others.collect())}</dl>
        <h3>"Single keys"</h3>
        <label class="check">
            <input
                type="checkbox"
                data-testid="single-keys"
                prop:checked={move || desk.single.get()}
                on:change:target=move |e| keys::want(desk, e.target().checked())
            />
            "Single keys do something outside of fields"
        </label>
        <dl class="keys">{rows(singles.collect())}</dl>
    }
    .into_any()
}
