//! A sweep as a picture: the highest load of every deployment against its TTFT p99 there.
//!
//! Colour and size say how many GPUs, a ring that nothing beats the point on both axes, a star that it is the best of its
//! number of GPUs. Stars are labelled where there is room.

use super::axis::{Scale, Unit};
use super::marks::{self, Marks};
use super::{Figure, Palette};
use crate::say;
use playground_core::base::Order;
use playground_core::base::math;
use plotly::common::{Anchor, DashType, Font, HoverInfo, Line, Marker, MarkerSymbol, Mode, Position};
use plotly::layout::{Annotation, AxisType, Shape, ShapeLine, ShapeType};
use plotly::{Scatter, Traces};

/// Every figure has the same traces, so that a redraw changes data and nothing else: the frontier, circles, rings,
/// stars, hover. They are few: each costs a redraw more than its points do.
pub(crate) const HOVER_TRACE: u32 = 4;

/// Most GPUs of each size of deployments but the last, and what the sizes are called.
const TIERS_TO: [u32; 3] = [2, 4, 8];
pub(crate) const TIERS: [&str; 4] = ["1–2 GPUs", "3–4 GPUs", "5–8 GPUs", "9 GPUs and more"];

/// Width below which axes are named in fewer words, px.
const NARROW: f64 = 560.0;
const UP: &str = "maximum sustainable rate (req/s), higher is better ↑";

/// Room around the plot, px: left, right, top, bottom.
const ROOM: [f64; 4] = [52.0, 12.0, 24.0, 44.0];
/// Width of a letter and height of a line of a label, px.
const LETTER: f64 = 6.4;
const LINE: f64 = 15.0;
/// Distance of a label from the edge of its mark, px.
const AWAY: f64 = 8.0;

/// A deployment that sustains a load.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dot {
    pub(crate) gpus: u32,
    pub(crate) ttft_p99_ms: f64,
    pub(crate) max_rate_rps: f64,
    pub(crate) frontier: bool,
    pub(crate) star: bool,
    /// A few words for beside a star.
    pub(crate) label: String,
    /// All about it; parts are separated by "; ".
    pub(crate) words: String,
}

/// How a sweep is looked at.
pub(crate) struct View<'a> {
    /// Size of the figure, px.
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Target of TTFT: (ms, percentile).
    pub(crate) target: Option<(f64, f64)>,
    /// Whether stars are named: while points come in, names would jump from one to the other.
    pub(crate) labels: bool,
    pub(crate) palette: &'a Palette,
}

/// Which of the four sizes a deployment has.
pub(crate) fn tier(gpus: u32) -> usize {
    TIERS_TO.iter().position(|&to| gpus <= to).unwrap_or(TIERS_TO.len())
}

/// Diameter of a mark, px.
fn diameter(gpus: u32) -> usize {
    (7.0 + 2.2 * math::ln(f64::from(gpus.max(1))) / math::ln(2.0)) as usize
}

fn log10(v: f64) -> f64 {
    math::ln(v) / math::ln(10.0)
}

/// Axes of the figure, and where a point is in it.
struct Frame {
    unit: Unit,
    x: Scale,
    y: Scale,
    width: f64,
    height: f64,
}

impl Frame {
    fn new(dots: &[Dot], view: &View<'_>) -> Self {
        let known = || dots.iter().map(|d| d.ttft_p99_ms).filter(|v| *v > 0.0);
        let all = || known().chain(view.target.map(|t| t.0));
        let (smallest, largest) = (all().fold(f64::INFINITY, f64::min), all().fold(0.0, f64::max));
        let (smallest, largest) = if largest > 0.0 { (smallest, largest) } else { (10.0, 1000.0) };
        let unit = Unit::for_largest(largest);
        let highest = dots.iter().map(|d| d.max_rate_rps).fold(0.0, f64::max);
        Frame {
            unit,
            x: Scale::log(unit.of_ms(smallest * 0.85), unit.of_ms(largest * 1.2)),
            y: Scale::linear(if highest > 0.0 { highest * 1.08 } else { 10.0 }),
            width: (view.width - ROOM[0] - ROOM[1]).max(100.0),
            height: (view.height - ROOM[2] - ROOM[3]).max(100.0),
        }
    }

