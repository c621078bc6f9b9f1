//! Reports seen before, so that undo, and dragging back, are instant.
//!
//! The report of a load depends on the deployment, the traffic's shape, the policies and the run settings;
//! not on the title, nor on which load is the scenario's own, nor on which others are on the axis, nor on what is swept. So moving
//! the offered load simulates one load, and the rest of the curve is here already.

use playground_core::report::Report;
use playground_core::scenario::{Load, Scenario};
use playground_core::study::Fidelity;
use playground_core::study::compare::Window;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Most scenarios remembered, the least recently used forgotten first.
const SCENARIOS_MAX: usize = 24;
/// Most reports of one scenario; beyond it its drafts are forgotten, then what it was in comparisons.
const REPORTS_MAX: usize = 256;

/// What a report depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// The scenario, as text.
    scenario: String,
    /// Another window than its own.
    window: Option<Window>,
}

impl Key {
    /// The key of every load of this scenario.
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let neutral = Scenario::default();
        let mut s = scenario.clone();
        (s.title, s.note) = (String::new(), String::new());
        // Of a load of the other kind, the setting stays: it may limit the clients.
        if let Some(load) = s.workload.arrival.load() {
            s.workload.arrival.set_load(load.of(1.0));
        }
        s.run.load = neutral.run.load;
        s.sweep = neutral.sweep;
        Key { scenario: s.to_value().to_string(), window: None }
    }

    /// The key of loads that are measured in another window than the scenario's own.
    pub(crate) fn within(&self, window: Window) -> Self {
        Key { window: Some(window), ..self.clone() }
    }
}

/// A load at a fidelity, in a window other than its own: of a comparison, whose windows may be as many as its loads.
type Place = (bool, u64, Option<(u64, u64)>);

fn place(key: &Key, fidelity: Fidelity, load: Load) -> Place {
    let window = key.window.map(|w| (w.warmup_ps, w.horizon_ps));
    (fidelity == Fidelity::Draft, load.amount().to_bits(), window)
}

/// One for all who ask.
pub(crate) type Memory = Rc<RefCell<Cache>>;

/// Reports by scenario and load.
#[derive(Default)]
pub(crate) struct Cache {
    /// The most recently used last.
    scenarios: Vec<(String, BTreeMap<Place, Report>)>,
}

impl Cache {
    /// The report of this load, if it was simulated before: with requests followed to their ends where that is `whole`, and
    /// as far as a curve follows them where not. Of a draft more is as good.
    pub(crate) fn get(&mut self, key: &Key, fidelity: Fidelity, load: Load, whole: bool) -> Option<Report> {
        let i = self.scenarios.iter().position(|(k, _)| *k == key.scenario)?;
        let found = self.scenarios[i].1.get(&place(key, fidelity, load)).cloned();
        self.scenarios[i..].rotate_left(1);
        let more_is_as_good = fidelity == Fidelity::Draft;
        found.filter(|r| r.run.followed_to_end == whole || (more_is_as_good && r.run.followed_to_end))
    }

    /// Whether this load was simulated before.
    pub(crate) fn has(&self, key: &Key, fidelity: Fidelity, load: Load) -> bool {
        self.scenarios
            .iter()
            .any(|(k, reports)| *k == key.scenario && reports.contains_key(&place(key, fidelity, load)))
    }

