//! A recording of traffic being read: by a worker of its own, again whenever a column is said to be another.

use super::read::{self, Outcome, Part, Refusal};
use super::reader::{Reader, Stage};
use crate::pool::{Errand, Word};
use crate::state::catalogue;
use crate::wire::{Simulated, Task};
use js_sys::Array;
use leptos::prelude::*;
use playground_interop::trace::{Mapping, Scan, Traffic};
use std::sync::Arc;
use wasm_bindgen::JsValue;
use web_sys::Blob;

/// What was seen of a recording.
pub(super) struct Seen {
    pub(super) name: String,
    pub(super) scan: Scan,
    pub(super) traffic: Option<Traffic>,
    /// The scenario with its traffic; none where there is none.
    pub(super) outcome: Option<Outcome>,
}

/// Its columns, as they were first seen.
#[derive(Debug, PartialEq)]
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    pub(super) sample: Vec<Vec<String>>,
    pub(super) mapping: Mapping,
    /// Whether somebody has to look: a column is missing, or may be one of several.
    pub(super) unclear: bool,
}

/// The recording in hand. Copied freely.
#[derive(Clone, Copy)]
pub(super) struct Recording {
    /// Its name and its bytes.
    brought: StoredValue<Option<(String, Blob)>, LocalStorage>,
    errand: StoredValue<Option<Errand>, LocalStorage>,
    /// None before it is read for the first time.
    pub(super) columns: RwSignal<Option<Arc<Columns>>>,
    /// Which column says what, as somebody has it now.
    pub(super) mapping: RwSignal<Option<Mapping>>,
}

impl Recording {
    pub(super) fn new() -> Self {
        Recording {
            brought: StoredValue::new_local(None),
            errand: StoredValue::new_local(None),
            columns: RwSignal::new(None),
            mapping: RwSignal::new(None),
        }
    }

    /// Lets go of it.
    pub(super) fn end(self) {
        self.stop();
        self.brought.set_value(None);
        self.columns.set(None);
        self.mapping.set(None);
    }

    fn stop(self) {
        if let Some(errand) = self.errand.try_update_value(Option::take).flatten() {
            errand.end();
        }
    }
}

impl Reader {
    /// Reads a recording.
    pub(super) fn take_recording(self, name: &str, blob: Blob) {
        self.recording.end();
        self.recording.brought.set_value(Some((name.to_owned(), blob)));
        self.scan(None);
    }

    /// Reads the recording in hand, its columns being these.
    pub(super) fn scan(self, mapping: Option<Mapping>) {
        self.recording.stop();
        let Some((name, blob)) = self.recording.brought.get_value() else { return };
        self.stage.set(Stage::Scanning(0.0));
        let tell = move |word| match word {
            Word::Progress(done_frac) => self.stage.set(Stage::Scanning(done_frac)),
            Word::Done(Simulated::Scanned(scan, traffic)) => {
                self.scanned(&name, *scan, traffic.map(|traffic| *traffic))
            }
            Word::Done(_) => unreachable!("nothing but a recording is to be read"),
            Word::Failed(why) => {
                let why = format!("could not be read: {why}");
                self.stage.set(Stage::Refused(Refusal::whole(read::called(&name), why)));
            }
        };
        let errand = Errand::start(String::new(), Task::Scan { blob, mapping }, tell);
        self.recording.errand.set_value(Some(errand));
    }

    /// Stops reading.
    pub(super) fn stop_scanning(self) {
        self.recording.end();
        self.stage.set(Stage::Waiting);
    }

    fn scanned(self, name: &str, scan: Scan, traffic: Option<Traffic>) {
        self.recording.errand.set_value(None);
        let Some(mapping) = scan.mapping.clone() else {
            let trouble = scan.trouble.unwrap_or_else(|| playground_interop::report::Problem::whole("is empty"));
            let at = trouble.at.map(|mark| (mark, String::new()));
            return self.stage.set(Stage::Refused(Refusal {
                name: read::called(name).into(),
                message: trouble.message,
                at,
            }));
        };
        if self.recording.columns.with_untracked(Option::is_none) {
            let unclear = !scan.missing.is_empty() || !scan.ambiguous.is_empty();
            let (names, sample) = (scan.columns.clone(), scan.sample.clone());
            self.recording.mapping.set(Some(mapping.clone()));
            let columns = Columns { names, sample, mapping: mapping.clone(), unclear };
            self.recording.columns.set(Some(Arc::new(columns)));
        }
        let now = self.store().experiment();
        let outcome = traffic.as_ref().map(|traffic| {
            let (scenario, lines) = traffic.onto(&now.scenario, &mapping, &scan.columns);
            let part = Part { name: name.to_owned(), kind: "a recording of traffic", lines, keeps: false };
            read::applied(part, scenario, &now, catalogue())
        });
        self.stage.set(Stage::Scanned(Arc::new(Seen { name: name.to_owned(), scan, traffic, outcome })));
    }
}

/// A text as the browser keeps files.
pub(super) fn blob(text: &str) -> Result<Blob, JsValue> {
    Blob::new_with_str_sequence(&Array::of1(&text.into()))
}
