//! How often error bands hold what they have not seen: each model on a GPU, and each family, left out of its own band.

use super::Studies;
use super::regimes::{HELD, Regime, Residual, reach, regimes, residuals};
use super::statistics::{binomial_interval, mean, quantile_of};
use playground_core::base::math;
use std::collections::BTreeMap;

/// From its prediction to an end of a band that nobody speaks for: threefold, in logs.
const UNKNOWN: f64 = 1.1;
/// Ends go through exponentials and back.
const ROUNDING: f64 = 1e-9;
/// A half-width is to be within so many median errors of its regime.
const NARROW: f64 = 3.0;

/// How often the band of a regime holds what it has not seen.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Coverage {
    /// The regime.
    pub regime: String,
    /// Rows.
    pub rows: u32,
    /// Rows within the band.
    pub within: u32,
    /// Experiments that they are of, counted once for each way to leave out: repeats and stages of one are one.
    pub experiments: u32,
    /// Rows within the band, where each experiment weighs the same, as a share.
    pub experiments_within: f64,
    /// Models on GPUs, or families, that they are of.
    pub groups: u32,
    /// As many groups of one size would weigh the same (Kish): the square of the rows over the sum of the groups' squares.
    pub groups_effective: f64,
    /// Exact 95 % interval of the share within, by rows; by experiments; by as many groups as are effective.
    pub intervals: [(f64, f64); 3],
    /// Half of the band, as a share of the prediction: the median over rows.
    pub half_width: f64,
    /// Median absolute error.
    pub error: f64,
    /// Half of the narrowest span that holds nine of ten of these rows, had it seen them all: no one band is narrower.
    pub narrowest: f64,
}

/// A residual beside the reach of a band that has not seen it.
struct Unseen<'a> {
    residual: &'a Residual,
    reach: f64,
}

impl Unseen<'_> {
    fn is_within(&self) -> bool {
        self.residual.log.abs() <= self.reach + ROUNDING
    }
}

/// Coverage of bands on models and GPUs that they have not seen: all rows first, then regime by regime.
#[must_use]
pub fn coverage(studies: &Studies) -> Vec<Coverage> {
    let all = residuals(studies);
    let found: Vec<(String, Vec<Unseen<'_>>)> = regimes(&all).iter().map(|r| (r.words.join(", "), unseen(r))).collect();
    let whole = Coverage::of("all", &found.iter().flat_map(|(_, rows)| rows).collect::<Vec<_>>());
    let each = found.iter().map(|(regime, rows)| Coverage::of(regime, &rows.iter().collect::<Vec<_>>()));
    std::iter::once(whole).chain(each).collect()
}

/// The residuals of a regime, each beside the band of all others that are of nothing it is of.
fn unseen<'a>(regime: &Regime<'a>) -> Vec<Unseen<'a>> {
    let of = |group: &str| {
        let others: Vec<&Residual> = regime.rows.iter().copied().filter(|r| !r.is_of(group)).collect();
        reach(&others).unwrap_or(UNKNOWN)
    };
    let reaches: BTreeMap<&str, f64> = regime.groups().into_iter().map(|group| (group, of(group))).collect();
    regime.rows.iter().map(|residual| Unseen { residual, reach: reaches[residual.group.as_str()] }).collect()
}

impl Coverage {
    fn of(regime: &str, rows: &[&Unseen<'_>]) -> Coverage {
        let within = rows.iter().filter(|u| u.is_within()).count() as u32;
        let mut groups: BTreeMap<&str, f64> = BTreeMap::new();
        let mut experiments: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for u in rows {
            *groups.entry(&u.residual.group).or_default() += 1.0;
            experiments.entry(&u.residual.experiment).or_default().push(f64::from(u8::from(u.is_within())));
        }
        let n = rows.len() as f64;
        let effective = n * n / groups.values().map(|n| n * n).sum::<f64>();
        let shares: Vec<f64> = experiments.values().filter_map(|rows| mean(rows)).collect();
        let share = mean(&shares).unwrap_or(f64::NAN);
        // To the nearest whole count, which tables of the distribution know.
        let exact = |share: f64, n: f64| binomial_interval((share * n.round()).round() as u32, n.round() as u32);
        let median = |of: &dyn Fn(&Unseen<'_>) -> f64| {
            quantile_of(&rows.iter().map(|u| of(u)).collect::<Vec<_>>(), 0.5).unwrap_or(f64::NAN)
        };
        Coverage {
            regime: regime.into(),
            rows: rows.len() as u32,
            within,
            experiments: shares.len() as u32,
            experiments_within: share,
            groups: groups.len() as u32,
            groups_effective: effective,
            intervals: [
                binomial_interval(within, rows.len() as u32),
                exact(share, shares.len() as f64),
                exact(f64::from(within) / n, effective),
            ],
            half_width: median(&|u| f64::midpoint(math::exp(u.reach), -math::exp(-u.reach))),
            error: median(&|u| (math::exp(-u.residual.log) - 1.0).abs()),
            narrowest: narrowest(rows.iter().map(|u| math::exp(u.residual.log)).collect()) / 2.0,
        }
    }

    /// Whether nine of ten may be the share that the band holds: by rows, by experiments, by effective groups.
    #[must_use]
    pub fn holds(&self) -> [bool; 3] {
        self.intervals.map(|(low, high)| (low..=high).contains(&HELD))
    }

    /// Whether half of the band is within three median errors, and whether any one band's could be.
    #[must_use]
    pub fn is_narrow(&self) -> [bool; 2] {
        [self.half_width, self.narrowest].map(|width| width <= NARROW * self.error)
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
    use super::super::bands::Key;
    use super::*;

    /// Twelve models, two of a family, each with twelve rows of both ways to leave out; those of the first family are far off.
    fn all() -> Vec<Residual> {
        let residual = |family: &'static str, group: String, model: u32, log: f64| Residual {
            key: Key { kind: "ttft", fleet: false, fidelity: "exact", family, load: "light", prompts: "cached" },
            experiment: format!("run {model} {family}"),
            group,
            within: [format!("m{model} on g"), format!("f{}", model / 2)],
            log,
        };
        let mut all = Vec::new();
        for (model, row) in (0..12).flat_map(|model| (0..12).map(move |row| (model, row))) {
            let log = if model < 2 { 2.0 } else { f64::from(row - 6) / 100.0 };
            all.push(residual("seen", format!("m{model} on g"), model as u32, log));
            all.push(residual("new", format!("f{}", model / 2), model as u32, log));
        }
        all
    }

    #[test]
    fn what_is_left_out_is_not_seen_by_either_way_to_leave_out() {
        let all = all();
        for u in regimes(&all).iter().flat_map(unseen).filter(|u| u.residual.group == "f0") {
            assert!(u.reach < 0.2 && !u.is_within(), "{}", u.reach);
        }
    }

    #[test]
    fn an_experiment_is_one_however_many_rows_it_has() {
        let all = all();
        let rows: Vec<Unseen<'_>> = all.iter().map(|residual| Unseen { residual, reach: 0.1 }).collect();
        let found = Coverage::of("all", &rows.iter().collect::<Vec<_>>());
        assert_eq!((found.rows, found.within, found.experiments, found.groups), (288, 240, 24, 18));
        assert!((found.experiments_within - 10.0 / 12.0).abs() < 1e-9);
        assert_eq!(found.holds(), [false, true, true], "{found:?}");
        assert!((narrowest((0..10).map(f64::from).collect()) - 8.0).abs() < 1e-9);
    }
}
