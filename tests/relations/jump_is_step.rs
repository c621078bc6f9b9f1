//! Jumping over repeated steps gives the same results as taking them one by one, bit for bit.
//!
//! On a lattice of times, arrivals fall on step boundaries as a rule; in random fleets everything else varies: scarce
//! blocks, budgets that cut prompts, single places, physics and coefficients, several pools and classes.

use playground_core::engine::Stepping;
use playground_core::report::{End, RunRecord};
use playground_core::scenario::{FLOW_CONTROL_GATE, FlowControl, Plugin, PluginName, Scenario, StepLaw, encode};
use playground_tests::swarm::{
    even_capacity_rps, hurried, shared_experts, small_disaggregated_scenario, small_scenario,
};
use playground_tests::world::{
    World, bounded_lattice_world, cached_lattice_world, lattice_world, offloading_lattice_world, ruled_lattice_world,
};
use playground_tests::{Dice, fleet};

const LATTICES: u64 = 20_000;
const FLEETS: u64 = 500;

#[test]
fn where_ties_are_common() {
    compare_everywhere(lattice_world);
}

#[test]
fn where_blocks_are_shared() {
    compare_everywhere(cached_lattice_world);
}

#[test]
fn where_attention_is_bounded() {
    compare_everywhere(bounded_lattice_world);
}

#[test]
fn where_clients_give_up_and_other_rules_hold() {
    compare_everywhere(ruled_lattice_world);
}

#[test]
fn where_keys_and_values_are_offloaded() {
    compare_everywhere(offloading_lattice_world);
}

fn compare_everywhere(world_of: fn(u64, u64) -> World) {
    let (mut preempted, mut jumped) = (0, 0);
    for seed in 0..LATTICES {
        let world = world_of(seed, 10);
        let (mut jumps, mut steps) = (0, 0);
        let jump = world.watch(Stepping::Jump, u64::MAX, |_| jumps += 1);
        let step = world.watch(Stepping::Single, u64::MAX, |_| steps += 1);
        if let Some(difference) = jump.difference(&step) {
            panic!("seed {seed}: {world:?}\n{difference}");
        }
        preempted += u64::from(jump.record.preemptions > 0);
        jumped += u64::from(steps > jumps);
    }
    // Otherwise the worlds have become tame.
    assert!(preempted > LATTICES / 20 && jumped > LATTICES / 4, "{preempted} preempted, {jumped} jumped");
}

#[test]
fn looked_at_on_the_way_and_cut_short() {
    for seed in 0..LATTICES {
        let mut world = match seed % 5 {
            0 => lattice_world(seed, 10),
            1 => cached_lattice_world(seed, 10),
            2 => ruled_lattice_world(seed, 10),
            3 => offloading_lattice_world(seed, 10),
            _ => bounded_lattice_world(seed, 10),
        };
        let mut dice = Dice::new(seed);
        let last = u32::try_from(world.run(Stepping::Jump).over).expect("a small world");
        let until = u64::from(dice.below(last + 1));
        let step = world.watch(Stepping::Single, until, |_| {});
        world.looks = (0..dice.below(10)).map(|_| u64::from(dice.below(last + 1))).collect();
        world.looks.sort_unstable();
        let jump = world.watch(Stepping::Jump, until, |_| {});
        if let Some(difference) = jump.difference(&step) {
            panic!("seed {seed} until {until}: {world:?}\n{difference}");
        }
    }
}

#[test]
fn in_fleets_of_all_kinds() {
    let mut preempted = 0;
    for seed in 0..FLEETS {
        let s = small_scenario(seed);
        let record = same(&s, even_capacity_rps(&s) * Dice::new(!seed).pick(&[0.05, 0.5, 0.9, 3.0]));
        preempted += u64::from(record.instances.iter().any(|i| i.preemptions > 0));
    }
    assert!(preempted > FLEETS / 20, "only {preempted} fleets ran out of blocks");
}

#[test]
fn in_fleets_whose_clients_give_up() {
    let mut gone = 0;
    for seed in 0..FLEETS {
        let s = hurried(small_scenario(seed), seed);
        let record = same(&s, even_capacity_rps(&s) * Dice::new(!seed).pick(&[0.05, 0.5, 0.9, 3.0]));
        gone += u64::from(record.ends[End::TimedOut as usize] > 0);
    }
    assert!(gone > FLEETS / 4, "clients gave up in only {gone} fleets");
}

/// What the router takes back leaves engines, and keys and values on their way, in the middle of jumps.
#[test]
fn in_fleets_whose_router_takes_requests_back() {
    let mut gone = 0;
    for seed in 0..FLEETS / 16 {
        let mut dice = Dice::new(seed ^ 0xe71c);
        let mut s = if seed % 2 == 0 { small_scenario(seed) } else { small_disaggregated_scenario(seed) };
        for class in &mut s.workload.classes {
            class.priority = dice.pick(&[-2, -1, 0, 1]);
        }
        let mut detector = Plugin::new("concurrency-detector");
        detector.parameters.insert("maxConcurrency".into(), dice.pick(&[1, 3]).into());
        s.policies.plugins.push(detector);
        s.policies.feature_gates = vec![FLOW_CONTROL_GATE.into()];
        s.policies.flow_control = Some(FlowControl {
            saturation_detector: Some(PluginName {
                plugin_ref: "concurrency-detector".into(),
                ..PluginName::default()
            }),
            enable_eviction: Some(true),
            default_request_ttl: Some("1s".into()),
            ..FlowControl::default()
        });
        let record = same(&s, even_capacity_rps(&s) * dice.pick(&[0.5, 0.9, 3.0]));
        gone += u64::from(record.ends[End::Evicted as usize] > 0);
    }
    assert!(gone > 3, "requests were taken back in only {gone} fleets");
}

