//! What a fit is held to: logs of simulated over measured, in families that weigh what they are worth.

use crate::validate::score::Point;
use crate::validate::steps::{Recording, Step};
use crate::validate::study_by;
use playground_core::base::math;
use playground_core::catalog::Catalog;
use playground_interop::measured::{Experiment, Part, Set};

/// One error.
#[derive(Clone, Debug)]
pub struct Observation {
    /// Its experiment, or recording of steps.
    pub experiment: String,
    /// Model on GPU.
    pub group: String,
    /// Which family.
    pub family: usize,
    /// Log of simulated over measured.
    pub log: f64,
}

/// Sets that are fitted to.
pub const SETS: [Set; 5] = [Set::Blis, Set::Training, Set::Residency, Set::InferenceX, Set::KubeCon];

/// Whether a run was made by the engine that is simulated: what another one did, or this one with something on that the
/// simulation leaves out, says nothing of constants nor of how far off they are.
#[must_use]
pub fn is_of_this_engine(e: &Experiment) -> bool {
    e.set != Set::KubeCon || e.notes.is_empty()
}

/// Families: set, columns, stages or whole runs, weight. Steps come last.
const FAMILIES: [(&[Set], &[&str], Part, f64); 9] = [
    (&[Set::Blis, Set::Training], &["e2e_mean_ms"], Part::Stage, 1.0),
    (&[Set::Blis, Set::Training], &["itl_mean_ms_corrected", "tpot_mean_ms_true"], Part::Stage, 1.0),
    (&[Set::Blis, Set::Training], &["ttft_mean_ms"], Part::Stage, 1.0),
    (&[Set::Residency], &["ttft_p50_ms", "ttft_p90_ms"], Part::Whole, 0.7),
    (&[Set::Residency], &["e2e_p50_ms"], Part::Whole, 0.7),
    (&[Set::InferenceX], &["silicon_tpot_ms"], Part::Whole, 1.5),
    (&[Set::InferenceX], &["silicon_ttft_ms"], Part::Whole, 1.0),
    (&[Set::KubeCon], &["e2e_mean_ms"], Part::Whole, 0.5),
    (&[Set::KubeCon], &["ttft_median_ms"], Part::Whole, 0.5),
];
const STEPS_WEIGHT: f64 = 1.5;

/// What is simulated for a fit.
pub struct Data {
    /// Runs.
    pub experiments: Vec<Experiment>,
    /// Steps of recorded engines.
    pub recordings: Vec<Recording>,
}

impl Data {
    /// Every error under these constants; always in the same order, NaN where nothing was served.
    #[must_use]
    pub fn observe(&self, catalog: &Catalog, threads: usize) -> Vec<Observation> {
        let study = study_by(self.experiments.clone(), |_| catalog, threads);
        let mut all: Vec<Observation> = study.cells().iter().filter_map(of_point).collect();
        for recording in &self.recordings {
            all.extend(recording.against(catalog).into_iter().map(|Step { log, .. }| Observation {
                experiment: recording.engine.clone(),
                group: recording.group.clone(),
                family: FAMILIES.len(),
                log,
            }));
        }
        all
    }
}

fn of_point(p: &Point) -> Option<Observation> {
    if p.counted_elsewhere || p.overload {
        return None;
    }
    let fits = |(sets, columns, part, _): &(&[Set], &[&str], Part, f64)| {
        sets.contains(&p.set) && columns.contains(&p.column) && *part == p.part
    };
    let family = FAMILIES.iter().position(fits)?;
    Some(Observation {
        experiment: p.experiment.clone(),
        group: p.group.clone(),
        family,
        log: math::ln(p.predicted / p.observed),
    })
}

/// The weight of each observation: that of its family, shared by all of the family.
#[must_use]
pub fn weights(all: &[Observation]) -> Vec<f64> {
    let mut counts = [0.0; FAMILIES.len() + 1];
    all.iter().for_each(|o| counts[o.family] += 1.0);
    let weight = |o: &Observation| FAMILIES.get(o.family).map_or(STEPS_WEIGHT, |f| f.3) / counts[o.family];
    all.iter().map(weight).collect()
}

/// The name of a family.
#[must_use]
pub fn family(number: usize) -> String {
    let named = |(sets, columns, ..): &(&[Set], &[&str], Part, f64)| format!("{} {}", sets[0].name(), columns[0]);
    FAMILIES.get(number).map_or("steps".into(), named)
}

/// Median absolute error and bias of each family, in words.
#[must_use]
pub fn summary(all: &[Observation]) -> Vec<String> {
    use crate::validate::statistics::quantile_of;
    let line = |number: usize| {
        let errors: Vec<f64> = all.iter().filter(|o| o.family == number).map(|o| math::exp(o.log) - 1.0).collect();
        let sizes: Vec<f64> = errors.iter().map(|e| e.abs()).collect();
        let (median, bias) = (quantile_of(&sizes, 0.5)?, quantile_of(&errors, 0.5)?);
        let percent = |v: f64| 100.0 * v;
        Some(format!(
            "{:34} {:5} rows, median {:5.2} %, 90 % below {:5.1} %, bias {:+5.1} %",
            family(number),
            errors.len(),
            percent(median),
            percent(quantile_of(&sizes, 0.9)?),
            percent(bias)
        ))
    };
    (0..=FAMILIES.len()).filter_map(line).collect()
}
