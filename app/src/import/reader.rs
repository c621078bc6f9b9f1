//! What comes of what was brought: it is read, shown, and taken.

use super::Import;
use super::files::{self, Files};
use super::read::{self, Brought, Outcome, Refusal};
use super::recording::{self, Recording, Seen};
use crate::browser;
use crate::state::{Store, catalogue, link};
use leptos::prelude::*;
use std::sync::Arc;
use web_sys::File;

/// Where an import stands.
#[derive(Clone)]
pub(super) enum Stage {
    /// Nothing was brought yet.
    Waiting,
    /// Bytes are on their way.
    Reading,
    /// Read, and not applied.
    Read(Box<Outcome>),
    Refused(Refusal),
    /// So much of a recording is read.
    Scanning(f64),
    /// A recording was read.
    Scanned(Arc<Seen>),
}

/// What is read in the box, as long as that is open. Copied freely.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    import: Import,
    pub(super) stage: RwSignal<Stage>,
    pub(super) recording: Recording,
}

impl Reader {
    /// Reads what is dropped on the page, from now on.
    pub(super) fn new(import: Import) -> Self {
        let reader = Reader { import, stage: RwSignal::new(Stage::Waiting), recording: Recording::new() };
        Effect::new(move |_| {
            import.dropped.track();
            if let Some(files) = import.dropped.try_update_untracked(Option::take).flatten() {
                reader.take_files(files);
            }
        });
        reader
    }

    pub(super) fn store(self) -> Store {
        self.import.store
    }

    /// Reads files, in their order.
    pub(super) fn take_files(self, files: Vec<File>) {
        if files.is_empty() {
            return;
        }
        self.recording.end();
        self.stage.set(Stage::Reading);
        files::read(files, move |read| match read {
            // The box was closed in the meantime.
            _ if self.stage.is_disposed() => {}
            Ok(Files::Documents(all)) => self.take(all),
            Ok(Files::Recording(file)) => self.take_recording(&file.name(), file.into()),
            Err(refusal) => self.stage.set(Stage::Refused(refusal)),
        });
    }

    /// Reads a text that was pasted.
    pub(super) fn take_text(self, text: String) {
        self.recording.end();
        if !files::is_recorded_text(&text) {
            return self.take(vec![Brought { name: String::new(), bytes: text.into_bytes() }]);
        }
        match recording::blob(&text) {
            Ok(blob) => self.take_recording("", blob),
            Err(error) => self.stage.set(Stage::Refused(Refusal::whole("", browser::reason(&error)))),
        }
    }

    /// Reads what was brought: an experiment is opened at once, documents are shown first.
    fn take(self, brought: Vec<Brought>) {
        let found = read::read(&brought, &self.store().experiment(), catalogue());
        match found {
            Err(refusal) => self.stage.set(Stage::Refused(refusal)),
            Ok(outcome) if outcome.is_whole() => self.apply(outcome),
            Ok(outcome) => self.stage.set(Stage::Read(Box::new(outcome))),
        }
    }

    /// Puts it in place of what is on the page, as one step for undo.
    pub(super) fn apply(self, outcome: Outcome) {
        let store = self.store();
        self.import.open.set(false);
        if let Some(read) = &outcome.link {
            link::remark(store, read);
        }
        let label = outcome.label();
        link::show(store, &label, outcome.experiment);
    }
}
