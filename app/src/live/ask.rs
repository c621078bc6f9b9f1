//! Which runs are looked at together: of which scenarios, at which load, and over which time.
//!
//! One is the scenario that is alone. Several are the sides of a comparison; all are sent the same requests over the same
//! time, so that a moment of one is that moment of all.

use crate::compare::Variants;
use playground_core::scenario::{Load, Plan, Scenario};
use playground_core::study::compare::{Side, Window};

/// The first run of each of these, at a load, over some time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ask {
    /// At least one.
    pub(super) cast: Vec<Cast>,
    pub(super) load: Load,
    pub(super) window: Window,
}

/// Whose run it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cast {
    /// Its place among several; none of one that is alone.
    pub(super) side: Option<Side>,
    /// What it is called, by what differs.
    pub(super) name: String,
    pub(super) scenario: Scenario,
}

impl Ask {
    /// Of a scenario alone, in its own window.
    pub(super) fn alone(scenario: Scenario, plan: &Plan, load: Load) -> Ask {
        let cast = vec![Cast { side: None, name: String::new(), scenario }];
        Ask { cast, load, window: Window::own(plan, load) }
    }

    /// Of all sides of a comparison, in the window that they share.
    pub(super) fn together(variants: &Variants, name: impl Fn(Side) -> String, load: Load) -> Ask {
        let of = |(&side, scenario): (&Side, &Scenario)| Cast {
            side: Some(side),
            name: name(side),
            scenario: scenario.clone(),
        };
        let cast = variants.sides().iter().zip(&variants.scenarios).map(of).collect();
        Ask { cast, load, window: Window::shared(&variants.plans, load) }
    }

    /// Whether a run of another question is one of this one: of that scenario, and in no other respect different.
    pub(super) fn has(&self, other: &Ask, scenario: &Scenario) -> bool {
        self.load == other.load && self.window == other.window && self.cast.iter().any(|c| c.scenario == *scenario)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use playground_core::catalog::Catalog;
    use playground_core::scenario::resolve;

    /// Sides that differ in replicas.
    pub(in crate::live) fn variants(replicas: &[u32]) -> Variants {
        let of = |&replicas: &u32| {
            let mut s = Scenario::default();
            (s.topology.pools[0].replicas, s.run.requests, s.workload.arrival.rate_rps) = (replicas, 300, 30.0);
            s
        };
        let scenarios: Vec<Scenario> = replicas.iter().map(of).collect();
        let plans = scenarios.iter().map(|s| resolve(s, &Catalog::builtin()).expect("is sound")).collect();
        Variants { scenarios, plans }
    }

    #[test]
    fn several_share_a_window_and_one_has_its_own() {
        let all = variants(&[4, 2, 8]);
        let load = all.plans[0].load();
        let ask = Ask::together(&all, |side| format!("<{}>", side.name()), load);
        assert_eq!(ask.window, Window::shared(&all.plans, load));
        let names: Vec<_> = ask.cast.iter().map(|c| (c.side, c.name.as_str())).collect();
        assert_eq!(names, [(Some(Side::A), "<A>"), (Some(Side::B), "<B>"), (Some(Side::C), "<C>")]);
        let alone = Ask::alone(all.scenarios[2].clone(), &all.plans[2], load);
        assert_eq!((alone.window, alone.cast.len()), (Window::own(&all.plans[2], load), 1));
        assert_ne!(alone.window, ask.window, "alone it is measured over another time");
    }

    #[test]
    fn a_run_is_known_by_its_scenario_its_load_and_its_time() {
        let all = variants(&[4, 2]);
        let load = all.plans[0].load();
        let ask = Ask::together(&all, |_| String::new(), load);
        assert!(ask.has(&ask, &all.scenarios[1]) && !ask.has(&ask, &variants(&[3]).scenarios[0]));
        let later = Ask { load: Load::Rate(31.0), ..ask.clone() };
        assert!(!later.has(&ask, &all.scenarios[1]));
    }
}
