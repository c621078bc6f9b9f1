//! Keys and values in host memory: blocks come back, copies are no faster than the link, nothing is found that was not
//! there, and where it has no effect nothing changes.

use crate::equal;
use playground_core::base::{Dur, Run, Time};
use playground_core::engine::{Emitted, Stepping};
use playground_core::report::{InstanceRecord, Report, RunRecord};
use playground_core::scenario::{Length, Load, OffloadPlan, Scenario, SharedPrefix, encode};
use playground_tests::swarm::{even_capacity_rps, hurried, small_disaggregated_scenario, small_scenario};
use playground_tests::world::{Law, Outcome, Request, World, lattice_world, offloading_lattice_world};
use playground_tests::{Dice, fleet};

const WORLDS: u64 = 6000;

/// (blocks, when they will have come) of every load, in order.
fn loads(outcome: &Outcome) -> Vec<(u32, Time)> {
    let load =
        |e: &Emitted| if let Emitted::Loading { blocks, until, .. } = e { Some((*blocks, *until)) } else { None };
    outcome.order.iter().filter_map(load).collect()
}

#[test]
fn at_every_moment_of_small_worlds() {
    let (mut loaded, mut again, mut gone) = (0, 0, 0);
    for seed in 0..WORLDS {
        let world = offloading_lattice_world(seed, 10);
        let (total, size) = (world.config.kv_blocks, u64::from(world.config.block_size));
        let hurried = world.requests.iter().any(|r| r.gives_up.is_some());
        let mut left = (0, 0);
        let outcome = world.watch(Stepping::Jump, u64::MAX, |moment| {
            let (free, used) = (moment.engine.blocks_free(), moment.engine.blocks_used());
            assert_eq!(free + used, total, "seed {seed} at {} of {world:?}", moment.now);
            // Whoever is gone is inside until the step in execution has ended.
            let inside = moment.engine.requests();
            assert!(
                moment.alive == inside || hurried && moment.alive < inside,
                "seed {seed} at {} of {world:?}",
                moment.now
            );
            left = (moment.alive, used);
        });
        assert_eq!(left, (0, 0), "seed {seed}: blocks leaked in {world:?}");
        let record = &outcome.record;
        // A hit never covers a prompt's last token, wherever it was found.
        let admitted = outcome.first.iter().flatten().count() as u64;
        assert!(record.hit_tokens + record.loaded_tokens + admitted <= record.prompt_tokens, "seed {seed}: {world:?}");
        assert_eq!(record.loaded_tokens % size, 0, "seed {seed}: whole blocks");
        // Loads follow each other at the pace of the link.
        let block = world.config.offload.expect("it offloads").block;
        let mut free_at = Time::ZERO;
        for (blocks, until) in loads(&outcome) {
            assert!(until >= free_at + block * u64::from(blocks), "seed {seed}: faster than the link in {world:?}");
            free_at = until;
        }
        let blocks: u64 = loads(&outcome).iter().map(|(blocks, _)| u64::from(*blocks)).sum();
        assert!(blocks * size >= record.loaded_tokens, "seed {seed}");
        assert!(blocks * block.as_ps() <= free_at.as_ps(), "seed {seed}");
        loaded += u64::from(record.loaded_tokens > 0);
        // Loads of those who had lost their blocks, and loads of nobody.
        again += u64::from(record.preemptions > 0 && blocks * size > record.loaded_tokens);
        let came = outcome.order.iter().filter(|e| matches!(e, Emitted::Loaded(_))).count();
        gone += u64::from(came < loads(&outcome).len());
    }
    assert!(loaded > WORLDS / 10 && again > WORLDS / 100 && gone > WORLDS / 100, "{loaded} {again} {gone}");
}

/// Where the engine forgets nothing, host memory has nothing to offer: copies are all that it makes.
#[test]
fn with_room_for_everything_it_only_stores() {
    let mut stored = 0;
    for seed in 0..WORLDS {
        let mut world = offloading_lattice_world(seed, 10);
        world.config.kv_blocks = 1_000_000;
        let with = world.run(Stepping::Jump);
        world.config.offload = None;
        let without = world.run(Stepping::Jump);
        stored += with.record.stored_blocks;
        let mut order = with.order.clone();
        order.retain(|e| !matches!(e, Emitted::Copying { .. }));
        let record = InstanceRecord { stored_blocks: 0, unstored_blocks: 0, ..with.record };
        // The last copy may end after the last request.
        let (over, record) = (
            without.over,
            InstanceRecord { running: without.record.running, waiting: without.record.waiting, ..record },
        );
        let with = Outcome { order, record, over, ..with };
        if let Some(difference) = with.difference(&without) {
            panic!("seed {seed}: {world:?}\n{difference}");
        }
    }
    assert!(stored > WORLDS, "{stored} blocks were stored");
}

