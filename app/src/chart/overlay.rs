//! Two sides of a comparison in one figure: A solid with discs, B dashed with triangles, the target, the load at which
//! both are compared.

use super::axis::{Scale, Unit};
use super::load_curve::{Point, Trace, axes, bars, hovered, points, scatter, stroke, targets, values};
use super::marks::{self, Place};
use super::{Chart, Figure, Options};
use crate::say;
use playground_core::base::Order;
use playground_core::report::{Report, Statistic};
use playground_core::scenario::Load as At;
use playground_core::study::Answer;
use playground_core::study::compare::{Difference, differences};
use plotly::Traces;
use plotly::common::{DashType, Line, Marker, MarkerSymbol, Mode};

/// Every figure has the same traces, empty ones included: A, B, hover. They are few: each costs a redraw more than its
/// points do.
pub(crate) const HOVER_TRACE: u32 = 2;

/// What is drawn.
#[derive(Clone, Copy)]
pub(crate) struct Overlay<'a> {
    pub(crate) a: &'a Answer,
    pub(crate) b: &'a Answer,
    /// Highest load on the axis, in its unit.
    pub(crate) highest: f64,
}

/// One load, with the sides that were simulated there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Load {
    pub(crate) at: At,
    pub(crate) a: Option<Point>,
    pub(crate) b: Option<Point>,
    /// The paired difference of the statistic, ms.
    pub(crate) difference: Option<Difference>,
    /// Whether both are compared here.
    pub(crate) own: bool,
}

/// Reports of a side.
fn reports(answer: &Answer) -> impl Iterator<Item = &Report> {
    answer.curve.iter().map(|c| &c.report).chain([&answer.report])
}

/// Every load, ascending.
pub(crate) fn loads(chart: &Chart, both: &Overlay<'_>, statistic: Statistic) -> Vec<Load> {
    let (a, b) = (points(chart, both.a, statistic), points(chart, both.b, statistic));
    let mut all: Vec<At> = a.iter().chain(&b).map(|p| p.load).collect();
    all.order_by(At::total_cmp);
    all.dedup();
    let load = |at: At| {
        let point = |side: &[Point]| side.iter().find(|p| p.load == at).cloned();
        let report = |side| reports(side).find(|r| r.load == at);
        let pair = report(both.a).zip(report(both.b));
        let found = pair.map(|(x, y)| differences(x, y)).unwrap_or_default();
        let difference = found.into_iter().find(|d| d.metric == chart.slo && d.statistic == statistic.name());
        Load { at, a: point(&a), b: point(&b), difference, own: at == both.a.report.load }
    };
    all.into_iter().map(load).collect()
}

/// The figure.
pub(crate) fn figure(chart: &Chart, both: &Overlay<'_>, options: &Options) -> Figure {
    let statistic = options.statistic;
    let sides = [points(chart, both.a, statistic), points(chart, both.b, statistic)];
    let mut lines = targets(chart, both.a);
    for target in targets(chart, both.b) {
        if !lines.iter().any(|(ms, percentile, _)| (*ms, *percentile) == (target.0, target.1)) {
            lines.push(target);
        }
    }
    let (unit, y) = Scale::of_latencies(values(sides.iter().flatten(), &lines), options.log_y);
    let right = both.highest * 1.04;
    let (x_axis, y_axis) = axes(&y, right, both.a.report.load, options);
    let place = Place { right, log_y: options.log_y, palette: &options.palette, compact: options.compact };
    let mut marks = marks::Marks::default();
    for (ms, percentile, _) in &lines {
        marks.target(&place, unit.of_ms(*ms), &format!("target: p{percentile} ≤ {}", say::target(*ms)));
    }
    marks.own(&place, both.a.report.load);
    names(&mut marks, &place, &sides, unit);
    let layout = marks.into_layout(&options.palette).x_axis(x_axis).y_axis(y_axis);
    Figure { data: traces(chart, both, options, &sides, unit), layout }
}

