//! Constants fitted without one model on a GPU: what says how well they foresee it.

use crate::fit::parameters::{Parameter, parameters};
use playground_core::catalog::Catalog;
use std::collections::BTreeMap;

/// The table of this release, as `playground fit` writes it: a row for each model on a GPU that is fitted to, and for each
/// family.
const BUILTIN: &str = include_str!("folds.csv");

/// What leaves out a family, in the table.
#[must_use]
pub fn family_name(family: &str) -> String {
    format!("all of {family}")
}

/// A catalogue for each model on a GPU, and for each family of models, fitted to all others.
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

    /// What was found without any model of this family; what was found at all, where none was fitted to.
    #[must_use]
    pub fn without_family(&self, family: &str) -> &Catalog {
        self.without(&family_name(family))
    }

    /// Models on GPUs that can be left out.
    pub fn groups(&self) -> impl Iterator<Item = (&str, &str)> {
        self.without.keys().filter_map(|name| name.split_once(" on "))
    }

    /// Whether something of this family was fitted to beside a group.
    #[must_use]
    pub fn fits_beside(&self, group: &str, family: &str, catalog: &Catalog) -> bool {
        let other = |(model, gpu): (&str, &str)| {
            group != format!("{model} on {gpu}") && catalog.model(model).is_some_and(|m| m.family == family)
        };
        self.groups().any(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_this_release_can_be_read() {
        let folds = Folds::builtin();
        assert!(folds.groups().count() >= 20);
        assert_eq!(folds.without("a model on no GPU").constants, Catalog::builtin().constants);
        let known = Catalog::builtin();
        for (model, gpu) in folds.groups() {
            let family = known.model(model).map(|m| &m.family).expect("it is of the catalogue");
            assert!(known.gpu(gpu).is_some() && folds.without.contains_key(&family_name(family)), "{model} on {gpu}");
        }
    }

    #[test]
    fn what_the_page_takes_for_measured_is_what_was_fitted_to() {
        let rows = playground_core::study::measured::MEASURED_MODELS.lines().skip(1);
        let (known, folds) = (Catalog::builtin(), Folds::builtin());
        let family = |model: &str| known.model(model).map_or("", |m| m.family.as_str()).to_string();
        assert!(rows.eq(folds.groups().map(|(model, gpu)| format!("{model},{gpu},{}", family(model)))));
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
