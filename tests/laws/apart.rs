//! Prompts computed apart: nobody is lost on the way between engines, causes precede effects, blocks come back.

use crate::equal;
use playground_core::base::Dur;
use playground_core::engine::Stepping;
use playground_core::report::{DisaggRecord, End, RunRecord};
use playground_core::scenario::{KvTransfer, Length, Load, Pool, Scenario, StepLaw, encode};
use playground_tests::swarm::{disaggregated, even_capacity_rps, small_disaggregated_scenario};
use playground_tests::{Dice, fleet};
use serde_json::json;

/// Runs random fleets, and holds a law against each.
fn in_random_fleets(law: impl Fn(&Scenario, &RunRecord) -> Result<(), String>) {
    for seed in 0..200 {
        let s = small_disaggregated_scenario(seed);
        let mut dice = Dice::new(!seed);
        let rate = even_capacity_rps(&s) * dice.pick(&[0.05, 0.5, 0.9, 3.0]);
        let load = if dice.chance(0.8) { Load::Rate(rate) } else { Load::Concurrency(dice.pick(&[1, 7, 50])) };
        let horizon = Dur::from_secs_f64(150.0 / rate);
        let record = fleet::record_at(&fleet::plan(&s), load, 0, horizon, Stepping::Jump);
        if let Err(broken) = law(&s, &record) {
            panic!("seed {seed} at {load:?}, #{}: {broken}", encode(&s));
        }
    }
}

#[test]
fn all_that_holds_elsewhere_holds_and_the_parts_add_up_to_the_whole() {
    let mut seen = [0u64; 3];
    let counts = core::cell::RefCell::new(&mut seen);
    in_random_fleets(|_, record| {
        // That every request ends once is asserted by the run itself.
        equal("∫ N dt and Σ T, ps", record.in_system_area, record.sojourn_sum)?;
        let inside: u128 =
            record.instances.iter().map(|i| i.waiting.area(record.over) + i.running.area(record.over)).sum();
        if inside > record.in_system_area {
            return Err(format!("{inside} ps in engines, {} in the system", record.in_system_area));
        }
        for i in &record.instances {
            if i.kv_used_peak > i.kv_blocks {
                return Err(format!("{} of {} blocks in use", i.kv_used_peak, i.kv_blocks));
            }
        }
        let disagg = record.disagg.as_ref().ok_or("it may compute apart")?;
        let total = fleet::total(record);
        equal("first tokens", disagg.ttft_apart.n() + disagg.ttft_here.n(), total.ttft.n())?;
        // Every first token of a prompt computed apart was preceded by its transfer.
        if disagg.transfer.n() < disagg.ttft_apart.n() || disagg.apart < disagg.ttft_apart.n() {
            return Err("a prompt was not read before its first token".into());
        }
        parts_add_up(disagg)?;
        let mut counts = counts.borrow_mut();
        counts[0] += disagg.ttft_apart.n();
        counts[1] += disagg.ttft_here.n();
        counts[2] += record.ends[End::KvLost as usize];
        Ok(())
    });
    assert!(seen.iter().all(|n| *n > 100), "every way was taken: {seen:?}");
}

/// The parts of the time to a first token add up to it.
fn parts_add_up(disagg: &DisaggRecord) -> Result<(), String> {
    let n = disagg.ttft_apart.n();
    let (parts, whole) = (disagg.parts.iter().sum::<u128>(), disagg.ttft_apart.mean_ms().unwrap_or(0.0));
    let mean = if n > 0 { parts as f64 / 1e9 / n as f64 } else { 0.0 };
    if (mean - whole).abs() > 1e-6 * whole.max(1e-6) {
        return Err(format!("parts add up to {mean} ms, the whole is {whole} ms"));
    }
    Ok(())
}

/// One prefill and one decode replica whose steps all take 1 s, and requests far apart.
fn slow_pair(kv_transfer: KvTransfer) -> Scenario {
    let mut s = Scenario::default();
    let mut pool = Pool { role: "decode".into(), replicas: 1, model: "llama-3.1-8b".into(), ..Pool::default() };
    pool.engine.step_law = Some(StepLaw { step_us: 1e6, ..StepLaw::default() });
    pool.engine.async_scheduling = Some(false);
    s.topology.pools = vec![pool.clone(), Pool { role: "prefill".into(), ..pool }];
    s.topology.kv_transfer = Some(kv_transfer);
    s.policies = disaggregated("always-disagg-pd-decider", &[]);
    s.workload.classes[0].input = Length::constant(160);
    s.workload.classes[0].output = Length::constant(3);
    s.workload.arrival.kind = "constant".into();
    s.workload.arrival.rate_rps = 0.01;
    s.run.warmup_s = Some(0.0);
    s
}

fn alone(s: &Scenario) -> RunRecord {
    fleet::record(&fleet::plan(s), 0.01, 20.0, Stepping::Jump)
}

