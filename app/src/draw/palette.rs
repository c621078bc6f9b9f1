//! Colours of figures, read from the style sheet when they are drawn: a theme is one redraw.

use crate::browser;
use crate::chart::Palette;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The palette of the theme that is on.
pub(crate) fn read() -> Palette {
    let Some(probe) = probe() else { return Palette::default() };
    let colour = |token: &str| computed(&probe, "color", &format!("var({token})"));
    let palette = Palette {
        series: colour("--series-a"),
        series_faint: colour("--series-a-faint"),
        series_b: colour("--series-b"),
        series_c: colour("--series-c"),
        series_d: colour("--series-d"),
        own: colour("--text"),
        slo: colour("--slo"),
        text: colour("--text"),
        muted: colour("--text-muted"),
        grid: colour("--grid"),
        shade: colour("--shade"),
        surface: colour("--surface"),
        tiers: ["--gpus-1", "--gpus-2", "--gpus-3", "--gpus-4"].map(colour),
        font: computed(&probe, "font-family", "var(--font)"),
    };
    probe.remove();
    palette
}

/// An element that nobody sees: a variable only becomes a colour on an element.
fn probe() -> Option<HtmlElement> {
    let probe: HtmlElement = browser::document().create_element("span").ok()?.dyn_into().ok()?;
    probe.set_hidden(true);
    browser::document().body()?.append_child(&probe).ok()?;
    Some(probe)
}

fn computed(probe: &HtmlElement, property: &str, value: &str) -> String {
    // A property that cannot be set reads as its inherited value, which is a usable colour too.
    let _ = probe.style().set_property(property, value);
    let style = browser::window().get_computed_style(probe).ok().flatten();
    style.and_then(|s| s.get_property_value(property).ok()).unwrap_or_default()
}