    /// Place of a latency in the plot, px from its left.
    fn across(&self, ms: f64) -> f64 {
        log10(self.unit.of_ms(ms) / self.x.low) / log10(self.x.high / self.x.low) * self.width
    }

    /// Place of a point in the plot, px from its left and its top.
    fn place(&self, dot: &Dot) -> (f64, f64) {
        (self.across(dot.ttft_p99_ms), (1.0 - dot.max_rate_rps / self.y.high) * self.height)
    }
}

/// The figure.
pub(crate) fn figure(dots: &[Dot], view: &View<'_>) -> Figure {
    let frame = Frame::new(dots, view);
    Figure { data: traces(dots, &frame, view), layout: layout(&frame, view) }
}

fn traces(dots: &[Dot], frame: &Frame, view: &View<'_>) -> Traces {
    let palette = view.palette;
    let mut traces = Traces::new();
    let mut frontier: Vec<&Dot> = dots.iter().filter(|d| d.frontier).collect();
    frontier.order_by(|a, b| a.ttft_p99_ms.total_cmp(&b.ttft_p99_ms));
    let faint = Line::new().color(palette.muted.clone()).width(1.0).dash(DashType::Dot);
    traces.push(scatter(frame, &frontier, Mode::Lines).line(faint));
    let (stars, circles): (Vec<&Dot>, Vec<&Dot>) = dots.iter().partition(|d| d.star);
    let colours = |of: &[&Dot]| of.iter().map(|d| palette.tiers[tier(d.gpus)].clone()).collect::<Vec<String>>();
    let sizes = |of: &[&Dot], more: usize| of.iter().map(|d| diameter(d.gpus) + more).collect::<Vec<usize>>();
    let edge = |colour: &String| Line::new().width(1.0).color(colour.clone());
    let mark = Marker::new().symbol(MarkerSymbol::Circle).size_array(sizes(&circles, 0)).opacity(0.9);
    traces.push(
        scatter(frame, &circles, Mode::Markers)
            .marker(mark.color_array(colours(&circles)).line(edge(&palette.surface))),
    );
    let around = frontier.iter().map(|d| diameter(d.gpus) + if d.star { 14 } else { 8 }).collect();
    let ring = Marker::new().symbol(MarkerSymbol::CircleOpen).size_array(around).color(palette.own.clone());
    traces.push(
        scatter(frame, &frontier, Mode::Markers)
            .marker(ring.opacity(1.0).line(Line::new().width(1.5).color(palette.own.clone()))),
    );
    let mark = Marker::new().symbol(MarkerSymbol::Star).size_array(sizes(&stars, 6)).opacity(1.0);
    let mark = mark.color_array(colours(&stars)).line(edge(&palette.own));
    traces.push(if view.labels {
        let (words, places): (Vec<String>, Vec<Position>) = names(dots, &stars, frame, view).into_iter().unzip();
        let font = Font::new().size(12).color(palette.text.clone());
        let named = scatter(frame, &stars, Mode::MarkersText).marker(mark);
        named.text_array(words).text_position_array(places).text_font(font)
    } else {
        scatter(frame, &stars, Mode::Markers).marker(mark)
    });
    let all: Vec<&Dot> = dots.iter().collect();
    let labels: Vec<String> = dots.iter().map(|d| marks::escaped(&d.words).replace("; ", "<br>")).collect();
    let invisible = Marker::new().size(18).color("rgba(0,0,0,0)").line(Line::new().width(0.0));
    traces.push(
        scatter(frame, &all, Mode::Markers).marker(invisible).hover_text_array(labels).hover_info(HoverInfo::Text),
    );
    traces
}

