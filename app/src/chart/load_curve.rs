//! What the latency charts have in common: points with intervals against the offered load, the scenario's
//! own load, the target, and where the fleet does not keep up.

use super::axis::{Scale, Unit};
use super::marks::{self, Place};
use super::{Chart, Curves, Figure, Options};
use crate::say;
use playground_core::base::Order;
use playground_core::report::{Report, Statistic};
use playground_core::scenario::Load;
use playground_core::study::Answer;
use plotly::common::{ErrorData, ErrorType, HoverInfo, Line, Marker, MarkerSymbol, Mode};
use plotly::layout::Axis;
use plotly::{Scatter, Traces};

/// Every figure has the same traces, empty ones included, so that a redraw changes data and nothing else:
/// under, line, steady, not steady, own, hover.
pub(super) const HOVER_TRACE: u32 = 5;

/// One load of the curve.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    /// The load that was asked for.
    pub(crate) load: Load,
    /// The same over the nominal capacity.
    pub(crate) load_frac: f64,
    /// The statistic, ms; none where nothing was measured.
    pub(crate) value_ms: Option<f64>,
    /// Its 95 % interval.
    pub(crate) lo_ms: Option<f64>,
    pub(crate) hi_ms: Option<f64>,
    /// Values behind it.
    pub(crate) n: u64,
    /// Whether the fleet keeps up.
    pub(crate) steady: bool,
    /// Whether this is the scenario's own load.
    pub(crate) own: bool,
}

pub(super) fn points(chart: &Chart, answer: &Answer, statistic: Statistic) -> Vec<Point> {
    let point = |report: &Report, own: bool| {
        let summary = (chart.summary)(&report.total.metrics);
        let (value_ms, lo_ms, hi_ms) = summary.get(statistic);
        let (load_frac, steady) = (report.load_frac, report.run.stationary);
        Point { load: report.load, load_frac, value_ms, lo_ms, hi_ms, n: summary.n, steady, own }
    };
    let mut points: Vec<Point> = answer.curve.iter().map(|c| point(&c.report, false)).collect();
    points.push(point(&answer.report, true));
    points.order_by(|a, b| a.load.total_cmp(&b.load));
    points
}

/// Targets of this latency at the scenario's classes: (ms, percentile, class), each once.
pub(super) fn targets(chart: &Chart, answer: &Answer) -> Vec<(f64, f64, String)> {
    let mut found: Vec<(f64, f64, String)> = Vec::new();
    for class in &answer.report.classes {
        for slo in class.slo.iter().filter(|s| s.metric == chart.slo) {
            match found.iter_mut().find(|(ms, percentile, _)| (*ms, *percentile) == (slo.target_ms, slo.percentile)) {
                Some((_, _, names)) => *names = format!("{names}, {}", class.name),
                None => found.push((slo.target_ms, slo.percentile, class.name.clone())),
            }
        }
    }
    found
}

/// Data of one chart, measured for its axes.
struct Frame<'a> {
    chart: &'a Chart,
    curves: &'a Curves<'a>,
    options: &'a Options,
    main: Vec<Point>,
    under: Vec<Point>,
    targets: Vec<(f64, f64, String)>,
    unit: Unit,
    y: Scale,
}

impl<'a> Frame<'a> {
    fn new(chart: &'a Chart, curves: &'a Curves<'a>, options: &'a Options) -> Self {
        let main = points(chart, curves.main, options.statistic);
        let under = curves.under.map_or_else(Vec::new, |a| points(chart, a, options.statistic));
        let targets = targets(chart, curves.main);
        let (unit, y) = Scale::of_latencies(values(main.iter().chain(&under), &targets), options.log_y);
        Frame { chart, curves, options, main, under, targets, unit, y }
    }
}

