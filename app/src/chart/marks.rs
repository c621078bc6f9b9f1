//! Lines, regions and words in a figure, with their layout: target, own load, capacity, where it gives way.

use super::Palette;
use crate::say;
use playground_core::base::math;
use playground_core::scenario::Load;
use plotly::common::{Anchor, DashType, Font, Label, Title};
use plotly::layout::{Annotation, Axis, DragMode, HoverMode, Margin, Shape, ShapeLayer, ShapeLine, ShapeType};
use plotly::{Layout, layout::TicksDirection};

/// Share of the axis that the words "does not keep up" take.
const WORDS_FRAC: f64 = 0.28;

/// Room above and below every plot, px.
pub(super) const ABOVE: usize = 24;
pub(super) const BELOW: usize = 44;
/// From a point to the name beside it, and half the height of a word in Plotly's box, px.
const NAME_GAP: f64 = 5.0;
const WORD_HALF: f64 = 9.0;

/// Where marks are put.
pub(super) struct Place<'a> {
    /// Right end of the load axis.
    pub(super) right: f64,
    pub(super) log_y: bool,
    pub(super) palette: &'a Palette,
    pub(super) compact: bool,
}

/// Marks gathered so far.
#[derive(Default)]
pub(super) struct Marks {
    shapes: Vec<Shape>,
    words: Vec<Annotation>,
}

impl Marks {
    /// A target: dashed, with the word and the value.
    pub(super) fn target(&mut self, at: &Place<'_>, y: f64, text: &str) {
        let line = ShapeLine::new().color(at.palette.slo.clone()).width(1.5).dash(DashType::Dash);
        let shape =
            Shape::new().shape_type(ShapeType::Line).x_ref("paper").x0(0.0).x1(1.0).y_ref("y").y0(y).y1(y).line(line);
        self.shapes.push(shape);
        // Words on a logarithmic axis are placed by the logarithm, shapes by the value.
        let y = if at.log_y { math::ln(y) / math::ln(10.0) } else { y };
        let word = words(text, &at.palette.slo).x_ref("paper").x(0.005).x_anchor(Anchor::Left).border_pad(1.0);
        self.words.push(word.y_ref("y").y(y).y_anchor(Anchor::Bottom).background_color(at.palette.surface.clone()));
    }

    /// The scenario's own load.
    pub(super) fn own(&mut self, at: &Place<'_>, load: Load) {
        let x = load.amount();
        let line = ShapeLine::new().color(at.palette.own.clone()).width(1.0).dash(DashType::Dot);
        self.shapes.push(upright(x).line(line));
        let anchor = if x > 0.8 * at.right { Anchor::Right } else { Anchor::Center };
        let word = words(&format!("<b>{}</b>", say::load(load)), &at.palette.own).x_ref("x").x(x).x_anchor(anchor);
        self.words.push(word.y_ref("paper").y(1.0).y_anchor(Anchor::Bottom));
    }

    /// A series' name beside its last point, above or below it.
    pub(super) fn series(&mut self, at: &Place<'_>, name: &str, (x, y): (f64, f64), above: bool, colour: &str) {
        let y = if at.log_y { math::ln(y) / math::ln(10.0) } else { y };
        let (anchor, shift) = if above { (Anchor::Bottom, 6.0) } else { (Anchor::Top, -6.0) };
        let word = words(&format!("<b>{name}</b>"), colour).x_ref("x").x(x).x_anchor(Anchor::Center).y_shift(shift);
        self.words.push(word.y_ref("y").y(y).y_anchor(anchor));
    }

    /// A series' name to the right of its last point, so many px above it.
    pub(super) fn series_beside(&mut self, at: &Place<'_>, name: &str, (x, y): (f64, f64), up: f64, colour: &str) {
        let y = if at.log_y { math::ln(y) / math::ln(10.0) } else { y };
        let word = words(&format!("<b>{name}</b>"), colour).x_ref("x").x(x).x_anchor(Anchor::Left).x_shift(NAME_GAP);
        self.words.push(word.y_ref("y").y(y).y_anchor(Anchor::Bottom).y_shift(up - WORD_HALF));
    }