fn scatter(frame: &Frame, dots: &[&Dot], mode: Mode) -> Box<Scatter<f64, Option<f64>>> {
    let mut x: Vec<f64> = dots.iter().map(|d| frame.unit.of_ms(d.ttft_p99_ms)).collect();
    let mut y: Vec<Option<f64>> = dots.iter().map(|d| Some(d.max_rate_rps)).collect();
    if x.is_empty() {
        // A point without a value draws nothing, and keeps the trace: Plotly drops traces without points.
        (x, y) = (vec![frame.x.low], vec![None]);
    }
    // Whole marks, also at the edge of the plot.
    Scatter::new(x, y).mode(mode).show_legend(false).hover_info(HoverInfo::Skip).clip_on_axis(false)
}

fn layout(frame: &Frame, view: &View<'_>) -> plotly::Layout {
    let palette = view.palette;
    let unit = frame.unit.name();
    let narrow = view.width < NARROW;
    let across = if narrow {
        format!("TTFT p99 there ({unit}), lower is better ←")
    } else {
        format!("TTFT p99 at the maximum rate ({unit}), lower is better ←")
    };
    let x = marks::axis(palette)
        .type_(AxisType::Log)
        .range(vec![log10(frame.x.low), log10(frame.x.high)])
        .tick_values(frame.x.ticks.clone())
        .tick_text(frame.x.labels())
        .title(marks::axis_title(&across, palette));
    let y = marks::axis(palette)
        .range(vec![0.0, frame.y.high])
        .tick_values(frame.y.ticks.clone())
        .tick_text(frame.y.labels());
    let mut words = vec![
        text(if narrow { "max rate (req/s), higher is better ↑" } else { UP }, &palette.muted)
            .x_ref("paper")
            .x(0.0)
            .x_anchor(Anchor::Left)
            .y_ref("paper")
            .y(1.0)
            .y_anchor(Anchor::Bottom),
    ];
    let mut shapes = Vec::new();
    if let Some((ms, percentile)) = view.target {
        let at = frame.unit.of_ms(ms);
        let line = ShapeLine::new().color(palette.slo.clone()).width(1.5).dash(DashType::Dash);
        let shape = Shape::new().shape_type(ShapeType::Line).x_ref("x").x0(at).x1(at);
        shapes.push(shape.y_ref("paper").y0(0.0).y1(1.0).line(line));
        let word = text(&format!("target: p{percentile} ≤ {}", say::target(ms)), &palette.slo);
        let word = word.x_ref("x").x(log10(at)).x_anchor(Anchor::Right).y_ref("paper").y(1.0).y_anchor(Anchor::Top);
        words.push(word.background_color(palette.surface.clone()));
    }
    Marks::default().into_layout(palette).x_axis(x).y_axis(y).shapes(shapes).annotations(words)
}

fn text(words: &str, colour: &str) -> Annotation {
    Annotation::new().text(words).show_arrow(false).font(Font::new().size(12).color(colour.to_owned()))
}

/// A rectangle in the plot, px.
#[derive(Clone, Copy)]
struct Area {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Area {
    fn around((x, y): (f64, f64), half: f64) -> Self {
        Area { left: x - half, top: y - half, right: x + half, bottom: y + half }
    }

    fn touches(&self, other: &Area) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }
}

