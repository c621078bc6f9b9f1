//! What is on the page as a reference: BibTeX with what made it, from which seed, when, and the link that makes it again.

use super::stamp::{AGAIN, Stamp};
use playground_core::scenario::Scenario;
use std::collections::BTreeSet;

/// Characters of an ISO date: `2026-11-28`.
const DATE: usize = 10;

/// The reference to what is on the page today.
pub(super) fn of(scenario: &Scenario, stamp: &Stamp) -> String {
    let engines = scenario.topology.pools.iter().map(|pool| pool.engine.version.clone()).collect();
    let now: String = js_sys::Date::new_0().to_iso_string().into();
    bibtex(stamp, &engines, now.get(..DATE).unwrap_or_default())
}

fn bibtex(stamp: &Stamp, engines: &BTreeSet<String>, date: &str) -> String {
    let engines: Vec<&str> = engines.iter().map(String::as_str).collect();
    let title = if stamp.title.is_empty() { "A scenario" } else { &stamp.title };
    format!(
        "@misc{{llm-d-playground,\n  title = {{{}}},\n  author = {{{{llm-d Playground}}}},\n  year = {{{}}},\n  note = {{{}. Engine: vLLM {}. {AGAIN}}},\n  howpublished = {{\\url{{{}}}}},\n  urldate = {{{date}}}\n}}\n",
        plain(title),
        date.split('-').next().unwrap_or_default(),
        plain(&stamp.source),
        plain(&engines.join(", ")),
        stamp.link,
    )
}

/// Text as LaTeX prints it: what has a meaning there is marked, or left out where it cannot be.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '%' | '#' | '&' | '_' | '$' => out.extend(['\\', c]),
            '{' | '}' | '\\' | '~' | '^' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_says_what_made_it_and_where_it_is() {
        let stamp = Stamp {
            title: "50 % of {A} & B".into(),
            source: "simulator 1, seed 42, result abc".into(),
            link: "https://x/#0.j.a".into(),
        };
        let text = bibtex(&stamp, &BTreeSet::from(["0.33".to_owned()]), "2026-11-28");
        assert_eq!(
            text,
            "@misc{llm-d-playground,\n  title = {50 \\% of  A  \\& B},\n  author = {{llm-d Playground}},\n  year = {2026},\n  \
             note = {simulator 1, seed 42, result abc. Engine: vLLM 0.33. The link simulates it again, to the same digits},\n  \
             howpublished = {\\url{https://x/#0.j.a}},\n  urldate = {2026-11-28}\n}\n"
        );
    }
}
