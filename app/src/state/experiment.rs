//! What is on the page: a scenario, or two side by side, of which one is being edited.

use playground_core::scenario::Scenario;
use playground_core::study::compare::{self, Side};

/// A scenario beside the one that is being edited.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Beside {
    /// It.
    pub(crate) scenario: Scenario,
    /// The side that is being edited; this scenario is the other one.
    pub(crate) edited: Side,
}

/// Everything that undo brings back and a link holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Experiment {
    /// What is being edited.
    pub(crate) scenario: Scenario,
    /// What it is compared with.
    pub(crate) beside: Option<Beside>,
}

impl Experiment {
    /// A scenario alone.
    pub(crate) fn of(scenario: Scenario) -> Self {
        Experiment { scenario, beside: None }
    }

    /// Two scenarios, B being edited.
    pub(crate) fn comparing(a: Scenario, b: Scenario) -> Self {
        Experiment { scenario: b, beside: Some(Beside { scenario: a, edited: Side::B }) }
    }

    /// A and B, where there are two.
    pub(crate) fn sides(&self) -> Option<(&Scenario, &Scenario)> {
        let beside = self.beside.as_ref()?;
        Some(match beside.edited {
            Side::A => (&self.scenario, &beside.scenario),
            Side::B => (&beside.scenario, &self.scenario),
        })
    }

    /// With another side being edited.
    pub(crate) fn editing(self, side: Side) -> Self {
        match self.beside {
            Some(beside) if beside.edited != side => {
                Experiment { scenario: beside.scenario, beside: Some(Beside { scenario: self.scenario, edited: side }) }
            }
            beside => Experiment { scenario: self.scenario, beside },
        }
    }

    /// With A and B in each other's place; what is being edited stays so.
    pub(crate) fn swapped(mut self) -> Self {
        if let Some(beside) = &mut self.beside {
            beside.edited = beside.edited.other();
        }
        self
    }

    /// With the load and the run settings of A on both sides.
    pub(crate) fn aligned(self) -> Self {
        let edited = self.beside.as_ref().map(|b| b.edited);
        match (self.sides(), edited) {
            (Some((a, b)), Some(side)) => Experiment::comparing(a.clone(), compare::align(a, b)).editing(side),
            _ => self,
        }
    }

    /// As the text of a link.
    pub(crate) fn link(&self) -> String {
        match self.sides() {
            Some((a, b)) => compare::link::write(a, b),
            None => playground_core::scenario::encode(&self.scenario),
        }
    }
}

/// The own load, in requests per second and in clients.
const LOADS: [&str; 2] = ["workload.arrival.rate_rps", "workload.arrival.max_concurrency"];

/// Whether a field is one of the experiment and not of a side: the load at which sides are compared, and how they are
/// simulated. Set on one side, it is set on both, or they would not be pairs any more.
pub(crate) fn is_shared(path: &str) -> bool {
    LOADS.contains(&path) || path == "run" || path.starts_with("run.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titled(title: &str) -> Scenario {
        Scenario { title: title.into(), ..Scenario::default() }
    }

    fn titles(e: &Experiment) -> Option<(&str, &str)> {
        e.sides().map(|(a, b)| (a.title.as_str(), b.title.as_str()))
    }

    #[test]
    fn a_comparison_begins_with_b_in_hand() {
        let e = Experiment::comparing(titled("a"), titled("b"));
        assert_eq!((titles(&e), e.scenario.title.as_str()), (Some(("a", "b")), "b"));
        let e = e.editing(Side::A);
        assert_eq!((titles(&e), e.scenario.title.as_str()), (Some(("a", "b")), "a"));
        assert_eq!(e.clone().editing(Side::A), e);
    }

    #[test]
    fn swapping_keeps_what_is_in_hand() {
        let e = Experiment::comparing(titled("a"), titled("b")).swapped();
        assert_eq!((titles(&e), e.scenario.title.as_str()), (Some(("b", "a")), "b"));
        assert_eq!(e.clone().swapped().swapped(), e);
    }

    #[test]
    fn aligning_gives_both_the_settings_of_a() {
        let (a, mut b) = (titled("a"), titled("b"));
        (b.run.seed, b.workload.arrival.rate_rps) = (7, 3.0);
        for side in [Side::A, Side::B] {
            let e = Experiment::comparing(a.clone(), b.clone()).editing(side).aligned();
            let (x, y) = e.sides().expect("two");
            assert_eq!((x, &y.run, y.title.as_str()), (&a, &a.run, "b"));
            assert_eq!(e.beside.as_ref().map(|b| b.edited), Some(side));
        }
    }

    #[test]
    fn the_load_and_the_run_belong_to_both() {
        assert!(LOADS.into_iter().chain(["run.seed", "run.load.points"]).all(is_shared));
        assert!(!["workload.arrival.type", "title", "runtime"].into_iter().any(is_shared));
    }
}
