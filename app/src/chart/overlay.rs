//! The sides of a comparison in one figure, each with a dash and a mark of its own, or one of them on the axes of all: with
//! the targets, and the load at which they are compared.

use super::axis::{Scale, Unit};
use super::load_curve::{Point, Trace, axes, bars, hovered, points, scatter, stroke, targets, values};
use super::marks::{self, Place};
use super::{Chart, Figure, Options, Palette};
use crate::say;
use playground_core::base::{Order, math};
use playground_core::report::{Report, Statistic};
use playground_core::scenario::Load as At;
use playground_core::study::Answer;
use playground_core::study::compare::{Difference, Side, latency_difference};
use plotly::Traces;
use plotly::common::{DashType, Line, Marker, MarkerSymbol, Mode};

/// Every figure has the same traces, empty ones included: A, B, C, D, hover. They are few: each costs a redraw more than
/// its points do.
pub(crate) const HOVER_TRACE: u32 = Side::ALL.len() as u32;

/// Least distance between names at ends of lines, px, and what of the axis ends are apart that cannot collide.
const NAME_HEIGHT: f64 = 14.0;
const NAME_WIDTH_FRAC: f64 = 0.05;

/// What is drawn.
#[derive(Clone)]
pub(crate) struct Overlay<'a> {
    /// Of every side, the baseline first.
    pub(crate) answers: Vec<&'a Answer>,
    /// Highest load on the axis, in its unit.
    pub(crate) highest: f64,
    /// The one side that is drawn; none: all.
    pub(crate) only: Option<Side>,
}

impl Overlay<'_> {
    /// The sides that are drawn, with their answers.
    fn drawn(&self) -> impl Iterator<Item = (Side, &Answer)> {
        let all = Side::ALL.into_iter().zip(self.answers.iter().copied());
        all.filter(|(side, _)| self.only.is_none_or(|only| only == *side))
    }
}

/// One load, with the sides that were simulated there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Load {
    pub(crate) at: At,
    /// Of the sides that are drawn; nothing where one was not simulated.
    pub(crate) points: Vec<(Side, Option<Point>)>,
    /// The paired difference of the statistic from the baseline, ms: of those of them that are not the baseline.
    pub(crate) differences: Vec<(Side, Option<Difference>)>,
    /// Whether all are compared here.
    pub(crate) own: bool,
}

/// Reports of a side.
fn reports(answer: &Answer) -> impl Iterator<Item = &Report> {
    answer.curve.iter().map(|c| &c.report).chain([&answer.report])
}

/// Every load at which something that is drawn was simulated, ascending.
pub(crate) fn loads(chart: &Chart, overlay: &Overlay<'_>, statistic: Statistic) -> Vec<Load> {
    let Some(baseline) = overlay.answers.first() else { return Vec::new() };
    let drawn: Vec<(Side, &Answer, Vec<Point>)> =
        overlay.drawn().map(|(side, answer)| (side, answer, points(chart, answer, statistic))).collect();
    let mut all: Vec<At> = drawn.iter().flat_map(|(.., points)| points).map(|p| p.load).collect();
    all.order_by(At::total_cmp);
    all.dedup();
    let load = |at: At| {
        let report = |side| reports(side).find(|r| r.load == at);
        let base = report(baseline);
        let difference = |answer| latency_difference(base?, report(answer)?, chart.slo, statistic);
        let others = drawn.iter().filter(|(side, ..)| *side != Side::A);
        Load {
            at,
            points: drawn.iter().map(|(side, _, p)| (*side, p.iter().find(|p| p.load == at).cloned())).collect(),
            differences: others.map(|(side, answer, _)| (*side, difference(answer))).collect(),
            own: at == baseline.report.load,
        }
    };
    all.into_iter().map(load).collect()
}

