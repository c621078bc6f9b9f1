//! Model error bands: how far measurements lay from predictions, by what is predicted and in which regime.
//!
//! A band is the 5 % and 95 % quantile of measured over predicted, over rows of one regime, each model on a GPU
//! weighing the same. Where a regime has too few rows, the next wider one speaks for it. Then both ends of each band are moved
//! out, or in, by the distance within which nine of ten of its rows lie beyond bands that have not seen their model on its GPU:
//! conformalized quantile regression (Romano, Patterson, Candès 2019), with models on GPUs held out whole. A measurement has a
//! residual for each way to leave out; who is not to see it sees neither. Runs of another engine do not count, as in the fit.

use super::statistics::{binomial_interval, quantile_of};
use super::{Studies, Study};
use crate::fit::observations::is_of_this_engine;
use playground_core::base::math;
use playground_core::catalog::Catalog;
use playground_core::study::hardware::Effort;
use playground_core::study::measured::Kinship;
use playground_interop::measured::{Experiment, Latency, Quantity, Sheet, Stat};
use std::collections::{BTreeMap, BTreeSet};

/// The bands found on the calibration half.
const BUILTIN: &str = playground_core::study::hardware::MODEL_ERRORS;
/// Rows of a regime from which a band is taken, and models on GPUs that they are of: what fewer have in common is not the
/// regime.
const ROWS_MIN: usize = 12;
const GROUPS_MIN: usize = 5;
/// Ratios a band speaks of are kept within: beyond, a prediction is not off but of something else.
const RATIO_MAX: f64 = 20.0;
/// No end of a band is nearer than this to its prediction, in logs: measurements repeat within 2 %.
const LEAST: f64 = 0.02;
/// Ends go through exponentials and back.
const ROUNDING: f64 = 1e-9;
/// Share of rows that a band is to hold.
const HELD: f64 = 0.9;

/// What decides how large errors are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// `ttft`, `ttft-tail`, `gap`, `e2e`, `rate` or `other`.
    pub kind: &'static str,
    /// `exact`: as recorded, on a GPU with measured kernels; `approximate`: anything else.
    pub fidelity: &'static str,
    /// `seen`: something of the model's family was fitted to; `new`: nothing was.
    pub family: &'static str,
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

impl Band {
    /// With both ends moved out, in logs, but each so near to the prediction at most and no farther than ratios go.
    fn widened(self, by: f64) -> Band {
        let most = math::ln(RATIO_MAX);
        Band {
            lower: math::exp((math::ln(self.lower) - by).clamp(-most, -LEAST)),
            upper: math::exp((math::ln(self.upper) + by).clamp(LEAST, most)),
            rows: self.rows,
        }
    }

    /// Whether it holds a log of measured over predicted; ratios beyond the largest count as that.
    fn holds(self, log: f64) -> bool {
        (math::ln(self.lower) - ROUNDING..=math::ln(self.upper) + ROUNDING).contains(&log)
    }
}

/// Bands by regime, `any` standing for all.
#[derive(Clone, Debug, Default)]
pub struct Bands(BTreeMap<Words, Band>);

/// A regime: what is predicted, how faithfully, of which family, under which load, of which prompts.
type Words = [String; 5];

impl Key {
    /// The regime of a cell.
    #[must_use]
    pub fn of(quantity: Quantity, experiment: &Experiment, effort: &Effort, catalog: &Catalog) -> Key {
        let measured = catalog.gpu(&experiment.gpu).is_some_and(|g| g.measured);
        let exact = measured && experiment.notes.is_empty();
        let kinship = catalog.model(&experiment.model).map_or(Kinship::None, |m| Kinship::of(m, &experiment.gpu));
        Key {
            kind: kind(quantity),
            fidelity: if exact { "exact" } else { "approximate" },
            family: kinship.word(),
            load: if effort.is_at_the_knee() { "knee" } else { "light" },
            prompts: if effort.is_prefill() { "prefill" } else { "cached" },
        }
    }

