//! A canvas as it is drawn on: sharp on every screen, measured in the page's pixels.

use crate::browser;
use crate::chart::Palette;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// Size of texts, px.
const TEXT_PX: u32 = 11;

/// A clean sheet.
pub(super) struct Paper {
    pub(super) pen: CanvasRenderingContext2d,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Takes a clean sheet of so many pixels; none while the canvas has no room.
pub(super) fn begin(canvas: &HtmlCanvasElement, (width, height): (f64, f64), palette: &Palette) -> Option<Paper> {
    if width < 1.0 || height < 1.0 {
        return None;
    }
    let pen: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let dense = browser::window().device_pixel_ratio().max(1.0);
    let (wide, high) = ((width * dense) as u32, (height * dense) as u32);
    if canvas.width() != wide || canvas.height() != high {
        canvas.set_width(wide);
        canvas.set_height(high);
        // An element takes any height.
        let _ = canvas.style().set_property("height", &format!("{height}px"));
    }
    // A plain scale is always possible.
    let _ = pen.set_transform(dense, 0.0, 0.0, dense, 0.0, 0.0);
    pen.clear_rect(0.0, 0.0, width, height);
    pen.set_font(&format!("{TEXT_PX}px {}", palette.font));
    Some(Paper { pen, width, height })
}

impl Paper {
    pub(super) fn rect(&self, [x, y, width, height]: [f64; 4], colour: &str) {
        self.pen.set_fill_style_str(colour);
        self.pen.fill_rect(x, y, width, height);
    }

    pub(super) fn frame(&self, [x, y, width, height]: [f64; 4], colour: &str) {
        self.pen.set_stroke_style_str(colour);
        self.pen.set_line_width(1.0);
        self.pen.stroke_rect(x + 0.5, y + 0.5, width - 1.0, height - 1.0);
    }

    /// A text whose base line lies at `y`, `align`ed left or right at `x`.
    pub(super) fn text(&self, text: &str, (x, y): (f64, f64), align: &str, colour: &str) {
        self.pen.set_text_align(align);
        self.pen.set_fill_style_str(colour);
        // Text that cannot be drawn is missing in the picture alone.
        let _ = self.pen.fill_text(text, x, y);
    }

    /// The area below a value for each pixel, 0 to 1, that stands on `base` and is so `high` at 1. Pixels that `kept` does
    /// not keep stay free.
    pub(super) fn area(
        &self,
        base: f64,
        high: f64,
        colour: &str,
        kept: impl Fn(u32) -> bool,
        value: impl Fn(u32) -> f64,
    ) {
        self.pen.set_fill_style_str(colour);
        self.pen.begin_path();
        let mut open: Option<(u32, f64)> = None;
        let end = self.width as u32;
        for x in 0..=end {
            let now = if x < end && kept(x) { (value(x).min(1.0) * high).max(0.0) } else { 0.0 };
            // A value that is not nothing is seen.
            let now = if now > 0.0 { now.max(1.0) } else { 0.0 };
            if let Some((from, before)) = open {
                if before == now {
                    continue;
                }
                if before > 0.0 {
                    self.pen.rect(f64::from(from), base - before, f64::from(x - from), before);
                }
            }
            open = Some((x, now));
        }
        self.pen.fill();
    }
}
