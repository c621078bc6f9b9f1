//! Residuals, the regimes that they are told apart by, and how far those of a regime reach.
//!
//! A regime is divided, by fidelity, by family, by load and by prompts in this order, only where every part has enough of what
//! it would speak of, whoever is left out; elsewhere one band speaks for all of it. Fleets of several engines are a regime of
//! their own, however few, which speaks under the loads and of the prompts that fleets were measured with.
//!
//! A measurement has a residual for each way to leave out; who is not to see it sees neither. Runs of another engine do not
//! count, as in the fit.

use super::bands::{ANY, FLEET, Key, Words};
use super::statistics::quantile_of;
use super::{Studies, Study};
use crate::fit::observations::is_of_this_engine;
use playground_core::base::math;
use playground_core::catalog::Catalog;
use playground_interop::measured::Experiment;
use std::collections::{BTreeMap, BTreeSet};

/// Rows of a part from which it is a regime, and what they are of, models on GPUs or families, whoever is left out.
const ROWS_MIN: usize = 12;
const GROUPS_MIN: usize = 4;
/// Ratios a band speaks of are kept within: beyond, a prediction is not off but of something else.
const RATIO_MAX: f64 = 20.0;
/// No end of a band is nearer than this to its prediction, in logs: measurements repeat within 2 %.
const LEAST: f64 = 0.02;
/// Share of rows that a band is to hold.
pub(super) const HELD: f64 = 0.9;

/// One cell's log of measured over predicted.
pub(super) struct Residual {
    pub key: Key,
    /// What it was measured in: repeats and stages of one are not several.
    pub experiment: String,
    /// What was left out: a model on a GPU, or a family.
    pub group: String,
    /// Both that it belongs to: what must not be seen by whoever is not to see it.
    pub within: [String; 2],
    pub log: f64,
}

impl Residual {
    /// Whether its measurement belongs to what was left out.
    pub(super) fn is_of(&self, group: &str) -> bool {
        self.within.iter().any(|w| w == group)
    }
}

/// Of both ways to leave out: where other models of the family, or the model on other GPUs, were fitted to, and where the
/// whole family was not.
pub(super) fn residuals(studies: &Studies) -> Vec<Residual> {
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
                    experiment: format!("{} {} {family}", experiment.set.name(), experiment.id),
                    group: group.clone(),
                    within: within.clone(),
                    log: math::ln((observed / predicted).clamp(1.0 / RATIO_MAX, RATIO_MAX)),
                });
            }
        }
    }
    all
}

/// Residuals that one band speaks for.
pub(super) struct Regime<'a> {
    pub words: Words,
    pub rows: Vec<&'a Residual>,
}

/// Every residual in its regime.
pub(super) fn regimes(residuals: &[Residual]) -> Vec<Regime<'_>> {
    let mut kinds: BTreeMap<(&str, bool), Vec<&Residual>> = BTreeMap::new();
    for residual in residuals {
        kinds.entry((residual.key.kind, residual.key.fleet)).or_default().push(residual);
    }
    let mut found = Vec::new();
    for ((kind, fleet), rows) in kinds {
        let words = [kind, if fleet { FLEET } else { ANY }, ANY, ANY, ANY].map(String::from);
        let whole = Regime { words, rows };
        if fleet { found.push(whole) } else { whole.divided(0, &mut found) }
    }
    found
}

impl Regime<'_> {
    /// Divided by words from this one on.
    fn divided(self, from: usize, found: &mut Vec<Self>) {
        for by in from..4 {
            let mut parts: BTreeMap<&str, Self> = BTreeMap::new();
            for row in &self.rows {
                let word = row.key.words()[by];
                let part = parts.entry(word).or_insert_with(|| {
                    let mut words = self.words.clone();
                    words[1 + by] = word.into();
                    Regime { words, rows: Vec::new() }
                });
                part.rows.push(*row);
            }
            if parts.len() > 1 && parts.values().all(Regime::is_enough) {
                return parts.into_values().for_each(|part| part.divided(by + 1, found));
            }
        }
        found.push(self);
    }

    /// Whether it has enough rows, and is of enough whoever is left out.
    fn is_enough(&self) -> bool {
        let groups = |left_out: &str| {
            self.rows.iter().filter(|r| !r.is_of(left_out)).map(|r| &r.group).collect::<BTreeSet<_>>().len()
        };
        self.rows.len() >= ROWS_MIN && self.groups().iter().all(|left_out| groups(left_out) >= GROUPS_MIN)
    }

    /// Models on GPUs, or families, that its rows are of.
    pub(super) fn groups(&self) -> BTreeSet<&str> {
        self.rows.iter().map(|r| r.group.as_str()).collect()
    }

    /// The regimes in the table that its band is of: fleets' are those under whose loads and of whose prompts one was measured.
    pub(super) fn spoken_for(&self) -> Vec<Words> {
        if self.words[1] != FLEET {
            return vec![self.words.clone()];
        }
        let measured: BTreeSet<_> = self.rows.iter().map(|r| (r.key.load, r.key.prompts)).collect();
        measured
            .into_iter()
            .map(|(load, prompts)| [&self.words[0], FLEET, ANY, load, prompts].map(String::from))
            .collect()
    }
}

/// By how much nine of ten residuals are off at most, in logs: of rows, and of groups where each weighs the same. None of none.
pub(super) fn reach(rows: &[&Residual]) -> Option<f64> {
    let mut groups: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    rows.iter().for_each(|r| groups.entry(&r.group).or_default().push(r.log.abs()));
    let all: Vec<f64> = groups.values().flatten().copied().collect();
    Some(quantile_of(&all, HELD)?.max(weighted(&groups, HELD)?).clamp(LEAST, math::ln(RATIO_MAX)))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn residual(load: &'static str, model: i32, log: f64) -> Residual {
        Residual {
            key: Key { kind: "ttft", fleet: false, fidelity: "exact", family: "seen", load, prompts: "cached" },
            experiment: format!("run {model}"),
            group: format!("m{model} on g"),
            within: [format!("m{model} on g"), format!("f{model}")],
            log,
        }
    }

    #[test]
    fn a_regime_is_divided_where_every_part_is_of_enough_whoever_is_left_out() {
        let names = |all: &[Residual]| regimes(all).iter().map(|r| r.words[3].clone()).collect::<Vec<_>>();
        let mut all: Vec<Residual> = (0..40).map(|i| residual("light", i % 8, f64::from(i - 20) / 100.0)).collect();
        all.extend((0..16).map(|i| residual("knee", i % 4, 0.5)));
        assert_eq!(names(&all), ["any"], "of three models once one is left out");
        all.extend((0..2).map(|_| residual("knee", 4, 0.5)));
        assert_eq!(names(&all), ["knee", "light"]);
    }

    #[test]
    fn nine_of_ten_rows_and_groups_are_within_reach() {
        let near = (0..108).map(|i| residual("light", i % 9, 0.1));
        let far = (0..12).map(|i| residual("light", 9, if i % 2 == 0 { 1.0 } else { -1.0 }));
        let all: Vec<Residual> = near.chain(far).collect();
        assert!(reach(&all.iter().skip(2).collect::<Vec<_>>()).is_some_and(|r| r > 0.1));
        assert!(reach(&all.iter().take(108).collect::<Vec<_>>()).is_some_and(|r| (r - 0.1).abs() < 1e-12));
        assert_eq!(reach(&[]), None);
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