    /// This regime, and wider ones.
    fn widening(&self) -> [Words; 5] {
        let words = |w: [&str; 5]| w.map(String::from);
        [
            words([self.kind, self.fidelity, self.family, self.load, self.prompts]),
            words([self.kind, self.fidelity, self.family, self.load, "any"]),
            words([self.kind, self.fidelity, self.family, "any", "any"]),
            words([self.kind, self.fidelity, "any", "any", "any"]),
            words([self.kind, "any", "any", "any", "any"]),
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
    /// What was left out: a model on a GPU, or a family.
    group: String,
    /// Both that it belongs to: what must not be seen by whoever is not to see it.
    within: [String; 2],
    log: f64,
}

impl Residual {
    /// Whether its measurement belongs to what was left out.
    fn is_of(&self, group: &str) -> bool {
        self.within.iter().any(|w| w == group)
    }
}

/// Of both ways to leave out: where other models of the family, or the model on other GPUs, were fitted to, and where the
/// whole family was not.
fn residuals(studies: &Studies) -> Vec<Residual> {
    let catalog = Catalog::builtin();
    let family = |e: &Experiment| catalog.model(&e.model).map_or(String::new(), |m| m.family.clone());
    let kin = |e: &Experiment| studies.folds.fits_beside(&e.group(), &family(e), &catalog);
    let seen = of_study(&studies.left_out, &catalog, |e| kin(e).then(|| ("seen", e.group())));
    let new = of_study(&studies.family_left_out, &catalog, |e| Some(("new", family(e))));
    seen.into_iter().chain(new).collect()
}

/// Of the experiments of a study that count, each in a group and told to be of a family that was seen or is new.
fn of_study(
    study: &Study,
    catalog: &Catalog,
    counts: impl Fn(&Experiment) -> Option<(&'static str, String)>,
) -> Vec<Residual> {
    let mut all = Vec::new();
    for (experiment, simulated) in study.runs.iter().filter(|(e, _)| !e.counted_elsewhere && is_of_this_engine(e)) {
        let Some((family, group)) = counts(experiment) else { continue };
        let whole = catalog.model(&experiment.model).map_or(String::new(), |m| m.family.clone());
        let within = [experiment.group(), whole];
        for (row, values) in experiment.rows.iter().zip(&simulated.values) {
            for (cell, value) in row.cells.iter().zip(values) {
                let (Some(observed), Some(predicted)) =
                    (cell.observed.filter(|o| *o > 0.0), value.filter(|v| *v > 0.0))
                else {
                    continue;
                };
                all.push(Residual {
                    key: Key { family, ..Key::of(cell.quantity, experiment, &simulated.regime.effort, catalog) },
                    group: group.clone(),
                    within: within.clone(),
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
            let words = ["kind", "fidelity", "family", "load", "prompts"].map(|column| r.text(column).to_string());
            Some((words, Band { lower: r.number("lower")?, upper: r.number("upper")?, rows: r.number("rows")? as u32 }))
        };
        Bands(sheet.records().filter_map(band).collect())
    }

    /// From the residuals of fits that left out a model on its GPU, and of such that left out its family.
    #[must_use]
    pub fn of(studies: &Studies) -> Bands {
        let all = residuals(studies);
        let bands = Bands::from(&all.iter().collect::<Vec<_>>());
        let widths = widths(unseen(&all.iter().collect::<Vec<_>>(), &bands).iter());
        bands.widened(&widths)
    }

    /// Each band widened or narrowed, in logs.
    fn widened(mut self, widths: &Widths) -> Bands {
        for (words, band) in &mut self.0 {
            *band = band.widened(widths.get(words).copied().unwrap_or(0.0));
        }
        self
    }

    fn from(residuals: &[&Residual]) -> Bands {
        Bands::of_regimes(residuals, |words, groups| {
            // All of a metric are the last resort, however few.
            let rows = groups.values().map(Vec::len).sum::<usize>();
            words[1] == "any" || rows >= ROWS_MIN && groups.len() >= GROUPS_MIN
        })
    }

    /// Bands of the regimes that count.
    fn of_regimes(residuals: &[&Residual], counts: impl Fn(&Words, &BTreeMap<&str, Vec<f64>>) -> bool) -> Bands {
        let mut regimes: BTreeMap<Words, BTreeMap<&str, Vec<f64>>> = BTreeMap::new();
        for r in residuals {
            for words in r.key.widening() {
                regimes.entry(words).or_default().entry(&r.group).or_default().push(r.log);
            }
        }
        let band = |(words, groups): (Words, BTreeMap<&str, Vec<f64>>)| {
            let rows = groups.values().map(Vec::len).sum::<usize>() as u32;
            let (lower, upper) = (weighted(&groups, 0.05)?, weighted(&groups, 0.95)?);
            let band = Band { lower: math::exp(lower), upper: math::exp(upper), rows };
            counts(&words, &groups).then_some((words, band))
        };
        Bands(regimes.into_iter().filter_map(band).collect())
    }

    /// The band of a regime; that of the next wider one where it has none; without any, from a third to threefold.
    #[must_use]
    pub fn band(&self, key: &Key) -> Band {
        let found = self.words(key).and_then(|words| self.0.get(&words)).copied();
        found.unwrap_or(Band { lower: 1.0 / 3.0, upper: 3.0, rows: 0 })
    }

    /// The regime whose band speaks for this one.
    fn words(&self, key: &Key) -> Option<Words> {
        key.widening().into_iter().find(|words| self.0.contains_key(words))
    }

    /// As a table.
    #[must_use]
    pub fn csv(&self) -> String {
        let line = |(w, b): (&Words, &Band)| format!("{},{:.4},{:.4},{}\n", w.join(","), b.lower, b.upper, b.rows);
        std::iter::once("kind,fidelity,family,load,prompts,lower,upper,rows\n".to_string())
            .chain(self.0.iter().map(line))
            .collect()
    }

    /// Every regime with its band.
    pub fn iter(&self) -> impl Iterator<Item = (&Words, &Band)> {
        self.0.iter()
    }
}

/// A quantile in which every group weighs the same from so many rows on, and less with fewer: one row of a group is no more
/// than one row.
fn weighted(groups: &BTreeMap<&str, Vec<f64>>, q: f64) -> Option<f64> {
    let weight = |g: &Vec<f64>| (g.len() as f64 / ROWS_MIN as f64).min(1.0);
    let mut values: Vec<(f64, f64)> =
        groups.values().flat_map(|g| g.iter().map(|v| (*v, weight(g) / g.len() as f64))).collect();
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut left = q * groups.values().map(weight).sum::<f64>();
    values.iter().find_map(|(value, weight)| {
        left -= weight;
        (left <= 0.0).then_some(*value)
    })
}

/// By how much each end of the band of a regime is moved out, in logs.
type Widths = BTreeMap<Words, f64>;

/// One residual where the bands have not seen its model on its GPU.
struct Unseen<'a> {
    residual: &'a Residual,
    /// The regime whose band speaks for it, when all have been seen.
    words: Words,
    /// How far it lies beyond the nearer end of the band, in logs; negative within.
    score: f64,
    /// The band.
    band: Band,
}

fn unseen<'a>(all: &[&'a Residual], seen: &Bands) -> Vec<Unseen<'a>> {
    let groups: BTreeSet<&str> = all.iter().map(|r| r.group.as_str()).collect();
    let mut found = Vec::new();
    for group in groups {
        let others: Vec<&Residual> = all.iter().copied().filter(|r| !r.is_of(group)).collect();
        let bands = Bands::of_regimes(&others, |words, _| seen.0.contains_key(words));
        for residual in all.iter().copied().filter(|r| r.group == group) {
            let band = bands.band(&residual.key);
            let words = seen.words(&residual.key).unwrap_or_default();
            let score = (math::ln(band.lower) - residual.log).max(residual.log - math::ln(band.upper));
            found.push(Unseen { residual, words, score, band });
        }
    }
    found
}

/// How far the ends of the band of each regime have to be moved for it to hold nine of ten: of its rows, and of its models on
/// GPUs where each weighs the same.
fn widths<'a>(found: impl Iterator<Item = &'a Unseen<'a>>) -> Widths {
    let mut regimes: BTreeMap<&Words, BTreeMap<&str, Vec<f64>>> = BTreeMap::new();
    for unseen in found {
        let groups = regimes.entry(&unseen.words).or_default();
        groups.entry(&unseen.residual.group).or_default().push(unseen.score);
    }
    let width = |(words, groups): (&Words, BTreeMap<&str, Vec<f64>>)| {
        let rows: Vec<f64> = groups.values().flatten().copied().collect();
        Some((words.clone(), quantile_of(&rows, HELD)?.max(weighted(&groups, HELD)?)))
    };
    regimes.into_iter().filter_map(width).collect()
}

/// How far bands reach for models and GPUs that they have not seen.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Coverage {
    /// The regime.
    pub regime: String,
    /// Rows.
    pub rows: u32,
    /// Models on GPUs, or families, that they are of.
    pub groups: u32,
    /// As many groups of one size would weigh the same (Kish): the square of the rows over the sum of the groups' squares.
    pub groups_effective: f64,
    /// Rows within the band, where neither it nor its width has seen their model on its GPU.
    pub within: u32,
    /// Exact 95 % interval of their share.
    pub interval: (f64, f64),
    /// Half of the band, as a share of the prediction: the median over rows.
    pub half_width: f64,
    /// Median absolute error.
    pub error: f64,
    /// Half of the narrowest span that holds nine of ten of these rows, had it seen them all: no one band is narrower.
    pub narrowest: f64,
}

