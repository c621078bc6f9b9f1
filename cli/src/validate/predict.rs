//! Predictions as a table: a line for every cell that would be observed.

use super::Study;
use super::bands::{Band, Bands, Key};
use playground_core::catalog::Catalog;
use playground_interop::measured::{Experiment, Latency, Quantity, RequestColumn, Stat};
use std::collections::BTreeMap;

/// What tells one line from another: file, data row, column.
type Place = (String, u32, &'static str);

/// The table `file,row,metric,value,lower,upper`, by file and row; and how many cells have no value, because nothing
/// of what they speak of was served.
#[must_use]
pub fn table(study: &Study) -> (String, u32) {
    let (catalog, bands) = (Catalog::builtin(), Bands::builtin());
    let mut lines: BTreeMap<Place, (f64, Band)> = BTreeMap::new();
    let mut missing = 0;
    for (experiment, simulated) in &study.runs {
        let mut add = |file: &str, row: u32, column: &'static str, value: Option<f64>, band: Band| match value {
            Some(value) => drop(lines.insert((file.into(), row, column), (value, band))),
            None => missing += 1,
        };
        for (row, values) in experiment.rows.iter().zip(&simulated.values) {
            for (cell, value) in row.cells.iter().zip(values) {
                let band = bands.band(&Key::of(cell.quantity, experiment, &simulated.regime.effort, &catalog));
                add(&row.file, row.row, cell.column, *value, band);
            }
        }
        let Some(file) = &experiment.per_request else { continue };
        for column in file.columns {
            let band = bands.band(&Key::of(quantity(*column), experiment, &simulated.regime.effort, &catalog));
            let place = file.columns.iter().position(|c| c == column).expect("it is one of them");
            for (row, values) in file.rows.iter().zip(&simulated.per_request) {
                // A request that failed has no latency; its line says so in its own column.
                if let Some(value) = values[place] {
                    add(&file.file, *row, column.name(), Some(value), band);
                }
            }
        }
    }
    let line = |((file, row, column), (value, band)): (&Place, &(f64, Band))| {
        format!("{file},{row},{column},{value},{},{}\n", value * band.lower, value * band.upper)
    };
    let head = "file,row,metric,value,lower,upper\n".to_string();
    (std::iter::once(head).chain(lines.iter().map(line)).collect(), missing)
}

/// What a request's column is most like, of what whole runs are measured by.
fn quantity(column: RequestColumn) -> Quantity {
    match column {
        RequestColumn::Ttft | RequestColumn::Prefill => Quantity::Of(Latency::Ttft, Stat::Max),
        RequestColumn::E2e | RequestColumn::Decode => Quantity::Of(Latency::E2e, Stat::Max),
        RequestColumn::Sent | RequestColumn::Failed | RequestColumn::Queue(_) => Quantity::Given(0.0),
    }
}

/// What the simulation leaves out or replaces, and of how many experiments.
#[must_use]
pub fn approximations<'a>(experiments: impl Iterator<Item = &'a Experiment>) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for note in experiments.flat_map(|e| &e.notes) {
        *counts.entry(note.clone()).or_insert(0) += 1;
    }
    counts
}
