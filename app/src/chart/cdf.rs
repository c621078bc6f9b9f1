//! A latency's whole distribution at one load: which share of requests, or of gaps between tokens, is within what.

use super::axis::{Scale, Unit};
use super::marks::{self, Marks};
use super::{Figure, Palette};
use crate::say;
use playground_core::base::math;
use playground_core::report::{ClassDetail, Report, SHARES};
use plotly::common::{Anchor, DashType, Font, HoverInfo, Line, LineShape, Mode};
use plotly::layout::{Annotation, AxisType, Shape, ShapeLine, ShapeType};
use plotly::{Scatter, Traces};

/// The trace with a label for every share: the first line.
pub(crate) const HOVER_TRACE: u32 = 0;

/// Most lines: more than these cannot be told apart.
const LINES_MAX: usize = 4;
const DASHES: [DashType; LINES_MAX] = [DashType::Solid, DashType::Dash, DashType::Dot, DashType::DashDot];

/// A latency that has a distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Latency {
    Ttft,
    Itl,
    Tpot,
    E2e,
}

impl Latency {
    pub(crate) const ALL: [Latency; 4] = [Latency::Ttft, Latency::Itl, Latency::Tpot, Latency::E2e];

    /// Short name, and what is counted.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Latency::Ttft => "TTFT",
            Latency::Itl => "ITL",
            Latency::Tpot => "TPOT",
            Latency::E2e => "E2E",
        }
    }

    /// What a share is a share of.
    pub(crate) fn of(self) -> &'static str {
        if self == Latency::Itl { "gaps between tokens" } else { "requests" }
    }

    fn values(self, detail: &ClassDetail) -> &[f64] {
        let d = &detail.distributions;
        match self {
            Latency::Ttft => &d.ttft_ms,
            Latency::Itl => &d.itl_ms,
            Latency::Tpot => &d.tpot_ms,
            Latency::E2e => &d.e2e_ms,
        }
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Curve {
    /// Class, or "all" where there are several.
    pub(crate) name: String,
    /// At the shares of [`SHARES`], ms.
    pub(crate) values_ms: Vec<f64>,
}

/// The lines of a report: of its one class, or of all requests and then of each class. None while there is no detail.
pub(crate) fn curves(report: &Report, latency: Latency) -> Vec<Curve> {
    let Some(detail) = &report.detail else { return Vec::new() };
    let of = |name: &str, d: &ClassDetail| Curve { name: name.into(), values_ms: latency.values(d).to_vec() };
    let each = report.classes.iter().zip(&detail.classes).map(|(c, d)| of(&c.name, d));
    let all = (detail.classes.len() > 1).then(|| of("all", &detail.total));
    all.into_iter().chain(each).filter(|c| c.values_ms.len() == SHARES.len()).collect()
}

/// Targets of this latency: (ms, percentile), each once.
fn targets(report: &Report, latency: Latency) -> Vec<(f64, f64)> {
    let mut found: Vec<(f64, f64)> = Vec::new();
    let name = latency.name().to_lowercase();
    for slo in report.classes.iter().flat_map(|c| &c.slo).filter(|s| s.metric == name) {
        if !found.contains(&(slo.target_ms, slo.percentile)) {
            found.push((slo.target_ms, slo.percentile));
        }
    }
    found
}

/// A share in words; parts are separated by "; ".
pub(crate) fn announce(curves: &[Curve], latency: Latency, at: usize) -> String {
    let share = percent(SHARES[at]);
    let value = |c: &Curve| {
        let of = if curves.len() > 1 { format!("{}: ", c.name) } else { String::new() };
        format!("{of}{}", say::span(c.values_ms[at]))
    };
    let values: Vec<String> = curves.iter().map(value).collect();
    format!("{share} of {} within; {}", latency.of(), values.join("; "))
}

/// A share of the list as it reads: "2.5 %", "50 %", "99.9 %".
fn percent(share: f64) -> String {
    format!("{} %", say::plain(math::round(share * 1000.0) / 10.0).trim_end_matches(".0"))
}

/// What it shows, in a sentence.
pub(crate) fn describe(report: &Report, latency: Latency) -> String {
    let curves = curves(report, latency);
    let Some(first) = curves.first() else {
        if report.detail.is_some() && !report.run.followed_to_end {
            return "At the capacity and beyond, requests are followed to their first tokens only: how long they stay grows with the \
                    time that is simulated. Make it the scenario's own load to see it."
                .into();
        }
        return "The distribution is there once the answer has settled, where any request was served.".into();
    };
    let at = |share: f64| SHARES.iter().position(|s| *s == share).map(|i| say::span(first.values_ms[i]));
    let (half, most) = (at(0.5).unwrap_or_default(), at(0.99).unwrap_or_default());
    let left_out = curves.len().saturating_sub(LINES_MAX);
    let rest = if left_out > 0 { format!(" The table has {left_out} more classes.") } else { String::new() };
    format!(
        "Half of the {} have a {} within {half}, 99 % within {most}; of all repetitions together.{rest}",
        latency.of(),
        latency.name()
    )
}

fn log10(v: f64) -> f64 {
    math::ln(v) / math::ln(10.0)
}

/// The figure.
pub(crate) fn figure(report: &Report, latency: Latency, palette: &Palette) -> Figure {
    let curves = curves(report, latency);
    let targets = targets(report, latency);
    let values = curves.iter().flat_map(|c| &c.values_ms).copied().chain(targets.iter().map(|t| t.0));
    let (unit, x) = Scale::of_latencies(values.filter(|v| *v > 0.0), true);
    let colours = [&palette.series, &palette.series_b, &palette.own, &palette.muted];
    let labels: Vec<String> =
        (0..SHARES.len()).map(|i| marks::escaped(&announce(&curves, latency, i)).replace("; ", "<br>")).collect();
    let (mut traces, mut words) = (Traces::new(), Vec::new());
    for (i, curve) in curves.iter().take(LINES_MAX).enumerate() {
        let at: Vec<f64> = curve.values_ms.iter().map(|ms| unit.of_ms(ms.max(1e-6))).collect();
        let line = Line::new().color(colours[i].clone()).width(2.0).dash(DASHES[i].clone()).shape(LineShape::Linear);
        let trace =
            Scatter::new(at, SHARES.map(|s| s * 100.0).to_vec()).mode(Mode::Lines).show_legend(false).line(line);
        traces.push(if i == HOVER_TRACE as usize {
            trace.hover_text_array(labels.clone()).hover_info(HoverInfo::Text)
        } else {
            trace.hover_info(HoverInfo::Skip)
        });
        if curves.len() > 1 {
            // Each name on its own height, so that none lies on another.
            let k = 8 + 4 * i;
            let word = text(&format!("<b>{}</b>", marks::escaped(&curve.name)), colours[i]).x_ref("x");
            let word = word.x(log10(unit.of_ms(curve.values_ms[k].max(1e-6)))).x_anchor(Anchor::Left).x_shift(6.0);
            words.push(word.y_ref("y").y(SHARES[k] * 100.0).background_color(palette.surface.clone()));
        }
    }
    let mut shapes = Vec::new();
    for (ms, percentile) in targets {
        let at = unit.of_ms(ms);
        let line = ShapeLine::new().color(palette.slo.clone()).width(1.5).dash(DashType::Dash);
        let shape = Shape::new().shape_type(ShapeType::Line).x_ref("x").x0(at).x1(at);
        shapes.push(shape.y_ref("paper").y0(0.0).y1(1.0).line(line));
        let word = text(&format!("target: p{percentile} ≤ {}", say::target(ms)), &palette.slo).x_ref("x");
        let word = word.x(log10(at)).x_anchor(Anchor::Right).y_ref("paper").y(0.0).y_anchor(Anchor::Bottom);
        words.push(word.background_color(palette.surface.clone()));
    }
    Figure { data: traces, layout: layout(&x, unit, latency, palette).shapes(shapes).annotations(words) }
}

fn text(words: &str, colour: &str) -> Annotation {
    Annotation::new().text(words).show_arrow(false).font(Font::new().size(12).color(colour.to_owned()))
}

fn layout(x: &Scale, unit: Unit, latency: Latency, palette: &Palette) -> plotly::Layout {
    let ticks = vec![0.0, 25.0, 50.0, 75.0, 90.0, 99.0];
    let y = marks::axis(palette).range(vec![0.0, 101.0]).tick_text(ticks.iter().map(|&v| say::plain(v)).collect());
    let x = marks::axis(palette)
        .type_(AxisType::Log)
        .range(vec![log10(x.low), log10(x.high)])
        .tick_values(x.ticks.clone())
        .tick_text(x.labels())
        .title(marks::axis_title(&format!("{}, {}", latency.name(), unit.name()), palette));
    Marks::default().into_layout(palette).x_axis(x).y_axis(y.tick_values(ticks))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::tests::answer;
    use playground_core::scenario::TrafficClass;
    use serde_json::Value;

    fn drawn(report: &Report, latency: Latency) -> Value {
        serde_json::from_str(&figure(report, latency, &Palette::default()).json()).expect("is JSON")
    }

    #[test]
    fn one_class_is_one_line_with_its_target() {
        let answer = answer(|_| ());
        let f = drawn(&answer.report, Latency::Ttft);
        assert_eq!(f["data"].as_array().map(Vec::len), Some(1));
        assert_eq!(f["data"][0]["hovertext"].as_array().map(Vec::len), Some(SHARES.len()));
        assert!(f["layout"]["annotations"].to_string().contains("target: p99 ≤ 1 s"));
        assert!(describe(&answer.report, Latency::Ttft).starts_with("Half of the requests have a TTFT within "));
        let curves = curves(&answer.report, Latency::Itl);
        assert!(announce(&curves, Latency::Itl, 0).starts_with("0.1 % of gaps between tokens within; "));
        assert!(announce(&curves, Latency::Itl, SHARES.len() - 1).starts_with("99.9 % of"));
    }

    #[test]
    fn several_classes_are_told_apart_without_colour() {
        let answer = answer(|s| {
            s.workload.classes[0].share = 0.5;
            let second = TrafficClass { name: "a <b>".into(), share: 0.5, ..TrafficClass::default() };
            s.workload.classes.push(second);
        });
        let f = drawn(&answer.report, Latency::E2e);
        let dash = |i: usize| f["data"][i]["line"]["dash"].as_str().unwrap_or_default().to_owned();
        assert_eq!([dash(0), dash(1), dash(2)], ["solid", "dash", "dot"]);
        assert!(f["layout"]["annotations"].to_string().contains("a &lt;b&gt;"));
    }

    #[test]
    fn without_a_detail_there_is_nothing_and_it_is_said() {
        let mut report = answer(|_| ()).report;
        report.detail = None;
        assert_eq!(drawn(&report, Latency::Ttft)["data"].as_array().map(Vec::len), Some(0));
        assert!(describe(&report, Latency::Ttft).contains("once the answer has settled"));
    }

    #[test]
    fn beyond_the_capacity_it_is_said_why_there_is_no_e2e() {
        let curve = answer(|_| ()).curve;
        let report = &curve.last().expect("a curve has loads").report;
        assert!(describe(report, Latency::Ttft).starts_with("Half of the requests"));
        assert!(describe(report, Latency::E2e).contains("first tokens only"));
    }
}
