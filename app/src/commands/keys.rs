//! Keys of the whole page. Single letters act only outside of fields, and can be switched off.

use super::{Desk, list};
use crate::state::Work;
use crate::{browser, dialog};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, KeyboardEvent};

const STORED_AS: &str = "llmd-playground-single-keys";

/// Whether single keys were wanted at the last visit.
pub(super) fn wanted() -> bool {
    browser::remembered(STORED_AS).as_deref() != Some("off")
}

/// Wants them or not from now on.
pub(super) fn want(desk: Desk, on: bool) {
    desk.single.set(on);
    browser::remember(STORED_AS, if on { "on" } else { "off" });
}

/// Listens as long as the page lives.
pub(super) fn listen(desk: Desk) {
    window_event_listener(ev::keydown, move |event| {
        let with_control = event.ctrl_key() || event.meta_key();
        let key = event.key();
        if with_control && !event.alt_key() && key.eq_ignore_ascii_case("k") {
            event.prevent_default();
            desk.palette.update(|open| *open = !*open);
            return;
        }
        if event.default_prevented() || dialog::is_any_open() {
            return;
        }
        if key == "Escape" {
            if desk.store.work.with_untracked(Work::is_running) {
                desk.store.cancel();
            }
            return desk.compare.cancel();
        }
        if event.alt_key() || in_field(&event) {
            return;
        }
        let done = if with_control { history(desk, &key, event.shift_key()) } else { single(desk, &event) };
        if done {
            event.prevent_default();
        }
    });
}

/// Undo and redo; fields of text have their own.
fn history(desk: Desk, key: &str, shift: bool) -> bool {
    match key.to_lowercase().as_str() {
        "z" if shift => desk.store.redo(),
        "z" => desk.store.undo(),
        "y" => desk.store.redo(),
        _ => return false,
    }
    true
}

fn single(desk: Desk, event: &KeyboardEvent) -> bool {
    if !desk.single.get_untracked() || event.repeat() || takes_letters(event) {
        return false;
    }
    let found = list::KEYS.iter().find(|(key, _)| *key == event.key());
    found.is_some_and(|(_, id)| {
        super::run(desk, id);
        true
    })
}

fn target(event: &KeyboardEvent) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Whether the browser edits text where the focus is.
fn in_field(event: &KeyboardEvent) -> bool {
    const PRESSED: [&str; 4] = ["range", "checkbox", "radio", "button"];
    let Some(element) = target(event) else { return false };
    match element.dyn_ref::<HtmlInputElement>() {
        Some(input) => !PRESSED.contains(&input.type_().as_str()),
        None => element.tag_name().eq_ignore_ascii_case("textarea"),
    }
}

/// Whether a letter means something where the focus is: lists go to what begins with it.
fn takes_letters(event: &KeyboardEvent) -> bool {
    target(event).is_some_and(|element| element.tag_name().eq_ignore_ascii_case("select"))
}
