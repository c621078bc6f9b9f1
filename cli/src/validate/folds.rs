//! Constants fitted without one model on a GPU: what says how well they foresee it.

use crate::fit::parameters::{Parameter, parameters};
use playground_core::catalog::Catalog;
use std::collections::BTreeMap;

/// The table of this release, as `playground fit` writes it: a row for each model on a GPU that is fitted to.
const BUILTIN: &str = include_str!("folds.csv");

/// A catalogue for each model on a GPU, fitted to all others.
pub struct Folds {
    all: Catalog,
    without: BTreeMap<String, Catalog>,
}

impl Folds {
    /// Those of this release.
    ///
    /// # Panics
    /// When the table cannot be read, which a test excludes.
    #[must_use]
    pub fn builtin() -> Folds {
        Folds::parse(BUILTIN).expect("the table of this release")
    }

    fn parse(csv: &str) -> Result<Folds, String> {
        let mut lines = csv.lines();
        let known = parameters();
        let names = lines.next().unwrap_or_default().split(',').skip(1);
        let columns: Vec<&Parameter> = names
            .map(|name| known.iter().find(|p| p.name == name).ok_or(format!("{name} is no constant that is fitted")))
            .collect::<Result<_, _>>()?;
        let all = Catalog::builtin();
        let fold = |line: &str| {
            let mut cells = line.split(',');
            let group = cells.next().unwrap_or_default().to_string();
            let mut catalog = all.clone();
            for column in &columns {
                let cell = cells.next().ok_or(format!("{group} lacks {}", column.name))?;
                let value = cell.parse().map_err(|_| format!("{group}: {cell} is no value of {}", column.name))?;
                column.set(&mut catalog, value);
            }
            Ok((group, catalog))
        };
        Ok(Folds { without: lines.map(fold).collect::<Result<_, String>>()?, all })
    }

    /// What was found without this model on its GPU; what was found at all, where it was not fitted to.
    #[must_use]
    pub fn without(&self, group: &str) -> &Catalog {
        self.without.get(group).unwrap_or(&self.all)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.without.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_this_release_can_be_read() {
        let folds = Folds::builtin();
        assert!(folds.count() >= 20);
        assert_eq!(folds.without("a model on no GPU").constants, Catalog::builtin().constants);
        let known = Catalog::builtin();
        for group in folds.without.keys() {
            let (model, gpu) = group.split_once(" on ").expect("a model on a GPU");
            assert!(known.model(model).is_some() && known.gpu(gpu).is_some(), "{group}");
        }
    }

    #[test]
    fn a_fold_changes_what_it_names_and_nothing_else() {
        let folds = Folds::parse("left_out,gemm_latency_us,step_scale:h200-sxm\na on b,7.5,1.25\n").expect("sound");
        let (fold, all) = (folds.without("a on b"), Catalog::builtin());
        assert_eq!(fold.constants.gemm_latency_us, 7.5);
        assert_eq!(fold.gpu("h200-sxm").expect("known").step_scale, 1.25);
        assert_eq!(fold.constants.layer_latency_us, all.constants.layer_latency_us);
        assert!(Folds::parse("left_out,unheard_of\na on b,1\n").is_err());
        assert!(Folds::parse("left_out,gemm_latency_us\na on b,fast\n").is_err());
        assert!(Folds::parse("left_out,gemm_latency_us\na on b\n").is_err());
    }
}
