//! What somebody has, into the scenario: files dropped on the page or chosen, or a text that is pasted. Read in the
//! browser; nothing is uploaded.
//!
//! `read` says what it is and what came of each setting, `picture` finds the link in a picture that was saved here,
//! `files` gets bytes from the browser, `view` is the box. Recordings of traffic are read by a worker: `recording` has it
//! done, `columns` lets somebody say which column says what, `scanned` shows what is in it.

mod columns;
mod files;
mod picture;
mod read;
mod recording;
mod scanned;
mod view;

pub(crate) use view::view;

use crate::browser;
use crate::state::{Store, link};
use files::Files;
use leptos::prelude::*;
use playground_core::catalog::Catalog;
use read::{Brought, Outcome, Refusal};
use recording::{Recording, Seen};
use std::sync::Arc;
use web_sys::FileList;

/// Where an import stands.
#[derive(Clone)]
enum Stage {
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

/// The import of the page. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Import {
    store: Store,
    /// Whether its box is open.
    pub(crate) open: RwSignal<bool>,
    stage: RwSignal<Stage>,
    recording: Recording,
    /// Whether files are over the page.
    over: RwSignal<bool>,
}

impl Import {
    /// From now on files that are dropped on the page are read.
    pub(crate) fn new(store: Store) -> Self {
        let import = Import {
            store,
            open: RwSignal::new(false),
            stage: RwSignal::new(Stage::Waiting),
            recording: Recording::new(),
            over: RwSignal::new(false),
        };
        files::follow_drops(import);
        // What nobody looks at is not read on.
        Effect::new(move |_| {
            if !import.open.get() {
                import.recording.end();
            }
        });
        import
    }

    /// Opens the box, empty.
    pub(crate) fn begin(self) {
        self.recording.end();
        self.stage.set(Stage::Waiting);
        self.open.set(true);
    }

    /// Reads files, in their order.
    fn take_files(self, files: &FileList) {
        if files.length() == 0 {
            return;
        }
        self.recording.end();
        self.stage.set(Stage::Reading);
        self.open.set(true);
        files::read(files, move |read| match read {
            Ok(Files::Documents(all)) => self.take(all),
            Ok(Files::Recording(file)) => self.take_recording(&file.name(), file.into()),
            Err(refusal) => self.stage.set(Stage::Refused(refusal)),
        });
    }

    /// Reads a text that was pasted.
    fn take_text(self, text: String) {
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
        let found = read::read(&brought, &self.store.experiment(), &Catalog::builtin());
        match found {
            Err(refusal) => self.stage.set(Stage::Refused(refusal)),
            Ok(outcome) if outcome.is_whole() => self.apply(outcome),
            Ok(outcome) => self.stage.set(Stage::Read(Box::new(outcome))),
        }
    }

    /// Puts it in place of what is on the page, as one step for undo.
    fn apply(self, outcome: Outcome) {
        self.open.set(false);
        self.stage.set(Stage::Waiting);
        if let Some(read) = &outcome.link {
            link::remark(self.store, read);
        }
        let label = outcome.label();
        link::show(self.store, &label, outcome.experiment);
    }
}
