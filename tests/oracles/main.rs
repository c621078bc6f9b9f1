//! Oracles: where queueing theory knows the answer, the simulator finds it.
//!
//! Criterion, the same for every queue: of the 95 % intervals of forty fixed seeds, 34 to 40 cover the theory
//! (fewer happens by chance once in 300 times), and their pooled mean is within 1 % of it.

mod clients_that_wait;
mod dealing_in_turn_makes_arrivals_regular;
mod one_place_is_one_server;
mod places_are_servers;
mod random_routing_thins;
mod steps_as_long_as_the_batch_share;

use playground_core::report::Report;
use playground_tests::queue::{Effort, Queue};

/// Seeds whose intervals are counted.
const SEEDS: u64 = 40;
/// How many of them must cover the theory: P(Binomial(40, 0.95) < 34) = 0.3 %.
const COVERED_MIN: u64 = 34;
/// How far the mean of all seeds together may be from the theory.
const POOLED_MAX: f64 = 0.01;
/// What one interval rests on: at the loads of this suite a repetition lasts at least fifty times as long as the queue
/// remembers, E[S]/(√c − √(cρ))², so the means of repetitions are near normal.
const EFFORT: Effort = Effort { replications: 16, requests: 4000 };
/// Time before measuring, s, at a mean service time of 1 s: ten times as long as M/M/1 at load 0.7 remembers.
const WARMUP: f64 = 400.0;

/// Holds what was simulated against theory, by the criterion above. `value` picks (value, lower end, upper end), in
/// ms; `theory_s` is in seconds.
fn agrees(
    name: &str,
    theory_s: Option<f64>,
    simulate: impl Fn(u64) -> Report,
    value: impl Fn(&Report) -> (Option<f64>, Option<f64>, Option<f64>),
) {
    let theory = 1000.0 * theory_s.expect("a stable queue");
    let (mut covered, mut sum) = (0, 0.0);
    for seed in 1..=SEEDS {
        let (point, low, high) = value(&simulate(seed));
        let (low, high) = (low.expect("an interval"), high.expect("an interval"));
        covered += u64::from(low <= theory && theory <= high);
        sum += point.expect("a value");
    }
    let pooled = sum / SEEDS as f64 / theory - 1.0;
    println!("{name}: {covered} of {SEEDS} intervals cover {theory:.1} ms; pooled {:+.2} %", 100.0 * pooled);
    assert!(covered >= COVERED_MIN, "{name}: {covered} of {SEEDS} intervals cover the theory");
    assert!(pooled.abs() <= POOLED_MAX, "{name}: pooled mean is off by {:.2} %", 100.0 * pooled);
}

/// Mean time in system of a queue, against theory.
fn mean_agrees(name: &str, queue: &Queue, rate: f64, theory_s: Option<f64>) {
    // The more places, the faster requests go by.
    let requests = EFFORT.requests.max(500 * queue.places.unwrap_or(1));
    let simulate = |seed| queue.report(seed, rate, WARMUP, Effort { requests, ..EFFORT });
    agrees(name, theory_s, simulate, |report| {
        let e2e = &report.total.metrics.e2e_ms;
        (e2e.mean, e2e.lo.mean, e2e.hi.mean)
    });
}
