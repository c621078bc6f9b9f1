//! Whether routing policies are put in the order in which they were measured.

use super::Study;
use std::collections::BTreeMap;

/// Policies closer than this were not told apart by the measurement.
const APART: f64 = 0.10;

/// Pairs of policies at one rate, by one metric.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Ranking {
    /// The comparison.
    pub comparison: String,
    /// The column.
    pub column: &'static str,
    /// Pairs that are apart in the measurement.
    pub pairs: u32,
    /// Of those, in the same order here; ties are not.
    pub ordered: u32,
    /// Policies that are simulated as one, and whose pairs are left out of the next two.
    pub alike: Vec<String>,
    /// Pairs of policies that are simulated apart.
    pub distinct_pairs: u32,
    /// Of those, in the same order here.
    pub distinct_ordered: u32,
}

/// One policy at one rate: its name, what it is simulated as, measured, simulated.
struct Entry<'a> {
    policy: &'a str,
    simulated_as: String,
    observed: f64,
    predicted: f64,
}

/// Every comparison of policies in the study.
#[must_use]
pub fn rankings(study: &Study) -> Vec<Ranking> {
    let mut rates: BTreeMap<(String, &'static str, u32), Vec<Entry<'_>>> = BTreeMap::new();
    for (experiment, simulated) in &study.runs {
        let Some((comparison, policy)) = &experiment.policy else { continue };
        let simulated_as = serde_json::to_string(&experiment.scenario.policies).unwrap_or_default();
        for (row, values) in experiment.rows.iter().zip(&simulated.values) {
            for (cell, value) in row.cells.iter().zip(values).filter(|(cell, _)| cell.scored) {
                let (Some(observed), Some(predicted)) = (cell.observed, *value) else { continue };
                let entry = Entry { policy, simulated_as: simulated_as.clone(), observed, predicted };
                rates.entry((comparison.clone(), cell.column, row.classes.start)).or_default().push(entry);
            }
        }
    }
    let mut all: BTreeMap<(String, &'static str), Ranking> = BTreeMap::new();
    for ((comparison, column, _), entries) in rates {
        let ranking = all.entry((comparison.clone(), column)).or_insert_with(|| Ranking {
            comparison,
            column,
            pairs: 0,
            ordered: 0,
            alike: Vec::new(),
            distinct_pairs: 0,
            distinct_ordered: 0,
        });
        for (i, a) in entries.iter().enumerate() {
            entries[i + 1..].iter().for_each(|b| ranking.count(a, b));
        }
    }
    all.into_values().collect()
}

impl Ranking {
    fn count(&mut self, a: &Entry<'_>, b: &Entry<'_>) {
        if (a.observed / b.observed).max(b.observed / a.observed) < 1.0 + APART {
            return;
        }
        let same = (a.observed < b.observed && a.predicted < b.predicted)
            || (a.observed > b.observed && a.predicted > b.predicted);
        self.pairs += 1;
        self.ordered += u32::from(same);
        if a.simulated_as == b.simulated_as {
            let pair = format!("{} and {}", a.policy, b.policy);
            if !self.alike.contains(&pair) {
                self.alike.push(pair);
            }
        } else {
            self.distinct_pairs += 1;
            self.distinct_ordered += u32::from(same);
        }
    }
}