    /// The nominal capacity.
    pub(super) fn capacity(&mut self, at: &Place<'_>, amount: f64) {
        let line = ShapeLine::new().color(at.palette.muted.clone()).width(1.0).dash(DashType::Dot);
        self.shapes.push(upright(amount).line(line).layer(ShapeLayer::Below));
        if !at.compact {
            let word =
                words("capacity", &at.palette.muted).text_angle(-90.0).x_ref("x").x(amount).x_anchor(Anchor::Right);
            // Below: at the capacity curves are high.
            self.words.push(word.y_ref("paper").y(0.01).y_anchor(Anchor::Bottom));
        }
    }

    /// From here on the fleet does not keep up.
    pub(super) fn gives_way(&mut self, at: &Place<'_>, from: f64) {
        let area = Shape::new().shape_type(ShapeType::Rect).x_ref("x").x0(from).x1(at.right);
        let area = area.y_ref("paper").y0(0.0).y1(1.0).layer(ShapeLayer::Below);
        self.shapes.push(area.fill_color(at.palette.shade.clone()).line(ShapeLine::new().width(0.0)));
        if !at.compact && from < (1.0 - WORDS_FRAC) * at.right {
            let word = words("does not keep up", &at.palette.muted).x_ref("paper").x(0.995).x_anchor(Anchor::Right);
            self.words.push(word.y_ref("paper").y(0.0).y_anchor(Anchor::Bottom));
        }
    }

    /// The word over a draft.
    pub(super) fn draft(&mut self, at: &Place<'_>) {
        let word = words("draft", &at.palette.muted).x_ref("paper").x(-0.005).x_anchor(Anchor::Right);
        self.words.push(word.y_ref("paper").y(1.0).y_anchor(Anchor::Bottom));
    }

    /// A word of the figure's own.
    pub(super) fn note(&mut self, word: Annotation) {
        self.words.push(word);
    }

    /// A layout with all of them, and what every figure has in common.
    pub(super) fn into_layout(self, palette: &Palette) -> Layout {
        let transparent = "rgba(0,0,0,0)";
        let label = Label::new()
            .background_color(palette.surface.clone())
            .border_color(palette.muted.clone())
            .align("left")
            .font(Font::new().family(&palette.font).size(13).color(palette.text.clone()));
        Layout::new()
            .auto_size(true)
            .margin(Margin::new().left(52).right(12).top(ABOVE).bottom(BELOW).pad(0))
            .font(Font::new().family(&palette.font).size(12).color(palette.text.clone()))
            .paper_background_color(transparent)
            .plot_background_color(transparent)
            .show_legend(false)
            .hover_mode(HoverMode::Closest)
            .hover_label(label)
            // Dragging scrolls the page, on a phone too.
            .drag_mode(DragMode::False)
            .shapes(self.shapes)
            .annotations(self.words)
    }
}

fn upright(x: f64) -> Shape {
    Shape::new().shape_type(ShapeType::Line).x_ref("x").x0(x).x1(x).y_ref("paper").y0(0.0).y1(1.0)
}

fn words(text: &str, colour: &str) -> Annotation {
    Annotation::new().text(text).show_arrow(false).font(Font::new().size(12).color(colour.to_owned()))
}

/// Somebody's words in a figure: Plotly reads `<` and `&` as markup.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// An axis in our manner.
pub(super) fn axis(palette: &Palette) -> Axis {
    Axis::new()
        .fixed_range(true)
        .zero_line(false)
        .show_grid(true)
        .grid_color(palette.grid.clone())
        .line_color(palette.grid.clone())
        .ticks(TicksDirection::Outside)
        .tick_length(4)
        .tick_color(palette.grid.clone())
        .tick_font(Font::new().size(12).color(palette.muted.clone()))
}

/// What an axis shows.
pub(super) fn axis_title(text: &str, palette: &Palette) -> Title {
    Title::with_text(text).font(Font::new().size(12).color(palette.muted.clone()))
}
