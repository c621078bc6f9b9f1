//! Hands a file to the browser, which saves it where people keep theirs.

use crate::browser;
use js_sys::{Array, Uint8Array};
use leptos::prelude::set_timeout;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// Time that a browser gets to fetch what it saves, ms.
const FETCHED_MS: u64 = 60_000;

/// Saves these bytes.
///
/// # Errors
/// When the browser has no room for them.
pub(super) fn save(name: &str, mime: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let parts = Array::of1(&Uint8Array::from(bytes));
    let about = BlobPropertyBag::new();
    about.set_type(mime);
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &about)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let anchor: HtmlAnchorElement = browser::document().create_element("a")?.unchecked_into();
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    let forget = move || {
        // One that is gone already needs no forgetting.
        let _ = Url::revoke_object_url(&url);
    };
    set_timeout(forget, Duration::from_millis(FETCHED_MS));
    Ok(())
}

/// A name for files: a title's letters and digits, and what the file is about.
pub(super) fn name(title: &str, what: &str, extension: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let text: String = format!("{title} {what}").chars().map(plain).collect();
    let parts: Vec<&str> = text.split('-').filter(|p| !p.is_empty()).collect();
    let short: String = parts.join("-").chars().take(NAME_MAX).collect();
    format!("{}.{extension}", short.trim_end_matches('-'))
}

/// Longest name, characters.
const NAME_MAX: usize = 80;

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_name_is_safe_wherever_it_is_kept() {
        assert_eq!(
            name("Interactive chat on four H100", "ttft-load", "png"),
            "interactive-chat-on-four-h100-ttft-load.png"
        );
        assert_eq!(name("../../etc/passwd\0", "x", "csv"), "etc-passwd-x.csv");
        assert_eq!(name("", "loads", "csv"), "loads.csv");
        assert!(name(&"long ".repeat(100), "x", "svg").chars().count() <= super::NAME_MAX + 4);
    }
}
