//! The address as the experiment, be it one scenario or two: read when the page opens or the fragment changes, written when the answer
//! has settled. The scenario lives in the fragment, which browsers never send to a server.

use super::{Experiment, Store, Tab, Tone};
use crate::browser;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use playground_core::MODEL_VERSION;
use playground_core::scenario::{Decoded, LinkError, Scenario};
use playground_core::study::compare::link::{Read, read};
use std::cell::RefCell;
use std::time::Duration;
use wasm_bindgen::JsValue;

/// Pause after an answer has settled before the address follows, ms.
const WRITE_MS: u64 = 250;
/// From this length on some programs cut links, characters.
pub(crate) const LONG: usize = 2000;

/// What the page opens with, and what there is to say about its link.
pub(crate) fn opening() -> (Experiment, Option<Read>) {
    let landing = || Experiment::of(Scenario::default());
    let Some(link) = fragment() else { return (landing(), None) };
    let read = read(&link);
    (experiment(&read).unwrap_or_else(landing), Some(read))
}

/// What a link opens: both scenarios, or the first where the second cannot be read.
pub(crate) fn experiment(read: &Read) -> Option<Experiment> {
    let a = read.a.as_ref().ok()?.scenario.clone();
    Some(match &read.b {
        Some(Ok(b)) => Experiment::comparing(a, b.scenario.clone()),
        Some(Err(_)) | None => Experiment::of(a),
    })
}

/// Follows the fragment from now on: Back, Forward, a link typed into the address.
pub(crate) fn follow(store: Store) {
    window_event_listener(leptos::ev::hashchange, move |_| {
        let Some(link) = fragment() else { return store.open("Landing scenario", Experiment::of(Scenario::default())) };
        // Our own writing does not arrive here, but Back may lead to what is open already.
        let read = read(&link);
        remark(store, &read);
        if let Some(experiment) = experiment(&read) {
            show(store, "Link opened", experiment);
        }
    });
}

/// Puts an experiment on the page; of two scenarios, their comparison.
pub(crate) fn show(store: Store, label: &str, experiment: Experiment) {
    if experiment.beside.is_some() {
        store.tab.set(Tab::Compare);
    }
    store.open(label, experiment);
}

/// Says what is to be known about a link.
pub(crate) fn remark(store: Store, read: &Read) {
    for topic in ["link", "comparison", "unknown-settings", "model-version"] {
        store.dismiss(topic);
    }
    if let Err(error) = &read.a {
        return store.announce("link", Tone::Problem, format!("{error} Until then this page shows another scenario."));
    }
    if let Some(Err(error)) = &read.b {
        store.announce("comparison", Tone::Problem, half(error));
    }
    let decoded: Vec<&Decoded> =
        [Some(&read.a), read.b.as_ref()].into_iter().flatten().filter_map(|part| part.as_ref().ok()).collect();
    let mut unknown: Vec<&str> = decoded.iter().flat_map(|d| &d.unknown_settings).map(String::as_str).collect();
    unknown.sort_unstable();
    unknown.dedup();
    if !unknown.is_empty() {
        let names = unknown.join(", ");
        let text = format!(
            "This release does not know some settings of the link: {names}. They are kept and travel on, but have no effect here."
        );
        store.announce("unknown-settings", Tone::Note, text);
    }
    if let Some(other) = decoded.iter().map(|d| &d.model_version).find(|version| *version != MODEL_VERSION) {
        let text =
            format!("This link was made by simulator {other}; this one is {MODEL_VERSION}, so its numbers may differ.");
        store.announce("model-version", Tone::Note, text);
    }
}

/// What is to be said when only the first scenario of a comparison can be read.
fn half(error: &LinkError) -> String {
    format!("The second scenario of this comparison cannot be opened; what you see is the first, A. {error}")
}

/// The fragment without its `#`; none if it is empty.
fn fragment() -> Option<String> {
    let hash = browser::window().location().hash().ok()?;
    let text = hash.trim_start_matches('#');
    (!text.is_empty()).then(|| text.to_owned())
}

/// The whole address of an experiment, without presentation.
pub(crate) fn address(experiment: &Experiment) -> String {
    let location = browser::window().location();
    let here = location.href().unwrap_or_default();
    let page = here.split(['?', '#']).next().unwrap_or_default();
    format!("{page}#{}", experiment.link())
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
        let link = store.experiment().link();
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
            store.dismiss("comparison");
        }
    };
    let timer = set_timeout_with_handle(write, Duration::from_millis(WRITE_MS)).ok();
    PENDING.with_borrow_mut(|pending| {
        if let Some(old) = std::mem::replace(pending, timer) {
            old.clear();
        }
    });
}
