//! Charts: one file each, a pure function from an answer to a typed Plotly figure.
//!
//! To add one: a file beside this with a `CHART`, and a line in [`CHARTS`]. The page, the table view, the
//! keyboard and the tests go through the list.

mod axis;
pub(crate) mod cdf;
mod itl_load;
mod load_curve;
mod marks;
pub(crate) mod overlay;
pub(crate) mod pareto;
pub(crate) mod parts;
pub(crate) mod time;
mod ttft_load;
mod words;

pub(crate) use axis::round_step;
pub(crate) use load_curve::Point;

use playground_core::report::{Metrics, Statistic, Summary};
use playground_core::study::Answer;
use plotly::{Layout, Traces};
use serde::Serialize;

/// Every chart, in the order of the page.
pub(crate) const CHARTS: &[Chart] = &[ttft_load::CHART, itl_load::CHART];

/// A latency against the offered load.
pub(crate) struct Chart {
    /// Name in addresses and tests.
    pub(crate) id: &'static str,
    /// Heading.
    pub(crate) title: &'static str,
    /// The latency's short name, as in a tile.
    pub(crate) short: &'static str,
    /// Its name in a report's targets.
    pub(crate) slo: &'static str,
    /// Where a report has it.
    pub(crate) summary: fn(&Metrics) -> &Summary,
}

/// The answers a chart draws.
#[derive(Clone, Copy)]
pub(crate) struct Curves<'a> {
    /// The newest.
    pub(crate) main: &'a Answer,
    /// Whether it is a draft.
    pub(crate) is_draft: bool,
    /// The draft under a settled answer that is still coming in.
    pub(crate) under: Option<&'a Answer>,
    /// Right end of the axis: the highest load.
    pub(crate) highest: f64,
}

/// How a chart is looked at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) statistic: Statistic,
    pub(crate) log_y: bool,
    /// Less room: fewer words in the figure.
    pub(crate) compact: bool,
    pub(crate) palette: Palette,
}

/// Colours, as the style sheet gives them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Palette {
    pub(crate) series: String,
    pub(crate) series_faint: String,
    /// The second series, the third, the fourth.
    pub(crate) series_b: String,
    pub(crate) series_c: String,
    pub(crate) series_d: String,
    pub(crate) own: String,
    pub(crate) slo: String,
    pub(crate) text: String,
    pub(crate) muted: String,
    pub(crate) grid: String,
    pub(crate) shade: String,
    pub(crate) surface: String,
    /// Sizes of deployments, from the smallest.
    pub(crate) tiers: [String; 4],
    pub(crate) font: String,
}

/// What Plotly is given.
#[derive(Serialize)]
pub(crate) struct Figure {
    data: Traces,
    layout: Layout,
}

impl Figure {
    /// As JSON text; equal text is an equal figure.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("figures are plain data")
    }

    /// Which trace holds every point, for hovering by keyboard.
    pub(crate) const HOVER_TRACE: u32 = load_curve::HOVER_TRACE;
}

impl Chart {
    /// The figure.
    pub(crate) fn figure(&self, curves: &Curves<'_>, options: &Options) -> Figure {
        load_curve::figure(self, curves, options)
    }

    /// Its points, ascending in load.
    pub(crate) fn points(&self, answer: &Answer, statistic: Statistic) -> Vec<Point> {
        load_curve::points(self, answer, statistic)
    }

    /// Unit of its latency axis.
    pub(crate) fn unit(&self, answer: &Answer, statistic: Statistic) -> &'static str {
        words::unit(self, answer, statistic).name()
    }

    /// What it shows, in a sentence.
    pub(crate) fn describe(&self, answer: &Answer, statistic: Statistic) -> String {
        words::describe(self, answer, statistic)
    }

    /// One point, as announced to whoever cannot see it.
    pub(crate) fn announce(&self, point: &Point, answer: &Answer, statistic: Statistic) -> String {
        words::announce(self, point, answer, statistic)
    }
}

#[cfg(test)]
#[path = "chart_tests.rs"]
mod tests;
