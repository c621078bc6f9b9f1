//! What there is to compare, before anything is simulated: two sound sides that make pairs, or what is in the way.

use super::names::{self, Setting};
use crate::state::Experiment;
use playground_core::catalog::Catalog;
use playground_core::scenario::{Diagnostic, Plan, Scenario, resolve};
use playground_core::study::compare::{Obstacle, Side, obstacles, same_requests};
use std::sync::Arc;

/// Both sides, worked out.
pub(super) struct Pair {
    pub(super) a: Scenario,
    pub(super) b: Scenario,
    pub(super) plans: [Plan; 2],
}

impl PartialEq for Pair {
    // Plans follow from the scenarios.
    fn eq(&self, other: &Self) -> bool {
        self.a == other.a && self.b == other.b
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
    Ready(Arc<Pair>),
}

impl Case {
    pub(super) fn of(experiment: &Experiment, settings: &[Setting], catalog: &Catalog) -> Self {
        let Some((a, b)) = experiment.sides() else { return Case::Alone };
        let obstacles = obstacles(a, b);
        if !obstacles.is_empty() {
            return Case::Apart(obstacles);
        }
        if settings.is_empty() {
            return Case::Same;
        }
        let plan = |side: Side, s: &Scenario| resolve(s, catalog).map_err(|found| Case::Unsound(side, found));
        match (plan(Side::A, a), plan(Side::B, b)) {
            (Ok(x), Ok(y)) => Case::Ready(Arc::new(Pair { a: a.clone(), b: b.clone(), plans: [x, y] })),
            (Err(case), _) | (_, Err(case)) => case,
        }
    }

    pub(super) fn pair(&self) -> Option<&Arc<Pair>> {
        match self {
            Case::Ready(pair) => Some(pair),
            Case::Alone | Case::Same | Case::Apart(_) | Case::Unsound(..) => None,
        }
    }
}

/// Settings in which an experiment's sides differ.
pub(super) fn settings(experiment: &Experiment) -> Vec<Setting> {
    experiment.sides().map_or_else(Vec::new, |(a, b)| names::differing(a, b))
}

/// Whether both sides are sent the same requests; true where there is one.
pub(super) fn is_like_for_like(experiment: &Experiment) -> bool {
    experiment.sides().is_none_or(|(a, b)| same_requests(a, b))
}

/// Why there are no pairs, in words.
pub(super) fn why_apart(obstacles: &[Obstacle]) -> String {
    let words = obstacles.iter().map(|o| match o {
        Obstacle::Seed => "they draw from different seeds",
        Obstacle::Replications => "they are repeated unequally often",
        Obstacle::Load => "their own loads differ",
    });
    let list = words.collect::<Vec<_>>().join(", ");
    format!(
        "A and B make no pairs: {list}. Under equal settings both see the same requests, and most of what is chance cancels."
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
        assert!(case(|s| s.topology.pools[0].replicas = 2).pair().is_some());
    }

    #[test]
    fn why_is_said_in_words() {
        let text = why_apart(&[Obstacle::Seed, Obstacle::Load]);
        assert!(text.contains("different seeds, their own loads differ."), "{text}");
    }
}
