//! A closed loop over one server: however many clients, it is never idle; with reading between requests it is the
//! machine repairman's.

use crate::{POOLED_MAX, SEEDS, WARMUP, agrees};
use playground_core::base::Dur;
use playground_core::catalog::Catalog;
use playground_core::oracle::closed_loop;
use playground_core::report::Report;
use playground_core::scenario::{Length, Load, Scenario, Turns, resolve};
use playground_tests::fleet;
use playground_tests::queue::{Effort, Queue, SERVICE_S, TOKENS};
use std::cell::Cell;

const EFFORT: Effort = Effort { replications: 16, requests: 4000 };

/// The report of so many clients, whose conversations are of so many requests on average, with reading in between.
fn simulate(queue: &Queue, clients: u32, reading: Option<(u32, f64)>, seed: u64) -> Report {
    let mut s: Scenario = queue.scenario(seed, 1.0, WARMUP);
    s.workload.arrival.kind = "closed-loop".into();
    s.workload.arrival.max_concurrency = Some(clients);
    if let Some((turns, read_s)) = reading {
        s.workload.classes[0].conversation = Some(Turns {
            // Of many lengths, so that clients do not go on in step.
            turns: Length { kind: "uniform".into(), min: 1, max: 2 * turns - 1, ..Length::constant(turns) },
            input: Length::constant(1),
            think_ms: Length::constant((1000.0 * read_s) as u32),
            ..Turns::default()
        });
    }
    let plan = resolve(&s, &Catalog::builtin()).expect("a sound scenario");
    let horizon = Dur::from_secs_f64(f64::from(EFFORT.requests) * SERVICE_S);
    fleet::report(&plan, Load::Concurrency(clients), EFFORT.replications, horizon)
}

fn stays(name: &str, queue: &Queue, clients: u32, reading: Option<(u32, f64)>) {
    // A client reads after every request but the last of a conversation.
    let mean_reading = reading.map_or(0.0, |(turns, s)| s * (1.0 - 1.0 / f64::from(turns)));
    let (rate, stay) = closed_loop(clients, SERVICE_S, mean_reading).expect("a loop");
    let served = Cell::new(0.0);
    let simulate = |seed| {
        let report = simulate(queue, clients, reading, seed);
        served.set(served.get() + report.total.served_rps / SEEDS as f64);
        report
    };
    agrees(name, Some(stay), simulate, |report| {
        let e2e = &report.total.metrics.e2e_ms;
        (e2e.mean, e2e.lo.mean, e2e.hi.mean)
    });
    println!("{name}: {:.4} requests per second, {rate:.4} in theory", served.get());
    assert!((served.get() / rate - 1.0).abs() < POOLED_MAX, "{name}: {} requests per second", served.get());
}

#[test]
fn one_server_is_never_idle() {
    stays("five clients at one server", &Queue::places(1), 5, None);
}

#[test]
fn shared_equally_it_serves_as_many() {
    let queue = Queue { places: None, shared: true, ..Queue::places(1) };
    stays("five clients sharing", &queue, 5, None);
}

#[test]
fn sharing_asks_for_the_mean_alone() {
    let queue = Queue { places: None, shared: true, service: "lognormal", variation: 0.8, ..Queue::places(1) };
    stays("eight clients sharing, lognormal", &queue, 8, None);
}

#[test]
fn clients_that_read_are_the_machine_repairman() {
    const { assert!(2 * 20 * TOKENS < 100_000, "a conversation of forty fits the longest sequence of the model") };
    stays("six clients that read", &Queue::places(1), 6, Some((20, 4.0)));
}