#[test]
fn the_timeline_is_as_computed_by_hand() {
    // Ten blocks of 16 tokens, 131,072 bytes a token: 20,971,520 bytes, at 1 MB/s. 32 layers: 320 descriptors of 10 ms.
    let s = slow_pair(KvTransfer {
        gb_s_per_gpu: Some(0.001),
        latency_us: Some(500_000.0),
        descriptor_us: Some(10_000.0),
        handshake_ms: 0.0,
        sidecar_ms: 250.0,
        ..KvTransfer::default()
    });
    let record = alone(&s);
    let disagg = record.disagg.as_ref().expect("it computes apart");
    let n = u128::from(disagg.ttft_apart.n());
    assert!(n > 10 && disagg.ttft_here.n() == 0);
    let ms = disagg.parts.map(|ps| (ps / n) as f64 / 1e9);
    let transfer = 500.0 + 320.0 * 10.0 + 20_971.52;
    let expected = [250.0, 0.0, 1000.0, 250.0, 0.0, transfer, 1000.0, 0.0];
    assert!(ms.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-3), "{ms:?}, not {expected:?}");
    let total = fleet::total(&record);
    let e2e = expected.iter().sum::<f64>() + 2000.0;
    assert!(total.e2e.mean_ms().is_some_and(|found| (found - e2e).abs() < 1e-3), "{:?}", total.e2e.mean_ms());
}

#[test]
fn without_a_network_in_the_way_a_request_takes_one_step_more() {
    let s =
        slow_pair(KvTransfer { network: "ideal".into(), handshake_ms: 0.0, sidecar_ms: 0.0, ..KvTransfer::default() });
    let mut together = s.clone();
    together.policies = disaggregated("never-disagg-pd-decider", &[]);
    let [apart, here] = [&s, &together].map(|s| fleet::total(&alone(s)).ttft.mean_ms().expect("there are some"));
    assert!((here - 1000.0).abs() < 1e-6 && (apart - 2000.0).abs() < 1e-3, "{apart} and {here}");
}

#[test]
fn a_first_handshake_is_paid_once_by_each_pair() {
    let quick = KvTransfer { network: "ideal".into(), handshake_ms: 5000.0, sidecar_ms: 0.0, ..KvTransfer::default() };
    let record = alone(&slow_pair(quick));
    let transfer = &record.disagg.as_ref().expect("it computes apart").transfer;
    let mean = transfer.mean_ms().expect("there are some");
    assert!((mean - 5000.0 / transfer.n() as f64).abs() < 0.01, "{mean}");
}

#[test]
fn a_lease_that_ends_loses_the_prompt_and_frees_its_blocks() {
    let slow = |heartbeats| {
        let mut s = slow_pair(KvTransfer {
            network: "ideal".into(),
            latency_us: Some(5e6),
            handshake_ms: 0.0,
            lease_s: 2.0,
            heartbeats,
            ..KvTransfer::default()
        });
        // Blocks for one prompt and its answer alone: if they were not let go of, nobody else could be computed.
        for pool in &mut s.topology.pools {
            pool.engine.num_gpu_blocks_override = Some(11);
            pool.engine.max_model_len = Some(170);
        }
        alone(&s)
    };
    let (lost, kept) = (slow(false), slow(true));
    let ends = |record: &RunRecord, end: End| record.ends[end as usize];
    assert_eq!((ends(&lost, End::Done), ends(&lost, End::KvLost)), (0, lost.arrived - ends(&lost, End::Cut)));
    assert_eq!((ends(&kept, End::Done), ends(&kept, End::KvLost)), (kept.arrived - ends(&kept, End::Cut), 0));
    assert!(ends(&lost, End::KvLost) > 10 && ends(&kept, End::Done) > 10, "heartbeats renew it");
}

#[test]
fn never_is_the_decode_pool_alone_bit_for_bit() {
    for seed in 0..200 {
        let mut s = small_disaggregated_scenario(seed);
        s.topology.pools.retain(|p| p.role != "both");
        if s.topology.pools.len() < 2 {
            continue;
        }
        s.policies = disaggregated("never-disagg-pd-decider", &[]);
        let mut alone = s.clone();
        alone.topology.pools.truncate(1);
        alone.policies = playground_core::scenario::Policies::single("random-picker");
        let rate = even_capacity_rps(&alone) * Dice::new(seed).pick(&[0.3, 0.9, 2.0]);
        let run = |s: &Scenario| fleet::record(&fleet::plan(s), rate, 150.0, Stepping::Jump);
        let (a, b) = (run(&s), run(&alone));
        assert_eq!(a.disagg.as_ref().map(|d| d.apart), Some(0));
        let decoders = b.instances.len();
        assert_eq!((&a.classes, a.ends, a.over, a.events), (&b.classes, b.ends, b.over, b.events), "seed {seed}");
        assert_eq!(a.instances[..decoders], b.instances[..], "seed {seed}");
        assert!(a.instances[decoders..].iter().all(|i| i.requests == 0 && i.steps == 0));
    }
}

#[test]
fn deciders_that_say_the_same_give_the_same_run() {
    let s = slow_pair(KvTransfer::default());
    let with = |decider: &str, parameters: &[(&str, serde_json::Value)]| {
        let mut s = s.clone();
        s.policies = disaggregated(decider, parameters);
        alone(&s)
    };
    let always = with("always-disagg-pd-decider", &[]);
    assert_eq!(with("random-disagg-pd-decider", &[("probability", json!(1.0))]), always);
    assert_eq!(with("prefix-based-pd-decider", &[("nonCachedTokens", json!(160))]), always);
    let never = with("never-disagg-pd-decider", &[]);
    assert_eq!(with("random-disagg-pd-decider", &[("probability", json!(0.0))]), never);
    assert_eq!(with("prefix-based-pd-decider", &[("nonCachedTokens", json!(0))]), never);
    assert_eq!(with("prefix-based-pd-decider", &[("nonCachedTokens", json!(161))]), never);
}
