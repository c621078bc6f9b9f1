//! Little's law as an identity of integers: requests in system, integrated, are times in system, summed.

use crate::{equal, in_random_fleets};
use playground_core::base::Dur;
use playground_core::engine::Stepping;
use playground_core::report::End;
use playground_core::scenario::Load;
use playground_tests::fleet;
use playground_tests::swarm::{even_capacity_rps, small_scenario};

#[test]
fn area_is_the_sum_of_sojourns() {
    in_random_fleets(|record| equal("∫ N dt and Σ T, ps", record.in_system_area, record.sojourn_sum));
}

#[test]
fn engines_hold_no_more_than_the_system() {
    // Waiting or running in an engine is being in the system; being on the way to one is too.
    in_random_fleets(|record| {
        let inside: u128 =
            record.instances.iter().map(|i| i.waiting.area(record.over) + i.running.area(record.over)).sum();
        if inside > record.in_system_area {
            return Err(format!("{inside} ps in engines, {} in the system", record.in_system_area));
        }
        Ok(())
    });
}

#[test]
fn a_closed_loop_holds_its_clients() {
    // N = X · R as an identity: where an answer takes no time to travel, every client has a request in the system from
    // the beginning to the end, so that the times in system add up to clients · duration, to the picosecond.
    let mut looked = 0;
    for seed in 0..300 {
        let s = small_scenario(seed);
        if s.topology.pools.iter().any(|p| p.engine.step_law.is_none()) {
            continue;
        }
        for clients in [1, 7, 90] {
            let horizon = Dur::from_secs_f64(100.0 / even_capacity_rps(&s));
            let record = fleet::record_at(&fleet::plan(&s), Load::Concurrency(clients), 0, horizon, Stepping::Jump);
            let away = [End::Refused, End::Shed, End::Unroutable].iter().any(|e| record.ends[*e as usize] > 0);
            let full = u128::from(clients) * u128::from(record.over.as_ps());
            assert!(record.sojourn_sum <= full, "seed {seed}: more than {clients} clients");
            if !away {
                assert_eq!(record.sojourn_sum, full, "seed {seed}, {clients} clients");
                looked += 1;
            }
        }
    }
    assert!(looked > 200, "{looked}");
}

#[test]
fn a_limit_is_never_exceeded() {
    for seed in 0..100 {
        let mut s = small_scenario(seed);
        s.workload.arrival.max_concurrency = Some(5);
        let plan = fleet::plan(&s);
        let record = fleet::record(&plan, 3.0 * even_capacity_rps(&s), 200.0, Stepping::Jump);
        assert!(record.in_system_area <= 5 * u128::from(record.over.as_ps()), "seed {seed}");
        assert!(record.in_system.iter().all(|n| *n <= 5), "seed {seed}");
    }
}
