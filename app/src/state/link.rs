//! The address as the experiment, be it one scenario or several: read when the page opens or the fragment changes, written when the answer
//! has settled. The scenario lives in the fragment, which browsers never send to a server.

use super::{Experiment, Store, Tab, Tone};
use crate::browser;
use crate::say;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use playground_core::MODEL_VERSION;
use playground_core::scenario::{Decoded, Scenario, encode_readable};
use playground_core::study::compare::Side;
use playground_core::study::compare::link::{Flaw, Read, read};
use std::cell::RefCell;
use std::time::Duration;
use wasm_bindgen::JsValue;

/// Pause after an answer has settled before the address follows, ms.
const WRITE_MS: u64 = 250;
/// From this length on some programs cut links, characters.
pub(crate) const LONG: usize = 2001;
/// From this length on few programs pass links on whole, characters.
pub(crate) const TOO_LONG: usize = 16_001;

/// What the page opens with, and what there is to say about its link.
pub(crate) fn opening() -> (Experiment, Option<Read>) {
    let landing = || Experiment::of(Scenario::default());
    let Some(link) = fragment() else { return (landing(), None) };
    let read = read(&link);
    (experiment(&read).unwrap_or_else(landing), Some(read))
}

/// What a link opens: every scenario that can be read, in their order, once the first can; B is taken in hand.
pub(crate) fn experiment(read: &Read) -> Option<Experiment> {
    let a = read.a.as_ref().ok()?;
    let readable = read.others.iter().filter_map(|part| part.as_ref().ok());
    Experiment::among([a].into_iter().chain(readable).map(|d| d.scenario.clone()).collect(), Side::B)
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

/// Puts an experiment on the page; of several scenarios, their comparison.
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
    store.unverified.set(false);
    if let Err(error) = &read.a {
        return store.announce("link", Tone::Problem, format!("{error} Until then this page shows another scenario."));
    }
    if let Some(text) = unreadable(read) {
        store.announce("comparison", Tone::Problem, text);
    }
    let others = read.others.iter().filter_map(|part| part.as_ref().ok());
    let decoded: Vec<&Decoded> = read.a.as_ref().ok().into_iter().chain(others).collect();
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
    store.unverified.set(decoded.iter().any(|d| !d.verified));
    if let Some(other) = decoded.iter().map(|d| &d.model_version).find(|version| *version != MODEL_VERSION) {
        let text =
            format!("This link was made by simulator {other}; this one is {MODEL_VERSION}, so its numbers may differ.");
        store.announce("model-version", Tone::Note, text);
    }
}

/// How scenarios are counted; the letters are those that they have in the link.
const COUNTED: [&str; 4] = ["first", "second", "third", "fourth"];

/// What is to be said when some scenarios of a comparison cannot be read, and what there is instead.
fn unreadable(read: &Read) -> Option<String> {
    let counted = COUNTED.into_iter().zip(Side::ALL).skip(1);
    let parts: Vec<_> = counted.zip(&read.others).collect();
    let lost: Vec<_> = parts.iter().filter_map(|(place, part)| Some((*place, part.as_ref().err()?))).collect();
    if lost.is_empty() {
        let more = say::count(read.beyond as u64);
        return (read.beyond > 0).then(|| {
            format!("This link compares {more} more scenarios than this release can: what you see are the first four.")
        });
    }
    let readable = parts.iter().filter(|(_, part)| part.is_ok()).map(|((_, side), _)| *side);
    let kept: Vec<&str> = [Side::A].into_iter().chain(readable).map(Side::name).collect();
    let see = match &kept[..] {
        [_] => "what you see is the first, A".to_owned(),
        _ => format!("what you see is what the link calls {}", say::list(&kept)),
    };
    // Of what is missing after a cut, the cut says all.
    let damaged = lost.iter().map(|(_, flaw)| *flaw).filter(|flaw| **flaw != Flaw::Missing);
    let mut said: Vec<String> = damaged.map(Flaw::to_string).collect();
    said.dedup();
    if said.is_empty() {
        said.push(Flaw::Missing.to_string());
    }
    let of = |((place, side), _): &((&str, Side), _)| match read.others.len() {
        1 => (*place).to_owned(),
        _ => format!("{place} ({})", side.name()),
    };
    let places: Vec<String> = lost.iter().map(of).collect();
    let plural = if places.len() > 1 { "scenarios" } else { "scenario" };
    let places = say::list(&places.iter().map(String::as_str).collect::<Vec<_>>());
    Some(format!("The {places} {plural} of this comparison cannot be opened; {see}. {}", said.join(" ")))
}