/// The figure, for a place so high, px.
pub(crate) fn figure(chart: &Chart, overlay: &Overlay<'_>, options: &Options, height: i32) -> Figure {
    let all: Vec<Vec<Point>> = overlay.answers.iter().map(|a| points(chart, a, options.statistic)).collect();
    let mut lines: Vec<(f64, f64, String)> = Vec::new();
    for target in overlay.answers.iter().flat_map(|a| targets(chart, a)) {
        if !lines.iter().any(|(ms, percentile, _)| (*ms, *percentile) == (target.0, target.1)) {
            lines.push(target);
        }
    }
    let (unit, y) = Scale::of_latencies(values(all.iter().flatten(), &lines), options.log_y);
    let right = overlay.highest * 1.04;
    let own = overlay.answers.first().map_or(At::Rate(0.0), |a| a.report.load);
    let (x_axis, y_axis) = axes(&y, right, own, options);
    let place = Place { right, log_y: options.log_y, palette: &options.palette, compact: options.compact };
    let mut marks = marks::Marks::default();
    for (ms, percentile, _) in &lines {
        marks.target(&place, unit.of_ms(*ms), &format!("target: p{percentile} ≤ {}", say::target(*ms)));
    }
    marks.own(&place, own);
    let sides: Vec<(Side, &[Point])> = overlay.drawn().map(|(side, _)| (side, &all[side.index()][..])).collect();
    let ends = sides.iter().filter_map(|(side, points)| {
        let end = points.iter().rev().find_map(|p| Some((p.load.amount(), unit.of_ms(p.value_ms?))))?;
        (end.1 > 0.0).then_some((*side, end))
    });
    names(&mut marks, &place, (&y, height), ends.collect());
    let layout = marks.into_layout(&options.palette).x_axis(x_axis).y_axis(y_axis);
    Figure { data: traces(chart, overlay, options, &sides, unit), layout }
}

/// Letters at the ends of lines: of two the higher one above its line and the lower one below; more to the right of theirs,
/// as far apart as they have to be to be read.
fn names(
    marks: &mut marks::Marks,
    place: &Place<'_>,
    (scale, height): (&Scale, i32),
    mut ends: Vec<(Side, (f64, f64))>,
) {
    ends.order_by(|(_, a), (_, b)| b.1.total_cmp(&a.1));
    if ends.len() <= 2 {
        for (i, (side, end)) in ends.into_iter().enumerate() {
            marks.series(place, side.name(), end, i == 0, place.palette.of(side));
        }
        return;
    }
    let whole = (f64::from(height) - (marks::ABOVE + marks::BELOW) as f64).max(0.0);
    let height = |y: f64| match place.log_y {
        true => whole * math::ln(y / scale.low) / math::ln(scale.high / scale.low),
        false => whole * (y - scale.low) / (scale.high - scale.low),
    };
    let mut placed: Vec<(f64, f64)> = Vec::new();
    for (side, (x, y)) in ends {
        let near = placed.iter().filter(|(other, _)| (other - x).abs() < NAME_WIDTH_FRAC * place.right);
        let free = near.map(|(_, at)| at - NAME_HEIGHT).fold(f64::INFINITY, f64::min);
        let at = height(y).min(free);
        placed.push((x, at));
        marks.series_beside(place, side.name(), (x, y), at - height(y), place.palette.of(side));
    }
}

/// How a side is drawn.
fn look(side: Side) -> (DashType, MarkerSymbol) {
    match side {
        Side::A => (DashType::Solid, MarkerSymbol::Circle),
        Side::B => (DashType::Dash, MarkerSymbol::TriangleUp),
        Side::C => (DashType::Dot, MarkerSymbol::Square),
        Side::D => (DashType::DashDot, MarkerSymbol::Diamond),
    }
}

impl Palette {
    /// The colour of a side.
    pub(crate) fn of(&self, side: Side) -> &str {
        match side {
            Side::A => &self.series,
            Side::B => &self.series_b,
            Side::C => &self.series_c,
            Side::D => &self.series_d,
        }
    }
}