/// What a latency axis has to hold, ms: positive values and targets.
pub(super) fn values<'a>(
    points: impl Iterator<Item = &'a Point> + Clone,
    targets: &'a [(f64, f64, String)],
) -> impl Iterator<Item = f64> + Clone {
    points.filter_map(|p| p.value_ms).filter(|v| *v > 0.0).chain(targets.iter().map(|t| t.0))
}

/// Length of every error bar from the value to one end of its interval; nothing where there is no interval.
fn bar(points: &[&Point], unit: Unit, end: impl Fn(&Point) -> Option<f64>) -> Vec<f64> {
    // A lower end at 0 has no place on a logarithmic axis: the bar then stops just above.
    let length = |p: &Point| {
        Some((end(p)? - p.value_ms?).abs().min(p.value_ms? * if end(p)? < p.value_ms? { 0.98 } else { 1e6 }))
    };
    points.iter().map(|p| unit.of_ms(length(p).unwrap_or(0.0))).collect()
}

pub(super) fn figure(chart: &Chart, curves: &Curves<'_>, options: &Options) -> Figure {
    let frame = Frame::new(chart, curves, options);
    Figure { data: traces(&frame), layout: layout(&frame) }
}

fn traces(f: &Frame<'_>) -> Traces {
    let palette = &f.options.palette;
    let all: Vec<&Point> = f.main.iter().collect();
    let steady: Vec<&Point> = all.iter().copied().filter(|p| p.steady && !p.own).collect();
    let unsteady: Vec<&Point> = all.iter().copied().filter(|p| !p.steady && !p.own).collect();
    let own: Vec<&Point> = all.iter().copied().filter(|p| p.own).collect();
    let colour = if f.curves.is_draft { &palette.series_faint } else { &palette.series };
    let disc = |symbol: MarkerSymbol, size: usize| {
        Marker::new().symbol(symbol).size(size).color(colour.clone()).line(Line::new().width(1.5).color(colour.clone()))
    };
    let mut traces = Traces::new();
    let under: Vec<&Point> = f.under.iter().collect();
    let (unit, is_draft) = (f.unit, f.curves.is_draft);
    traces.push(scatter(&under, unit, Mode::Lines).line(stroke(&palette.series_faint, 1.0)));
    let main = scatter(&all, unit, Mode::Lines).line(stroke(colour, if is_draft { 1.0 } else { 2.0 }));
    traces.push(main.error_y(bars(&all, unit, colour).visible(!is_draft)));
    traces.push(dots(&steady, unit, disc(MarkerSymbol::Circle, if is_draft { 5 } else { 7 })));
    traces.push(dots(&unsteady, unit, disc(MarkerSymbol::CircleOpen, 8)));
    let own_mark = if own.iter().all(|p| p.steady) { MarkerSymbol::Diamond } else { MarkerSymbol::DiamondOpen };
    let edge = Line::new().width(2.0).color(palette.own.clone());
    traces.push(dots(&own, unit, Marker::new().symbol(own_mark).size(12).color(palette.own.clone()).line(edge)));
    let labels: Vec<String> =
        all.iter().map(|p| f.chart.announce(p, f.curves.main, f.options.statistic).replace("; ", "<br>")).collect();
    traces.push(hovered(&all, unit, labels));
    traces
}

/// A trace of points: its place in the figure, without looks.
pub(super) type Trace = Box<Scatter<f64, Option<f64>>>;

pub(super) fn scatter(points: &[&Point], unit: Unit, mode: Mode) -> Trace {
    let mut x: Vec<f64> = points.iter().map(|p| p.load.amount()).collect();
    let mut y: Vec<Option<f64>> = points.iter().map(|p| p.value_ms.map(|ms| unit.of_ms(ms))).collect();
    if x.is_empty() {
        // A point without a value draws nothing, and keeps the trace: Plotly drops traces without points.
        (x, y) = (vec![0.0], vec![None]);
    }
    Scatter::new(x, y).mode(mode).show_legend(false).hover_info(HoverInfo::Skip)
}

