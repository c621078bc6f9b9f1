//! The page inside another one: the sentence, one chart, one control, and the way out to the whole page. A link of
//! several scenarios shows their comparison.

use super::{Parts, banners, fetched, rate, stage, status, verdict};
use crate::browser;
use crate::chart::CHARTS;
use crate::draw::figure_view;
use crate::form::{Number, names};
use crate::state::{Store, link};
use leptos::prelude::*;
use playground_core::scenario::Scenario;

pub(super) fn view(parts: Parts) -> AnyView {
    let Parts { store, bundle, palette, .. } = parts;
    stage::stamp(store);
    let address = move || link::address(&store.followed());
    let compared = Memo::new(move |_| store.beside.with(Option::is_some));
    let body = move || {
        if compared.get() {
            return fetched::embedded_compare(parts);
        }
        view! {
            {verdict::view(store)}
            <div class="result">{figure_view(store, &CHARTS[0], bundle, palette, true, None)}</div>
        }
        .into_any()
    };
    view! {
        <div class="app embed">
            {banners::view(store)}
            <main class="stage" id="stage" tabindex="-1">
                {body}
                <div class="load-bar">{rate::view(store, "")}</div>
                {controls(store)}
            </main>
            <footer class="status" aria-label="Status" data-testid="status">
                {status::fidelity_view(store)}
                {status::standing(store)}
                {status::unverified(store)}
                {status::facts(store)}
                <a class="open" data-testid="open-full" target="_blank" rel="noopener" href=address>
                    "Open\u{a0}" <span aria-hidden="true">"↗"</span> <span class="visually-hidden">" the whole simulation in a new tab"</span>
                </a>
            </footer>
        </div>
    }
    .into_any()
}

/// Most fields that readers may change, besides the load.
pub(super) const CONTROLS_MAX: usize = 4;
/// The parameter of the address that names them.
const CONTROLS: &str = "controls";

/// The part of a query that lets readers change these fields; places of lists are numbers, which need no escape.
pub(super) fn query(paths: &[String]) -> String {
    let named: Vec<String> = paths.iter().map(|path| path.replace('[', ".").replace(']', "")).collect();
    if named.is_empty() { String::new() } else { format!("&{CONTROLS}={}", named.join(",")) }
}

/// Fields that whoever made the frame lets readers change. What is no number of this scenario is left out.
fn controls(store: Store) -> AnyView {
    let asked = browser::query(CONTROLS).unwrap_or_default();
    let paths = named(&asked, &store.scenario.with_untracked(Scenario::numbers));
    let is_empty = paths.is_empty();
    let fields =
        paths.into_iter().map(|path| Number::new(path.clone()).label(&names::of(&path)).step("any").view(store));
    view! { <div class="embed-controls" data-testid="embed-controls" hidden=is_empty>{fields.collect_view()}</div> }
        .into_any()
}

/// The numbers among these that a list names, in its order.
fn named(asked: &str, numbers: &[String]) -> Vec<String> {
    let find = |name: &str| {
        numbers.iter().find(|path| query(&[(*path).clone()]).ends_with(&format!("={name}")) || *path == name)
    };
    let mut found: Vec<String> = Vec::new();
    for path in asked.split(',').filter_map(|name| find(name.trim())) {
        if !found.contains(path) && found.len() < CONTROLS_MAX {
            found.push(path.clone());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_is_found_again_and_nothing_else() {
        let numbers = Scenario::default().numbers();
        let paths = ["topology.pools[0].replicas".to_owned(), "workload.classes[0].slo.ttft_ms".to_owned()];
        let text = query(&paths);
        assert_eq!(text, "&controls=topology.pools.0.replicas,workload.classes.0.slo.ttft_ms");
        let asked = text.split_once('=').expect("a parameter").1;
        assert_eq!(named(asked, &numbers), paths);
        assert_eq!(named("title, topology.pools[0].replicas,,topology.pools.0.replicas,run", &numbers), paths[..1]);
        assert_eq!(query(&[]), "");
    }
}