/// What nobody else says is not looked for by others: without sharing and without preemption nothing is loaded.
#[test]
fn what_is_said_once_is_never_loaded() {
    for seed in 0..WORLDS / 2 {
        let mut world = lattice_world(seed, 10);
        world.config.prefix_caching = true;
        world.config.offload = Some(OffloadPlan { blocks: 50, block: Dur::from_ps(10) });
        for (i, request) in world.requests.iter_mut().enumerate() {
            request.says = Some(Run { content: i as u64, start: 0, length: request.prompt });
        }
        let outcome = world.run(Stepping::Jump);
        assert!(outcome.record.preemptions > 0 || loads(&outcome).is_empty(), "seed {seed}: {world:?}");
    }
}

/// An engine of `kv_blocks` blocks of four tokens, steps of 10 ps, copies of 7 ps a block.
fn by_hand(kv_blocks: u32, offload: Option<u32>, requests: Vec<Request>) -> Outcome {
    let mut world = World { requests, law: Law::constant(10), ..lattice_world(0, 10) };
    world.config.block_size = 4;
    world.config.kv_blocks = kv_blocks;
    world.config.max_model_len = 100;
    (world.config.max_num_batched_tokens, world.config.max_num_seqs, world.config.max_num_active_seqs) = (64, 8, 8);
    (world.config.async_scheduling, world.config.reserve_full_sequence) = (false, true);
    (world.config.prefix_caching, world.config.empty_blocks_first) = (true, true);
    world.config.offload = offload.map(|blocks| OffloadPlan { blocks, block: Dur::from_ps(7) });
    world.run(Stepping::Jump)
}

fn says(content: u64, at: u64, prompt: u32, output: u32) -> Request {
    Request { says: Some(Run { content, start: 0, length: prompt }), ..Request::plain(at, prompt, output) }
}

#[test]
fn two_that_want_the_same_block_wait_for_one_load() {
    // The first says nine tokens: two full blocks, copied from 10 to 24. The second takes the whole cache. Then two come
    // who say what the first said: one loads both blocks from 100 to 114, and computes the ninth token by 124; the other is
    // passed over until then, finds them in the engine, and is in the same step. A third behind them, who says something
    // else and fits, does not wait.
    let requests =
        vec![says(1, 0, 9, 1), says(2, 20, 21, 1), says(1, 100, 9, 1), says(1, 100, 9, 1), says(3, 100, 4, 1)];
    let outcome = by_hand(6, Some(100), requests);
    assert_eq!(outcome.first, [10, 30, 124, 124, 110].map(Some));
    assert_eq!((outcome.record.loaded_tokens, outcome.record.hit_tokens), (8, 8));
    assert_eq!(loads(&outcome), [(2, Time::from_ps(114))]);
    // Two blocks of the first, five of the second, none again of the last but one, one of the last.
    assert_eq!((outcome.record.stored_blocks, outcome.record.unstored_blocks), (8, 0));
}

#[test]
fn what_is_on_its_way_to_host_memory_is_waited_for() {
    // The second takes the first's blocks while these are copied, from 10 to 24: who says the same at 21 waits till then,
    // loads till 38, and has its token at 48.
    let requests = vec![says(1, 0, 9, 1), says(2, 10, 21, 1), says(1, 21, 9, 1)];
    let outcome = by_hand(6, Some(100), requests);
    assert_eq!(outcome.first, [10, 20, 48].map(Some));
}

#[test]
fn host_memory_that_is_too_small_forgets_the_least_recently_used() {
    // Room for eight blocks: three prompts of two each, then one of five that takes the engine's cache.
    let of = |content: u64, at: u64| says(content, at, 9, 1);
    let requests = vec![of(1, 0), of(2, 100), of(3, 200), says(4, 300, 21, 1), of(1, 500), of(3, 700)];
    let outcome = by_hand(6, Some(8), requests);
    // The fourth's five blocks made the first's two go, then the second's last one; the fifth finds nothing, and makes two
    // more go: the second's first one and the third's last one. So the sixth loads one block, by 707.
    assert_eq!(outcome.first, [10, 110, 210, 310, 510, 717].map(Some));
    assert_eq!(outcome.record.loaded_tokens, 4);
}

#[test]
fn who_is_taken_back_while_it_loads_keeps_its_blocks_until_they_are_no_longer_written_to() {
    // The third loads from 100 to 114 and is gone at 105. All six blocks are asked for by a fourth at 106: three are
    // free, so it begins at 114.
    let gone = Request { gives_up: Some(105), ..says(1, 100, 9, 1) };
    let outcome = by_hand(6, Some(100), vec![says(1, 0, 9, 1), says(2, 20, 21, 1), gone, says(3, 106, 21, 1)]);
    assert_eq!(outcome.first, [Some(10), Some(30), None, Some(124)]);
    assert_eq!(outcome.gone[2], Some(105));
}

