//! The part of plotly.js that is used, and how it is loaded: once, when somebody first looks at a figure closely or saves one.
//!
//! The bundle is what plotly.js 3.7.0 draws lines with (tests/charts-bundle makes it), its licence in its first line. It is of
//! the major version whose schema the `plotly` crate writes, and every figure passes its `Plotly.validate`.

use crate::browser;
use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlElement, HtmlScriptElement};

/// The link of the page that says where the bundle is. The page names it, so that it is kept for use without a network.
const BUNDLE: &str = "app-charts";

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
    /// Nobody needed it so far, or it is on its way.
    Away,
    Ready,
    /// It could not be loaded: tables stand in.
    Failed,
}

thread_local! {
    /// Says whether the bundle is there.
    static STATE: Cell<Option<RwSignal<Bundle>>> = const { Cell::new(None) };
    /// Resolves to whether the bundle is there; none while nobody needed it.
    static CALLED: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

/// From now on `state` says whether the bundle is there.
pub(crate) fn tell(state: RwSignal<Bundle>) {
    STATE.set(Some(state));
}

/// Fetches and starts the bundle, unless that was done before. It is large, and to start it takes the page's thread for a
/// tenth of a second: not before somebody needs it. Resolves to whether it is there, and never fails.
pub(crate) fn call() -> Promise {
    CALLED.with_borrow_mut(|called| called.get_or_insert_with(|| Promise::new(&mut |done, _| fetch(&done))).clone())
}

fn fetch(done: &Function) {
    let end = |done: &Function, there: bool| {
        if let Some(state) = STATE.get() {
            state.set(if there { Bundle::Ready } else { Bundle::Failed });
        }
        // What a promise hands out to resolve it does not throw.
        let _ = done.call1(&JsValue::NULL, &there.into());
    };
    let Some(script) = script() else { return end(done, false) };
    for (name, there) in [("load", true), ("error", false)] {
        let done = done.clone();
        let heard = Closure::once_into_js(move || end(&done, there));
        // A listener of ours on an element of ours.
        let _ = script.add_event_listener_with_callback(name, heard.unchecked_ref());
    }
    let put = browser::document().head().map(|head| head.append_child(&script));
    if !matches!(put, Some(Ok(_))) {
        end(done, false);
    }
}

/// The element that fetches and starts the bundle, once it is in the page.
fn script() -> Option<HtmlScriptElement> {
    let link = browser::document().get_element_by_id(BUNDLE)?;
    let script: HtmlScriptElement = browser::document().create_element("script").ok()?.unchecked_into();
    script.set_src(&link.get_attribute("href")?);
    script.set_async(true);
    Some(script)
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

/// Shows the label of what is at a place, px from the figure's upper left corner, as if the pointer had come there just now;
/// the number of the point of this trace that is there.
pub(crate) fn hover_at(place: &HtmlElement, trace: u32, (x, y): (f64, f64)) -> Option<usize> {
    let margin = |side: &str| {
        let layout = Reflect::get(place, &"layout".into()).ok()?;
        Reflect::get(&Reflect::get(&layout, &"margin".into()).ok()?, &side.into()).ok()?.as_f64()
    };
    let at = Object::new();
    for (key, value) in [("xpx", x - margin("l")?), ("ypx", y - margin("t")?)] {
        // As above.
        let _ = Reflect::set(&at, &key.into(), &value.into());
    }
    plotly_hover(place, &at).ok()?;
    let found = Reflect::get(place, &"_hoverdata".into()).ok()?.dyn_into::<Array>().ok()?.get(0);
    let number = |key: &str| Reflect::get(&found, &key.into()).ok()?.as_f64();
    (number("curveNumber")? == f64::from(trace)).then(|| number("pointNumber").map(|n| n as usize))?
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
/// What plotly.js throws, or that it cannot be loaded.
pub(crate) async fn image(
    figure_json: &str,
    format: &str,
    (width, height): (i32, i32),
    scale: f64,
) -> Result<String, JsValue> {
    if !JsFuture::from(call()).await?.is_truthy() {
        return Err("what draws charts could not be loaded".into());
    }
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