    /// Remembers a report.
    pub(crate) fn put(&mut self, key: &Key, fidelity: Fidelity, load: Load, report: &Report) {
        let i = self.scenarios.iter().position(|(k, _)| *k == key.scenario).unwrap_or_else(|| {
            if self.scenarios.len() == SCENARIOS_MAX {
                self.scenarios.remove(0);
            }
            self.scenarios.push((key.scenario.clone(), BTreeMap::new()));
            self.scenarios.len() - 1
        });
        let reports = &mut self.scenarios[i].1;
        if reports.len() >= REPORTS_MAX {
            reports.retain(|(is_draft, ..), _| !is_draft);
        }
        if reports.len() >= REPORTS_MAX {
            reports.retain(|(.., window), _| window.is_none());
        }
        reports.insert(place(key, fidelity, load), report.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::catalog::Catalog;
    use playground_core::scenario::resolve;
    use playground_core::study::PointRun;

    fn report(rate: f64) -> Report {
        let mut small = Scenario::default();
        (small.run.requests, small.run.replications) = (10, 1);
        let plan = resolve(&small, &Catalog::builtin()).expect("is sound");
        let mut run = PointRun::new(&plan, Load::Rate(rate), Fidelity::Settled);
        while !run.advance(u32::MAX) {}
        run.report().expect("is over")
    }

    fn scenario(change: impl FnOnce(&mut Scenario)) -> Key {
        let mut s = Scenario::default();
        change(&mut s);
        Key::of(&s)
    }

    #[test]
    fn the_own_load_and_the_words_do_not_matter() {
        let key = Key::of(&Scenario::default());
        assert_eq!(key, scenario(|s| s.workload.arrival.rate_rps = 7.0));
        assert_eq!(key, scenario(|s| s.title = "x".into()));
        assert_eq!(key, scenario(|s| s.run.load.points = 30));
        assert_eq!(key, scenario(|s| s.sweep = playground_core::scenario::default_axes()));
        assert_ne!(key, scenario(|s| s.run.seed = 7));
        assert_ne!(key, scenario(|s| s.topology.pools[0].replicas = 7));
        assert_ne!(key, key.within(Window { warmup_ps: 1, horizon_ps: 2 }));
    }

    #[test]
    fn the_own_load_does_not_change_the_report_of_another() {
        let report_at = |own: f64, load: f64| {
            let mut s = Scenario::default();
            (s.run.requests, s.run.replications, s.workload.arrival.rate_rps) = (50, 2, own);
            let plan = resolve(&s, &Catalog::builtin()).expect("is sound");
            let mut run = PointRun::new(&plan, Load::Rate(load), Fidelity::Settled);
            while !run.advance(u32::MAX) {}
            run.report().expect("is over")
        };
        assert_eq!(report_at(10.0, 60.0), report_at(80.0, 60.0));
    }

    #[test]
    fn a_report_is_found_by_scenario_load_and_fidelity() {
        let (mut cache, key) = (Cache::default(), Key::of(&Scenario::default()));
        cache.put(&key, Fidelity::Draft, Load::Rate(2.0), &report(2.0));
        assert_eq!(cache.get(&key, Fidelity::Draft, Load::Rate(2.0), true), Some(report(2.0)));
        assert_eq!(cache.get(&key, Fidelity::Settled, Load::Rate(2.0), true), None);
        assert_eq!(cache.get(&key, Fidelity::Draft, Load::Rate(3.0), true), None);
        assert_eq!(cache.get(&scenario(|s| s.run.seed = 1), Fidelity::Draft, Load::Rate(2.0), true), None);
    }

    #[test]
    fn what_was_not_used_for_long_is_forgotten() {
        let (mut cache, report) = (Cache::default(), report(1.0));
        let keys: Vec<Key> = (0..=SCENARIOS_MAX as u64).map(|seed| scenario(|s| s.run.seed = seed)).collect();
        for key in &keys[..SCENARIOS_MAX] {
            cache.put(key, Fidelity::Draft, Load::Rate(1.0), &report);
        }
        assert!(cache.get(&keys[0], Fidelity::Draft, Load::Rate(1.0), true).is_some());
        cache.put(&keys[SCENARIOS_MAX], Fidelity::Draft, Load::Rate(1.0), &report);
        assert!(cache.get(&keys[0], Fidelity::Draft, Load::Rate(1.0), true).is_some(), "was used just now");
        assert!(cache.get(&keys[1], Fidelity::Draft, Load::Rate(1.0), true).is_none());
    }

    #[test]
    fn many_drafts_do_not_push_settled_reports_out() {
        let (mut cache, key, report) = (Cache::default(), Key::of(&Scenario::default()), report(1.0));
        cache.put(&key, Fidelity::Settled, Load::Rate(1.0), &report);
        for i in 0..2 * REPORTS_MAX {
            cache.put(&key, Fidelity::Draft, Load::Rate(i as f64), &report);
        }
        assert!(cache.scenarios[0].1.len() <= REPORTS_MAX);
        assert!(cache.get(&key, Fidelity::Settled, Load::Rate(1.0), true).is_some());
    }

    #[test]
    fn as_many_windows_as_loads_push_no_scenario_out() {
        let (mut cache, report) = (Cache::default(), report(1.0));
        let keys = [1, 2].map(|seed| scenario(|s| s.run.seed = seed));
        let window = |i: usize| Window { warmup_ps: 1, horizon_ps: i as u64 };
        cache.put(&keys[0], Fidelity::Settled, Load::Rate(1.0), &report);
        for i in 0..2 * SCENARIOS_MAX {
            cache.put(&keys[1].within(window(i)), Fidelity::Settled, Load::Rate(1.0), &report);
        }
        let mut has = |key: &Key| cache.get(key, Fidelity::Settled, Load::Rate(1.0), true).is_some();
        assert!(has(&keys[0]) && has(&keys[1].within(window(0))) && has(&keys[1].within(window(9))));
        assert!(!has(&keys[1]) && !has(&keys[0].within(window(0))));
        for i in 0..2 * REPORTS_MAX {
            cache.put(&keys[0].within(window(i)), Fidelity::Settled, Load::Rate(1.0), &report);
        }
        assert!(cache.scenarios.iter().all(|(_, reports)| reports.len() <= REPORTS_MAX));
        assert!(cache.get(&keys[0], Fidelity::Settled, Load::Rate(1.0), true).is_some());
    }
}
