//! Model error bands: how far measurements lay from predictions, by what is predicted and in which regime.
//!
//! A band is the 5 % and 95 % quantile of measured over predicted, over rows of one regime, each model on a GPU
//! weighing the same. Where a regime has too few rows, the next wider one speaks for it. Then all bands of one metric are
//! widened alike, until nine rows of ten of a model on a GPU lie in bands that have not seen it.

use super::Study;
use super::simulate::Regime;
use super::statistics::quantile_of;
use playground_core::base::math;
use playground_core::catalog::Catalog;
use playground_interop::measured::{Experiment, Latency, Quantity, Sheet, Stat};
use std::collections::BTreeMap;

/// The bands found on the calibration half.
const BUILTIN: &str = include_str!("bands.csv");
/// Rows of a regime from which a band is taken.
const ROWS_MIN: usize = 12;
/// Batch over its limit, or KV use, from which on a small error of a step moves a queue a lot.
const KNEE: (f64, f64) = (0.85, 0.9);
/// Ratios a band speaks of are kept within: beyond, a prediction is not off but of something else.
const RATIO_MAX: f64 = 20.0;
/// No end of a band is nearer than this to its prediction, in logs: measurements repeat within 2 %.
const LEAST: f64 = 0.02;
/// Share of new prompt tokens from which on prefill decides.
const PREFILL: f64 = 0.3;

/// What decides how large errors are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// `ttft`, `ttft-tail`, `gap`, `e2e`, `rate` or `other`.
    pub kind: &'static str,
    /// `exact`: as recorded, on a GPU with measured kernels; `approximate`: anything else.
    pub fidelity: &'static str,
    /// `light`, or `knee`: near or beyond what the deployment can take.
    pub load: &'static str,
    /// `cached`, or `prefill`: many prompt tokens are computed.
    pub prompts: &'static str,
}

/// Measured over predicted, at 5 and at 95 %.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Band {
    /// At 5 %.
    pub lower: f64,
    /// At 95 %.
    pub upper: f64,
    /// Rows it rests on.
    pub rows: u32,
}

/// Bands by regime, `any` standing for all.
#[derive(Clone, Debug, Default)]
pub struct Bands(BTreeMap<[String; 4], Band>);

impl Key {
    /// The regime of a cell.
    #[must_use]
    pub fn of(quantity: Quantity, experiment: &Experiment, regime: &Regime, catalog: &Catalog) -> Key {
        let measured = catalog.gpu(&experiment.gpu).is_some_and(|g| g.measured);
        let exact = measured && experiment.notes.is_empty();
        let knee = regime.batch_frac > KNEE.0 || regime.kv_peak_frac > KNEE.1 || regime.failed_frac > 0.0;
        Key {
            kind: kind(quantity),
            fidelity: if exact { "exact" } else { "approximate" },
            load: if knee { "knee" } else { "light" },
            prompts: if regime.computed_frac > PREFILL { "prefill" } else { "cached" },
        }
    }

    /// This regime, and wider ones.
    fn widening(&self) -> [[String; 4]; 4] {
        let words = |w: [&str; 4]| w.map(String::from);
        [
            words([self.kind, self.fidelity, self.load, self.prompts]),
            words([self.kind, self.fidelity, self.load, "any"]),
            words([self.kind, self.fidelity, "any", "any"]),
            words([self.kind, "any", "any", "any"]),
        ]
    }
}

fn kind(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Of(Latency::Ttft, Stat::Mean | Stat::Permille(0..=500)) => "ttft",
        Quantity::Of(Latency::Ttft, _) => "ttft-tail",
        Quantity::Of(Latency::Tpot | Latency::PerToken, _) | Quantity::Gap(_) => "gap",
        Quantity::Of(Latency::E2e, _) => "e2e",
        Quantity::OutputRate | Quantity::InputRate | Quantity::ServedRate | Quantity::SentRate => "rate",
        _ => "other",
    }
}

/// One cell's log of measured over predicted.
struct Residual {
    key: Key,
    group: String,
    log: f64,
}

