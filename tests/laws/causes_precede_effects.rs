//! No token before its request, no last token before the first, no step that takes no time.

use crate::in_random_fleets;
use playground_core::engine::Stepping;
use playground_core::report::{ClassRecord, End};
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

/// Gaps between tokens are time spent in the system: no more of it than requests spent there, and than is left of two steps
/// planned when the run is over.
#[test]
fn gaps_are_time_in_the_system() {
    in_random_fleets(|record| {
        let all: ClassRecord = fleet::total(record);
        let longest = all.itl.quantile_ms(1.0).unwrap_or(0.0);
        let left = record.ends[End::Cut as usize] as f64;
        let room = record.in_system_area as f64 / 1e9 + 2.0 * longest * left;
        let gaps = sum_ms(&all.itl);
        if gaps > room { Err(format!("{gaps} ms of gaps in room for {room} ms")) } else { Ok(()) }
    });
}

/// Every request's time to the last token is its time to the first and the gaps between: in sum, exactly.
#[test]
fn the_whole_is_the_sum_of_its_gaps() {
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
