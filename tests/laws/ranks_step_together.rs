//! Ranks that share experts step together: each step is as long as the fullest rank's.

use crate::{equal, hold};
use playground_core::base::Dur;
use playground_core::engine::Stepping;
use playground_core::report::{End, RunRecord};
use playground_core::scenario::{Length, Load, Policies, Scenario, StepLaw};
use playground_tests::swarm::{even_capacity_rps, shared_experts, small_scenario};
use playground_tests::{Dice, fleet};

/// Three clients and two ranks, whose steps take 1 ms and 1 ms more for each sequence.
fn three_clients(model: &str) -> RunRecord {
    let mut s = Scenario { policies: Policies::single("round-robin-picker"), ..Scenario::default() };
    let pool = &mut s.topology.pools[0];
    (pool.model, pool.replicas, pool.engine.data_parallel_size) = (model.into(), 1, Some(2));
    let law = StepLaw { step_us: 1000.0, per_sequence_us: 1000.0, ..StepLaw::default() };
    pool.engine.step_law = Some(law);
    (s.workload.classes[0].input, s.workload.classes[0].output) = (Length::constant(16), Length::constant(101));
    fleet::record_at(&fleet::plan(&s), Load::Concurrency(3), 0, Dur::from_secs_f64(30.0), Stepping::Jump)
}

#[test]
fn who_decodes_alone_waits_for_the_fuller_rank() {
    // Most of the time one rank has two of the three: its steps take 3 ms, and the other's would take 2.
    let short = |record: &RunRecord| fleet::total(record).itl.share_until(Dur::from_us(2_500)).expect("some decode");
    let (apart, together) = (short(&three_clients("qwen3-14b")), short(&three_clients("qwen3-30b-a3b")));
    assert!(apart > 0.2, "each at its own pace: {apart}");
    assert!(together < 0.02, "in lock-step: {together}");
    let longest = fleet::total(&three_clients("qwen3-30b-a3b")).itl.quantile_ms(0.9).expect("some decode");
    assert!((2.9..3.1).contains(&longest), "{longest} ms");
}

#[test]
fn nothing_is_lost_in_random_fleets_of_them() {
    let mut fleets = 0;
    for seed in 0..400 {
        let Some(s) = shared_experts(small_scenario(seed), seed) else { continue };
        fleets += 1;
        let rate = even_capacity_rps(&s) * Dice::new(!seed).pick(&[0.05, 0.5, 0.9, 3.0]);
        let law = |record: &RunRecord| {
            equal("all", record.ends.iter().sum(), record.arrived)?;
            equal("sojourns", record.in_system_area, record.sojourn_sum)?;
            for class in &record.classes {
                equal("with an end-to-end time", class.e2e.n(), class.ends[End::Done as usize])?;
            }
            Ok(())
        };
        hold(&law, &s, seed, Load::Rate(rate), 150.0 / rate);
    }
    assert!(fleets > 50, "{fleets}");
}
