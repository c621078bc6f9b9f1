//! An engine computes exactly while somebody is in it.

use crate::in_random_fleets;
use playground_core::engine::Stepping;
use playground_tests::world::{
    World, bounded_lattice_world, cached_lattice_world, lattice_world, ruled_lattice_world, speculating_lattice_world,
};

#[test]
fn it_executes_if_and_only_if_somebody_is_there() {
    for seed in 0..4000 {
        let world = lattice_world(seed, 10);
        for stepping in [Stepping::Jump, Stepping::Single] {
            let _ = world.watch(stepping, u64::MAX, |moment| {
                let executes = moment.engine.next_end().is_some();
                assert_eq!(executes, moment.alive > 0, "seed {seed} at {} of {world:?}", moment.now);
                assert!(!moment.engine.wants_plan(), "seed {seed} at {} of {world:?}", moment.now);
            });
        }
    }
}

/// By whatever rules it schedules, and whoever loses blocks to whom: an engine with work has an event to come, and every
/// run ends. (With clients that give up it also finishes steps for nobody.)
#[test]
fn an_engine_with_work_always_has_an_event() {
    for seed in 0..20_000 {
        for world_of in [ruled_lattice_world, cached_lattice_world, bounded_lattice_world, speculating_lattice_world] {
            let world = world_of(seed, 10);
            for stepping in [Stepping::Jump, Stepping::Single] {
                let _ = world.watch(stepping, u64::MAX, |moment| {
                    let executes = moment.engine.next_end().is_some();
                    assert!(executes || moment.alive == 0, "seed {seed} at {} of {world:?}", moment.now);
                    assert!(!moment.engine.wants_plan(), "seed {seed} at {} of {world:?}", moment.now);
                });
            }
        }
    }
}

#[test]
fn busy_time_is_the_time_somebody_was_there() {
    for seed in 0..4000 {
        let world = lattice_world(seed, 10);
        let outcome = world.run(Stepping::Jump);
        assert_eq!(outcome.record.busy.as_ps(), occupied(&world, &outcome.done), "seed {seed}: {world:?}");
    }
}

/// The length of the union of all stays, ps.
fn occupied(world: &World, done: &[Option<u64>]) -> u64 {
    let (mut total, mut until) = (0, 0);
    let mut stays: Vec<(u64, u64)> = world.requests.iter().zip(done).map(|(r, d)| (r.at, d.expect("served"))).collect();
    stays.sort_unstable();
    for (from, to) in stays {
        total += to.max(until) - from.max(until);
        until = until.max(to);
    }
    total
}

#[test]
fn no_engine_is_busy_longer_than_the_run() {
    in_random_fleets(|record| {
        let over = record.over.as_ps();
        match record.instances.iter().find(|i| i.busy.as_ps() > over) {
            Some(instance) => Err(format!("busy {:?} of {over} ps", instance.busy)),
            None => Ok(()),
        }
    });
}
