//! The address as the experiment: read when the page opens or the fragment changes, written when the answer
//! has settled. The scenario lives in the fragment, which browsers never send to a server.

use super::{Store, Tone};
use crate::browser;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use playground_core::MODEL_VERSION;
use playground_core::scenario::{self, Decoded, LinkError, Scenario};
use std::cell::RefCell;
use std::time::Duration;
use wasm_bindgen::JsValue;

/// Pause after an answer has settled before the address follows, ms.
const WRITE_MS: u64 = 250;
/// From this length on some programs cut links, characters.
pub(crate) const LONG: usize = 2000;

/// The scenario the page opens with, and what there is to say about its link.
pub(crate) fn opening() -> (Scenario, Option<Result<Decoded, LinkError>>) {
    let Some(link) = fragment() else { return (Scenario::default(), None) };
    let read = scenario::decode(&link);
    let scenario = read.as_ref().map_or_else(|_| Scenario::default(), |d| d.scenario.clone());
    (scenario, Some(read))
}

/// Follows the fragment from now on: Back, Forward, a link typed into the address.
pub(crate) fn follow(store: Store) {
    window_event_listener(leptos::ev::hashchange, move |_| {
        let Some(link) = fragment() else { return store.open("Landing scenario", Scenario::default()) };
        // Our own writing does not arrive here, but Back may lead to what is open already.
        let read = scenario::decode(&link);
        remark(store, &read);
        if let Ok(decoded) = read {
            store.open("Link opened", decoded.scenario);
        }
    });
}

/// Says what is to be known about a link.
pub(crate) fn remark(store: Store, read: &Result<Decoded, LinkError>) {
    store.dismiss("link");
    store.dismiss("unknown-settings");
    store.dismiss("model-version");
    match read {
        Err(error) => {
            store.announce("link", Tone::Problem, format!("{error} Until then this page shows another scenario."))
        }
        Ok(decoded) => {
            if !decoded.unknown_settings.is_empty() {
                let names = decoded.unknown_settings.join(", ");
                let text = format!(
                    "This release does not know some settings of the link: {names}. They are kept and travel on, but have no effect here."
                );
                store.announce("unknown-settings", Tone::Note, text);
            }
            if decoded.model_version != MODEL_VERSION {
                let text = format!(
                    "This link was made by simulator {}; this one is {MODEL_VERSION}, so its numbers may differ.",
                    decoded.model_version
                );
                store.announce("model-version", Tone::Note, text);
            }
        }
    }
}

/// The fragment without its `#`; none if it is empty.
fn fragment() -> Option<String> {
    let hash = browser::window().location().hash().ok()?;
    let text = hash.trim_start_matches('#');
    (!text.is_empty()).then(|| text.to_owned())
}

/// The whole address of a scenario, without presentation.
pub(crate) fn address(scenario: &Scenario) -> String {
    let location = browser::window().location();
    let here = location.href().unwrap_or_default();
    let page = here.split(['?', '#']).next().unwrap_or_default();
    format!("{page}#{}", scenario::encode(scenario))
}

/// Writes the scenario into the address once nothing has changed for a while. A page in a frame never does:
/// its host's Back button would go through our edits.
pub(crate) fn write_soon(store: Store) {
    thread_local! {
        static PENDING: RefCell<Option<TimeoutHandle>> = const { RefCell::new(None) };
    }
    if store.embedded {
        return;
    }
    let write = move || {
        let link = store.scenario.with_untracked(scenario::encode);
        // An address that cannot be read stays until something is edited, so that it can be looked at.
        if !store.is_edited() || fragment().as_deref() == Some(&link) {
            return;
        }
        let written = browser::window()
            .history()
            .and_then(|h| h.replace_state_with_url(&JsValue::NULL, "", Some(&format!("#{link}"))));
        // Browsers limit how often; the next settled answer tries again.
        if written.is_ok() {
            store.dismiss("link");
        }
    };
    let timer = set_timeout_with_handle(write, Duration::from_millis(WRITE_MS)).ok();
    PENDING.with_borrow_mut(|pending| {
        if let Some(old) = std::mem::replace(pending, timer) {
            old.clear();
        }
    });
}
