//! Everything a comparison says, ready to print.

use super::Study;
use super::bands::{Coverage, coverage};
use super::bars::{Bar, bars};
use super::peers::{Duel, duels};
use super::predict::approximations;
use super::ranking::{Ranking, rankings};
use super::score::{Errors, Point, errors};
use super::steps::{StepErrors, recordings, step_errors};
use playground_interop::measured::{Part, Problem, Set};
use std::collections::BTreeMap;
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
    /// How often error bands hold for models and GPUs that they have not seen.
    pub coverage: Vec<Coverage>,
    /// What was simulated otherwise than it was run, and in how many experiments.
    pub approximations: BTreeMap<String, u32>,
    /// What could not be read or simulated.
    pub problems: Vec<String>,
    /// Every row, for those who look for causes: measured values are in it, so it is not for publication.
    pub rows: Vec<Point>,
}

/// Errors of one model on one GPU in one set.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Group {
    /// The set.
    pub set: &'static str,
    /// Model and GPU.
    pub group: String,
    /// Rows, median absolute error and bias, by column.
    pub columns: Vec<(&'static str, u32, f64, f64)>,
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
    pub columns: Vec<(&'static str, Errors)>,
}

/// The report of a study of a directory.
#[must_use]
pub fn report(dir: &Path, study: &Study) -> Report {
    let points = study.points();
    let mut problems = study.problems.clone();
    let duels = duels(dir, &points, &mut problems);
    let builtin = playground_core::catalog::Catalog::builtin();
    let (steps, step_sizes) = step_errors(&recordings(dir, &mut problems), |_| &builtin);
    let rankings = rankings(study);
    Report {
        model_version: playground_core::MODEL_VERSION,
        bars: bars(&points, &step_sizes, &rankings),
        tables: tables(&points),
        groups: groups(&points),
        duels,
        rankings,
        steps,
        coverage: coverage(study),
        approximations: approximations(study.runs.iter().map(|(e, _)| e)),
        problems: problems.iter().map(Problem::to_string).collect(),
        rows: points,
    }
}

fn groups(points: &[Point]) -> Vec<Group> {
    let mut groups = Vec::new();
    for (set, shown) in SHOWN {
        let here = |p: &&Point| p.set == set && p.part == Part::Whole && !p.overload;
        let names: std::collections::BTreeSet<&String> = points.iter().filter(here).map(|p| &p.group).collect();
        for name in names {
            let of = |column: &&'static str| {
                let e = errors(points.iter().filter(here).filter(|p| p.group == *name && p.column == *column))?;
                Some((*column, e.rows, e.median, e.bias))
            };
            groups.push(Group {
                set: set.title(),
                group: name.clone(),
                columns: shown.iter().filter_map(of).collect(),
            });
        }
    }
    groups
}

fn tables(points: &[Point]) -> Vec<Table> {
    let mut tables = Vec::new();
    for set in Set::ALL {
        for (part, overload) in [(Part::Whole, false), (Part::Stage, false), (Part::Whole, true)] {
            let here: Vec<&Point> =
                points.iter().filter(|p| p.set == set && p.part == part && p.overload == overload).collect();
            let mut names: Vec<&'static str> = Vec::new();
            for p in &here {
                if !names.contains(&p.column) {
                    names.push(p.column);
                }
            }
            let of =
                |column: &&'static str| Some((*column, errors(here.iter().copied().filter(|p| p.column == *column))?));
            let columns: Vec<(&'static str, Errors)> = names.iter().filter_map(of).collect();
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
