//! The engine, which visits nobody twice, gives what a scheduler that visits everyone in every step gives.

use playground_core::base::Dur;
use playground_core::engine::Stepping;
use playground_core::stats::Sketch;
use playground_tests::naive;
use playground_tests::world::{World, bounded, lattice_world};

#[test]
fn on_a_lattice_of_times_with_scarce_blocks() {
    for seed in 0..20000 {
        agree(&lattice_world(seed, 10), seed);
    }
}

#[test]
fn for_models_with_windows_and_states() {
    for seed in 0..20000 {
        agree(&bounded(lattice_world(seed, 10), seed, 10), seed);
    }
}

fn agree(world: &World, seed: u64) {
    let engine = world.run(Stepping::Jump);
    let plain = naive::run(world);
    let some = |times: &[u64]| times.iter().copied().map(Some).collect::<Vec<_>>();
    let mut gaps = Sketch::new();
    plain.gaps.iter().for_each(|&gap| gaps.insert(Dur::from_ps(gap), 1));
    assert_eq!(engine.first, some(&plain.first), "first tokens, seed {seed}: {world:?}");
    assert_eq!(engine.done, some(&plain.done), "last tokens, seed {seed}: {world:?}");
    assert_eq!(engine.record.steps, plain.steps, "steps, seed {seed}: {world:?}");
    assert_eq!(engine.record.preemptions, plain.preemptions, "preemptions, seed {seed}: {world:?}");
    assert_eq!(engine.record.kv_used_sum, plain.used_sum, "blocks in use, seed {seed}: {world:?}");
    assert!(engine.itl == gaps, "gaps between tokens, seed {seed}: {world:?}");
}
