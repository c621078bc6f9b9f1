//! Random scenarios in which each seed turns features off and pushes others to an extreme, so that rare
//! combinations are common.

use crate::Dice;
use playground_core::catalog::Catalog;
use playground_core::latency::{MemoryDemand, Spread, kv_sizing};
use playground_core::policy::decide::DECIDERS;
use playground_core::policy::pick::PICKERS;
use playground_core::scenario::{
    EngineArgs, KvTransfer, Length, Plugin, PluginRef, Policies, Pool, Profile, Scenario, SpeculativeConfig, StepLaw,
    TrafficClass, resolve,
};
use serde_json::{Value, json};

/// A sound scenario that is small to simulate, whatever it does: short prompts, starving pools, single places,
/// one-token outputs, several pools and classes.
#[must_use]
pub fn small_scenario(seed: u64) -> Scenario {
    let mut dice = Dice::new(seed);
    let mut s = Scenario::default();
    s.run.seed = dice.bits();
    s.run.replications = 1;
    s.run.requests = 10;
    s.run.warmup_s = Some(0.0);
    // Every test offers a load of its own choice; the scenario's must only be one the fleet can bear.
    s.workload.arrival.rate_rps = 0.001;
    let longest = dice.pick(&[8, 60, 300, 2000]);
    let model = dice.pick(&Catalog::builtin().models.iter().map(|m| m.id.clone()).collect::<Vec<_>>());
    let law = dice.chance(0.5).then(|| step_law(&mut dice));
    s.topology.pools =
        (0..dice.pick(&[1, 1, 1, 2, 3])).map(|_| pool(&mut dice, &model, longest, law.as_ref())).collect();
    s.workload.classes = classes(&mut dice, longest);
    s.policies = Policies::single(dice.pick(&PICKERS.iter().map(|kind| kind.meta.id).collect::<Vec<_>>()));
    s.workload.arrival.max_concurrency = dice.pick(&[None, None, None, Some(1), Some(3), Some(40)]);
    s
}

/// The same fleet with clients that give up, answers that a stop token ends, and schedulers that choose by other rules.
#[must_use]
pub fn hurried(mut s: Scenario, seed: u64) -> Scenario {
    let mut dice = Dice::new(seed ^ 0x9a11);
    let request_s = 1.0 / even_capacity_rps(&s);
    for class in &mut s.workload.classes {
        let waits = (request_s * dice.pick(&[0.3, 3.0, 30.0, 300.0])).clamp(0.001, 86_400.0);
        class.timeout_s = dice.chance(0.8).then_some(waits);
        class.ignore_eos = dice.chance(0.5);
        class.priority = dice.pick(&[0, 1, 5]);
    }
    for pool in &mut s.topology.pools {
        pool.engine.scheduling_policy = dice.pick(&[None, Some("fcfs"), Some("priority")]).map(Into::into);
        pool.engine.long_prefill_token_threshold = dice.pick(&[None, Some(0), Some(1), Some(7), Some(100)]);
        // Both together make prompts last so many times as long that the queues behind them fill any memory.
        let interval = dice.pick(&[None, Some(1), Some(2), Some(9)]);
        let cut = matches!(pool.engine.long_prefill_token_threshold, Some(1 | 7));
        pool.engine.prefill_schedule_interval = interval.filter(|_| !cut);
        pool.engine.max_num_queued_reqs = dice.pick(&[None, None, None, None, Some(1), Some(20)]);
        pool.engine.max_num_queued_tokens = dice.pick(&[None, None, None, None, Some(1), Some(500)]);
        pool.engine.speculative_config = dice.chance(0.3).then(|| SpeculativeConfig {
            method: dice.pick(&["ngram", "eagle", "mtp"]).into(),
            num_speculative_tokens: dice.pick(&[1, 3, 16]),
            synthetic_acceptance_length: Some(dice.pick(&[1.0, 1.5, 2.0])),
            ..SpeculativeConfig::default()
        });
    }
    s
}

/// The same fleet, each replica as ranks that share experts; none where its model has no experts.
#[must_use]
pub fn shared_experts(mut s: Scenario, seed: u64) -> Option<Scenario> {
    let mut dice = Dice::new(seed ^ 0x10c5);
    let catalog = Catalog::builtin();
    for pool in &mut s.topology.pools {
        catalog.model(&pool.model).and_then(|m| m.experts())?;
        pool.engine.data_parallel_size = Some(dice.pick(&[2, 2, 3, 8]));
        pool.engine.enable_expert_parallel = Some(true);
        pool.engine.all2all_backend = Some("deepep_low_latency".into());
        // Its own number of blocks was drawn for one rank, and holds for each.
        pool.replicas = dice.pick(&[1, 1, 2]);
    }
    Some(s)
}

