//! `playground validate`: what was measured beside what is simulated.

pub mod bands;
pub mod bars;
mod command;
pub mod coverage;
pub mod elsewhere;
pub mod folds;
pub mod markdown;
pub mod peers;
pub mod predict;
pub mod ranking;
mod regimes;
pub mod report;
pub mod score;
pub mod simulate;
pub mod statistics;
pub mod steps;
pub mod text;

pub use command::{Options, run};

use crate::fit::parameters::zero_shot;
use folds::Folds;
use playground_core::catalog::Catalog;
use playground_interop::measured::{Experiment, Problem, Set, read};
use score::Point;
use simulate::{Regime, Simulated, simulate};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A directory, simulated.
pub struct Study {
    /// The experiments that could be simulated, with what came out.
    pub runs: Vec<(Experiment, Simulated)>,
    /// What could not be read or simulated.
    pub problems: Vec<Problem>,
}

/// The same experiments under other constants.
pub struct Studies {
    /// The constants of this release.
    pub fitted: Study,
    /// Each model on a GPU under constants that were fitted without it.
    pub left_out: Study,
    /// Each under constants that were fitted without any model of its family.
    pub family_left_out: Study,
    /// Constants from kernels timed alone.
    pub zero_shot: Study,
    /// What the second is made with.
    pub folds: Folds,
}

/// Reads a directory and simulates the experiments of these sets in all of these ways.
#[must_use]
pub fn studies(dir: &Path, sets: &[Set], threads: usize) -> Studies {
    let fitted = study(dir, sets, false, threads);
    let experiments = || fitted.runs.iter().map(|(e, _)| e.clone()).collect::<Vec<_>>();
    let (folds, kernels) = (Folds::builtin(), zero_shot());
    let left_out = study_by(experiments(), |e| folds.without(&e.group()), threads);
    let known = Catalog::builtin();
    let family = |e: &Experiment| known.model(&e.model).map_or("", |m| m.family.as_str());
    let family_left_out = study_by(experiments(), |e| folds.without_family(family(e)), threads);
    let zero_shot = study_by(experiments(), |_| &kernels, threads);
    Studies { fitted, left_out, family_left_out, zero_shot, folds }
}

/// Reads a directory and simulates the experiments of these sets, several at a time.
#[must_use]
pub fn study(dir: &Path, sets: &[Set], stand_ins: bool, threads: usize) -> Study {
    let catalog = Catalog::builtin();
    let reading = read(dir, &catalog, stand_ins);
    let experiments: Vec<Experiment> = reading.experiments.into_iter().filter(|e| sets.contains(&e.set)).collect();
    let mut study = study_by(experiments, |_| &catalog, threads);
    study.problems.splice(0..0, reading.problems);
    study
}

/// Simulates experiments, each with its own catalogue, several at a time.
#[must_use]
pub fn study_by<'a>(
    experiments: Vec<Experiment>,
    catalog_of: impl Fn(&Experiment) -> &'a Catalog + Sync,
    threads: usize,
) -> Study {
    let results = in_parallel(&experiments, threads, |e| simulate(e, catalog_of(e)));
    let mut problems = Vec::new();
    let mut runs = Vec::new();
    for (experiment, result) in experiments.into_iter().zip(results) {
        match result {
            Ok(simulated) => runs.push((experiment, simulated)),
            Err(message) => {
                let place = experiment.rows.first();
                let file = place.map(|row| &row.file).or(experiment.per_request.as_ref().map(|file| &file.file));
                let message = format!("{} cannot be simulated: {message}", experiment.id);
                problems.push(Problem {
                    file: file.cloned().unwrap_or_default(),
                    row: place.map(|row| row.row),
                    message,
                });
            }
        }
    }
    Study { runs, problems }
}

/// Results in the order of the work, whoever did it.
fn in_parallel<T: Sync, R: Send>(work: &[T], threads: usize, act: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = work.get(i) else { return };
                    let result = act(item);
                    done.lock().expect("nobody panics with it").push((i, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("nobody panics with it");
    done.sort_by_key(|(i, _)| *i);
    done.into_iter().map(|(_, result)| result).collect()
}

/// From this share of requests that failed, or of time that they waited, on a load counts as more than the server could
/// take.
const OVERLOAD_FAILED_FRAC: f64 = 0.01;
const OVERLOAD_WAITING_FRAC: f64 = 0.5;

impl Regime {
    /// Whether the load was more than the server could take.
    fn is_overload(&self) -> bool {
        self.effort.failed_frac >= OVERLOAD_FAILED_FRAC || self.waiting_frac >= OVERLOAD_WAITING_FRAC
    }
}

impl Study {
    /// Every scored cell that was measured and has a value.
    #[must_use]
    pub fn points(&self) -> Vec<Point> {
        self.cells().into_iter().filter(|p| p.predicted.is_finite()).collect()
    }

    /// Every scored cell that was measured; not a number where nothing of what it speaks of was served.
    #[must_use]
    pub fn cells(&self) -> Vec<Point> {
        let mut points = Vec::new();
        for (experiment, simulated) in &self.runs {
            let gives_up = experiment.load.timeout.is_some();
            for (row, values) in experiment.rows.iter().zip(&simulated.values) {
                for (cell, value) in row.cells.iter().zip(values).filter(|(cell, _)| cell.scored) {
                    let Some(observed) = cell.observed.filter(|o| *o > 0.0) else { continue };
                    let predicted = value.unwrap_or(f64::NAN);
                    points.push(Point {
                        set: experiment.set,
                        experiment: experiment.id.clone(),
                        group: experiment.group(),
                        part: row.part,
                        column: cell.column,
                        label: row.label.clone(),
                        observed,
                        predicted,
                        overload: gives_up && simulated.regime.is_overload(),
                        counted_elsewhere: experiment.counted_elsewhere,
                    });
                }
            }
        }
        points
    }
}
