//! Errors of what was simulated against what was measured, by set and by column.

use super::statistics::{interval, mean, quantile_of};
use playground_interop::measured::{Part, Set};
use std::collections::BTreeMap;

/// One cell that was both measured and simulated.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Point {
    /// Its set.
    #[serde(serialize_with = "set_name")]
    pub set: Set,
    /// Its experiment.
    pub experiment: String,
    /// Model and GPU.
    pub group: String,
    /// Whether it is about all of its experiment or a stage of it.
    #[serde(skip)]
    pub part: Part,
    /// Its column.
    pub column: &'static str,
    /// A few words that tell its row from others.
    pub label: String,
    /// Measured.
    pub observed: f64,
    /// Simulated.
    pub predicted: f64,
    /// Whether the load was more than the server could take.
    pub overload: bool,
    /// Whether its experiment is counted in another set too.
    pub counted_elsewhere: bool,
}

fn set_name<S: serde::Serializer>(set: &Set, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(set.name())
}

impl Point {
    /// Predicted over observed, less 1.
    #[must_use]
    pub fn error(&self) -> f64 {
        self.predicted / self.observed - 1.0
    }
}

/// Errors of one column.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Errors {
    /// How many experiments.
    pub experiments: u32,
    /// How many rows of them.
    pub rows: u32,
    /// Median absolute error.
    pub median: f64,
    /// Its 90 % interval over clusters.
    pub median_interval: Option<(f64, f64)>,
    /// Mean absolute error.
    pub mean: f64,
    /// Its 90 % interval over clusters.
    pub mean_interval: Option<(f64, f64)>,
    /// Median signed error.
    pub bias: f64,
    /// The largest errors, signed, with the names of their rows.
    pub worst: Vec<(String, f64)>,
}

/// Rows named as the worst.
const WORST: usize = 3;
/// From so many models on GPUs on, these are what is drawn again; below, experiments are.
const GROUPS_MIN: usize = 4;

/// Errors of some points; none of none.
#[must_use]
pub fn errors<'a>(points: impl IntoIterator<Item = &'a Point>) -> Option<Errors> {
    let points: Vec<&Point> = points.into_iter().collect();
    let sizes: Vec<f64> = points.iter().map(|p| p.error().abs()).collect();
    let signed: Vec<f64> = points.iter().map(|p| p.error()).collect();
    let by = |key: &dyn Fn(&Point) -> String| {
        let mut clusters: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for p in &points {
            clusters.entry(key(p)).or_default().push(p.error().abs());
        }
        clusters.into_values().collect::<Vec<_>>()
    };
    let (groups, experiments) = (by(&|p| p.group.clone()), by(&|p| p.experiment.clone()));
    let clusters = if groups.len() >= GROUPS_MIN { &groups } else { &experiments };
    let median = |values: &[f64]| quantile_of(values, 0.5);
    let mut worst = points.clone();
    worst.sort_by(|a, b| b.error().abs().total_cmp(&a.error().abs()).then_with(|| a.experiment.cmp(&b.experiment)));
    Some(Errors {
        experiments: experiments.len() as u32,
        rows: points.len() as u32,
        median: median(&sizes)?,
        median_interval: interval(clusters, median),
        mean: mean(&sizes)?,
        mean_interval: interval(clusters, mean),
        bias: median(&signed)?,
        worst: worst.iter().take(WORST).map(|p| (p.name(), p.error())).collect(),
    })
}

impl Point {
    /// Its row in words.
    #[must_use]
    pub fn name(&self) -> String {
        let name =
            if self.label.is_empty() { self.experiment.clone() } else { format!("{} {}", self.experiment, self.label) };
        format!("{name} ({})", self.group)
    }
}
