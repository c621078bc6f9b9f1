//! The scenario as other programs read it: the router's configuration, the engines' commands, the load, a reference. Each
//! says where it comes from, and what it had to change or leave out. What writes them comes when the first is asked for.

use super::citation;
use super::file;
use super::item::{Item, mime, told};
use super::stamp::Stamp;
use super::trace;
use crate::form::names;
use crate::part::{self, Missing};
use crate::state::{Store, Tone, catalogue};
use leptos::prelude::*;
use playground_core::scenario::{Diagnostic, Scenario};
use playground_interop::{Format, export};
use std::fmt::Write;
use std::sync::Arc;
use wasm_split_helpers::wasm_split;

/// A document that is offered: its name in tests and files, what the button says, what it is and its file's extension.
struct Offer {
    id: &'static str,
    label: &'static str,
    kind: Kind,
    extension: &'static str,
}

/// What a document is.
#[derive(Clone, Copy)]
enum Kind {
    /// The scenario in somebody's format.
    Format(Format),
    /// A reference to what is on the page.
    Citation,
}

const OFFERS: [Offer; 5] = [
    Offer {
        id: "epp",
        label: "EndpointPickerConfig (YAML)",
        kind: Kind::Format(Format::EndpointPickerConfig),
        extension: "yaml",
    },
    Offer { id: "helm", label: "Helm values (YAML)", kind: Kind::Format(Format::HelmValues), extension: "yaml" },
    Offer { id: "vllm", label: "vllm serve (shell)", kind: Kind::Format(Format::VllmCommand), extension: "sh" },
    Offer {
        id: "inference-perf",
        label: "inference-perf load (YAML)",
        kind: Kind::Format(Format::InferencePerf),
        extension: "yaml",
    },
    Offer { id: "citation", label: "Citation (BibTeX)", kind: Kind::Citation, extension: "bib" },
];

/// The scenario as it is, and in every format.
pub(crate) fn items(store: Store) -> Vec<Item> {
    let own = Item::text(store, ("scenario", "Scenario (JSON)"), "scenario", "json", move |_| {
        store.scenario.with(|s| serde_json::to_string_pretty(&s.to_value()).ok())
    });
    let documents = OFFERS.iter().map(|offer| item(store, offer));
    [own].into_iter().chain(documents).chain(trace::items(store)).collect()
}

fn item(store: Store, offer: &'static Offer) -> Item {
    let save = move || part::call(store, || Box::pin(part()), move |save| save(store, offer));
    Item { id: offer.id, label: offer.label, save: Arc::new(save) }
}

#[wasm_split(documents, fallible)]
fn part() -> Result<fn(Store, &'static Offer), Missing> {
    Ok(save)
}

fn save(store: Store, offer: &'static Offer) {
    let stamp = Stamp::now(store);
    let made = store.scenario.with_untracked(|s| match offer.kind {
        Kind::Format(format) => document(s, format, &stamp),
        Kind::Citation => Ok(citation::of(s, &stamp)),
    });
    match made {
        Ok(text) => {
            let name = file::name(&stamp.title, offer.id, offer.extension);
            told(store, file::save(&name, mime(offer.extension), text.as_bytes()));
        }
        Err(why) => store.announce("export", Tone::Problem, format!("{} cannot be written: {why}", offer.label)),
    }
}

/// The text of a document, below where it comes from.
fn document(scenario: &Scenario, format: Format, stamp: &Stamp) -> Result<String, String> {
    let exported = export(scenario, format, catalogue()).map_err(|found| why(&found))?;
    let mut text = format!("# {}\n# Try it on a cluster before you rely on it. {}\n", stamp.source, stamp.link);
    for line in &exported.report {
        let note = if line.note.is_empty() { String::new() } else { format!(": {}", line.note) };
        // Writing to a string does not fail.
        let _ = writeln!(text, "# {} is {}{note}", one_line(&line.setting), line.fate.word());
    }
    Ok(text + &exported.text)
}

/// What stands in a comment stays there.
fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}

fn why(found: &[Diagnostic]) -> String {
    let each = found.iter().map(|d| {
        let fixes: Vec<&str> = d.fixes.iter().map(|f| f.label.as_str()).collect();
        let fix = if fixes.is_empty() { String::new() } else { format!(" ({})", fixes.join(", or ")) };
        format!("{} {}{fix}.", names::of(&d.path), d.message)
    });
    each.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::catalog::Catalog;
    use playground_core::scenario::{PRESETS, Policies};
    use playground_interop::import;

    fn stamp() -> Stamp {
        Stamp { title: "t".into(), source: "simulator 1".into(), link: "https://x/#0.j.a".into() }
    }

    #[test]
    fn what_is_written_is_read_again_as_it_was() {
        let catalog = Catalog::builtin();
        for preset in PRESETS {
            let s = preset.scenario().expect("presets are sound");
            for offer in &OFFERS {
                let Kind::Format(format) = offer.kind else { continue };
                let Ok(text) = document(&s, format, &stamp()) else { continue };
                assert!(text.starts_with("# simulator 1\n"), "{text}");
                let again = import(text.as_bytes(), &s, &catalog)
                    .unwrap_or_else(|e| panic!("{} {}: {e}\n{text}", offer.id, s.title));
                match format {
                    Format::EndpointPickerConfig | Format::HelmValues => {
                        assert_eq!(
                            again.scenario.policies.scheduling_profiles.len(),
                            s.policies.scheduling_profiles.len()
                        );
                    }
                    Format::VllmCommand => assert_eq!(again.scenario.topology.pools.len(), s.topology.pools.len()),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn what_the_router_does_not_have_is_refused_with_the_reason() {
        let s = Scenario { policies: Policies::single("round-robin-picker"), ..Scenario::default() };
        let refused = document(&s, Format::EndpointPickerConfig, &stamp());
        assert!(refused.as_ref().is_err_and(|why| why.ends_with('.')), "{refused:?}");
    }

    #[test]
    fn a_setting_cannot_leave_its_comment() {
        assert_eq!(one_line("a\nb: c\r"), "a b: c ");
    }
}
