//! Whatever a scenario holds, the check says what is wrong with it, and what it offers as a fix can be done.

use crate::extremes::{applied, applied_to, edit, own_edit, with_own};
use crate::strategies::scenario;
use playground_core::catalog::Catalog;
use playground_core::scenario::{Diagnostic, EngineArgs, Pool, Scenario, StepLaw, check, encode, resolve};
use proptest::collection::vec;
use proptest::prelude::*;

/// The findings; and that there is a plan exactly when none of them is an error.
fn findings(s: &Scenario) -> Result<Vec<Diagnostic>, TestCaseError> {
    let catalog = Catalog::builtin();
    let found = check(s, &catalog);
    match resolve(s, &catalog) {
        Ok(_) => prop_assert!(!found.iter().any(Diagnostic::is_error), "a plan in spite of {:?}", found),
        Err(reasons) => prop_assert_eq!(&reasons, &found),
    }
    prop_assert!(found.iter().all(|d| !d.message.is_empty()));
    Ok(found)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn anything_at_all(s in scenario()) {
        findings(&s)?;
    }

    #[test]
    fn settings_at_their_ends(edits in vec(edit(), 1..8)) {
        fixes_can_be_done(&applied(&edits))?;
    }

    #[test]
    fn models_and_gpus_at_their_ends(edits in vec(own_edit(), 1..8)) {
        fixes_can_be_done(&applied_to(with_own(), &edits))?;
    }
}

fn fixes_can_be_done(s: &Scenario) -> Result<(), TestCaseError> {
    for fix in findings(s)?.iter().flat_map(|d| &d.fixes) {
        prop_assert!(fix.apply(s).is_ok(), "{:?} cannot be done to #{}", fix, encode(s));
    }
    Ok(())
}

/// Every number of a scenario that is not an integer.
fn set_each_number(value: f64) -> Vec<(&'static str, Scenario)> {
    type Set = fn(&mut Scenario, f64);
    let fields: [(&str, Set); 20] = [
        ("topology.pools[0].price_usd_per_gpu_hour", |s, x| pool(s).price_usd_per_gpu_hour = Some(x)),
        ("topology.pools[0].engine.gpu_memory_utilization", |s, x| engine(s).gpu_memory_utilization = Some(x)),
        ("topology.pools[0].engine.step_law.step_us", |s, x| law(s).step_us = x),
        ("topology.pools[0].engine.step_law.per_sequence_us", |s, x| law(s).per_sequence_us = x),
        ("topology.pools[0].engine.step_law.per_token_us", |s, x| law(s).per_token_us = x),
        ("topology.pools[0].engine.step_law.per_context_token_us", |s, x| law(s).per_context_token_us = x),
        ("workload.arrival.rate_rps", |s, x| s.workload.arrival.rate_rps = x),
        ("workload.classes[0].share", |s, x| s.workload.classes[0].share = x),
        ("workload.classes", |s, x| s.workload.classes[0].share = x),
        ("workload.classes[0].input.mean", |s, x| s.workload.classes[0].input.mean = x),
        ("workload.classes[0].input.std_dev", |s, x| s.workload.classes[0].input.std_dev = x),
        ("workload.classes[0].output.mean", |s, x| s.workload.classes[0].output.mean = x),
        ("workload.classes[0].output.std_dev", |s, x| s.workload.classes[0].output.std_dev = x),
        ("workload.classes[0].slo.percentile", |s, x| s.workload.classes[0].slo.percentile = x),
        ("workload.classes[0].slo.ttft_ms", |s, x| s.workload.classes[0].slo.ttft_ms = Some(x)),
        ("workload.classes[0].slo.itl_ms", |s, x| s.workload.classes[0].slo.itl_ms = Some(x)),
        ("workload.classes[0].slo.e2e_ms", |s, x| s.workload.classes[0].slo.e2e_ms = Some(x)),
        ("run.warmup_s", |s, x| s.run.warmup_s = Some(x)),
        ("run.load.min_frac", |s, x| s.run.load.min_frac = x),
        ("run.load.max_frac", |s, x| s.run.load.max_frac = x),
    ];
    let with = |set: Set| {
        let mut s = Scenario::default();
        set(&mut s, value);
        s
    };
    fields.map(|(path, set)| (path, with(set))).to_vec()
}

fn pool(s: &mut Scenario) -> &mut Pool {
    &mut s.topology.pools[0]
}

fn engine(s: &mut Scenario) -> &mut EngineArgs {
    &mut pool(s).engine
}

fn law(s: &mut Scenario) -> &mut StepLaw {
    engine(s).step_law.get_or_insert(StepLaw { step_us: 1.0, ..StepLaw::default() })
}

#[test]
fn numbers_that_are_none_are_refused_where_they_are() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 1e300] {
        for (path, s) in set_each_number(value) {
            let found = check(&s, &Catalog::builtin());
            assert!(found.iter().any(|d| d.is_error() && d.path == path), "{path} = {value}: {found:#?}");
        }
    }
}