fn residuals(study: &Study) -> Vec<Residual> {
    let catalog = Catalog::builtin();
    let mut all = Vec::new();
    for (experiment, simulated) in study.runs.iter().filter(|(e, _)| !e.counted_elsewhere) {
        for (row, values) in experiment.rows.iter().zip(&simulated.values) {
            for (cell, value) in row.cells.iter().zip(values) {
                let (Some(observed), Some(predicted)) =
                    (cell.observed.filter(|o| *o > 0.0), value.filter(|v| *v > 0.0))
                else {
                    continue;
                };
                all.push(Residual {
                    key: Key::of(cell.quantity, experiment, &simulated.regime, &catalog),
                    group: format!("{} on {}", experiment.model, experiment.gpu),
                    log: math::ln((observed / predicted).clamp(1.0 / RATIO_MAX, RATIO_MAX)),
                });
            }
        }
    }
    all
}

impl Bands {
    /// Those this release carries.
    ///
    /// # Panics
    /// When its table cannot be read, which a test excludes.
    #[must_use]
    pub fn builtin() -> Bands {
        let sheet = Sheet::parse(BUILTIN).expect("the table of this release");
        let band = |r: playground_interop::measured::Record<'_>| {
            let words = ["kind", "fidelity", "load", "prompts"].map(|column| r.text(column).to_string());
            Some((words, Band { lower: r.number("lower")?, upper: r.number("upper")?, rows: r.number("rows")? as u32 }))
        };
        Bands(sheet.records().filter_map(band).collect())
    }

    /// From the residuals of a study.
    #[must_use]
    pub fn of(study: &Study) -> Bands {
        let all = residuals(study);
        let widths = widths(&unseen(&all));
        Bands::from(&all.iter().collect::<Vec<_>>()).widened(&widths)
    }

    /// All bands of a metric widened alike, in logs.
    fn widened(mut self, widths: &BTreeMap<&'static str, f64>) -> Bands {
        for (words, band) in &mut self.0 {
            let width = widths.get(words[0].as_str()).copied().unwrap_or(1.0);
            let wide = |end: f64, least: f64| math::exp((math::ln(end) + least) * width);
            band.lower = wide(band.lower, -LEAST);
            band.upper = wide(band.upper, LEAST);
        }
        self
    }

    fn from(residuals: &[&Residual]) -> Bands {
        let mut regimes: BTreeMap<[String; 4], BTreeMap<&str, Vec<f64>>> = BTreeMap::new();
        for r in residuals {
            for words in r.key.widening() {
                regimes.entry(words).or_default().entry(&r.group).or_default().push(r.log);
            }
        }
        let band = |(words, groups): ([String; 4], BTreeMap<&str, Vec<f64>>)| {
            let rows = groups.values().map(Vec::len).sum::<usize>();
            let (lower, upper) = (weighted(&groups, 0.05)?, weighted(&groups, 0.95)?);
            (rows >= ROWS_MIN).then(|| {
                // A band holds the prediction itself.
                (words, Band { lower: math::exp(lower.min(0.0)), upper: math::exp(upper.max(0.0)), rows: rows as u32 })
            })
        };
        Bands(regimes.into_iter().filter_map(band).collect())
    }

    /// The band of a regime; that of the next wider one where it has none; without any, from a third to threefold.
    #[must_use]
    pub fn band(&self, key: &Key) -> Band {
        let found = key.widening().iter().find_map(|words| self.0.get(words)).copied();
        found.unwrap_or(Band { lower: 1.0 / 3.0, upper: 3.0, rows: 0 })
    }

    /// As a table.
    #[must_use]
    pub fn csv(&self) -> String {
        let line = |(w, b): (&[String; 4], &Band)| {
            format!("{},{},{},{},{:.4},{:.4},{}\n", w[0], w[1], w[2], w[3], b.lower, b.upper, b.rows)
        };
        std::iter::once("kind,fidelity,load,prompts,lower,upper,rows\n".to_string())
            .chain(self.0.iter().map(line))
            .collect()
    }

    /// Every regime with its band.
    pub fn iter(&self) -> impl Iterator<Item = (&[String; 4], &Band)> {
        self.0.iter()
    }
}

