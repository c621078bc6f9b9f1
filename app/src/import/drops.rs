//! Files that are dropped anywhere on the page.

use super::Import;
use leptos::ev;
use leptos::prelude::*;
use web_sys::{DragEvent, File, FileList};

/// The files of a list: what the browser lists is gone after the event.
pub(super) fn listed(files: &FileList) -> Vec<File> {
    (0..files.length()).filter_map(|i| files.get(i)).collect()
}

/// From now on files dropped on the page are taken; everything else keeps its meaning.
pub(super) fn follow(import: Import) {
    let holds_files = |event: &DragEvent| {
        let types = event.data_transfer().map(|data| data.types());
        types.is_some_and(|types| types.iter().any(|kind| kind.as_string().as_deref() == Some("Files")))
    };
    window_event_listener(ev::dragover, move |event| {
        if holds_files(&event) {
            event.prevent_default();
            import.over.set(true);
        }
    });
    window_event_listener(ev::dragleave, move |event| {
        // Out of the window, not from one element to the next.
        if event.related_target().is_none() {
            import.over.set(false);
        }
    });
    window_event_listener(ev::drop, move |event| {
        if !holds_files(&event) {
            return;
        }
        event.prevent_default();
        import.over.set(false);
        if let Some(files) = event.data_transfer().and_then(|data| data.files()) {
            import.drop(listed(&files));
        }
    });
}