/// The fragment without its `#`; none if it is empty.
fn fragment() -> Option<String> {
    let hash = browser::window().location().hash().ok()?;
    let text = hash.trim_start_matches('#');
    (!text.is_empty()).then(|| text.to_owned())
}

/// The whole address of an experiment, without presentation.
pub(crate) fn address(experiment: &Experiment) -> String {
    format!("{}#{}", page(), experiment.link())
}

/// The address that is sent to others, with this query: what is a preset but for a few settings is written so that it can be read.
pub(crate) fn to_share(experiment: &Experiment, query: &str) -> String {
    let readable = if experiment.beside.is_none() { encode_readable(&experiment.scenario) } else { None };
    format!("{}{query}#{}", page(), readable.unwrap_or_else(|| experiment.link()))
}

/// The address of the page itself.
fn page() -> String {
    let here = browser::window().location().href().unwrap_or_default();
    here.split(['?', '#']).next().unwrap_or_default().to_owned()
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
            store.unverified.set(false);
        }
    };
    let timer = set_timeout_with_handle(write, Duration::from_millis(WRITE_MS)).ok();
    PENDING.with_borrow_mut(|pending| {
        if let Some(old) = std::mem::replace(pending, timer) {
            old.clear();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::study::compare::link::write;

    fn three() -> Vec<Scenario> {
        let of = |replicas| {
            let mut s = Scenario::default();
            s.topology.pools[0].replicas = replicas;
            s
        };
        vec![of(2), of(3), of(4)]
    }

    #[test]
    fn what_can_be_read_is_opened_and_the_rest_is_named() {
        let all = three();
        let link = write(&all);
        assert_eq!(experiment(&read(&link)), Experiment::among(all.clone(), Side::B));
        assert_eq!(unreadable(&read(&link)), None);

        let cut = read(&link[..link.len() - 5]);
        assert_eq!(experiment(&cut), Experiment::among(all[..2].to_vec(), Side::B));
        let text = unreadable(&cut).expect("C is lost");
        assert!(text.starts_with("The third (C) scenario of this comparison cannot be opened; what you see is what the link calls A and B. This link is incomplete: "), "{text}");

        let short = read(&link[..link.find("&c=").expect("three") - 5]);
        let text = unreadable(&short).expect("B and C are lost");
        assert!(text.starts_with("The second (B) and third (C) scenarios of this comparison cannot be opened; what you see is the first, A. This link is incomplete: "), "{text}");
        assert_eq!(experiment(&short), Some(Experiment::of(all[0].clone())));

        let second = link.replacen("~0.z", "~0.q", 1);
        assert_eq!(experiment(&read(&second)), Some(Experiment::comparing(all[0].clone(), all[2].clone())));
        let text = unreadable(&read(&second)).expect("B is lost");
        assert!(text.contains("what the link calls A and C. "), "{text}");

        let two = write(&all[..2]);
        let text = unreadable(&read(&two[..two.len() - 5])).expect("B is lost");
        assert!(text.starts_with("The second scenario of this comparison cannot be opened; what you see is the first, A. This link is incomplete: "), "{text}");
        let many = unreadable(&read(&link.replacen("3~", "7~", 1))).expect("more than can be");
        assert!(many.contains("fourth (D)"), "{many}");
    }
}