fn traces(chart: &Chart, overlay: &Overlay<'_>, options: &Options, sides: &[(Side, &[Point])], unit: Unit) -> Traces {
    let palette = &options.palette;
    let mut traces = Traces::new();
    for side in Side::ALL {
        let (colour, (dash, symbol)) = (palette.of(side), look(side));
        let all: Vec<&Point> = sides.iter().filter(|(s, _)| *s == side).flat_map(|(_, points)| *points).collect();
        // Where the fleet does not keep up, a mark is open: only its edge is in the colour.
        let fill = |p: &&Point| if p.steady { colour.to_owned() } else { palette.surface.clone() };
        let fills: Vec<String> = all.iter().map(fill).collect();
        let edge = Line::new().width(1.5).color(colour.to_owned());
        let mark = Marker::new().symbol(symbol).size(8).opacity(1.0).color_array(fills).line(edge);
        let line = scatter(&all, unit, Mode::LinesMarkers).line(stroke(colour, 2.0).dash(dash)).marker(mark);
        // Whole marks, also at the edge of the plot.
        traces.push(line.error_y(bars(&all, unit, colour)).clip_on_axis(false));
    }
    traces.push(hover(chart, overlay, options.statistic, unit));
    traces
}

/// One label a load, at the mark of the first side that was simulated there.
fn hover(chart: &Chart, overlay: &Overlay<'_>, statistic: Statistic, unit: Unit) -> Trace {
    let loads = loads(chart, overlay, statistic);
    let labels = loads.iter().map(|l| announce(chart, l, statistic).replace("; ", "<br>")).collect();
    let at: Vec<&Point> = loads.iter().filter_map(|l| l.points.iter().find_map(|(_, p)| p.as_ref())).collect();
    hovered(&at, unit, labels)
}

/// One load in words; parts are separated by "; ".
pub(crate) fn announce(chart: &Chart, load: &Load, statistic: Statistic) -> String {
    let own = if load.own { ", the load of this comparison" } else { "" };
    let mut parts = vec![format!("{}{own}", say::load(load.at))];
    for (side, point) in &load.points {
        let name = side.name();
        parts.push(match point {
            Some(p) => {
                let steady = if p.steady { "" } else { ", not steady" };
                let (short, value) = (chart.short, say::maybe_span(p.value_ms));
                format!("{name} {short} {} {value} (n = {}){steady}", statistic.name(), say::count(p.n))
            }
            None => format!("{name} not simulated: far beyond its capacity"),
        });
    }
    let apart = if load.differences.len() > 1 { ", " } else { "; " };
    for (side, difference) in &load.differences {
        if let Some(d) = difference {
            let open = !d.significant && d.difference != 0.0;
            let open = if open { format!("{apart}not significant at this run length") } else { String::new() };
            parts.push(format!("{} − A {}{open}", side.name(), say::signed_span_with(d.difference, d.lo, d.hi)));
        }
    }
    parts.join("; ")
}

