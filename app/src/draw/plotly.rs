//! The part of plotly.js that is used, and how it is loaded: after the first paint, once.
//!
//! The bundle is plotly.js-basic-dist-min 3.7.0 from npm, unchanged, its licence in its first lines. It is of
//! the major version whose schema the `plotly` crate writes, and every figure passes its `Plotly.validate`.

use crate::browser;
use js_sys::{Array, JSON, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, HtmlScriptElement};

/// Where the bundle is, from the page; the version is in the name because it is served unhashed.
const BUNDLE: &str = "vendor/plotly-basic-3.7.0.min.js";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Plotly, js_name = react)]
    fn plotly_react(
        place: &HtmlElement,
        data: &JsValue,
        layout: &JsValue,
        config: &JsValue,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["Plotly", "Fx"], js_name = hover)]
    fn plotly_hover(place: &HtmlElement, points: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["Plotly", "Fx"], js_name = unhover)]
    fn plotly_unhover(place: &HtmlElement) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["Plotly", "Plots"], js_name = resize)]
    fn plotly_resize(place: &HtmlElement) -> Result<JsValue, JsValue>;
}

/// Whether figures can be drawn yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bundle {
    Loading,
    Ready,
    /// It could not be loaded: tables stand in.
    Failed,
}

/// Fetches the bundle; `state` says when it is there.
pub(crate) fn load(state: RwSignal<Bundle>) {
    let Ok(element) = browser::document().create_element("script") else { return state.set(Bundle::Failed) };
    let script: HtmlScriptElement = element.unchecked_into();
    script.set_src(BUNDLE);
    script.set_async(true);
    let ready = Closure::once_into_js(move || state.set(Bundle::Ready));
    let failed = Closure::once_into_js(move || state.set(Bundle::Failed));
    script.set_onload(Some(ready.unchecked_ref()));
    script.set_onerror(Some(failed.unchecked_ref()));
    let put = browser::document().head().map(|head| head.append_child(&script));
    if !matches!(put, Some(Ok(_))) {
        state.set(Bundle::Failed);
    }
}

/// Draws a figure, given as JSON, or changes the one that is there into it.
///
/// # Errors
/// What plotly.js throws.
pub(crate) fn react(place: &HtmlElement, figure_json: &str) -> Result<(), JsValue> {
    thread_local! {
        static CONFIG: JsValue = {
            let config = Object::new();
            // A fresh plain object takes any property.
            let _ = Reflect::set(&config, &"displayModeBar".into(), &false.into());
            let _ = Reflect::set(&config, &"responsive".into(), &true.into());
            let _ = Reflect::set(&config, &"doubleClick".into(), &false.into());
            config.into()
        };
    }
    let figure = JSON::parse(figure_json)?;
    let (data, layout) = (Reflect::get(&figure, &"data".into())?, Reflect::get(&figure, &"layout".into())?);
    CONFIG.with(|config| plotly_react(place, &data, &layout, config))?;
    Ok(())
}

/// Shows the label of a point, as if the pointer were on it.
pub(crate) fn hover(place: &HtmlElement, trace: u32, point: u32) {
    let at = Object::new();
    // A fresh plain object takes any property; a label that cannot be shown is no loss, the words are said.
    let _ = Reflect::set(&at, &"curveNumber".into(), &trace.into());
    let _ = Reflect::set(&at, &"pointNumber".into(), &point.into());
    let _ = plotly_hover(place, &Array::of1(&at));
}

/// Takes the label away.
pub(crate) fn unhover(place: &HtmlElement) {
    // Nothing to take away is as good.
    let _ = plotly_unhover(place);
}

/// Fits a figure into its place after that has changed without the window changing.
pub(crate) fn fit(place: &HtmlElement) {
    // A figure that is not drawn yet will be drawn to fit.
    let _ = plotly_resize(place);
}
