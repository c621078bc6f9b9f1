//! What other simulators say of the same rows.

use super::score::Point;
use super::statistics::quantile_of;
use playground_interop::measured::{Part, Problem, Set, Sheet};
use std::collections::BTreeMap;
use std::path::Path;

const FILE: &str = "blis/simulator_predictions.csv";
const LLMSERVINGSIM: &str = "other/llmservingsim_bench.csv";

/// Columns of the comparison: ours, and theirs.
const COMPARED: [(&str, &str); 5] = [
    ("e2e_mean_ms", "e2e_mean_pred_ms"),
    ("e2e_p90_ms", "e2e_p90_pred_ms"),
    ("e2e_p99_ms", "e2e_p99_pred_ms"),
    ("ttft_mean_ms", "ttft_mean_pred_ms"),
    ("itl_mean_ms_corrected", "itl_mean_pred_ms"),
];

/// Another simulator against this one, on rows that both predict.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Duel {
    /// The set.
    pub set: String,
    /// The other simulator.
    pub simulator: String,
    /// The column.
    pub column: &'static str,
    /// Rows that both predict.
    pub rows: u32,
    /// Its median absolute error.
    pub theirs: f64,
    /// Ours on the same rows.
    pub ours: f64,
    /// Rows on which ours is the smaller error.
    pub wins: u32,
}

/// What a simulator predicted, by simulator, experiment, part and column.
type Predictions = BTreeMap<(String, String, String, &'static str), f64>;

/// A set, a simulator and a column.
type Pairing = (Set, String, &'static str);

/// Every other simulator whose predictions lie in the directory, against these points.
#[must_use]
pub fn duels(dir: &Path, points: &[Point], problems: &mut Vec<Problem>) -> Vec<Duel> {
    let mut predictions = Predictions::new();
    for (file, read) in [(FILE, blis as fn(&Sheet, &mut Predictions)), (LLMSERVINGSIM, own)] {
        match Sheet::read(&dir.join(file)) {
            Ok(sheet) => read(&sheet, &mut predictions),
            Err(message) => problems.push(Problem { file: file.into(), row: None, message }),
        }
    }
    let mut rows: BTreeMap<Pairing, Vec<(f64, f64)>> = BTreeMap::new();
    for ((simulator, experiment, part, column), predicted) in &predictions {
        let same = |p: &&Point| p.experiment == *experiment && p.column == *column && part_name(p) == *part;
        if let Some(point) = points.iter().find(same) {
            let theirs = (predicted / point.observed - 1.0).abs();
            rows.entry((point.set, simulator.clone(), *column)).or_default().push((theirs, point.error().abs()));
        }
    }
    let duel = |((set, simulator, column), rows): (Pairing, Vec<(f64, f64)>)| {
        let (theirs, ours): (Vec<f64>, Vec<f64>) = rows.iter().copied().unzip();
        Some(Duel {
            set: set.title().into(),
            simulator,
            column,
            rows: rows.len() as u32,
            theirs: quantile_of(&theirs, 0.5)?,
            ours: quantile_of(&ours, 0.5)?,
            wins: rows.iter().filter(|(theirs, ours)| ours < theirs).count() as u32,
        })
    };
    rows.into_iter().filter_map(duel).collect()
}

/// What a prediction is about: the whole run.
fn part_name(point: &Point) -> &'static str {
    match point.part {
        Part::Whole => "whole",
        Part::Stage => "stage",
    }
}

fn blis(sheet: &Sheet, predictions: &mut Predictions) {
    // Whole runs only: some simulators predict no stages.
    for record in sheet.records().filter(|r| r.text("stage") == "all") {
        let experiment = format!("blis-{}-{}", record.text("set"), record.text("exp_id"));
        // It was given a truth of its own, of the first 300 requests.
        if record.text("simulator").starts_with("llmservingsim") {
            continue;
        }
        for (ours, theirs) in COMPARED {
            if let Some(value) = record.number(theirs) {
                predictions.insert((record.text("simulator").into(), experiment.clone(), "whole".into(), ours), value);
            }
        }
    }
}

fn own(sheet: &Sheet, predictions: &mut Predictions) {
    const COLUMNS: [(&str, &str); 6] = [
        ("ttft_mean_ms", "LLMServingSim_ttft_mean_ms"),
        ("ttft_p50_ms", "LLMServingSim_ttft_p50_ms"),
        ("tpot_mean_ms", "LLMServingSim_tpot_mean_ms"),
        ("tpot_p50_ms", "LLMServingSim_tpot_p50_ms"),
        ("e2e_mean_ms", "LLMServingSim_e2e_mean_ms"),
        ("e2e_p50_ms", "LLMServingSim_e2e_p50_ms"),
    ];
    for record in sheet.records() {
        for (ours, theirs) in COLUMNS {
            if let Some(value) = record.number(theirs) {
                let name = "llmservingsim, profiled on that GPU".to_string();
                predictions.insert((name, record.text("exp").into(), "whole".into(), ours), value);
            }
        }
    }
}