/// A small scenario whose prompts may be computed apart from decoding: by any decider, over networks from slow to none,
/// with leases that last and such that do not.
#[must_use]
pub fn small_disaggregated_scenario(seed: u64) -> Scenario {
    let mut s = small_scenario(seed);
    let mut dice = Dice::new(seed ^ 0xd15a);
    let first = s.topology.pools[0].clone();
    let roles = dice.pick(&[vec!["decode", "prefill"], vec!["decode", "prefill", "both"], vec!["both", "both"]]);
    s.topology.pools = roles
        .iter()
        .map(|&role| {
            let mut pool = Pool { role: role.into(), replicas: dice.pick(&[1, 2, 3]), ..first.clone() };
            // Blocks are read as they are, so both sides have them of one size; the rest may differ.
            pool.engine.tensor_parallel_size = dice.pick(&splits(&first.model));
            pool.engine.max_num_batched_tokens = Some(dice.pick(&[3, 17, 256, 8192]));
            pool.engine.max_num_seqs = Some(dice.pick(&[1, 2, 3]));
            let (size, longest) = (first.engine.block_size.unwrap_or(16), first.engine.max_model_len.unwrap_or(8));
            let one = blocks_of_one(&pool, size, longest);
            pool.engine.num_gpu_blocks_override = Some(one + dice.below(3 * one + 1));
            pool
        })
        .collect();
    let decider = dice.pick(&DECIDERS.iter().map(|kind| kind.meta.id).collect::<Vec<_>>());
    s.policies = disaggregated(decider, &[("nonCachedTokens", json!(dice.pick(&[1, 20])))]);
    s.topology.kv_transfer = Some(transfer(&mut dice, &s, roles.contains(&"both")));
    s
}

/// A way between engines whose times lie in the range of the times between requests, so that a run in which everybody
/// waits for it comes to its end.
fn transfer(dice: &mut Dice, s: &Scenario, mutual: bool) -> KvTransfer {
    let gap_s = 1.0 / even_capacity_rps(s);
    let mut gaps = |choices: &[f64]| gap_s * dice.pick(choices);
    let (latency_s, handshake_s, sidecar_s) =
        (gaps(&[0.0, 1.0, 10.0]), gaps(&[0.0, 0.0, 30.0]), gaps(&[0.0, 1.0, 20.0]));
    let (lease_s, read_s) = (gaps(&[300.0, 300.0, 3.0, 0.0]), gaps(&[0.01, 1.0, 5.0]));
    let plan = resolve(s, &Catalog::builtin()).expect("a sound scenario");
    let prompt_blocks = plan.pools()[0].engine.max_model_len / (2 * plan.pools()[0].engine.block_size) + 1;
    let bytes = plan.pools()[0].kv_block_bytes() * f64::from(prompt_blocks);
    KvTransfer {
        gb_s_per_gpu: Some((bytes / read_s / 1e9).clamp(0.001, 1e6)),
        latency_us: Some((latency_s * 1e6).min(1e9)),
        descriptor_us: Some(0.0),
        jitter_frac: dice.pick(&[0.0, 0.5, 1.0]),
        handshake_ms: (handshake_s * 1e3).min(1e6),
        lease_s: lease_s.min(1e6),
        // Two that compute for each other may wait for each other until a lease ends.
        heartbeats: !mutual && dice.chance(0.5),
        sidecar_ms: (sidecar_s * 1e3).min(1e5),
        ..KvTransfer::default()
    }
}

/// llm-d's two profiles, the pickers random, with this decider and its parameters.
#[must_use]
pub fn disaggregated(decider: &str, parameters: &[(&str, Value)]) -> Policies {
    let profile = |name: &str| Profile {
        name: name.into(),
        plugins: [format!("{name}-filter"), "random-picker".into()]
            .map(|plugin_ref| PluginRef { plugin_ref, ..PluginRef::default() })
            .into(),
        ..Profile::default()
    };
    let mut chosen = Plugin::new(decider);
    let known = DECIDERS.iter().find(|kind| kind.meta.id == decider).map_or(&[][..], |kind| kind.meta.params);
    for (id, value) in parameters.iter().filter(|(id, _)| known.iter().any(|p| p.id == *id)) {
        chosen.parameters.insert((*id).into(), value.clone());
    }
    let mut handler = Plugin::new("disagg-profile-handler");
    handler.parameters.insert("deciders".into(), json!({ "prefill": decider }));
    let mut plugins = vec![handler, chosen];
    plugins.extend(["decode-filter", "prefill-filter", "random-picker"].map(Plugin::new));
    Policies { plugins, scheduling_profiles: vec![profile("decode"), profile("prefill")], ..Policies::default() }
}

