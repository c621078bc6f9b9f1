//! What is asked of the browser outside of drawing: where we run, the clock, marks, the root element.

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, Document, HtmlElement, Window};

#[wasm_bindgen]
extern "C" {
    /// With details, which web-sys does not offer yet.
    #[wasm_bindgen(catch, js_namespace = performance, js_name = mark)]
    fn performance_mark(name: &str, options: &Object) -> Result<JsValue, JsValue>;
}

/// The worker this runs in, if it is one.
pub(crate) fn worker_scope() -> Option<DedicatedWorkerGlobalScope> {
    js_sys::global().dyn_into().ok()
}

pub(crate) fn window() -> Window {
    web_sys::window().expect("asked for on the page only")
}

pub(crate) fn document() -> Document {
    window().document().expect("a page has a document")
}

/// `<html>`: it carries what tests and styles need to know about the whole page.
pub(crate) fn root() -> HtmlElement {
    document().document_element().and_then(|e| e.dyn_into().ok()).expect("a page has a root element")
}

/// Sets `data-<name>` on the root element.
pub(crate) fn set_root_data(name: &str, value: &str) {
    // The name is ours and valid, which is all that could fail.
    let _ = root().set_attribute(&format!("data-{name}"), value);
}

/// A parameter of the address.
pub(crate) fn query(name: &str) -> Option<String> {
    let search = window().location().search().ok()?;
    web_sys::UrlSearchParams::new_with_str(&search).ok()?.get(name)
}

/// Milliseconds since the page or the worker started.
pub(crate) fn now_ms() -> f64 {
    thread_local! {
        static CLOCK: Option<web_sys::Performance> =
            Reflect::get(&js_sys::global(), &"performance".into()).ok().and_then(|p| p.dyn_into().ok());
    }
    CLOCK.with(|clock| clock.as_ref().map_or(0.0, web_sys::Performance::now))
}

/// Leaves a mark in the performance timeline, with numbers that say what it is about.
pub(crate) fn mark(name: &str, detail: &[(&str, f64)]) {
    mark_at(name, now_ms(), detail);
}

/// The same, of something that began at `start_ms`.
pub(crate) fn mark_at(name: &str, start_ms: f64, detail: &[(&str, f64)]) {
    let facts = Object::new();
    for (key, value) in detail {
        // A fresh plain object takes any property.
        let _ = Reflect::set(&facts, &(*key).into(), &(*value).into());
    }
    let options = Object::new();
    let _ = Reflect::set(&options, &"startTime".into(), &start_ms.into());
    let _ = Reflect::set(&options, &"detail".into(), &facts);
    // A mark that cannot be made costs a measurement, nothing else.
    let _ = performance_mark(name, &options);
}

/// Calls back with the size of an element, px, whenever that changes, and once at the beginning; as long as the page
/// lives. Reading the size of an element instead would have the browser lay out all that has changed.
pub(crate) fn on_resize(element: &HtmlElement, mut heard: impl FnMut((i32, i32)) + 'static) {
    let place = element.clone();
    let listen = Closure::<dyn FnMut()>::new(move || heard((place.client_width(), place.client_height())));
    if let Ok(observer) = web_sys::ResizeObserver::new(listen.as_ref().unchecked_ref()) {
        observer.observe(element);
    }
    listen.forget();
}

/// What an exception says.
pub(crate) fn reason(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok().and_then(|m| m.as_string());
    message.filter(|m| !m.is_empty()).unwrap_or_else(|| "the browser gives no reason".into())
}

/// Writes to the console.
pub(crate) fn complain(what: &str) {
    web_sys::console::error_1(&JsValue::from_str(what));
}

/// What the person allowed us to remember; none where storage is denied, as in a sandboxed frame.
fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

pub(crate) fn remembered(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

pub(crate) fn remember(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // A full storage only means that it is asked again next time.
        let _ = storage.set_item(key, value);
    }
}

/// A random number for a new seed: short, so that links stay short.
pub(crate) fn random_seed() -> Option<u32> {
    let mut bytes = [0u8; 4];
    window().crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(u32::from_le_bytes(bytes) % 1_000_000)
}

/// Says where a programming mistake was met, before the module stops.
pub(crate) fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        let text = info.to_string();
        complain(&text);
        let page = web_sys::window().and_then(|w| w.document());
        let Some(page) = page else { return };
        if let Some(root) = page.document_element() {
            let _ = root.set_attribute("data-state", "error");
            if root.get_attribute("data-boot").as_deref() == Some("loading") {
                let _ = root.set_attribute("data-boot", "failed");
            }
        }
        if let Some(notice) = page.get_element_by_id("boot-failed") {
            let _ = notice.remove_attribute("hidden");
            if let Ok(Some(output)) = notice.query_selector("output") {
                output.set_text_content(Some(&text));
            }
        }
    }));
}
