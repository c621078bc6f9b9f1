//! What the check found: the field, the reason, and changes that would mend it, one click each.

use super::names;
use crate::state::{Gesture, Store};
use leptos::prelude::*;
use playground_core::scenario::Diagnostic;

/// Everything found at exactly this path.
pub(crate) fn at(store: Store, path: String) -> impl IntoView {
    let found = Memo::new(move |_| {
        store.findings.with(|all| all.iter().filter(|d| d.path == path).cloned().collect::<Vec<_>>())
    });
    move || found.get().iter().map(|d| one(store, d)).collect_view()
}

/// One finding with its fixes.
pub(crate) fn one(store: Store, found: &Diagnostic) -> AnyView {
    let (class, sign, word) =
        if found.is_error() { ("finding error", "✗", "Error: ") } else { ("finding warning", "!", "Warning: ") };
    let name = names::of(&found.path);
    let fixes = found.fixes.iter().map(|fix| {
        let (fix, label) = (fix.clone(), fix.label.clone());
        let mend = move |_| {
            if let Err(reason) = store.apply(&fix, Gesture::Done) {
                crate::browser::complain(&reason);
            }
        };
        view! { <button type="button" class="fix" data-testid="fix" on:click=mend>{label}</button> }
    });
    view! {
        <div class=class data-testid="finding" data-path=found.path.clone()>
            <p>
                <span aria-hidden="true">{sign} " "</span>
                <span class="visually-hidden">{word}</span>
                <strong>{name}</strong>
                " "
                {found.message.clone()}
                "."
            </p>
            <div class="fixes">{fixes.collect_view()}</div>
        </div>
    }
    .into_any()
}
