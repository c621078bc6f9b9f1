//! What the mean time to first token is made of, at every load: front ends, queues, computing the prompt, and moving what
//! was computed apart.
//!
//! Shares, not times: the queue at a load the fleet does not keep up with is a hundred times what it is before.

use super::marks::{self, Marks, Place};
use super::{Figure, Palette};
use crate::say;
use playground_core::base::Order;
use playground_core::report::{Report, TtftParts};
use playground_core::scenario::Load;
use playground_core::study::Answer;
use plotly::common::{Anchor, Font, HoverInfo, Line, Mode};
use plotly::layout::Annotation;
use plotly::{Scatter, Traces};

/// The trace with a label for every load: the lowest part.
pub(crate) const HOVER_TRACE: u32 = 0;
/// Parts, and traces of every figure.
const PARTS: usize = 4;
/// A part is named where it takes at least this share of the height.
const NAMED_FROM: f64 = 0.09;

/// One load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Split {
    pub(crate) load: Load,
    pub(crate) parts: TtftParts,
    /// Whether this is the scenario's own load.
    pub(crate) own: bool,
}

impl Split {
    /// The mean time to first token, ms.
    pub(crate) fn whole_ms(&self) -> f64 {
        self.parts.named().iter().map(|p| p.1).sum()
    }

    fn shares(&self) -> [f64; PARTS] {
        let whole = self.whole_ms().max(f64::MIN_POSITIVE);
        self.parts.named().map(|p| p.1 / whole)
    }
}

/// Every load that has a detail, ascending.
pub(crate) fn splits(answer: &Answer) -> Vec<Split> {
    let split = |report: &Report, own: bool| {
        let parts = report.detail.as_ref()?.total.ttft?;
        Some(Split { load: report.load, parts, own })
    };
    let mut all: Vec<Split> = answer.curve.iter().filter_map(|c| split(&c.report, false)).collect();
    all.extend(split(&answer.report, true));
    all.order_by(|a, b| a.load.total_cmp(&b.load));
    all
}

/// A load in words; parts are separated by "; ".
pub(crate) fn announce(split: &Split) -> String {
    let own = if split.own { ", this scenario" } else { "" };
    // What there is nothing of is not mentioned.
    let parts = split.parts.named().into_iter().zip(split.shares()).filter(|((_, ms), _)| *ms > 0.0);
    let each = parts.map(|((name, ms), share)| format!("{name} {} ({})", say::span(ms), say::percent_whole(share)));
    let head = [format!("{}{own}", say::load(split.load)), format!("TTFT mean {}", say::span(split.whole_ms()))];
    head.into_iter().chain(each).collect::<Vec<_>>().join("; ")
}

/// What it shows, in a sentence.
pub(crate) fn describe(answer: &Answer) -> String {
    let all = splits(answer);
    let Some(own) = all.iter().find(|s| s.own) else {
        return "The parts are there once the answer has settled, where any request was served.".into();
    };
    let mut parts: Vec<(&str, f64)> = own.parts.named().map(|p| p.0).into_iter().zip(own.shares()).collect();
    parts.order_by(|a, b| b.1.total_cmp(&a.1));
    let (name, share) = parts[0];
    let waits = all.iter().find(|s| s.parts.queue_ms > s.parts.prefill_ms);
    let rest = waits.map_or_else(
        || " At no load do requests wait longer than their prompts take.".to_owned(),
        |s| format!(" From {} on requests wait longer than their prompts take.", say::load(s.load)),
    );
    format!("At {} {} of the mean TTFT is {name}.{rest}", say::load(own.load), say::percent_whole(share))
}

