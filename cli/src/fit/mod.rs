//! `playground fit`: finds the constants of the step model and the front end anew, from measurements.
//!
//! Two fits. *Zero-shot* takes every constant from kernels timed alone and facts of the software. *Calibrated* lets
//! serving runs draw some of them from there, each against a penalty of its spread, by Gauss-Newton on the
//! simulator itself. Then each model on a GPU is left out, and each family of models, and all constants are found again from the rest, with the
//! slopes of the calibrated fit.

pub mod newton;
pub mod observations;
pub mod parameters;

use crate::validate::folds::family_name;
use crate::validate::steps::recordings;
use clap::Args;
use newton::{Row, loss, step};
use observations::{Data, Observation, SETS, family, is_of_this_engine, summary, weights};
use parameters::{Fold, Parameter, folds_csv, parameters, rounded, zero_shot};
use playground_core::catalog::{Catalog, StepConstants};
use playground_interop::measured::read;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Loss that a parameter costs at one standard deviation from its centre, beside weights of about one a family. The loss of
/// models on GPUs that are left out is .483, .475, .472, .472, .474, .481 with .002, .0014, .001, .0008, .0007, .0005.
const PENALTY: f64 = 0.0008;
/// Longest part of a step, standard deviations, and how far slopes are taken over.
const LONGEST: f64 = 1.5;
const REACH: f64 = 0.3;

/// What to fit to.
#[derive(Args, Debug)]
pub struct Options {
    /// A directory of measurements, as `validate` reads it.
    #[arg(long)]
    pub data: PathBuf,
    /// A directory for the tables found: constants, scales of GPUs, fits that leave one group out.
    #[arg(long)]
    pub out: PathBuf,
    /// Steps of the fit; with none, only the slopes are found anew and the groups left out.
    #[arg(long, default_value_t = 3)]
    pub rounds: u32,
    /// Begin with what this release carries, and not with kernels.
    #[arg(long)]
    pub resume: bool,
    /// A file for every error of the fit and its slopes, by constant, per standard deviation.
    #[arg(long)]
    pub slopes: Option<PathBuf>,
    /// Simulations at a time; absent: as many as there are cores.
    #[arg(long)]
    pub threads: Option<usize>,
}

/// Does it; the text to print.
///
/// # Errors
/// When there is nothing to fit to, or a table cannot be written.
pub fn run(options: &Options) -> Result<String, String> {
    let threads = options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, usize::from));
    let (builtin, parameters) = (Catalog::builtin(), parameters());
    let mut problems = Vec::new();
    let mut experiments = read(&options.data, &builtin, false).experiments;
    experiments.retain(|e| SETS.contains(&e.set) && is_of_this_engine(e));
    let data = Data { experiments, recordings: recordings(&options.data, &mut problems) };
    let start = if options.resume { builtin } else { zero_shot() };
    let mut fit = Fitting::new(&data, &parameters, start, threads)?;
    println!("zero-shot or start, loss {:.5}\n{}", fit.loss(), summary(&fit.observed).join("\n"));
    for round in 0..options.rounds {
        fit.differentiate();
        let improved = fit.improve();
        println!("round {}, loss {:.5}\n{}", round + 1, fit.loss(), summary(&fit.observed).join("\n"));
        if !improved {
            break;
        }
    }
    fit.round();
    fit.differentiate();
    let folds = fit.folds();
    write(&options.out, "step_constants.csv", &constants_csv(&fit.catalog))?;
    write(&options.out, "folds.csv", &folds_csv(&folds))?;
    write(&options.out, "measured_models.csv", &measured_csv(&folds))?;
    if let Some(path) = &options.slopes {
        std::fs::write(path, fit.slopes_csv()).map_err(|e| format!("{} cannot be written: {e}", path.display()))?;
    }
    let scales = parameters.iter().filter(|p| p.name.starts_with("step_scale:"));
    let scales: Vec<String> = scales.map(|p| format!("{} {}", p.name, p.get(&fit.catalog))).collect();
    Ok(format!(
        "{} constants, {} of them and {} scales of GPUs fitted to {} errors, {} fits that leave out; scales, for gpus.csv: {}",
        StepConstants::NAMES.len(),
        parameters.len() - scales.len(),
        scales.len(),
        fit.observed.len(),
        folds.len(),
        scales.join(", ")
    ))
}

fn write(dir: &Path, name: &str, text: &str) -> Result<(), String> {
    let path = dir.join(name);
    let made = std::fs::create_dir_all(dir).and_then(|()| std::fs::write(&path, text));
    made.map_err(|e| format!("{} cannot be written: {e}", path.display()))
}

/// The table of constants with the calibrated ones replaced.
fn constants_csv(catalog: &Catalog) -> String {
    let mut found = catalog.constants.clone();
    let mut text = String::from("name, calibrated, zero_shot, spread, source\n");
    for row in StepConstants::rows() {
        let value = *found.of(&row.name).expect("a constant of the table");
        text += &format!("{}, {value}, {}, {}, {}\n", row.name, row.values[1], row.spread, row.source);
    }
    text
}

/// A fit under way.
struct Fitting<'a> {
    data: &'a Data,
    parameters: &'a [Parameter],
    threads: usize,
    catalog: Catalog,
    observed: Vec<Observation>,
    weights: Vec<f64>,
    /// Of each observation, by parameter, per standard deviation.
    slopes: Vec<Vec<f64>>,
}