pub(super) fn stroke(colour: &str, width: f64) -> Line {
    Line::new().color(colour.to_owned()).width(width)
}

pub(super) fn dots(points: &[&Point], unit: Unit, marker: Marker) -> Trace {
    // Whole marks, also at the edge of the plot.
    scatter(points, unit, Mode::Markers).marker(marker).clip_on_axis(false)
}

/// Error bars: the 95 % interval of every point.
pub(super) fn bars(points: &[&Point], unit: Unit, colour: &str) -> ErrorData {
    ErrorData::new(ErrorType::Data)
        .symmetric(false)
        .array(bar(points, unit, |p| p.hi_ms))
        .array_minus(bar(points, unit, |p| p.lo_ms))
        .visible(true)
        .color(colour.to_owned())
        .thickness(1.0)
        .width(3)
}

/// Points that nobody sees, with what is said of each.
pub(super) fn hovered(points: &[&Point], unit: Unit, labels: Vec<String>) -> Trace {
    let invisible = Marker::new().size(18).color("rgba(0,0,0,0)").line(Line::new().width(0.0));
    scatter(points, unit, Mode::Markers).marker(invisible).hover_text_array(labels).hover_info(HoverInfo::Text)
}

/// Most steps between ticks of the load axis, and where there is less room.
const STEPS_MAX: f64 = 6.0;
const COMPACT_STEPS_MAX: f64 = 4.0;

/// The axes: loads of this kind to the right up to `right`, latency upwards.
pub(super) fn axes(y: &Scale, right: f64, kind_of: Load, options: &Options) -> (Axis, Axis) {
    let palette = &options.palette;
    let log = |v: f64| playground_core::base::math::ln(v) / playground_core::base::math::ln(10.0);
    let (low, high) = if options.log_y { (log(y.low), log(y.high)) } else { (y.low, y.high) };
    let kind = if options.log_y { plotly::layout::AxisType::Log } else { plotly::layout::AxisType::Linear };
    let y_axis =
        marks::axis(palette).type_(kind).range(vec![low, high]).tick_values(y.ticks.clone()).tick_text(y.labels());
    let x = Scale::up_to(right, if options.compact { COMPACT_STEPS_MAX } else { STEPS_MAX });
    let x_axis = marks::axis(palette).range(vec![0.0, right]).tick_values(x.ticks.clone()).tick_text(x.labels());
    (x_axis.title(marks::axis_title(say::load_axis(kind_of), palette)), y_axis)
}

fn layout(f: &Frame<'_>) -> plotly::Layout {
    let palette = &f.options.palette;
    let right = f.curves.highest * 1.04;
    let (x_axis, y_axis) = axes(&f.y, right, f.curves.main.report.load, f.options);
    let place = Place { right, log_y: f.options.log_y, palette, compact: f.options.compact };
    let mut marks = marks::Marks::default();
    if let Some(from) = where_it_gives_way(&f.main) {
        marks.gives_way(&place, from);
    }
    for (ms, percentile, classes) in &f.targets {
        let several = f.targets.len() > 1;
        let of = if several { format!(" ({})", marks::escaped(classes)) } else { String::new() };
        marks.target(&place, f.unit.of_ms(*ms), &format!("target: p{percentile} ≤ {}{of}", say::target(*ms)));
    }
    let capacity = f.curves.main.capacity.amount();
    if capacity < right {
        marks.capacity(&place, capacity);
    }
    marks.own(&place, f.curves.main.report.load);
    if f.curves.is_draft {
        marks.draft(&place);
    }
    marks.into_layout(palette).x_axis(x_axis).y_axis(y_axis)
}

/// The load between the last steady one and the first that is not.
fn where_it_gives_way(points: &[Point]) -> Option<f64> {
    let first = points.iter().position(|p| !p.steady)?;
    let before = first.checked_sub(1).map_or(0.0, |i| points[i].load.amount());
    Some((before + points[first].load.amount()) / 2.0)
}
