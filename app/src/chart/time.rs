//! One load over time: the queue, the batch and the KV cache of the fleet, and of whichever instance has most.
//!
//! Three panels over one axis of time. Values are means over the repetitions; what is before the end of the warm-up is
//! shaded, since no result counts it.

use super::axis::Scale;
use super::marks::{self, Marks};
use super::{Figure, Palette};
use crate::say;
use playground_core::report::{InstanceSeries, Report};
use plotly::common::{Anchor, DashType, Font, HoverInfo, Line, Mode};
use plotly::layout::{Annotation, Shape, ShapeLayer, ShapeLine, ShapeType};
use plotly::{Scatter, Traces};

/// The trace with a label for every span: the batch of the fleet. Every figure has the same traces, fleet and fullest
/// instance of each panel.
pub(crate) const HOVER_TRACE: u32 = 2;

/// Ends of the panels, in shares of the height: queue, batch, KV cache.
const DOMAINS: [[f64; 2]; 3] = [[0.72, 1.0], [0.36, 0.64], [0.0, 0.28]];
const NAMES: [&str; 3] = ["in the queues, requests", "in the batches, requests", "KV blocks in use, %"];
const AXES: [&str; 3] = ["y", "y2", "y3"];

/// A quantity over time: of the fleet, and the largest of any instance.
struct Panel {
    fleet: Vec<f64>,
    fullest: Vec<Option<f64>>,
}

/// One span in numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Span {
    /// When it ended, s.
    pub(crate) end_s: f64,
    pub(crate) arrived_rps: f64,
    pub(crate) ended_rps: f64,
    /// Queue, batch, share of KV blocks: of the fleet, and of the instance that has most.
    pub(crate) values: [(f64, Option<f64>); 3],
    /// Whether it is before measuring begins.
    pub(crate) is_warmup: bool,
}

fn panels(report: &Report) -> [Panel; 3] {
    let s = &report.series;
    let most = |pick: fn(&InstanceSeries) -> &Vec<f64>| {
        let at = |k: usize| s.instances.iter().filter_map(|i| pick(i).get(k).copied()).reduce(f64::max);
        (0..s.running.len()).map(at).collect()
    };
    let panel =
        |fleet: &[f64], pick: fn(&InstanceSeries) -> &Vec<f64>| Panel { fleet: fleet.to_vec(), fullest: most(pick) };
    [panel(&s.waiting, |i| &i.waiting), panel(&s.running, |i| &i.running), panel(&s.kv_use_frac, |i| &i.kv_use_frac)]
}

/// Every span.
pub(crate) fn spans(report: &Report) -> Vec<Span> {
    let panels = panels(report);
    let s = &report.series;
    let of = |values: &[f64], k: usize| values.get(k).copied().unwrap_or(0.0);
    let span = |k: usize| Span {
        end_s: s.span_s * (k + 1) as f64,
        arrived_rps: of(&s.arrived_rps, k),
        ended_rps: of(&s.ended_rps, k),
        values: [0, 1, 2].map(|p| (of(&panels[p].fleet, k), panels[p].fullest.get(k).copied().flatten())),
        is_warmup: s.span_s * (k as f64 + 0.5) < report.run.warmup_s,
    };
    (0..s.running.len()).map(span).collect()
}

/// A span in words; parts are separated by "; ".
pub(crate) fn announce(span: &Span) -> String {
    let [queue, batch, kv] = &span.values;
    let with = |(all, most): &(f64, Option<f64>)| {
        let most = most.map_or_else(String::new, |m| format!(", at most {} on one instance", say::number(m)));
        format!("{}{most}", say::number(*all))
    };
    let full = kv.1.map_or_else(String::new, |m| format!(", {} on the fullest instance", say::percent_whole(m)));
    let before = if span.is_warmup { ", warm-up" } else { "" };
    [
        format!("up to {} s{before}", say::number(span.end_s)),
        format!("queue {}", with(queue)),
        format!("batch {}", with(batch)),
        format!("KV blocks in use {}{full}", say::percent_whole(kv.0)),
        format!("{} arrived, {} ended", say::rate(span.arrived_rps), say::rate(span.ended_rps)),
    ]
    .join("; ")
}

/// What it shows, in a sentence.
pub(crate) fn describe(report: &Report) -> String {
    let all = spans(report);
    let measured: Vec<&Span> = all.iter().filter(|s| !s.is_warmup).collect();
    let (Some(first), Some(last)) = (measured.first(), measured.last()) else {
        return "The run is too short to be told over time.".into();
    };
    let peak = |p: usize| measured.iter().map(|s| s.values[p].0).fold(0.0, f64::max);
    let course = if report.run.stationary {
        format!("While measured, the queues hold at most {} requests", say::number(peak(0)))
    } else {
        let (from, to) = (say::number(first.values[0].0), say::number(last.values[0].0));
        format!("While measured, the queues go from {from} to {to} requests, and the fleet does not keep up")
    };
    let (batch, kv) = (say::number(peak(1)), say::percent_whole(peak(2)));
    format!("{course}; the batches hold at most {batch}, and at most {kv} of the KV blocks are in use.")
}