fn pool(dice: &mut Dice, model: &str, longest: u32, law: Option<&StepLaw>) -> Pool {
    let block_size = dice.pick(&[1, 3, 16, 16, 64]);
    let one = longest.div_ceil(block_size);
    let slack = one * dice.pick(&[1, 2, 4, 50]);
    let budget = dice.pick(&[1, 3, 17, 256, 8192]);
    // The model has to fit only where physics asks for it; blocks are always given.
    let gpu = dice.pick(&["h100-sxm", "h200-sxm", "a100-80g-sxm"]);
    let mut pool = Pool {
        model: model.into(),
        gpu: gpu.into(),
        replicas: dice.pick(&[1, 1, 2, 3]),
        engine: EngineArgs {
            tensor_parallel_size: dice.pick(&splits(model)),
            max_num_batched_tokens: Some(budget),
            max_num_seqs: Some(dice.pick(&[1, 2, 7, 40, 2000]).min(budget)),
            max_model_len: Some(longest),
            block_size: Some(block_size),
            num_gpu_blocks_override: Some(one + dice.below(slack + 1)),
            async_scheduling: dice.pick(&[None, Some(false), Some(true)]),
            sampling: dice.pick(&["greedy", "top-p"]).into(),
            step_law: law.cloned(),
            ..EngineArgs::default()
        },
        ..Pool::default()
    };
    let blocks = blocks_of_one(&pool, block_size, longest) - one;
    pool.engine.num_gpu_blocks_override = pool.engine.num_gpu_blocks_override.map(|n| n + blocks);
    pool
}

/// KV blocks of one sequence: some models take more than one for every so many tokens.
fn blocks_of_one(pool: &Pool, block_size: u32, tokens: u32) -> u32 {
    let catalog = Catalog::builtin();
    let model = catalog.model(&pool.model).expect("picked from the catalogue");
    let sizing = kv_sizing(&MemoryDemand {
        model,
        gpu: catalog.gpu(&pool.gpu).expect("picked from the catalogue"),
        precision: &catalog.precision(model, None).expect("its own"),
        tensor_parallel: pool.engine.tensor_parallel_size,
        spread: Spread::default(),
        gpu_memory_utilization: 0.9,
        max_num_batched_tokens: 1,
        max_num_seqs: 1,
        block_size,
        drafter: None,
    });
    sizing.law.blocks(block_size, tokens)
}

/// Ways to split a model over GPUs.
fn splits(model: &str) -> Vec<u32> {
    let catalog = Catalog::builtin();
    let model = catalog.model(model).expect("picked from the catalogue");
    [1, 2, 4, 8].into_iter().filter(|&tp| model.unsplittable(tp).is_none()).collect()
}

fn step_law(dice: &mut Dice) -> StepLaw {
    let mut part = |chance: f64, us: f64| if dice.chance(chance) { us * dice.unit() } else { 0.0 };
    StepLaw {
        step_us: 1.0 + part(0.8, 20_000.0),
        per_sequence_us: part(0.4, 1_000.0),
        per_token_us: part(0.4, 100.0),
        per_context_token_us: part(0.4, 10.0),
        ..StepLaw::default()
    }
}

fn classes(dice: &mut Dice, longest: u32) -> Vec<TrafficClass> {
    let n = dice.pick(&[1, 1, 2, 5]);
    (0..n)
        .map(|i| TrafficClass {
            name: format!("class {i}"),
            share: 1.0 / f64::from(n),
            input: length(dice, longest / 2),
            output: if dice.chance(0.2) { Length::constant(1) } else { length(dice, longest) },
            ..TrafficClass::default()
        })
        .collect()
}

fn length(dice: &mut Dice, most: u32) -> Length {
    let mean = f64::from(dice.between(1, most.max(1)));
    Length {
        kind: dice.pick(&["constant", "lognormal", "exponential"]).into(),
        mean,
        std_dev: mean * dice.pick(&[0.0, 0.3, 2.0]),
        min: 1,
        max: most.max(1),
        ..Length::default()
    }
}

/// The load at which the slowest replica is just busy when all of them get the same: beyond it a run may last
/// as long as the fast pools can go on filling the queue of the slow one.
///
/// # Panics
/// When the scenario is not sound.
#[must_use]
pub fn even_capacity_rps(s: &Scenario) -> f64 {
    let catalog = Catalog::builtin();
    let replica_rps = s.topology.pools.iter().map(|pool| {
        let mut alone = s.clone();
        alone.topology.pools = vec![Pool { replicas: 1, role: "both".into(), ..pool.clone() }];
        alone.policies = Policies::default();
        resolve(&alone, &catalog).expect("a sound scenario is sound pool by pool").capacity_rps()
    });
    let replicas: u32 = s.topology.pools.iter().map(|pool| pool.replicas).sum();
    f64::from(replicas) * replica_rps.fold(f64::INFINITY, f64::min)
}
