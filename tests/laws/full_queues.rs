//! API servers that answer 503 once so many wait.

use playground_core::engine::Stepping;
use playground_core::report::{End, RunRecord};
use playground_core::scenario::Scenario;
use playground_tests::fleet;
use playground_tests::swarm::{even_capacity_rps, small_scenario};

#[test]
fn a_limit_that_is_never_reached_changes_nothing_and_one_of_few_turns_away() {
    let mut turned_away = 0;
    for seed in 0..100 {
        let limited = |requests: u32, tokens: u32| {
            let mut s = small_scenario(seed);
            for pool in &mut s.topology.pools {
                (pool.engine.max_num_queued_reqs, pool.engine.max_num_queued_tokens) = (Some(requests), Some(tokens));
            }
            overloaded(&s)
        };
        let free = overloaded(&small_scenario(seed));
        assert!(limited(1_000_000, 1_000_000_000) == free, "seed {seed}");
        assert_eq!(free.ends[End::Busy as usize], 0);
        turned_away += u64::from(limited(2, 1_000_000_000).ends[End::Busy as usize] > 0);
        turned_away += u64::from(limited(1_000_000, 1).ends[End::Busy as usize] > 0);
    }
    assert!(turned_away > 60, "only {turned_away} of 200 fleets turned anybody away");
}

/// Three times as much as the fleet bears.
fn overloaded(s: &Scenario) -> RunRecord {
    fleet::record(&fleet::plan(s), 3.0 * even_capacity_rps(s), 150.0, Stepping::Jump)
}
