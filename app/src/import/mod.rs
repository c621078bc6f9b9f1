//! What somebody has, into the scenario: files dropped on the page or chosen, or a text that is pasted. Read in the
//! browser; nothing is uploaded.
//!
//! `drops` notices files that are dropped. All else comes when the box is first opened: `view` is what is in it, `reader` has
//! things read, `read` says what it is and what came of each setting, `picture` finds the link in a picture that was saved
//! here, `files` gets bytes from the browser. Recordings of traffic are read by a worker: `recording` has it
//! done, `columns` lets somebody say which column says what, `scanned` shows what is in it.

mod columns;
mod drops;
mod files;
mod picture;
mod read;
mod reader;
mod recording;
mod scanned;
mod view;

use crate::dialog;
use crate::part::{self, Missing};
use crate::state::Store;
use leptos::prelude::*;
use wasm_split_helpers::wasm_split;
use web_sys::File;

/// The import of the page. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Import {
    store: Store,
    /// Whether its box is open.
    open: RwSignal<bool>,
    /// Whether files are over the page.
    over: RwSignal<bool>,
    /// Files that were dropped and are not read yet.
    dropped: RwSignal<Option<Vec<File>>, LocalStorage>,
}

impl Import {
    /// From now on files that are dropped on the page are read.
    pub(crate) fn new(store: Store) -> Self {
        let (open, over) = (RwSignal::new(false), RwSignal::new(false));
        let import = Import { store, open, over, dropped: RwSignal::new_local(None) };
        drops::follow(import);
        import
    }

    /// Opens the box, empty.
    pub(crate) fn begin(self) {
        self.open.set(true);
    }

    /// Opens the box with files to read.
    fn drop(self, files: Vec<File>) {
        if !files.is_empty() {
            self.dropped.set(Some(files));
            self.open.set(true);
        }
    }
}

/// The box, and what shows that files may be dropped.
pub(crate) fn view(import: Import) -> AnyView {
    view! {
        <div class="drop-here" aria-hidden="true" hidden={move || !import.over.get()}><p>"Drop it to read it here"</p></div>
        {dialog::view("import", "Import", import.open, move || part::view(|| Box::pin(part()), import))}
    }
    .into_any()
}

#[wasm_split(documents, fallible)]
fn part() -> Result<fn(Import) -> AnyView, Missing> {
    Ok(view::body)
}
