//! Bytes from the browser: of files that are chosen, or dropped anywhere on the page.

use super::Import;
use super::read::{Brought, Refusal};
use crate::browser;
use js_sys::Uint8Array;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DragEvent, File, FileList};

/// Largest file that is looked into, bytes: pictures are the largest that mean something here.
const BYTES_MAX: f64 = 32.0 * 1024.0 * 1024.0;
/// Most files at once.
const FILES_MAX: u32 = 16;

/// Reads files one after the other, then tells.
pub(super) fn read(files: &FileList, tell: impl FnOnce(Result<Vec<Brought>, Refusal>) + 'static) {
    let count = files.length();
    let files: Vec<File> = (0..count).filter_map(|i| files.get(i)).collect();
    spawn_local(async move {
        if count > FILES_MAX {
            let why = format!("{count} files are too many at once: at most {FILES_MAX} are read");
            return tell(Err(Refusal::whole("", why)));
        }
        let mut all = Vec::new();
        for file in files {
            match bytes(&file).await {
                Ok(bytes) => all.push(Brought { name: file.name(), bytes }),
                Err(refusal) => return tell(Err(refusal)),
            }
        }
        tell(Ok(all));
    });
}

async fn bytes(file: &File) -> Result<Vec<u8>, Refusal> {
    if file.size() > BYTES_MAX {
        let why =
            format!("has {:.0} MiB; at most {:.0} MiB are read", file.size() / 1_048_576.0, BYTES_MAX / 1_048_576.0);
        return Err(Refusal::whole(&file.name(), why));
    }
    let read = JsFuture::from(file.array_buffer()).await;
    // Folders, and files that went away in the meantime.
    let read = read.map_err(|e| Refusal::whole(&file.name(), format!("cannot be read: {}", browser::reason(&e))))?;
    Ok(Uint8Array::new(&read).to_vec())
}

/// From now on files dropped on the page are taken; everything else keeps its meaning.
pub(super) fn follow_drops(import: Import) {
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
            import.take_files(&files);
        }
    });
}