/// What the figure shows, in a sentence for each side against the baseline.
pub(crate) fn describe(chart: &Chart, overlay: &Overlay<'_>, statistic: Statistic) -> String {
    let loads = loads(chart, overlay, statistic);
    let name = format!("{} {}", chart.short, statistic.name());
    let one = |side: Side| {
        let (mut lower, mut higher, mut open) = (0, 0, 0);
        for (_, d) in loads.iter().flat_map(|l| &l.differences).filter(|(s, _)| *s == side) {
            match d.as_ref().map(|d| (d.significant, d.difference < 0.0)) {
                None => {}
                Some((false, _)) => open += 1,
                Some((true, true)) => lower += 1,
                Some((true, false)) => higher += 1,
            }
        }
        let (pairs, side) = (lower + higher + open, side.name());
        let both = if overlay.answers.len() > 2 { format!("A and {side}") } else { "both".to_owned() };
        if pairs == 0 {
            return format!("{name}: no load was simulated for {both}.");
        }
        format!(
            "Of {pairs} loads simulated for {both}, {side}’s {name} is lower at {lower}, higher at {higher}, and not significantly different at {open}."
        )
    };
    if overlay.only == Some(Side::A) {
        return format!("{name} of A, the baseline, at {} loads.", loads.len());
    }
    overlay.drawn().map(|(side, _)| side).filter(|side| *side != Side::A).map(one).collect::<Vec<_>>().join(" ")
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

    fn of<'a>(answers: &[&'a Answer]) -> Overlay<'a> {
        Overlay { answers: answers.to_vec(), highest: 140.0, only: None }
    }

    fn drawn(overlay: &Overlay<'_>) -> Value {
        let options = Options { statistic: Statistic::P99, log_y: true, compact: false, palette: Palette::default() };
        serde_json::from_str(&figure(&CHARTS[0], overlay, &options, 280).json()).expect("is JSON")
    }

    #[test]
    fn sides_are_told_apart_without_colour() {
        let f = drawn(&of(&[&answer("round-robin-picker"), &answer("random-picker")]));
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
        let both = of(&[&a, &b]);
        let all = loads(&CHARTS[0], &both, Statistic::Mean);
        assert_eq!(all.len(), 6);
        assert!(
            all.iter().all(|l| l.differences.iter().all(|(side, d)| *side == Side::B && d.is_some()))
                && all.iter().filter(|l| l.own).count() == 1
        );
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
        let both = of(&[&a, &b]);
        let all = loads(&CHARTS[0], &both, Statistic::P99);
        let last = all.last().expect("six");
        assert!(last.points[0] == (Side::A, None) && last.differences == [(Side::B, None)]);
        assert!(announce(&CHARTS[0], last, Statistic::P99).contains("A not simulated"));
        assert_eq!(drawn(&both)["data"][0]["x"].as_array().map(Vec::len), Some(5));
    }

    #[test]
    fn four_have_four_looks_and_their_names_do_not_collide() {
        let all = ["round-robin-picker", "random-picker", "round-robin-picker", "random-picker"].map(answer);
        let overlay = of(&all.each_ref());
        let f = drawn(&overlay);
        let looks: Vec<String> =
            (0..4).map(|i| format!("{} {}", f["data"][i]["line"]["dash"], f["data"][i]["marker"]["symbol"])).collect();
        assert_eq!(
            looks,
            ["\"solid\" \"circle\"", "\"dash\" \"triangle-up\"", "\"dot\" \"square\"", "\"dashdot\" \"diamond\""]
        );
        let letters = ["A", "B", "C", "D"].map(|letter| {
            let words = f["layout"]["annotations"].as_array().expect("some");
            words.iter().find(|w| w["text"] == format!("<b>{letter}</b>")).expect("each has a name").clone()
        });
        // A and C are alike, and so are B and D: their lines end together and their names do not.
        let shift = |i: usize| letters[i]["yshift"].as_f64().expect("has one");
        assert!((shift(0) - shift(2)).abs() >= NAME_HEIGHT && (shift(1) - shift(3)).abs() >= NAME_HEIGHT);
        let text = describe(&CHARTS[0], &overlay, Statistic::P99);
        assert!(text.contains("Of 6 loads simulated for A and D, D’s TTFT p99 is lower at "), "{text}");
        assert!(
            text.contains("C’s TTFT p99 is lower at 0, higher at 0, and not significantly different at 6."),
            "{text}"
        );
        let load = &loads(&CHARTS[0], &overlay, Statistic::Mean)[0];
        let text = announce(&CHARTS[0], load, Statistic::Mean);
        assert!(text.contains("; B − A +") && text.contains("; C − A 0") && text.contains("; D − A +"), "{text}");
    }

    #[test]
    fn one_of_several_is_drawn_on_the_axes_of_all() {
        let all = ["round-robin-picker", "random-picker", "random-picker"].map(answer);
        let together = drawn(&of(&all.each_ref()));
        let only = Overlay { only: Some(Side::B), ..of(&all.each_ref()) };
        let apart = drawn(&only);
        for axis in ["xaxis", "yaxis"] {
            assert_eq!(apart["layout"][axis]["range"], together["layout"][axis]["range"]);
        }
        assert_eq!(apart["data"][1], together["data"][1]);
        assert_eq!(apart["data"][0]["y"].as_array().map(Vec::len), Some(1), "an empty trace");
        let load = &loads(&CHARTS[0], &only, Statistic::Mean)[0];
        assert_eq!((load.points.len(), load.differences.len()), (1, 1));
        let text = announce(&CHARTS[0], load, Statistic::Mean);
        assert!(text.contains("; B TTFT mean ") && !text.contains("; A ") && text.contains("; B − A "), "{text}");
    }
}
