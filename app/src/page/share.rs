//! Share: the whole experiment as a link, copied with one click. Nothing leaves the browser.

use crate::browser;
use crate::state::{Store, link};
use js_sys::Reflect;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

/// A link that was made, and whether it is on the clipboard.
#[derive(Clone, PartialEq)]
pub(super) struct Made {
    address: String,
    copied: bool,
}

/// The link of the page. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Share {
    store: Store,
    made: RwSignal<Option<Made>>,
}

impl Share {
    pub(super) fn new(store: Store) -> Self {
        Share { store, made: RwSignal::new(None) }
    }

    /// Makes the link, copies it where that is allowed, and shows it.
    pub(crate) fn copy_link(self) {
        let address = link::address(&self.store.experiment());
        spawn_local(async move {
            let copied = copy(&address).await;
            self.made.set(Some(Made { address, copied }));
        });
    }
}

pub(super) fn view(share: Share) -> AnyView {
    let Share { store, made } = share;
    // The link of another scenario must not stay under the nose of whoever goes on editing.
    Effect::new(move |_| {
        store.followed();
        made.set(None);
    });
    view! {
        <button type="button" class="primary" data-testid="share" on:click=move |_| share.copy_link()>"Share"</button>
        <div class="share-note" role="status" data-testid="share-note">
            {move || made.get().map(|m| note(m, made))}
        </div>
    }
    .into_any()
}

fn note(Made { address, copied }: Made, made: RwSignal<Option<Made>>) -> AnyView {
    let length = address.chars().count();
    let head = if copied {
        format!("Link copied: {length} characters.")
    } else {
        format!("The browser does not let this page copy. Here is the link, {length} characters:")
    };
    let long = (length > link::LONG).then_some(" Some chat programs cut links of more than 2,000 characters.");
    let field = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get().filter(|_| !copied) {
            // Ready to be copied by hand; a field that cannot be focused can still be clicked.
            let _ = field.focus();
            field.select();
        }
    });
    view! {
        <div class="share-card">
            <p><strong>{head}</strong> {long}</p>
            <input type="text" readonly data-testid="share-link" aria-label="Link to this experiment" node_ref=field value=address on:focus:target=|e| e.target().select() />
            <p class="muted">"Nothing is uploaded. The link contains the scenario."</p>
            <button type="button" class="quiet" data-testid="share-close" on:click=move |_| made.set(None)>"Close"</button>
        </div>
    }
    .into_any()
}

/// Whether the text is on the clipboard now.
async fn copy(text: &str) -> bool {
    let navigator = browser::window().navigator();
    // Absent where the page is not served securely.
    let there = Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|c| !c.is_undefined() && !c.is_null());
    there && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}