/// Coverage of bands on models and GPUs that they have not seen: all rows first, then regime by regime.
#[must_use]
pub fn coverage(studies: &Studies) -> Vec<Coverage> {
    let all = residuals(studies);
    let seen = Bands::from(&all.iter().collect::<Vec<_>>());
    let found = unseen(&all.iter().collect::<Vec<_>>(), &seen);
    let groups: BTreeSet<&str> = all.iter().map(|r| r.group.as_str()).collect();
    let mut regimes: BTreeMap<String, Vec<(&Unseen<'_>, Band)>> = BTreeMap::new();
    for group in groups {
        let others: Vec<&Residual> = all.iter().filter(|r| !r.is_of(group)).collect();
        let widths = widths(unseen(&others, &seen).iter());
        for unseen in found.iter().filter(|u| u.residual.group == group) {
            let band = unseen.band.widened(widths.get(&unseen.words).copied().unwrap_or(0.0));
            for name in ["all".to_string(), unseen.words.join(", ")] {
                regimes.entry(name).or_default().push((unseen, band));
            }
        }
    }
    regimes.into_iter().map(|(regime, rows)| Coverage::of(regime, &rows)).collect()
}

impl Coverage {
    fn of(regime: String, rows: &[(&Unseen<'_>, Band)]) -> Coverage {
        let within = rows.iter().filter(|(u, band)| band.holds(u.residual.log)).count() as u32;
        let mut groups: BTreeMap<&str, f64> = BTreeMap::new();
        rows.iter().for_each(|(u, _)| *groups.entry(&u.residual.group).or_default() += 1.0);
        let squares: f64 = groups.values().map(|n| n * n).sum();
        let median = |of: &dyn Fn(&(&Unseen<'_>, Band)) -> f64| {
            quantile_of(&rows.iter().map(of).collect::<Vec<_>>(), 0.5).unwrap_or(f64::NAN)
        };
        Coverage {
            regime,
            rows: rows.len() as u32,
            groups: groups.len() as u32,
            groups_effective: rows.len() as f64 * rows.len() as f64 / squares,
            within,
            interval: binomial_interval(within, rows.len() as u32),
            half_width: median(&|(_, band)| (band.upper - band.lower) / 2.0),
            error: median(&|(u, _)| (math::exp(-u.residual.log) - 1.0).abs()),
            narrowest: narrowest(rows.iter().map(|(u, _)| math::exp(u.residual.log)).collect()) / 2.0,
        }
    }

    /// Whether nine of ten may be the share that the band holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        (self.interval.0..=self.interval.1).contains(&HELD)
    }
}

/// The narrowest span of values that holds nine of ten of them.
fn narrowest(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let held = ((HELD * values.len() as f64).ceil() as usize).max(1);
    values.windows(held).map(|w| w[held - 1] - w[0]).fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kind: &'static str) -> Key {
        Key { kind, fidelity: "exact", family: "seen", load: "light", prompts: "cached" }
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
        let residual = |load: &'static str, group: i32, log: f64| Residual {
            key: Key { load, ..key("ttft") },
            group: format!("m{group} on g"),
            within: [format!("m{group} on g"), "m".into()],
            log,
        };
        let mut all: Vec<Residual> = (0..40).map(|i| residual("light", i % 8, f64::from(i - 20) / 100.0)).collect();
        all.push(residual("knee", 0, 1.0));
        let bands = Bands::from(&all.iter().collect::<Vec<_>>());
        let (light, knee) = (bands.band(&key("ttft")), bands.band(&Key { load: "knee", ..key("ttft") }));
        assert_eq!(light.rows, 40);
        assert_eq!(knee.rows, 41);
        assert!(light.lower < 1.0 && light.upper > 1.0);
    }

    #[test]
    fn what_is_left_out_is_not_seen_by_either_way_to_leave_out() {
        let residual = |family: &'static str, group: &str, model: u32, log: f64| Residual {
            key: Key { family, ..key("ttft") },
            group: group.into(),
            within: [format!("m{model} on g"), format!("f{}", model / 2)],
            log,
        };
        let mut all = Vec::new();
        for model in 0..12 {
            for row in 0..12 {
                let log = if model < 2 { 2.0 } else { f64::from(row - 6) / 100.0 };
                all.push(residual("seen", &format!("m{model} on g"), model, log));
                all.push(residual("new", &format!("f{}", model / 2), model, log));
            }
        }
        let seen = Bands::from(&all.iter().collect::<Vec<_>>());
        for u in unseen(&all.iter().collect::<Vec<_>>(), &seen).iter().filter(|u| u.residual.group == "f0") {
            assert!(u.band.upper < 1.2, "{:?}", u.band);
        }
        assert!((narrowest((0..10).map(f64::from).collect()) - 8.0).abs() < 1e-9);
    }

    #[test]
    fn groups_with_enough_rows_weigh_the_same() {
        let groups = BTreeMap::from([("many", vec![0.0; 1000]), ("enough", vec![1.0; ROWS_MIN])]);
        assert_eq!(weighted(&groups, 0.4), Some(0.0));
        assert_eq!(weighted(&groups, 0.6), Some(1.0));
        let groups = BTreeMap::from([("many", vec![0.0; 1000]), ("one", vec![1.0])]);
        assert_eq!(weighted(&groups, 0.9), Some(0.0), "one row is no more than one row");
    }
}
