//! Whole fleets: one replication of a plan, to the end.

use playground_core::base::Dur;
use playground_core::catalog::Catalog;
use playground_core::cluster::{Progress, Sim};
use playground_core::engine::Stepping;
use playground_core::report::{ClassRecord, Report, RunRecord};
use playground_core::scenario::{Load, Plan, Scenario, encode, resolve};

/// The plan of a scenario that is sound.
///
/// # Panics
/// With the findings and the link of the scenario, when it is not.
#[must_use]
pub fn plan(s: &Scenario) -> Plan {
    resolve(s, &Catalog::builtin()).unwrap_or_else(|found| panic!("#{} is refused: {found:#?}", encode(s)))
}

/// Replication 0 of a plan at a rate, measuring what arrives in the time of so many requests.
#[must_use]
pub fn record(plan: &Plan, rate_rps: f64, requests: f64, stepping: Stepping) -> RunRecord {
    record_at(plan, Load::Rate(rate_rps), 0, Dur::from_secs_f64(requests / rate_rps), stepping)
}

/// A replication of a plan at a load, measuring what arrives in this time.
#[must_use]
pub fn record_at(plan: &Plan, load: Load, replication: u32, horizon: Dur, stepping: Stepping) -> RunRecord {
    let mut sim = Sim::with_stepping(plan, load, replication, horizon, stepping);
    while sim.advance(u32::MAX) == Progress::Running {}
    sim.into_record()
}

/// The report of a load over so many replications.
#[must_use]
pub fn report(plan: &Plan, load: Load, replications: u32, horizon: Dur) -> Report {
    let records: Vec<_> = (0..replications).map(|k| record_at(plan, load, k, horizon, Stepping::Jump)).collect();
    playground_core::report::report(plan, load, &records)
}

/// All classes of a record together.
#[must_use]
pub fn total(record: &RunRecord) -> ClassRecord {
    let mut all = ClassRecord::new();
    record.classes.iter().for_each(|class| all.merge(class));
    all
}
