//! What a fit may move: constants of the step model and the front end, and the scale of whole steps on a few GPUs.

use playground_core::catalog::{Catalog, Fit, StepConstants};

/// GPUs whose steps take longer than their kernels promise, and by how much a fit may say so: one standard deviation.
const SCALED_GPUS: [&str; 3] = ["h200-sxm", "b200-sxm", "b300-sxm"];
const SCALE_SPREAD: f64 = 0.05;
/// No share of a peak is larger.
const SHARE_MAX: f64 = 0.97;

/// One number that is fitted.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Name of a constant, or `step_scale:` and a GPU.
    pub name: String,
    /// What kernels alone say.
    pub centre: f64,
    /// One standard deviation of what serving may add to that.
    pub spread: f64,
    most: f64,
}

/// All of them, in the order of their tables.
#[must_use]
pub fn parameters() -> Vec<Parameter> {
    let constant = |row: playground_core::catalog::StepConstant| {
        let share = row.name.ends_with("_eff") || row.name.ends_with("_spread");
        let most = if share { SHARE_MAX } else { f64::INFINITY };
        Parameter { name: row.name, centre: row.values[Fit::ZeroShot as usize].min(most), spread: row.spread, most }
    };
    let scale = |gpu: &str| Parameter {
        name: format!("step_scale:{gpu}"),
        centre: 1.0,
        spread: SCALE_SPREAD,
        most: f64::INFINITY,
    };
    let constants = StepConstants::rows().into_iter().filter(|row| row.spread > 0.0).map(constant);
    constants.chain(SCALED_GPUS.map(scale)).collect()
}

impl Parameter {
    fn place<'a>(&self, catalog: &'a mut Catalog) -> Option<&'a mut f64> {
        match self.name.strip_prefix("step_scale:") {
            Some(id) => catalog.gpus.iter_mut().find(|g| g.id == id).map(|g| &mut g.step_scale),
            None => catalog.constants.of(&self.name),
        }
    }

    /// Its value there.
    ///
    /// # Panics
    /// When the catalogue has nothing of its name.
    #[must_use]
    pub fn get(&self, catalog: &Catalog) -> f64 {
        *self.place(&mut catalog.clone()).expect("a parameter of the catalogue")
    }

    /// Sets it, as near as may be.
    ///
    /// # Panics
    /// When the catalogue has nothing of its name.
    pub fn set(&self, catalog: &mut Catalog, value: f64) {
        *self.place(catalog).expect("a parameter of the catalogue") = value.clamp(0.0, self.most);
    }

    /// How many standard deviations its value there lies from what kernels say.
    #[must_use]
    pub fn deviation(&self, catalog: &Catalog) -> f64 {
        (self.get(catalog) - self.centre) / self.spread
    }
}

/// The catalogue as kernels alone say.
#[must_use]
pub fn zero_shot() -> Catalog {
    let mut catalog = Catalog::builtin();
    catalog.constants = StepConstants::builtin(Fit::ZeroShot);
    parameters().iter().for_each(|p| p.set(&mut catalog, p.centre));
    catalog
}

/// A catalogue fitted without a part of the measurements.
pub struct Fold {
    /// What was left out: a model on a GPU, or a family.
    pub left_out: String,
    /// What was found without it.
    pub catalog: Catalog,
}

/// Folds as a table.
#[must_use]
pub fn folds_csv(folds: &[Fold]) -> String {
    let parameters = parameters();
    let mut text = String::from("left_out");
    parameters.iter().for_each(|p| text += &format!(",{}", p.name));
    text += "\n";
    for fold in folds {
        text += &fold.left_out;
        parameters.iter().for_each(|p| text += &format!(",{}", rounded(p.get(&fold.catalog))));
        text += "\n";
    }
    text
}

/// To four digits: more would say more than is known.
#[must_use]
pub fn rounded(value: f64) -> f64 {
    format!("{value:.3e}").parse().expect("what was written can be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_there() {
        let mut catalog = Catalog::builtin();
        for p in parameters() {
            assert!(p.spread > 0.0 && p.centre <= p.most, "{p:?}");
            p.set(&mut catalog, p.centre);
            assert_eq!(p.deviation(&catalog), 0.0, "{p:?}");
            p.set(&mut catalog, -1.0);
            assert_eq!(p.get(&catalog), 0.0);
        }
    }

    #[test]
    fn four_digits() {
        assert_eq!([0.123_456, 2500.4, 0.0].map(rounded), [0.1235, 2500.0, 0.0]);
    }
}
