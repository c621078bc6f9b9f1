//! As many tokens come out as were asked for, preempted or not.

use crate::{equal, in_random_fleets};
use playground_core::engine::{Emitted, Stepping};
use playground_core::report::End;
use playground_core::scenario::{Length, Scenario};
use playground_tests::fleet;
use playground_tests::world::lattice_world;

#[test]
fn in_small_worlds() {
    for seed in 0..4000 {
        let world = lattice_world(seed, 10);
        let outcome = world.run(Stepping::Jump);
        let asked: u64 = world.requests.iter().map(|r| u64::from(r.output)).sum();
        let firsts = outcome.order.iter().filter(|e| matches!(e, Emitted::FirstToken { .. })).count() as u64;
        assert_eq!(firsts, world.requests.len() as u64, "seed {seed}: {world:?}");
        assert_eq!(firsts + outcome.itl.n(), asked, "seed {seed}: {world:?}");
    }
}

#[test]
fn in_fleets_where_all_ask_for_the_same() {
    let mut s = Scenario::default();
    s.workload.classes[0].output = Length::constant(77);
    s.topology.pools[0].engine.num_gpu_blocks_override = Some(3000);
    let record = fleet::record(&fleet::plan(&s), 60.0, 2000.0, Stepping::Jump);
    let all = fleet::total(&record);
    assert_eq!(all.ends[End::Done as usize], all.arrived);
    // Whoever is inside when measuring begins or ends has some of its gaps on either side.
    let (through, inside) = (76 * all.served_in_horizon, 76 * record.in_system[0].max(record.in_system[1]));
    assert!(all.itl.n().abs_diff(through) <= inside, "{} gaps, {through} of those who ended", all.itl.n());
    assert_eq!(record.classes[0].tokens_in_horizon, 77 * record.classes[0].served_in_horizon);
}

#[test]
fn at_most_one_mean_gap_for_every_request() {
    in_random_fleets(|record| {
        let all = fleet::total(record);
        equal("a request has a mean gap or none", all.tpot.n() <= all.e2e.n(), true)
    });
}