/// The figure; `highest` is the right end of the axis.
pub(crate) fn figure(answer: &Answer, highest: f64, palette: &Palette, compact: bool) -> Figure {
    let all = splits(answer);
    let x: Vec<f64> = all.iter().map(|s| s.load.amount()).collect();
    let labels: Vec<String> = all.iter().map(|s| announce(s).replace("; ", "<br>")).collect();
    let names = TtftParts::default().named().map(|p| p.0);
    let fills = [&palette.muted, &palette.series_b, &palette.series, &palette.tiers[1]];
    let mut traces = Traces::new();
    for (part, fill) in fills.into_iter().enumerate() {
        let y: Vec<Option<f64>> = all.iter().map(|s| Some(s.shares()[part] * 100.0)).collect();
        // A point without a value draws nothing, and keeps the trace: Plotly drops traces without points.
        let (x, y) = if y.is_empty() { (vec![0.0], vec![None]) } else { (x.clone(), y) };
        let trace = Scatter::new(x, y).mode(Mode::Lines).stack_group("parts").fill_color(fill.clone());
        let trace = trace.line(Line::new().width(1.5).color(palette.surface.clone())).show_legend(false);
        traces.push(trace.hover_text_array(labels.clone()).hover_info(HoverInfo::Text));
    }
    let right = highest * 1.04;
    let place = Place { right, log_y: false, palette, compact };
    let mut marks = Marks::default();
    marks.own(&place, answer.report.load);
    let ticks = vec![0.0, 25.0, 50.0, 75.0, 100.0];
    let y = marks::axis(palette).range(vec![0.0, 100.0]).tick_text(ticks.iter().map(|&v| say::plain(v)).collect());
    let x = marks::axis(palette).range(vec![0.0, right]);
    named(&all, names, palette).into_iter().for_each(|word| marks.note(word));
    let x = x.title(marks::axis_title(say::load_axis(answer.report.load), palette));
    Figure { data: traces, layout: marks.into_layout(palette).x_axis(x).y_axis(y.tick_values(ticks)) }
}

/// Each part's name where it is thickest.
fn named(all: &[Split], names: [&str; PARTS], palette: &Palette) -> Vec<Annotation> {
    let thickest = |part: usize| all.iter().max_by(|a, b| a.shares()[part].total_cmp(&b.shares()[part]));
    let word = |part: usize| {
        let split = thickest(part).filter(|s| s.shares()[part] >= NAMED_FROM)?;
        let below: f64 = split.shares()[..part].iter().sum();
        let last = all.last().is_some_and(|s| s.load == split.load);
        let first = all.first().is_some_and(|s| s.load == split.load);
        let anchor = match (first, last) {
            (true, false) => Anchor::Left,
            (false, true) => Anchor::Right,
            _ => Anchor::Center,
        };
        let word = Annotation::new().text(names[part]).show_arrow(false).background_color(palette.surface.clone());
        let word = word.font(Font::new().size(12).color(palette.text.clone())).border_pad(2.0);
        let word = word.x_ref("x").x(split.load.amount()).x_anchor(anchor);
        Some(word.y_ref("y").y((below + split.shares()[part] / 2.0) * 100.0).y_anchor(Anchor::Middle))
    };
    (0..PARTS).filter_map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::tests::answer;

    #[test]
    fn parts_fill_the_height_and_are_told() {
        let answer = answer(|s| s.run.load.max_frac = 2.0);
        let all = splits(&answer);
        assert_eq!(all.len(), 6, "five loads and the scenario's own");
        assert!(all.iter().all(|s| (s.shares().iter().sum::<f64>() - 1.0).abs() < 1e-9));
        let text = announce(all.iter().find(|s| s.own).expect("is there"));
        assert!(text.starts_with("80 req/s, this scenario; TTFT mean ") && text.contains("; prefill "), "{text}");
        assert!(describe(&answer).contains("on requests wait longer than their prompts take"), "{}", describe(&answer));
        let f: serde_json::Value =
            serde_json::from_str(&figure(&answer, 200.0, &Palette::default(), false).json()).expect("is JSON");
        assert_eq!(f["data"].as_array().map(Vec::len), Some(PARTS));
        let words = f["layout"]["annotations"].to_string();
        assert!(words.contains("queue") && words.contains("prefill"), "{words}");
    }

    #[test]
    fn without_details_there_are_no_parts_and_it_is_said() {
        let mut answer = answer(|_| ());
        answer.curve.clear();
        answer.report.detail = None;
        assert_eq!(splits(&answer), []);
        assert!(describe(&answer).contains("once the answer has settled"));
    }
}