/// The figure.
pub(crate) fn figure(report: &Report, palette: &Palette, compact: bool) -> Figure {
    let (all, panels) = (spans(report), panels(report));
    let labels: Vec<String> = all.iter().map(|s| announce(s).replace("; ", "<br>")).collect();
    let mut traces = Traces::new();
    for (p, panel) in panels.iter().enumerate() {
        // Levels are averages over their span, but for KV blocks, which are counted at its end.
        let at = |k: usize| report.series.span_s * (k as f64 + if p == 2 { 1.0 } else { 0.5 });
        let scale = if p == 2 { 100.0 } else { 1.0 };
        let fleet: Vec<Option<f64>> = panel.fleet.iter().map(|v| Some(v * scale)).collect();
        let fullest: Vec<Option<f64>> = panel.fullest.iter().map(|v| v.map(|v| v * scale)).collect();
        let line = Line::new().color(palette.series.clone()).width(2.0);
        traces.push(trace(fleet, at, AXES[p]).line(line).hover_text_array(labels.clone()).hover_info(HoverInfo::Text));
        let line = Line::new().color(palette.series_b.clone()).width(1.0).dash(DashType::Dash);
        traces.push(trace(fullest, at, AXES[p]).line(line).hover_info(HoverInfo::Skip));
    }
    Figure { data: traces, layout: layout(report, &panels, palette, compact) }
}

fn trace(y: Vec<Option<f64>>, at: impl Fn(usize) -> f64, axis: &str) -> Box<Scatter<f64, Option<f64>>> {
    // A point without a value draws nothing, and keeps the trace: Plotly drops traces without points.
    let y = if y.is_empty() { vec![None] } else { y };
    let x = (0..y.len()).map(at).collect();
    Scatter::new(x, y).mode(Mode::Lines).show_legend(false).y_axis(axis)
}

fn layout(report: &Report, panels: &[Panel; 3], palette: &Palette, compact: bool) -> plotly::Layout {
    let end = report.series.span_s * report.series.running.len().max(1) as f64;
    let y = |p: usize| {
        let axis = marks::axis(palette).domain(&DOMAINS[p]);
        if p == 2 {
            let ticks = vec![0.0, 50.0, 100.0];
            return axis
                .range(vec![0.0, 102.0])
                .tick_text(ticks.iter().map(|&v| say::plain(v)).collect())
                .tick_values(ticks);
        }
        let panel = &panels[p];
        let largest = panel.fleet.iter().copied().chain(panel.fullest.iter().flatten().copied()).fold(1.0, f64::max);
        let scale = Scale::linear(largest);
        // A low panel has room for few numbers.
        let every = scale.ticks.len().div_ceil(4);
        let ticks: Vec<f64> = scale.ticks.iter().copied().step_by(every).collect();
        axis.range(vec![0.0, scale.high * 1.02])
            .tick_text(ticks.iter().map(|&v| say::plain(v)).collect())
            .tick_values(ticks)
    };
    let words = |text: &str, top: f64| {
        Annotation::new()
            .text(text)
            .show_arrow(false)
            .font(Font::new().size(12).color(palette.muted.clone()))
            .x_ref("paper")
            .x(0.0)
            .x_anchor(Anchor::Left)
            .y_ref("paper")
            .y(top)
            .y_anchor(Anchor::Bottom)
    };
    let mut notes: Vec<Annotation> = (0..3).map(|p| words(NAMES[p], DOMAINS[p][1])).collect();
    let warmup = report.run.warmup_s.min(end);
    let area = Shape::new().shape_type(ShapeType::Rect).x_ref("x").x0(0.0).x1(warmup).y_ref("paper").y0(0.0).y1(1.0);
    let area = area.layer(ShapeLayer::Below).fill_color(palette.shade.clone()).line(ShapeLine::new().width(0.0));
    if !compact && warmup > 0.1 * end {
        notes.push(words("warm-up", 0.0).x_ref("x").x(warmup).x_anchor(Anchor::Right));
    }
    // The only axis of time belongs to the lowest panel.
    let x =
        marks::axis(palette).range(vec![0.0, end]).anchor("y3").title(marks::axis_title("simulated time, s", palette));
    Marks::default()
        .into_layout(palette)
        .x_axis(x)
        .y_axis(y(0))
        .y_axis2(y(1))
        .y_axis3(y(2))
        .shapes(vec![area])
        .annotations(notes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::tests::answer;

    #[test]
    fn every_span_is_drawn_and_told() {
        let answer = answer(|s| s.workload.arrival.rate_rps = 200.0);
        let report = &answer.report;
        let all = spans(report);
        assert_eq!(all.len(), 60);
        assert!(all[0].is_warmup && !all[59].is_warmup && all[59].values[0].0 > 0.0, "{:?}", all[59]);
        let text = announce(&all[59]);
        assert!(text.starts_with("up to ") && text.contains("; queue ") && text.contains("KV blocks in use"), "{text}");
        assert!(describe(report).ends_with("of the KV blocks are in use."));
        let f: serde_json::Value =
            serde_json::from_str(&figure(report, &Palette::default(), false).json()).expect("is JSON");
        assert_eq!(f["data"].as_array().map(Vec::len), Some(6));
        assert_eq!(f["data"][HOVER_TRACE as usize]["hovertext"].as_array().map(Vec::len), Some(60));
        assert_eq!(
            (f["data"][4]["yaxis"].as_str(), f["layout"]["yaxis3"]["domain"][0].as_f64()),
            (Some("y3"), Some(0.0))
        );
    }
}
