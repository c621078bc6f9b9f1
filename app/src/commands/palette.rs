//! The palette: words narrow the list, arrows go through it, Enter does it.

use super::{Command, Desk, list};
use crate::dialog;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

/// Most that are shown at once.
const SHOWN_MAX: usize = 50;

/// Those in which every word occurs.
fn matching(all: &[Command], words: &str) -> Vec<Command> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let fits = |c: &&Command| {
        let text = format!("{} {}", c.group, c.title).to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    all.iter().filter(fits).take(SHOWN_MAX).cloned().collect()
}

/// What is being looked for. Copied freely.
#[derive(Clone, Copy)]
struct Finder {
    desk: Desk,
    all: StoredValue<Vec<Command>>,
    words: RwSignal<String>,
    /// Which of those found is selected.
    at: RwSignal<usize>,
}

impl Finder {
    fn found(self) -> Vec<Command> {
        self.words.with(|words| self.all.with_value(|all| matching(all, words)))
    }

    fn go(self, command: &Command) {
        self.desk.palette.set(false);
        let run = Arc::clone(&command.run);
        // Once the box has closed and the focus is back.
        request_animation_frame(move || run());
    }

    fn press(self, event: &KeyboardEvent) {
        let found = untrack(|| self.found());
        let (at, count) = (self.at, found.len());
        match event.key().as_str() {
            "ArrowDown" if count > 0 => at.update(|i| *i = (*i + 1) % count),
            "ArrowUp" if count > 0 => at.update(|i| *i = (*i + count - 1) % count),
            "Enter" => {
                if let Some(command) = found.get(at.get_untracked()) {
                    self.go(command);
                }
            }
            _ => return,
        }
        event.prevent_default();
        into_view_later();
    }
}

pub(super) fn body(desk: Desk) -> AnyView {
    let all = StoredValue::new(list::all(desk));
    let finder = Finder { desk, all, words: RwSignal::new(String::new()), at: RwSignal::new(0) };
    dialog::focus_later("[data-testid=palette-words]");
    view! {
        <input
            type="text"
            role="combobox"
            data-testid="palette-words"
            aria-label="Find a command"
            aria-expanded="true"
            aria-controls="commands"
            aria-autocomplete="list"
            aria-activedescendant={move || format!("command-{}", finder.at.get())}
            autocomplete="off"
            placeholder="A tab, a preset, an export, a word of the glossary…"
            on:input:target=move |e| {
                finder.words.set(e.target().value());
                finder.at.set(0);
            }
            on:keydown=move |e| finder.press(&e)
        />
        {options(finder)}
        <p class="muted" role="status">{move || if finder.found().is_empty() { "Nothing is called so." } else { "" }}</p>
    }
    .into_any()
}

/// Those that are found.
fn options(finder: Finder) -> AnyView {
    let one = move |(i, command): (usize, Command)| {
        let shown = command.clone();
        view! {
            <li
                role="option"
                id=format!("command-{i}")
                data-testid=format!("command-{}", shown.id)
                aria-selected={move || (finder.at.get() == i).to_string()}
                on:click=move |_| finder.go(&command)
            >
                <span class="muted">{shown.group}</span>
                <span>{shown.title.clone()}</span>
                {shown.key.map(|key| view! { <kbd>{key}</kbd> })}
            </li>
        }
    };
    let each = move || finder.found().into_iter().enumerate().map(one).collect_view();
    view! { <ul class="commands" id="commands" role="listbox" aria-label="Commands">{each}</ul> }.into_any()
}

/// Scrolls the list to what is selected.
fn into_view_later() {
    request_animation_frame(|| {
        let selected = crate::browser::document().query_selector("#commands [aria-selected=true]").ok().flatten();
        if let Some(option) = selected.and_then(|e| e.dyn_into::<Element>().ok()) {
            option.scroll_into_view_with_bool(false);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(group: &'static str, title: &str) -> Command {
        Command { id: title.into(), group, title: title.into(), key: None, run: Arc::new(|| ()) }
    }

    #[test]
    fn every_word_narrows_in_any_order() {
        let all = [one("Start from", "Reasoning"), one("Start from", "Chat"), one("Theme", "dark")];
        let titles = |words: &str| matching(&all, words).iter().map(|c| c.title.clone()).collect::<Vec<_>>();
        assert_eq!(titles("").len(), 3);
        assert_eq!(titles("START"), ["Reasoning", "Chat"]);
        assert_eq!(titles("chat from"), ["Chat"]);
        assert_eq!(titles("nothing"), Vec::<String>::new());
    }
}