/// Long documents asked about again and again, in a GPU cache that holds two of them.
fn documents(kv_offloading_size: Option<f64>) -> Scenario {
    let mut s = Scenario::default();
    let pool = &mut s.topology.pools[0];
    (pool.model, pool.replicas) = ("llama-3.1-8b".into(), 1);
    pool.engine.num_gpu_blocks_override = Some(1500);
    pool.engine.kv_offloading_size = kv_offloading_size;
    let class = &mut s.workload.classes[0];
    (class.input, class.output) = (Length::constant(100), Length::constant(8));
    class.prefix = Some(SharedPrefix { tokens: 8000, groups: 10, ..SharedPrefix::default() });
    s.workload.arrival.rate_rps = 0.5;
    s.run.warmup_s = Some(100.0);
    s
}

fn report(s: &Scenario) -> Report {
    fleet::report(&fleet::plan(s), Load::Rate(0.5), 2, Dur::from_secs_f64(200.0))
}

#[test]
fn repeated_prompts_come_from_host_memory_sooner_than_they_are_computed() {
    let (without, with) = (report(&documents(None)), report(&documents(Some(64.0))));
    let offload = with.offload.as_ref().expect("it offloads");
    let [slow, fast] = [&without, &with].map(|r| r.total.metrics.ttft_ms.mean.expect("measured"));
    // All but the first of each document.
    assert!(offload.hit_rate > 0.6 && with.kv.hit_rate + offload.hit_rate > 0.9, "{offload:?} {:?}", with.kv);
    assert!(fast < 0.5 * slow, "{fast} ms of {slow} ms");
    // 500 blocks of 2 MiB at 35 GB/s.
    let load = offload.load_ms.p50.expect("measured");
    assert!(
        (29.9..31.0).contains(&load) && offload.blocks_per_load.is_some_and(|b| (300.0..=506.0).contains(&b)),
        "{offload:?}"
    );
    // Host memory for half of the documents helps, and less.
    let half = report(&documents(Some(5.0)));
    let some = half.offload.as_ref().expect("it offloads").hit_rate;
    assert!(0.02 < some && some < offload.hit_rate, "{some}");
}

#[test]
fn none_is_as_if_nobody_had_heard_of_it() {
    let (absent, none) = (report(&documents(None)), report(&documents(Some(0.0))));
    assert!(absent.offload.is_none());
    assert_eq!(absent.digest, none.digest);
}

/// A random fleet in which prompts begin alike and engines offload.
fn offloading(seed: u64, s: Scenario) -> Scenario {
    let (mut s, mut dice) = (hurried(s, seed), Dice::new(seed ^ 0x0ff));
    s.topology.pools.iter_mut().for_each(|pool| pool.engine.enable_prefix_caching = Some(true));
    let plan = fleet::plan(&s);
    for (pool, plan) in s.topology.pools.iter_mut().zip(plan.pools()) {
        let blocks = f64::from(plan.engine.kv_blocks) * dice.pick(&[0.5, 3.0, 30.0]);
        pool.engine.kv_offloading_size = Some(plan.kv_block_bytes() * blocks / 1_073_741_824.0);
    }
    s
}

fn held(what: &str, seed: u64, s: &Scenario, law: impl Fn(&RunRecord) -> Result<(), String>) {
    let rate = even_capacity_rps(s) * Dice::new(!seed).pick(&[0.05, 0.5, 0.9, 3.0]);
    let plan = fleet::plan(s);
    let [jump, step] = [Stepping::Jump, Stepping::Single].map(|stepping| fleet::record(&plan, rate, 100.0, stepping));
    let step = RunRecord { events: jump.events, ..step };
    assert!(jump == step, "{what}, seed {seed} at {rate} per second, jumped and stepped: #{}", encode(s));
    if let Err(broken) = law(&jump) {
        panic!("{what}, seed {seed} at {rate} per second, #{}: {broken}", encode(s));
    }
}

#[test]
fn in_fleets_of_all_kinds() {
    let loaded = core::cell::Cell::new(0);
    for seed in 0..150 {
        for (what, s) in [("together", small_scenario(seed)), ("apart", small_disaggregated_scenario(seed))] {
            held(what, seed, &offloading(seed, s), |record| {
                equal("∫ N dt and Σ T, ps", record.in_system_area, record.sojourn_sum)?;
                for i in &record.instances {
                    if i.kv_used_peak > i.kv_blocks || i.hit_tokens + i.loaded_tokens > i.prompt_tokens {
                        return Err(format!("{i:?}"));
                    }
                }
                let some = record.offload.as_ref().is_some_and(|o| o.load.n() > 0);
                loaded.set(loaded.get() + u64::from(some));
                Ok(())
            });
        }
    }
    assert!(loaded.get() > 10, "only {} fleets loaded anything", loaded.get());
}
