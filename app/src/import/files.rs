//! Bytes from the browser: of files that are chosen or dropped.

use super::read::{Brought, Refusal};
use crate::browser;
use js_sys::Uint8Array;
use leptos::task::spawn_local;
use playground_interop::trace;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

/// Largest file that is looked into, bytes: pictures are the largest that mean something here.
const BYTES_MAX: f64 = 32.0 * 1024.0 * 1024.0;
/// Most files at once.
const FILES_MAX: usize = 16;

/// Bytes by which a recording is known.
const HEAD_BYTES: f64 = 65_536.0;
/// What a recording's file is called.
const RECORDINGS: [&str; 4] = [".csv", ".tsv", ".jsonl", ".ndjson"];

/// What files are.
pub(super) enum Files {
    /// Documents, read whole.
    Documents(Vec<Brought>),
    /// A recording of traffic, which is left where it is.
    Recording(File),
}

/// Looks into files one after the other, then tells.
pub(super) fn read(files: Vec<File>, tell: impl FnOnce(Result<Files, Refusal>) + 'static) {
    spawn_local(async move {
        let count = files.len();
        if count > FILES_MAX {
            let why = format!("{count} files are too many at once: at most {FILES_MAX} are read");
            return tell(Err(Refusal::whole("", why)));
        }
        tell(look(files).await);
    });
}

async fn look(files: Vec<File>) -> Result<Files, Refusal> {
    let single = files.len() == 1;
    let mut all = Vec::new();
    for file in files {
        if !is_recording(&file).await? {
            all.push(Brought { name: file.name(), bytes: bytes(&file).await? });
        } else if single {
            return Ok(Files::Recording(file));
        } else {
            let why = "is a recording of traffic; bring it alone, before or after the others";
            return Err(Refusal::whole(&file.name(), why));
        }
    }
    Ok(Files::Documents(all))
}

/// By its name, or by how it begins.
async fn is_recording(file: &File) -> Result<bool, Refusal> {
    let name = file.name().to_ascii_lowercase();
    if RECORDINGS.iter().any(|end| name.ends_with(end)) {
        return Ok(true);
    }
    let refused = |e: JsValue| refused(file, &e);
    let head = file.slice_with_f64_and_f64(0.0, HEAD_BYTES).map_err(refused)?;
    let text = JsFuture::from(head.text()).await.map_err(refused)?;
    Ok(text.as_string().is_some_and(|text| trace::is_recording(&text)))
}

/// Whether a text that was pasted is one.
pub(super) fn is_recorded_text(text: &str) -> bool {
    let end = text.floor_char_boundary(HEAD_BYTES as usize);
    trace::is_recording(&text[..end])
}

fn refused(file: &File, error: &JsValue) -> Refusal {
    Refusal::whole(&file.name(), format!("cannot be read: {}", browser::reason(error)))
}

async fn bytes(file: &File) -> Result<Vec<u8>, Refusal> {
    if file.size() > BYTES_MAX {
        let why =
            format!("has {:.0} MiB; at most {:.0} MiB are read", file.size() / 1_048_576.0, BYTES_MAX / 1_048_576.0);
        return Err(Refusal::whole(&file.name(), why));
    }
    let read = JsFuture::from(file.array_buffer()).await;
    // Folders, and files that went away in the meantime.
    let read = read.map_err(|e| refused(file, &e))?;
    Ok(Uint8Array::new(&read).to_vec())
}
