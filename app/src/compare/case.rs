//! What there is to compare, before anything is simulated: sound sides that make pairs, or what is in the way.

use super::names::{self, Setting};
use crate::say;
use crate::state::Experiment;
use playground_core::catalog::Catalog;
use playground_core::scenario::{Diagnostic, Plan, Scenario, resolve};
use playground_core::study::compare::{Obstacle, Side, obstacles, same_requests};
use std::sync::Arc;

/// All sides, worked out; the baseline first.
pub(crate) struct Variants {
    pub(crate) scenarios: Vec<Scenario>,
    pub(crate) plans: Vec<Plan>,
}

impl Variants {
    pub(crate) fn sides(&self) -> &'static [Side] {
        Side::first(self.scenarios.len())
    }
}

impl PartialEq for Variants {
    // Plans follow from the scenarios.
    fn eq(&self, other: &Self) -> bool {
        self.scenarios == other.scenarios
    }
}

/// Where a comparison stands.
#[derive(Clone, PartialEq)]
pub(super) enum Case {
    /// There is one scenario.
    Alone,
    /// The sides do not differ in anything that may change results.
    Same,
    /// They make no pairs.
    Apart(Vec<Obstacle>),
    /// A side cannot be simulated.
    Unsound(Side, Vec<Diagnostic>),
    /// They can be compared.
    Ready(Arc<Variants>),
}

impl Case {
    pub(super) fn of(experiment: &Experiment, settings: &[Setting], catalog: &Catalog) -> Self {
        if experiment.beside.is_none() {
            return Case::Alone;
        }
        let all = experiment.all();
        let obstacles = obstacles(&all);
        if !obstacles.is_empty() {
            return Case::Apart(obstacles);
        }
        if settings.is_empty() {
            return Case::Same;
        }
        let plan = |(side, s): (&Side, &&Scenario)| resolve(s, catalog).map_err(|found| Case::Unsound(*side, found));
        match experiment.sides().iter().zip(&all).map(plan).collect() {
            Ok(plans) => Case::Ready(Arc::new(Variants { scenarios: all.into_iter().cloned().collect(), plans })),
            Err(case) => case,
        }
    }

    pub(super) fn variants(&self) -> Option<&Arc<Variants>> {
        match self {
            Case::Ready(variants) => Some(variants),
            Case::Alone | Case::Same | Case::Apart(_) | Case::Unsound(..) => None,
        }
    }

    /// Why these sides make no pairs, where there are several and they do not.
    pub(super) fn why_no_pairs(&self, sides: &[Side]) -> Option<String> {
        match self {
            Case::Alone | Case::Ready(_) => None,
            Case::Same => Some(format!("{} are alike.", letters(sides))),
            Case::Apart(obstacles) => Some(why_apart(sides, obstacles)),
            Case::Unsound(side, _) => Some(format!("{} cannot be simulated.", side.name())),
        }
    }
}

/// Settings in which an experiment's sides differ.
pub(super) fn settings(experiment: &Experiment) -> Vec<Setting> {
    names::differing(&experiment.all())
}

/// Whether all sides are sent the same requests; true where there is one.
pub(super) fn is_like_for_like(experiment: &Experiment) -> bool {
    same_requests(&experiment.all())
}

/// That sides are not sent the same requests, in words.
pub(super) fn unlike(sides: &[Side]) -> String {
    format!("{} are not sent the same requests, because their traffic differs.", letters(sides))
}

/// The letters of sides in a row: "A and B", "A, B and C".
pub(super) fn letters(sides: &[Side]) -> String {
    say::list(&sides.iter().map(|side| side.name()).collect::<Vec<_>>())
}

/// Why there are no pairs, in words.
pub(super) fn why_apart(sides: &[Side], obstacles: &[Obstacle]) -> String {
    let words = obstacles.iter().map(|o| match o {
        Obstacle::Seed => "they draw from different seeds",
        Obstacle::Replications => "they are repeated unequally often",
        Obstacle::Load => "their own loads differ",
    });
    let list = words.collect::<Vec<_>>().join(", ");
    let all = if sides.len() > 2 { "all" } else { "both" };
    format!(
        "{} make no pairs: {list}. Under equal settings {all} see the same requests, and most of what is chance cancels.",
        letters(sides)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(change: impl FnOnce(&mut Scenario)) -> Case {
        let a = Scenario::default();
        let mut b = a.clone();
        change(&mut b);
        let experiment = Experiment::comparing(a, b);
        Case::of(&experiment, &settings(&experiment), &Catalog::builtin())
    }

    #[test]
    fn what_is_in_the_way_is_found_before_anything_is_simulated() {
        let catalog = Catalog::builtin();
        assert!(Case::of(&Experiment::of(Scenario::default()), &[], &catalog) == Case::Alone);
        assert!(case(|s| s.title = "other".into()) == Case::Same);
        assert!(case(|s| s.run.seed = 7) == Case::Apart(vec![Obstacle::Seed]));
        assert!(
            matches!(case(|s| s.topology.pools[0].replicas = 0), Case::Unsound(Side::B, found) if !found.is_empty())
        );
        assert!(case(|s| s.topology.pools[0].replicas = 2).variants().is_some());
    }

    #[test]
    fn of_several_the_one_in_the_way_is_named() {
        let sized = |replicas: u32| {
            let mut s = Scenario::default();
            s.topology.pools[0].replicas = replicas;
            s
        };
        let of = |replicas: [u32; 4]| {
            let experiment = Experiment::among(replicas.map(sized).into(), Side::B).expect("four");
            Case::of(&experiment, &settings(&experiment), &Catalog::builtin())
        };
        let ready = of([4, 3, 4, 6]);
        let variants = ready.variants().expect("all are sound");
        assert_eq!((variants.plans.len(), variants.sides()), (4, &Side::ALL[..]));
        assert!(matches!(of([4, 3, 0, 6]), Case::Unsound(Side::C, _)));
        assert!(of([4; 4]) == Case::Same);
    }

    #[test]
    fn why_is_said_in_words() {
        let text = why_apart(Side::first(2), &[Obstacle::Seed, Obstacle::Load]);
        assert!(text.starts_with("A and B make no pairs: "), "{text}");
        assert!(text.contains("different seeds, their own loads differ."), "{text}");
        assert!(why_apart(Side::first(3), &[Obstacle::Seed]).starts_with("A, B and C make no pairs: "));
        let two = Side::first(2);
        assert_eq!(case(|s| s.title = "other".into()).why_no_pairs(two).as_deref(), Some("A and B are alike."));
        let unsound = case(|s| s.topology.pools[0].replicas = 0);
        assert_eq!(unsound.why_no_pairs(two).as_deref(), Some("B cannot be simulated."));
        assert_eq!(
            (case(|s| s.topology.pools[0].replicas = 2).why_no_pairs(two), Case::Alone.why_no_pairs(two)),
            (None, None)
        );
    }
}