/// Names of the stars, in their order, and on which side of the star each stands. The highest are placed first: where
/// the fewest marks are covered; no words where every place is taken by another star or name.
fn names(dots: &[Dot], stars: &[&Dot], frame: &Frame, view: &View<'_>) -> Vec<(String, Position)> {
    let mut order: Vec<usize> = (0..stars.len()).collect();
    order.order_by(|&a, &b| stars[b].max_rate_rps.total_cmp(&stars[a].max_rate_rps));
    let mut marks: Vec<Area> =
        dots.iter().map(|d| Area::around(frame.place(d), diameter(d.gpus) as f64 / 2.0)).collect();
    // The target's line is better left free, too.
    marks.extend(view.target.map(|(ms, _)| {
        let x = frame.across(ms);
        Area { left: x - 1.0, top: 0.0, right: x + 1.0, bottom: frame.height }
    }));
    let mut taken: Vec<Area> = stars.iter().map(|d| Area::around(frame.place(d), 10.0)).collect();
    let mut found = vec![(String::new(), Position::MiddleRight); stars.len()];
    for index in order {
        let star = stars[index];
        let (x, y) = frame.place(star);
        let away = diameter(star.gpus) as f64 / 2.0 + AWAY;
        let wide = LETTER * star.label.chars().count() as f64;
        let places = [
            (x + away, y - LINE / 2.0, Position::MiddleRight),
            (x - away - wide, y - LINE / 2.0, Position::MiddleLeft),
            (x - wide / 2.0, y - away - LINE, Position::TopCenter),
            (x - wide / 2.0, y + away, Position::BottomCenter),
        ];
        let rated = places.into_iter().filter_map(|(left, top, place)| {
            let area = Area { left, top, right: left + wide, bottom: top + LINE };
            let inside = left >= 0.0 && area.right <= frame.width && top >= 0.0 && area.bottom <= frame.height;
            let free = inside && !taken.iter().any(|t| t.touches(&area));
            free.then(|| (marks.iter().filter(|m| m.touches(&area)).count(), area, place))
        });
        let Some((_, area, place)) = rated.min_by_key(|r| r.0) else { continue };
        taken.push(area);
        // Plotly keeps less than `AWAY` between a mark and its text; a space that does not break is the rest.
        found[index] = (format!("\u{a0}{}\u{a0}", marks::escaped(&star.label)), place);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn dot(gpus: u32, ttft_p99_ms: f64, max_rate_rps: f64, star: bool) -> Dot {
        let label = format!("{gpus} GPUs");
        Dot { gpus, ttft_p99_ms, max_rate_rps, frontier: star, star, label, words: "a <b>; c".into() }
    }

    fn drawn(dots: &[Dot], width: f64) -> serde_json::Value {
        let palette = Palette::default();
        let view = View { width, height: 400.0, target: Some((1000.0, 99.0)), labels: true, palette: &palette };
        serde_json::from_str(&figure(dots, &view).json()).expect("is JSON")
    }

    #[test]
    fn traces_are_the_same_with_and_without_points() {
        let none = drawn(&[], 800.0)["data"].as_array().expect("traces").len();
        let some = drawn(&[dot(4, 120.0, 40.0, true), dot(8, 90.0, 80.0, false)], 800.0);
        assert_eq!(some["data"].as_array().expect("traces").len(), none);
        let hover = &some["data"][HOVER_TRACE as usize];
        assert_eq!(hover["hovertext"][0], "a &lt;b&gt;<br>c");
        assert_eq!(hover["x"], json!([120.0, 90.0]));
        // The one that is no star is a circle.
        assert_eq!((&some["data"][1]["y"], &some["data"][3]["y"]), (&json!([80.0]), &json!([40.0])));
    }

    #[test]
    fn sizes_are_named_as_they_are_drawn() {
        assert_eq!([1, 2, 3, 4, 6, 8, 12, 32].map(tier), [0, 0, 1, 1, 2, 2, 3, 3]);
        assert!(diameter(32) > diameter(1));
    }

    #[test]
    fn labels_do_not_lie_on_each_other() {
        let crowd: Vec<Dot> = (0..12).map(|i| dot(4, 100.0 + f64::from(i), 50.0 + f64::from(i), true)).collect();
        let named = |dots: &[Dot]| {
            let figure = drawn(dots, 800.0);
            let texts = figure["data"][3]["text"].as_array().expect("a name each").clone();
            assert_eq!(texts.len(), figure["data"][3]["textposition"].as_array().expect("a place each").len());
            texts.iter().filter(|text| !text.as_str().expect("words").is_empty()).count()
        };
        assert!((1..8).contains(&named(&crowd)), "{}", named(&crowd));
        assert_eq!(named(&[dot(2, 100.0, 10.0, true), dot(8, 500.0, 90.0, true)]), 2);
    }
}
