//! A box above the page. The browser keeps the focus inside it, closes it on Escape, and gives the focus back.

use crate::browser;
use leptos::html::Dialog;
use leptos::prelude::*;
use std::borrow::Cow;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, MouseEvent};

/// A box with a title; what is in it exists only while it is open.
pub(crate) fn view(
    id: &'static str,
    title: &'static str,
    open: RwSignal<bool>,
    body: impl Fn() -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let place = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = place.get() else { return };
        if open.get() && !dialog.open() {
            // The box is in the page and not open, which is all that could fail.
            let _ = dialog.show_modal();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    // Opening what is open leaves what is in it as it is.
    let is_open = Memo::new(move |_| open.get());
    // A press beside the box meets the dialog itself, which its content covers.
    let beside = move |event: MouseEvent| {
        let pressed = event.target().and_then(|t| t.dyn_into::<Element>().ok());
        if pressed.is_some_and(|e| e.tag_name().eq_ignore_ascii_case("dialog")) {
            open.set(false);
        }
    };
    view! {
        <dialog
            class="box"
            node_ref=place
            data-testid=format!("dialog-{id}")
            aria-labelledby=format!("dialog-{id}-title")
            on:close=move |_| open.set(false)
            on:click=beside
        >
            {move || is_open.get().then(|| view! {
                <div class="box-body">
                    <div class="box-head">
                        <h2 id=format!("dialog-{id}-title")>{title}</h2>
                        <button type="button" class="quiet" data-testid=format!("close-{id}") on:click=move |_| open.set(false)>"Close"</button>
                    </div>
                    {body()}
                </div>
            })}
        </dialog>
    }
    .into_any()
}

/// Whether a box is open: keys of the page rest meanwhile.
pub(crate) fn is_any_open() -> bool {
    browser::document().query_selector("dialog[open]").ok().flatten().is_some()
}

/// Takes the focus to an element of the page, after what has just changed is drawn.
pub(crate) fn focus_later(selector: impl Into<Cow<'static, str>>) {
    let selector = selector.into();
    request_animation_frame(move || {
        let found = browser::document().query_selector(&selector).ok().flatten();
        if let Some(element) = found.and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
            // An element that takes no focus leaves it where it is.
            let _ = element.focus();
        }
    });
}

/// Presses an element of the page, after what has just changed is drawn, and takes the focus to it.
pub(crate) fn press_later(selector: &'static str) {
    request_animation_frame(move || {
        let found = browser::document().query_selector(selector).ok().flatten();
        if let Some(element) = found.and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
            // As above.
            let _ = element.focus();
            element.click();
        }
    });
}
