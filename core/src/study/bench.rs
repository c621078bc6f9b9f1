//! Workloads for measuring the simulator's own speed.

use crate::scenario::{Diagnostic, Scenario};

/// One workload.
#[derive(Clone, Copy, Debug)]
pub struct BenchWorkload {
    /// Its name.
    pub name: &'static str,
    /// Simulated requests per CPU second it should reach natively; none where it is only reported.
    pub target: Option<f64>,
    json: &'static str,
}

/// Offered load over the simulated maximum.
pub const LOAD: f64 = 0.7;

/// Every workload. To add one: a file in `core/data/bench` and a line here.
pub const WORKLOADS: &[BenchWorkload] = &[
    BenchWorkload { name: "chat", target: Some(300_000.0), json: include_str!("../../data/bench/chat.json") },
    BenchWorkload { name: "chat-10m", target: None, json: include_str!("../../data/bench/chat-10m.json") },
    BenchWorkload {
        name: "shared-prefix",
        target: Some(100_000.0),
        json: include_str!("../../data/bench/shared-prefix.json"),
    },
    BenchWorkload { name: "eight", target: Some(100_000.0), json: include_str!("../../data/bench/eight.json") },
    BenchWorkload { name: "fleet", target: None, json: include_str!("../../data/bench/fleet.json") },
];

impl BenchWorkload {
    /// Its scenario.
    ///
    /// # Errors
    /// When its file cannot be read, which a test excludes.
    pub fn scenario(&self) -> Result<Scenario, Diagnostic> {
        Scenario::from_json(self.json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::scenario::check;

    #[test]
    fn every_workload_is_sound() {
        for workload in WORKLOADS {
            let scenario = workload.scenario().expect("reads");
            assert_eq!(check(&scenario, &Catalog::builtin()), [], "{}", workload.name);
            assert_eq!(scenario.unknown_settings(), [""; 0], "{}", workload.name);
        }
    }
}
