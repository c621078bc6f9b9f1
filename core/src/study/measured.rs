//! Which models were measured, on which GPUs: how near a model is to what the constants were fitted to.
//!
//! `core/data/measured_models.csv` is written by `playground fit`: a row for each model on a GPU whose runs it saw.

use crate::catalog::Model;

/// The table of them.
pub const MEASURED_MODELS: &str = include_str!("../../data/measured_models.csv");

/// How near to what was measured a model on a GPU is, nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kinship {
    /// It was measured itself.
    Same,
    /// The model was, on other GPUs.
    Model,
    /// Another model of its family was.
    Family,
    /// None of its family was.
    None,
}

impl Kinship {
    /// Of a model on a GPU.
    #[must_use]
    pub fn of(model: &Model, gpu: &str) -> Kinship {
        let kinship = |[measured, on, family]: [&str; 3]| match (measured == model.id, on == gpu) {
            (true, true) => Kinship::Same,
            (true, false) => Kinship::Model,
            (false, _) if family == model.family => Kinship::Family,
            (false, _) => Kinship::None,
        };
        rows().map(kinship).min().unwrap_or(Kinship::None)
    }

    /// Whether something of its family was measured: the word that bands of errors go by.
    #[must_use]
    pub fn word(self) -> &'static str {
        if self == Kinship::None { "new" } else { "seen" }
    }

    /// What was measured, in words.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Kinship::Same => "this model was measured on this GPU",
            Kinship::Model => "this model was measured on other GPUs",
            Kinship::Family => "other models of its family were measured, this one was not",
            Kinship::None => "no model of its family was measured",
        }
    }
}

/// Model, GPU and family of each row.
fn rows() -> impl Iterator<Item = [&'static str; 3]> {
    MEASURED_MODELS.lines().skip(1).map(|line| {
        let mut cells = line.split(',');
        [(); 3].map(|()| cells.next().unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use alloc::string::String;

    #[test]
    fn every_row_is_of_the_catalogue() {
        let catalog = Catalog::builtin();
        assert!(rows().count() > 20);
        for [model, gpu, family] in rows() {
            assert_eq!(catalog.model(model).map(|m| m.family.as_str()), Some(family), "{model}");
            assert!(catalog.gpu(gpu).is_some(), "{gpu}");
        }
    }

    #[test]
    fn a_model_is_as_near_as_what_was_measured_of_it() {
        let catalog = Catalog::builtin();
        let of = |model: &str, gpu: &str| Kinship::of(catalog.model(model).expect("of the catalogue"), gpu);
        assert_eq!(of("qwen3-14b", "h100-sxm"), Kinship::Same);
        assert_eq!(of("qwen3-14b", "b200-sxm"), Kinship::Model);
        assert_eq!(of("qwen3-8b", "h100-sxm"), Kinship::Family);
        assert_eq!(of("gemma-3-27b", "h100-sxm"), Kinship::None);
        let own = Model { family: String::new(), id: "mine".into(), ..catalog.models[0].clone() };
        assert_eq!(Kinship::of(&own, "h100-sxm"), Kinship::None);
    }
}
