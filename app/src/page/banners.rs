//! Messages across the page.

use crate::state::{Banner, Store, Tone};
use leptos::prelude::*;

pub(super) fn view(store: Store) -> AnyView {
    view! {
        <div class="banners" aria-live="polite">
            {move || store.banners.get().into_iter().map(|b| one(store, b)).collect_view()}
        </div>
    }
    .into_any()
}

fn one(store: Store, Banner { topic, tone, text }: Banner) -> AnyView {
    let (class, sign, word) = match tone {
        Tone::Note => ("banner note", "i", "Note: "),
        Tone::Problem => ("banner problem", "!", "Problem: "),
    };
    let again = (topic == "workers").then(|| {
        view! { <button type="button" class="quiet" data-testid="run-again" on:click=move |_| store.run_again()>"Run again"</button> }
    });
    view! {
        <div class=class data-testid="banner" data-topic=topic>
            <span class="sign" aria-hidden="true">{sign}</span>
            <p><span class="visually-hidden">{word}</span> {text}</p>
            {again}
            <button type="button" class="quiet" aria-label="Dismiss this message" on:click=move |_| store.dismiss(topic)>"Dismiss"</button>
        </div>
    }
    .into_any()
}
