//! KV blocks are free or in use at every moment, and all free once everybody has left.

use playground_core::engine::Stepping;
use playground_tests::world::{bounded_lattice_world, lattice_world};

#[test]
fn at_every_moment() {
    for seed in 0..4000 {
        let world = if seed % 2 == 0 { lattice_world(seed, 10) } else { bounded_lattice_world(seed / 2, 10) };
        let total = world.config.kv_blocks;
        for stepping in [Stepping::Jump, Stepping::Single] {
            let mut peak = 0;
            let outcome = world.watch(stepping, u64::MAX, |moment| {
                let (free, used) = (moment.engine.blocks_free(), moment.engine.blocks_used());
                assert_eq!(free + used, total, "seed {seed} at {} of {world:?}", moment.now);
                assert!(moment.alive > 0 || used == 0, "seed {seed}: {used} blocks leaked in {world:?}");
                assert_eq!(moment.alive, moment.engine.requests(), "seed {seed} at {} of {world:?}", moment.now);
                peak = peak.max(u64::from(used));
            });
            assert!(outcome.record.kv_used_peak >= peak && outcome.record.kv_used_peak <= u64::from(total));
        }
    }
}
