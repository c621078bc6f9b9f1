//! A KV cache that holds every place at its longest is as good as an endless one.

use playground_core::engine::Stepping;
use playground_core::report::{InstanceRecord, RunRecord};
use playground_core::scenario::{EngineConfig, Scenario};
use playground_tests::fleet;
use playground_tests::world::{Outcome, World, bounded, lattice_world};

#[test]
fn in_small_worlds() {
    for seed in 0..2000 {
        let mut world = bounded(lattice_world(seed, 10), seed, 10);
        let EngineConfig { kv_law, block_size, max_model_len, max_num_seqs, .. } = world.config;
        let enough = max_num_seqs * kv_law.blocks(block_size, max_model_len);
        let mut with = |blocks: u32| {
            world.config.kv_blocks = blocks;
            let outcome = world.run(Stepping::Jump);
            Outcome { record: InstanceRecord { kv_blocks: 0, ..outcome.record }, ..outcome }
        };
        let (some, plenty) = (with(enough), with(1000 * enough));
        assert!(some == plenty, "seed {seed}: {}", some.difference(&plenty).unwrap_or_default());
        assert_eq!(some.record.preemptions, 0);
    }
}

#[test]
fn in_a_fleet() {
    let with = |blocks: u32| -> RunRecord {
        let mut s = Scenario::default();
        s.run.warmup_s = Some(10.0);
        let engine = &mut s.topology.pools[0].engine;
        (engine.max_num_seqs, engine.max_model_len) = (Some(32), Some(4096));
        engine.num_gpu_blocks_override = Some(blocks);
        let mut record = fleet::record(&fleet::plan(&s), 40.0, 1000.0, Stepping::Jump);
        record.instances.iter_mut().for_each(|i| i.kv_blocks = 0);
        record
    };
    assert!(with(32 * 4096 / 16) == with(90_000_000));
}

#[test]
fn and_less_than_that_is_felt() {
    // Not a relation by itself: it shows that the two above compare something that matters.
    let preempts = |world: &World| world.run(Stepping::Jump).record.preemptions > 0;
    assert!((0..2000).any(|seed| preempts(&lattice_world(seed, 10))));
}
