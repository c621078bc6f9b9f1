//! What speculation may change: how many tokens a step yields, and what that costs. Never who gets what.

use playground_core::engine::Stepping;
use playground_core::latency::KvLaw;
use playground_core::scenario::Speculation;
use playground_tests::world::{Law, Outcome, Request, World, lattice_world, speculating_lattice_world};

#[test]
fn everyone_gets_its_tokens_and_leaves_no_block() {
    let mut preempted = 0;
    for seed in 0..20_000 {
        let world = speculating_lattice_world(seed, 10);
        let run = |stepping| {
            world.watch(stepping, u64::MAX, |moment| {
                let empty = moment.engine.requests() > 0 || moment.engine.blocks_used() == 0;
                assert!(empty, "seed {seed} at {}: {world:?}", moment.now);
            })
        };
        let (jump, step) = (run(Stepping::Jump), run(Stepping::Single));
        assert_eq!(jump.difference(&step), None, "seed {seed}: {world:?}");
        let ended = jump.done.iter().zip(&jump.gone).all(|(done, gone)| done.is_some() != gone.is_some());
        assert!(ended, "seed {seed}: {world:?}");
        preempted += u64::from(jump.record.preemptions > 0);
    }
    assert!(preempted > 1000, "only {preempted} worlds ran out of blocks");
}

/// With steps that all take the same, and more blocks and budget than anybody needs.
#[test]
fn drafts_that_are_never_accepted_change_nothing() {
    for seed in 0..5000 {
        let mut plain = lattice_world(seed, 10);
        plain.law = Law::constant(plain.law.step);
        ample(&mut plain);
        let mut drafted = plain.clone();
        drafted.config.speculation = Some(Speculation::new(&[0.0; 3], 3, false));
        let (plain, drafted) = (plain.run(Stepping::Jump), drafted.run(Stepping::Jump));
        let times = |o: &Outcome| (o.first.clone(), o.done.clone(), o.record.steps);
        assert_eq!(times(&plain), times(&drafted), "seed {seed}");
    }
}

#[test]
fn certain_drafts_come_many_at_a_time() {
    for drafts in [1, 2, 5] {
        for (output, asynchronous) in [(1, true), (2, true), (7, false), (60, true), (61, false)] {
            let outcome = alone(&[1.0; 5][..drafts], output, asynchronous, 1);
            let steps = (output - 1).div_ceil(1 + drafts as u32);
            let took = outcome.done[0].expect("served") - outcome.first[0].expect("served");
            assert_eq!(took, 100 * u64::from(steps), "{output} tokens by {drafts} drafts");
        }
    }
}

#[test]
fn steps_yield_what_the_chances_say() {
    let rates = [0.7, 0.5, 0.1];
    let (requests, output) = (400, 200);
    let outcome = alone(&rates, output, false, requests);
    // A step for each prompt, and the others: the last of an answer may yield less than it could.
    let steps = outcome.record.steps as f64 / requests as f64 - 1.0;
    let yielded = f64::from(output - 1) / steps;
    assert!((yielded - 2.3).abs() < 0.03, "{yielded}");
}

/// So many requests one after the other, each alone, in steps of 100 ps.
fn alone(rates: &[f64], output: u32, asynchronous: bool, requests: usize) -> Outcome {
    let mut world = lattice_world(0, 1);
    world.law = Law::constant(100);
    ample(&mut world);
    world.config.max_num_seqs = 1;
    world.config.max_num_active_seqs = 1;
    world.config.max_model_len = 1000;
    world.config.async_scheduling = asynchronous;
    world.config.speculation = Some(Speculation::new(rates, rates.len() as u32, true));
    world.requests = vec![Request::plain(0, 5, output); requests];
    world.run(Stepping::Jump)
}

fn ample(world: &mut World) {
    world.config.kv_blocks = 1_000_000;
    world.config.kv_law = KvLaw::default();
    world.config.max_num_batched_tokens = 1_000_000;
}