/// Steps of a few picoseconds and arrivals as close: in whole fleets too, everything happens at once.
#[test]
fn in_fleets_at_the_pace_of_the_clock() {
    for seed in 0..FLEETS {
        let (mut s, mut dice) = (small_scenario(seed), Dice::new(seed));
        let mut ticks = |most: u32| 1e-6 * f64::from(dice.below(most + 1));
        let law = StepLaw {
            step_us: 1e-6 + ticks(10),
            per_sequence_us: ticks(2),
            per_token_us: ticks(1),
            per_context_token_us: ticks(1),
            ..StepLaw::default()
        };
        s.topology.pools.iter_mut().for_each(|pool| pool.engine.step_law = Some(law.clone()));
        // Gaps of a few picoseconds: shorter ones would round to none, and time would stand still.
        same(&s, (even_capacity_rps(&s) * dice.pick(&[0.05, 0.5, 0.9])).min(3e11));
    }
}

/// Prompts computed apart: blocks are let go of, and keys and values come, in the middle of jumps. Where the clock's ticks
/// are all that steps take, leases are as short.
#[test]
fn where_prompts_are_computed_apart() {
    let (mut preempted, mut apart) = (0, 0);
    for seed in 0..FLEETS {
        let (mut s, mut dice) = (small_disaggregated_scenario(seed), Dice::new(!seed));
        if seed % 2 == 1 {
            let mut ticks = |most: u32| 1e-6 * f64::from(dice.below(most + 1));
            let law = StepLaw { step_us: 1e-6 + ticks(10), per_token_us: ticks(1), ..StepLaw::default() };
            s.topology.pools.iter_mut().for_each(|pool| pool.engine.step_law = Some(law.clone()));
            let transfer = s.topology.kv_transfer.get_or_insert_default();
            (transfer.network, transfer.gb_s_per_gpu, transfer.latency_us) = ("ideal".into(), None, Some(0.0));
            (transfer.sidecar_ms, transfer.handshake_ms) = (0.0, 0.0);
            (transfer.lease_s, transfer.heartbeats) = (dice.pick(&[1e-11, 1e-9]), false);
        }
        let rate = even_capacity_rps(&s) * dice.pick(&[0.05, 0.5, 0.9, 3.0]);
        let record = same(&s, rate.min(3e11));
        preempted += u64::from(record.instances.iter().any(|i| i.preemptions > 0));
        apart += u64::from(record.disagg.is_some_and(|d| d.apart > 0));
    }
    assert!(preempted > FLEETS / 20 && apart > FLEETS / 3, "{preempted} preempted, {apart} apart");
}

/// Ranks that share experts end their steps together: whoever comes to one cuts the jumps of all.
#[test]
fn where_ranks_go_in_lock_step() {
    let (mut fleets, mut preempted, mut waited) = (0, 0, 0);
    for seed in 0..FLEETS {
        let mut dice = Dice::new(!seed);
        let s = if seed % 3 == 0 { small_disaggregated_scenario(seed) } else { small_scenario(seed) };
        let Some(mut s) = shared_experts(s, seed) else { continue };
        if seed % 3 == 1 {
            s = hurried(s, seed);
        }
        // Networks do not keep the pace of the clock.
        if seed % 3 > 0 && dice.chance(0.3) {
            let mut ticks = |most: u32| 1e-6 * f64::from(dice.below(most + 1));
            let law = StepLaw { step_us: 1e-6 + ticks(10), per_sequence_us: ticks(2), ..StepLaw::default() };
            s.topology.pools.iter_mut().for_each(|pool| pool.engine.step_law = Some(law.clone()));
        }
        let rate = even_capacity_rps(&s) * dice.pick(&[0.05, 0.5, 0.9, 3.0]);
        let record = same(&s, rate.min(3e11));
        fleets += 1;
        preempted += u64::from(record.instances.iter().any(|i| i.preemptions > 0));
        waited += u64::from(record.ends[End::TimedOut as usize] > 0);
    }
    assert!(fleets > FLEETS / 5 && preempted > fleets / 40 && waited > 10, "{fleets}: {preempted}, {waited}");
}

/// Jumps and steps through 100 requests at a rate, and finds the same.
fn same(s: &Scenario, rate: f64) -> RunRecord {
    let plan = fleet::plan(s);
    let jump = fleet::record(&plan, rate, 100.0, Stepping::Jump);
    let step = fleet::record(&plan, rate, 100.0, Stepping::Single);
    // How often the calendar rang is what stepping is about, and not a result.
    let step = RunRecord { events: jump.events, ..step };
    assert!(jump == step, "at {rate} per second: #{}\n{}", encode(s), difference(&jump, &step));
    jump
}

fn difference(a: &RunRecord, b: &RunRecord) -> String {
    let sums = |r: &RunRecord| format!("{:?} {:?} {} {}", r.ends, r.over, r.in_system_area, r.sojourn_sum);
    let latencies = |r: &RunRecord| {
        let all = fleet::total(r);
        [&all.ttft, &all.itl, &all.tpot, &all.e2e].map(|sketch| (sketch.n(), sketch.mean_ms()))
    };
    format!(
        "sums\n  {}\n  {}\nlatencies\n  {:?}\n  {:?}\ninstances\n  {:?}\n  {:?}",
        sums(a),
        sums(b),
        latencies(a),
        latencies(b),
        a.instances,
        b.instances
    )
}
