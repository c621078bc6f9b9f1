//! No token before its request, no last token before the first, no step that takes no time.

use crate::in_random_fleets;
use playground_core::engine::Stepping;
use playground_core::report::ClassRecord;
use playground_core::stats::Sketch;
use playground_tests::fleet;
use playground_tests::world::{World, lattice_world};

#[test]
fn arrival_then_first_token_then_last() {
    for seed in 0..4000 {
        let world = lattice_world(seed, 10);
        let outcome = world.run(Stepping::Jump);
        for (i, request) in world.requests.iter().enumerate() {
            let (first, done) = (outcome.first[i].expect("served"), outcome.done[i].expect("served"));
            let steps = u64::from(request.prompt.div_ceil(world.config.max_num_batched_tokens));
            let decodes = u64::from(request.output - 1);
            assert!(first >= request.at + steps * world.law.step, "seed {seed}, request {i} of {world:?}");
            assert!(done >= first + decodes * world.law.step, "seed {seed}, request {i} of {world:?}");
        }
    }
}

#[test]
fn first_come_first_served_where_nobody_is_preempted() {
    for seed in 0..4000 {
        let world = lattice_world(seed, 10);
        let outcome = world.run(Stepping::Jump);
        if outcome.record.preemptions == 0 {
            assert!(outcome.first.is_sorted(), "seed {seed}: {world:?}");
        }
    }
}

/// Every request's time to the last token is its time to the first and the gaps between: in sum, exactly.
#[test]
fn the_whole_is_the_sum_of_its_gaps() {
    in_random_fleets(|record| {
        for class in &record.classes {
            let (whole, parts) = (sum_ms(&class.e2e), sum_ms(&class.ttft) + sum_ms(&class.itl));
            // Sums are exact integers of ps, read as f64 means: three roundings of 2⁻⁵³ on either side.
            if (whole - parts).abs() > 1e-15 * 6.0 * whole {
                return Err(format!("Σ E2E is {whole} ms, Σ TTFT + Σ gaps {parts} ms"));
            }
        }
        Ok(())
    });
}

#[test]
fn and_so_it_is_in_small_worlds() {
    for seed in 0..4000 {
        let world = lattice_world(seed, 10);
        let outcome = world.run(Stepping::Jump);
        let spans =
            outcome.first.iter().zip(&outcome.done).map(|(first, done)| done.expect("served") - first.expect("served"));
        assert_eq!(spans.sum::<u64>(), sum_ps(&outcome.itl), "seed {seed}: {world:?}");
    }
}

#[test]
fn latencies_are_in_order() {
    in_random_fleets(|record| {
        let all: ClassRecord = fleet::total(record);
        for q in [0.0, 0.5, 0.9, 0.99, 1.0] {
            // Rank by rank, since every single request's first token comes no later than its last.
            if all.ttft.quantile_ms(q) > all.e2e.quantile_ms(q) {
                return Err(format!(
                    "{q} quantile of TTFT {:?} and E2E {:?}",
                    all.ttft.quantile_ms(q),
                    all.e2e.quantile_ms(q)
                ));
            }
        }
        Ok(())
    });
}

fn sum_ms(sketch: &Sketch) -> f64 {
    sketch.mean_ms().map_or(0.0, |mean| mean * sketch.n() as f64)
}

/// The exact sum of a small sketch, whose mean is a quotient of numbers far below 2⁵³.
fn sum_ps(sketch: &Sketch) -> u64 {
    (sum_ms(sketch) * 1e9).round() as u64
}

#[test]
fn a_world_without_requests_does_nothing() {
    let world = World { requests: Vec::new(), ..lattice_world(0, 10) };
    let outcome = world.run(Stepping::Jump);
    assert_eq!((outcome.record.steps, outcome.over), (0, 0));
}
