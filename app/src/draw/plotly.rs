//! The part of plotly.js that is used, and how it is loaded: after the first result, once.
//!
//! The bundle is what plotly.js 3.7.0 draws lines with (tests/charts-bundle makes it), its licence in its first line. It is of
//! the major version whose schema the `plotly` crate writes, and every figure passes its `Plotly.validate`.

use crate::browser;
use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlElement, HtmlScriptElement};

/// Where the bundle is, from the page; the version is in the name because it is served unhashed.
const BUNDLE: &str = "vendor/plotly-lines-3.7.0.min.js";

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
    #[wasm_bindgen(catch, js_namespace = Plotly, js_name = toImage)]
    fn plotly_to_image(figure: &JsValue, options: &Object) -> Result<Promise, JsValue>;
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

/// A figure, given as JSON, as a picture: a data URL of this format.
///
/// # Errors
/// What plotly.js throws.
pub(crate) async fn image(
    figure_json: &str,
    format: &str,
    (width, height): (i32, i32),
    scale: f64,
) -> Result<String, JsValue> {
    let (figure, options) = (JSON::parse(figure_json)?, Object::new());
    for (key, value) in
        [("format", format.into()), ("width", width.into()), ("height", height.into()), ("scale", scale.into())]
    {
        let value: JsValue = value;
        Reflect::set(&options, &key.into(), &value)?;
    }
    let url = JsFuture::from(plotly_to_image(&figure, &options)?).await?;
    url.as_string().ok_or_else(|| "the picture is empty".into())
}

/// Calls back with the number of a point of this trace that was clicked.
pub(crate) fn on_click(place: &HtmlElement, trace: u32, f: impl Fn(usize) + 'static) {
    let heard = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
        let points = Reflect::get(&event, &"points".into()).ok().and_then(|p| p.dyn_into::<Array>().ok());
        let Some(point) = points.map(|p| p.get(0)).filter(|p| !p.is_undefined()) else { return };
        let number = |key: &str| Reflect::get(&point, &key.into()).ok().and_then(|n| n.as_f64());
        if let (Some(clicked), Some(n)) = (number("curveNumber"), number("pointNumber"))
            && clicked == f64::from(trace)
        {
            f(n as usize);
        }
    });
    let listen = Reflect::get(place, &"on".into()).ok().and_then(|on| on.dyn_into::<Function>().ok());
    if let Some(listen) = listen {
        // Plotly's own way of listening does not fail on a figure that is drawn.
        let _ = listen.call2(place, &"plotly_click".into(), heard.as_ref());
    }
    // As long as the page lives.
    heard.forget();
}