/// A quantile in which every group weighs the same, however many rows it has.
fn weighted(groups: &BTreeMap<&str, Vec<f64>>, q: f64) -> Option<f64> {
    let mut values: Vec<(f64, f64)> =
        groups.values().flat_map(|g| g.iter().map(|v| (*v, 1.0 / g.len() as f64))).collect();
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut left = q * groups.len() as f64;
    values.iter().find_map(|(value, weight)| {
        left -= weight;
        (left <= 0.0).then_some(*value)
    })
}

/// A residual over the end of the band on its side, in logs, where the band has not seen its model on its GPU: 1 at the end.
fn unseen(all: &[Residual]) -> Vec<(&'static str, f64)> {
    let groups: std::collections::BTreeSet<&str> = all.iter().map(|r| r.group.as_str()).collect();
    let mut scores = Vec::new();
    for group in groups {
        let bands = Bands::from(&all.iter().filter(|r| r.group != group).collect::<Vec<_>>());
        for r in all.iter().filter(|r| r.group == group) {
            let band = bands.band(&r.key);
            let end = math::ln(if r.log > 0.0 { band.upper } else { band.lower }).abs();
            scores.push((r.key.kind, r.log.abs() / (end + LEAST)));
        }
    }
    scores
}

/// How much wider the bands of each metric have to be to hold nine of ten.
fn widths(scores: &[(&'static str, f64)]) -> BTreeMap<&'static str, f64> {
    let mut kinds: BTreeMap<&'static str, Vec<f64>> = BTreeMap::new();
    for (kind, score) in scores {
        kinds.entry(kind).or_default().push(*score);
    }
    let width = |(kind, scores): (&'static str, Vec<f64>)| Some((kind, quantile_of(&scores, 0.9)?.max(1.0)));
    kinds.into_iter().filter_map(width).collect()
}

/// How far bands reach for models and GPUs that they have not seen.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Coverage {
    /// What is predicted.
    pub kind: &'static str,
    /// Rows.
    pub rows: u32,
    /// Share of them within their bands before these were widened.
    pub within: f64,
    /// How much wider, in logs, bands had to be made to hold nine of ten.
    pub widened: f64,
}

/// Coverage of bands on models and GPUs that they have not seen.
#[must_use]
pub fn coverage(study: &Study) -> Vec<Coverage> {
    let scores = unseen(&residuals(study));
    let of = |(kind, widened): (&'static str, f64)| {
        let here: Vec<f64> = scores.iter().filter(|(k, _)| *k == kind).map(|(_, score)| *score).collect();
        let within = here.iter().filter(|score| **score <= 1.0).count() as f64 / here.len() as f64;
        Coverage { kind, rows: here.len() as u32, within, widened }
    };
    widths(&scores).into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kind: &'static str) -> Key {
        Key { kind, fidelity: "exact", load: "light", prompts: "cached" }
    }

    #[test]
    fn what_this_release_carries_is_sound() {
        let bands = Bands::builtin();
        for kind in ["ttft", "ttft-tail", "gap", "e2e", "rate", "other", "unheard of"] {
            let band = bands.band(&key(kind));
            assert!(0.0 < band.lower && band.lower <= 1.0 && 1.0 <= band.upper, "{kind}");
        }
        assert_eq!(Bands::builtin().csv(), BUILTIN);
    }

    #[test]
    fn few_rows_leave_the_word_to_a_wider_regime() {
        let residual =
            |load: &'static str, log: f64| Residual { key: Key { load, ..key("ttft") }, group: "m on g".into(), log };
        let mut all: Vec<Residual> = (0..40).map(|i| residual("light", f64::from(i - 20) / 100.0)).collect();
        all.push(residual("knee", 1.0));
        let bands = Bands::from(&all.iter().collect::<Vec<_>>());
        let (light, knee) = (bands.band(&key("ttft")), bands.band(&Key { load: "knee", ..key("ttft") }));
        assert_eq!(light.rows, 40);
        assert_eq!(knee.rows, 41);
        assert!(light.lower < 1.0 && light.upper > 1.0);
    }

    #[test]
    fn groups_weigh_the_same() {
        let groups = BTreeMap::from([("many", vec![0.0; 1000]), ("one", vec![1.0])]);
        assert_eq!(weighted(&groups, 0.4), Some(0.0));
        assert_eq!(weighted(&groups, 0.6), Some(1.0));
    }
}
