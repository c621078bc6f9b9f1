//! With one place and steps that all take the same, a request is a customer and the engine a single server: M/G/1.

use crate::{EFFORT, WARMUP, agrees, mean_agrees};
use playground_core::oracle::{md1_mean_sojourn, mg1_mean_sojourn, mm1_mean_sojourn, mm1_sojourn_quantile};
use playground_tests::queue::{Queue, SERVICE_S};

const RATE: f64 = 0.7 / SERVICE_S;

#[test]
fn exponential_service_is_mm1() {
    mean_agrees("M/M/1 at 0.7", &Queue::places(1), RATE, mm1_mean_sojourn(RATE, SERVICE_S));
}

#[test]
fn the_tail_of_mm1_is_exponential() {
    // The 90th percentile: a sketch places it within 2⁻⁸, a tenth of the width of its interval.
    let simulate = |seed| Queue::places(1).report(seed, RATE, WARMUP, EFFORT);
    agrees("p90 of M/M/1 at 0.7", mm1_sojourn_quantile(RATE, SERVICE_S, 0.9), simulate, |report| {
        let e2e = &report.total.metrics.e2e_ms;
        (e2e.p90, e2e.lo.p90, e2e.hi.p90)
    });
}

#[test]
fn constant_service_is_md1() {
    let queue = Queue { service: "constant", ..Queue::places(1) };
    mean_agrees("M/D/1 at 0.7", &queue, RATE, md1_mean_sojourn(RATE, SERVICE_S));
}

#[test]
fn lognormal_service_follows_pollaczek_and_khinchine() {
    // Cut at fifty times the mean, a lognormal law of this variation loses 3e-6 of its second moment.
    let queue = Queue { service: "lognormal", variation: 0.8, ..Queue::places(1) };
    mean_agrees("M/G/1 at 0.7, c² = 0.64", &queue, RATE, mg1_mean_sojourn(RATE, SERVICE_S, 0.64));
}
