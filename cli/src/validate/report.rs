//! Everything a comparison says, ready to print.

use super::bars::{Bar, bars};
use super::coverage::{Coverage, coverage};
use super::elsewhere::Again;
use super::peers::{Duel, duels};
use super::predict::approximations;
use super::ranking::{Ranking, rankings};
use super::score::{Errors, Point, errors};
use super::steps::{StepErrors, recordings, step_errors};
use super::{Studies, Study};
use crate::fit::parameters::zero_shot;
use playground_core::catalog::Catalog;
use playground_interop::measured::{Part, Problem, Set};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Everything a comparison says.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Report {
    /// The model that was compared.
    pub model_version: &'static str,
    /// The bars and whether they hold.
    pub bars: Vec<Bar>,
    /// Errors by set, part and column.
    pub tables: Vec<Table>,
    /// Errors by model and GPU, of the sets that have many.
    pub groups: Vec<Group>,
    /// Other simulators on the same rows.
    pub duels: Vec<Duel>,
    /// Policies in their order.
    pub rankings: Vec<Ranking>,
    /// Single steps.
    pub steps: Vec<StepErrors>,
    /// Runs of another simulator, sent again; where they are given.
    pub again: Vec<Again>,
    /// How often error bands hold for models and GPUs that they have not seen.
    pub coverage: Vec<Coverage>,
    /// What was simulated otherwise than it was run, and in how many experiments.
    pub approximations: BTreeMap<String, u32>,
    /// What could not be read or simulated.
    pub problems: Vec<String>,
    /// Models on GPUs that were left out in turn.
    pub folds: u32,
    /// Every row, for those who look for causes: measured values are in it, so it is not for publication.
    pub rows: Vec<Point>,
    /// The same rows with each model on a GPU left out of the fit.
    pub rows_left_out: Vec<Point>,
}

/// Errors of one model on one GPU in one set.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Group {
    /// The set.
    pub set: &'static str,
    /// Model and GPU.
    pub group: String,
    /// Errors by column.
    pub columns: Vec<Column>,
}

/// Errors of one column.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// With the constants of this release.
    pub errors: Errors,
    /// Median absolute error with each model on a GPU left out of the fit.
    pub left_out: Option<f64>,
    /// The same with constants from kernels alone.
    pub zero_shot: Option<f64>,
}

/// Points of the three ways to simulate.
struct Three<'a>([&'a [Point]; 3]);

impl Three<'_> {
    /// Errors of those that count, in all three.
    fn column(&self, name: &'static str, counts: impl Fn(&Point) -> bool) -> Option<Column> {
        let [fitted, left_out, zero_shot] =
            self.0.map(|points| errors(points.iter().filter(|p| p.column == name && counts(p))));
        let median = |errors: Option<Errors>| errors.map(|e| e.median);
        Some(Column { name, errors: fitted?, left_out: median(left_out), zero_shot: median(zero_shot) })
    }
}

/// Columns that are shown by model and GPU.
const SHOWN: [(Set, &[&str]); 2] = [
    (Set::Blis, &["e2e_mean_ms", "itl_mean_ms_corrected", "ttft_mean_ms"]),
    (Set::InferenceX, &["silicon_tpot_ms", "silicon_ttft_ms"]),
];

/// Errors of one set, of whole runs or of their stages.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Table {
    /// The set.
    pub set: &'static str,
    /// Its short name.
    pub name: &'static str,
    /// Whether rows are stages of runs.
    pub stages: bool,
    /// Whether the loads were more than the servers could take.
    pub overload: bool,
    /// Errors by column, in the order of the file.
    pub columns: Vec<Column>,
}

/// The report of studies of a directory.
#[must_use]
pub fn report(dir: &Path, studies: &Studies) -> Report {
    let mut problems = studies.fitted.problems.clone();
    let recorded = recordings(dir, &mut problems);
    let (builtin, kernels) = (Catalog::builtin(), zero_shot());
    let (steps, sizes) = step_errors(&recorded, |_| &builtin);
    let (_, sizes_left_out) = step_errors(&recorded, |r| studies.folds.without(&r.group));
    let (_, sizes_zero_shot) = step_errors(&recorded, |_| &kernels);
    let of = |study: &Study| (study.points(), rankings(study));
    let (points, ranked) = of(&studies.fitted);
    let (points_left_out, ranked_left_out) = of(&studies.left_out);
    let (points_zero_shot, ranked_zero_shot) = of(&studies.zero_shot);
    let duels = duels(dir, &points_left_out, &mut problems);
    let three = Three([&points, &points_left_out, &points_zero_shot]);
    Report {
        model_version: playground_core::MODEL_VERSION,
        bars: bars(
            (&points_left_out, &sizes_left_out, &ranked_left_out),
            (&points, &sizes, &ranked),
            (&points_zero_shot, &sizes_zero_shot, &ranked_zero_shot),
        ),
        tables: tables(&three),
        groups: groups(&three),
        duels,
        rankings: ranked_left_out,
        steps,
        again: Vec::new(),
        coverage: coverage(studies),
        approximations: approximations(studies.fitted.runs.iter().map(|(e, _)| e)),
        problems: problems.iter().map(Problem::to_string).collect(),
        folds: studies.folds.groups().count() as u32,
        rows: points,
        rows_left_out: points_left_out,
    }
}

fn groups(three: &Three<'_>) -> Vec<Group> {
    let mut groups = Vec::new();
    for (set, shown) in SHOWN {
        let here = |p: &Point| p.set == set && p.part == Part::Whole && !p.overload;
        let names: BTreeSet<&String> = three.0[0].iter().filter(|p| here(p)).map(|p| &p.group).collect();
        for name in names {
            let of = |column: &&'static str| three.column(column, |p| here(p) && p.group == *name);
            groups.push(Group {
                set: set.title(),
                group: name.clone(),
                columns: shown.iter().filter_map(of).collect(),
            });
        }
    }
    groups
}

fn tables(three: &Three<'_>) -> Vec<Table> {
    let mut tables = Vec::new();
    for set in Set::ALL {
        for (part, overload) in [(Part::Whole, false), (Part::Stage, false), (Part::Whole, true)] {
            let here = |p: &Point| p.set == set && p.part == part && p.overload == overload;
            let mut names: Vec<&'static str> = Vec::new();
            for p in three.0[0].iter().filter(|p| here(p)) {
                if !names.contains(&p.column) {
                    names.push(p.column);
                }
            }
            let columns: Vec<Column> = names.iter().filter_map(|name| three.column(name, here)).collect();
            if !columns.is_empty() {
                tables.push(Table {
                    set: set.title(),
                    name: set.name(),
                    stages: part == Part::Stage,
                    overload,
                    columns,
                });
            }
        }
    }
    tables
}