/// A and B beside the ends of their lines, the higher one above its line and the lower one below.
fn names(marks: &mut marks::Marks, place: &Place<'_>, sides: &[Vec<Point>; 2], unit: Unit) {
    let ends = [0, 1].map(|i| sides[i].iter().rev().find_map(|p| Some((p.load.amount(), unit.of_ms(p.value_ms?)))));
    let higher = |i: usize| match (ends[i], ends[1 - i]) {
        (Some(mine), Some(other)) if mine.1 == other.1 => i == 0,
        (Some(mine), Some(other)) => mine.1 > other.1,
        _ => true,
    };
    for (i, name, colour) in [(0, "A", &place.palette.series), (1, "B", &place.palette.series_b)] {
        if let Some(end) = ends[i].filter(|end| end.1 > 0.0) {
            marks.series(place, name, end, higher(i), colour);
        }
    }
}

fn traces(chart: &Chart, both: &Overlay<'_>, options: &Options, [a, b]: &[Vec<Point>; 2], unit: Unit) -> Traces {
    let palette = &options.palette;
    let mut traces = Traces::new();
    let looks = [
        (a, &palette.series, DashType::Solid, MarkerSymbol::Circle),
        (b, &palette.series_b, DashType::Dash, MarkerSymbol::TriangleUp),
    ];
    for (points, colour, dash, symbol) in looks {
        let all: Vec<&Point> = points.iter().collect();
        // Where the fleet does not keep up, a mark is open: only its edge is in the colour.
        let fill = |p: &&Point| if p.steady { colour.clone() } else { palette.surface.clone() };
        let fills: Vec<String> = all.iter().map(fill).collect();
        let edge = Line::new().width(1.5).color(colour.clone());
        let mark = Marker::new().symbol(symbol).size(8).opacity(1.0).color_array(fills).line(edge);
        let line = scatter(&all, unit, Mode::LinesMarkers).line(stroke(colour, 2.0).dash(dash)).marker(mark);
        // Whole marks, also at the edge of the plot.
        traces.push(line.error_y(bars(&all, unit, colour)).clip_on_axis(false));
    }
    traces.push(hover(chart, both, options.statistic, unit));
    traces
}

/// One label a load, at A's mark, or at B's where A was not simulated.
fn hover(chart: &Chart, both: &Overlay<'_>, statistic: Statistic, unit: Unit) -> Trace {
    let loads = loads(chart, both, statistic);
    let labels = loads.iter().map(|l| announce(chart, l, statistic).replace("; ", "<br>")).collect();
    let at: Vec<&Point> = loads.iter().filter_map(|l| l.a.as_ref().or(l.b.as_ref())).collect();
    hovered(&at, unit, labels)
}

/// One load in words; parts are separated by "; ".
pub(crate) fn announce(chart: &Chart, load: &Load, statistic: Statistic) -> String {
    let own = if load.own { ", the load of this comparison" } else { "" };
    let mut parts = vec![format!("{}{own}", say::load(load.at))];
    for (name, point) in [("A", &load.a), ("B", &load.b)] {
        parts.push(match point {
            Some(p) => {
                let steady = if p.steady { "" } else { ", not steady" };
                let (short, value) = (chart.short, say::maybe_span(p.value_ms));
                format!("{name} {short} {} {value} (n = {}){steady}", statistic.name(), say::count(p.n))
            }
            None => format!("{name} not simulated: far beyond its capacity"),
        });
    }
    if let Some(d) = &load.difference {
        parts.push(format!("B − A {}", say::signed_span_with(d.difference, d.lo, d.hi)));
        if !d.significant && d.difference != 0.0 {
            parts.push("not significant at this run length".into());
        }
    }
    parts.join("; ")
}