impl<'a> Fitting<'a> {
    fn new(data: &'a Data, parameters: &'a [Parameter], catalog: Catalog, threads: usize) -> Result<Self, String> {
        let observed = data.observe(&catalog, threads);
        if observed.is_empty() {
            return Err("there is nothing to fit to: `validate` says what could not be read".into());
        }
        let weights = weights(&observed);
        Ok(Fitting { data, parameters, threads, catalog, observed, weights, slopes: Vec::new() })
    }

    fn loss(&self) -> f64 {
        self.loss_of(&self.catalog, &self.observed)
    }

    fn loss_of(&self, catalog: &Catalog, observed: &[Observation]) -> f64 {
        let errors = observed.iter().zip(&self.weights).filter(|(o, _)| o.log.is_finite());
        let penalty = self.parameters.iter().map(|p| p.deviation(catalog)).map(|d| PENALTY * d * d);
        errors.map(|(o, w)| w * loss(o.log)).sum::<f64>() + penalty.sum::<f64>()
    }

    fn differentiate(&mut self) {
        self.slopes = vec![Vec::with_capacity(self.parameters.len()); self.observed.len()];
        for p in self.parameters {
            let (mut moved, value) = (self.catalog.clone(), p.get(&self.catalog));
            p.set(&mut moved, value + REACH * p.spread);
            if p.get(&moved) == value {
                p.set(&mut moved, value - REACH * p.spread);
            }
            let by = (p.get(&moved) - value) / p.spread;
            let there = self.data.observe(&moved, self.threads);
            for ((slopes, now), then) in self.slopes.iter_mut().zip(&self.observed).zip(&there) {
                let slope = (then.log - now.log) / by;
                slopes.push(if slope.is_finite() { slope.clamp(-1.0, 1.0) } else { 0.0 });
            }
        }
    }

    /// Every error with its weight and its slopes.
    fn slopes_csv(&self) -> String {
        let names: Vec<&str> = self.parameters.iter().map(|p| p.name.as_str()).collect();
        let mut text = format!("experiment,group,family,log,weight,{}\n", names.join(","));
        for ((o, slopes), weight) in self.observed.iter().zip(&self.slopes).zip(&self.weights) {
            let slopes: Vec<String> = slopes.iter().map(ToString::to_string).collect();
            let family = family(o.family);
            text += &format!("{},{},{family},{},{weight},{}\n", o.experiment, o.group, o.log, slopes.join(","));
        }
        text
    }

    /// Constants found from the errors that count.
    fn stepped(&self, counts: impl Fn(&Observation) -> bool, share: f64) -> Catalog {
        let rows: Vec<Row> = self
            .observed
            .iter()
            .zip(&self.slopes)
            .zip(&self.weights)
            .filter(|((o, _), _)| o.log.is_finite() && counts(o))
            .map(|((o, slopes), &weight)| Row { residual: o.log, slopes: slopes.clone(), weight })
            .collect();
        let at: Vec<f64> = self.parameters.iter().map(|p| p.deviation(&self.catalog)).collect();
        let dx = step(&rows, &at, PENALTY, LONGEST);
        let mut catalog = self.catalog.clone();
        for (p, d) in self.parameters.iter().zip(&dx) {
            p.set(&mut catalog, rounded(p.get(&self.catalog) + share * d * p.spread));
        }
        catalog
    }

    /// Goes where the loss is smaller, if there is such a place on the way.
    fn improve(&mut self) -> bool {
        for share in [1.0, 0.5, 0.25] {
            let catalog = self.stepped(|_| true, share);
            let observed = self.data.observe(&catalog, self.threads);
            if self.loss_of(&catalog, &observed) < self.loss() {
                (self.catalog, self.observed) = (catalog, observed);
                return true;
            }
        }
        false
    }

    fn round(&mut self) {
        for p in self.parameters {
            let value = rounded(p.get(&self.catalog));
            p.set(&mut self.catalog, value);
        }
        self.observed = self.data.observe(&self.catalog, self.threads);
    }

    /// Each group left out, and each family of models: the step from the calibrated fit that all others ask for, less the one
    /// that all together do.
    fn folds(&self) -> Vec<Fold> {
        let known = Catalog::builtin();
        let family = |group: &str| {
            let (model, _) = group.split_once(" on ").expect("a model on a GPU");
            known.model(model).expect("what was simulated is known").family.clone()
        };
        let groups: BTreeSet<&String> = self.observed.iter().map(|o| &o.group).collect();
        let families: BTreeSet<String> = groups.iter().map(|group| family(group)).collect();
        let all = self.stepped(|_| true, 1.0);
        let group = |name: &&String| self.fold((*name).clone(), &all, |o| o.group == **name);
        let whole = |name: &String| self.fold(family_name(name), &all, |o| family(&o.group) == *name);
        groups.iter().map(group).chain(families.iter().map(whole)).collect()
    }

    fn fold(&self, left_out: String, all: &Catalog, leaves: impl Fn(&Observation) -> bool) -> Fold {
        let without = self.stepped(|o| !leaves(o), 1.0);
        let mut catalog = self.catalog.clone();
        for p in self.parameters {
            let change = p.get(&without) - p.get(all);
            p.set(&mut catalog, rounded((p.get(&self.catalog) + change).max(0.0)));
        }
        Fold { left_out, catalog }
    }
}

/// What was fitted to, for the page: each model on a GPU, and the model's family.
fn measured_csv(folds: &[Fold]) -> String {
    let known = Catalog::builtin();
    let row = |fold: &Fold| {
        let (model, gpu) = fold.left_out.split_once(" on ")?;
        Some(format!("{model},{gpu},{}\n", known.model(model)?.family))
    };
    std::iter::once("model,gpu,family\n".to_string()).chain(folds.iter().filter_map(row)).collect()
}