/// What the figure shows, in a sentence.
pub(crate) fn describe(chart: &Chart, both: &Overlay<'_>, statistic: Statistic) -> String {
    let loads = loads(chart, both, statistic);
    let name = format!("{} {}", chart.short, statistic.name());
    let (mut lower, mut higher, mut open) = (0, 0, 0);
    for d in loads.iter().filter_map(|l| l.difference.as_ref()) {
        match (d.significant, d.difference < 0.0) {
            (false, _) => open += 1,
            (true, true) => lower += 1,
            (true, false) => higher += 1,
        }
    }
    let pairs = lower + higher + open;
    if pairs == 0 {
        return format!("{name}: no load was simulated for both.");
    }
    format!(
        "Of {pairs} loads simulated for both, B’s {name} is lower at {lower}, higher at {higher}, and not significantly different at {open}."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{CHARTS, Palette};
    use playground_core::catalog::Catalog;
    use playground_core::scenario::{Policies, Scenario, resolve};
    use playground_core::study::{Fidelity, LoadCurve};
    use serde_json::Value;

    fn answer(picker: &str) -> Answer {
        let mut s = Scenario { policies: Policies::single(picker), ..Scenario::default() };
        (s.run.requests, s.run.replications, s.run.load.points) = (200, 2, 5);
        s.workload.arrival.rate_rps = 80.0;
        LoadCurve::run(&resolve(&s, &Catalog::builtin()).expect("is sound"), Fidelity::Settled)
    }

    fn drawn(a: &Answer, b: &Answer) -> Value {
        let options = Options { statistic: Statistic::P99, log_y: true, compact: false, palette: Palette::default() };
        let both = Overlay { a, b, highest: 140.0 };
        serde_json::from_str(&figure(&CHARTS[0], &both, &options).json()).expect("is JSON")
    }

    #[test]
    fn sides_are_told_apart_without_colour() {
        let f = drawn(&answer("round-robin-picker"), &answer("random-picker"));
        assert_eq!(
            (f["data"][0]["line"]["dash"].as_str(), f["data"][1]["line"]["dash"].as_str()),
            (Some("solid"), Some("dash"))
        );
        assert_eq!(
            (f["data"][0]["marker"]["symbol"].as_str(), f["data"][1]["marker"]["symbol"].as_str()),
            (Some("circle"), Some("triangle-up"))
        );
        let words = f["layout"]["annotations"].to_string();
        assert!(words.contains("<b>A</b>") && words.contains("<b>B</b>") && words.contains("target: p99"), "{words}");
        assert_eq!(f["data"][HOVER_TRACE as usize]["hovertext"].as_array().map(Vec::len), Some(6));
    }

    #[test]
    fn every_load_has_its_paired_difference() {
        let (a, b) = (answer("round-robin-picker"), answer("random-picker"));
        let both = Overlay { a: &a, b: &b, highest: 140.0 };
        let all = loads(&CHARTS[0], &both, Statistic::Mean);
        assert_eq!(all.len(), 6);
        assert!(all.iter().all(|l| l.difference.is_some()) && all.iter().filter(|l| l.own).count() == 1);
        let text = announce(&CHARTS[0], all.iter().find(|l| l.own).expect("one"), Statistic::Mean);
        assert!(
            text.starts_with("80 req/s, the load of this comparison; A TTFT mean ") && text.contains("; B − A +"),
            "{text}"
        );
        assert!(
            describe(&CHARTS[0], &both, Statistic::Mean).starts_with("Of 6 loads simulated for both, B’s TTFT mean is")
        );
    }

    #[test]
    fn a_side_that_was_not_simulated_at_a_load_says_so() {
        let (mut a, b) = (answer("round-robin-picker"), answer("random-picker"));
        a.curve.pop();
        let both = Overlay { a: &a, b: &b, highest: 140.0 };
        let all = loads(&CHARTS[0], &both, Statistic::P99);
        let last = all.last().expect("six");
        assert!(last.a.is_none() && last.difference.is_none());
        assert!(announce(&CHARTS[0], last, Statistic::P99).contains("A not simulated"));
        assert_eq!(drawn(&a, &b)["data"][0]["x"].as_array().map(Vec::len), Some(5));
    }
}
