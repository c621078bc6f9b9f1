//! With steps as long as their batch is large, everyone present gets an equal share: M/G/1 under processor sharing,
//! whose mean does not depend on the law of the service time.

use crate::mean_agrees;
use playground_core::oracle::ps_mean_sojourn;
use playground_tests::queue::{Queue, SERVICE_S};

fn check(service: &'static str, variation: f64) {
    let rate = 0.7 / SERVICE_S;
    let queue = Queue { places: None, shared: true, service, variation, ..Queue::places(1) };
    mean_agrees(&format!("processor sharing at 0.7, {service}"), &queue, rate, ps_mean_sojourn(rate, SERVICE_S));
}

#[test]
fn exponential_service() {
    check("exponential", 1.0);
}

#[test]
fn constant_service() {
    check("constant", 0.0);
}

#[test]
fn lognormal_service() {
    check("lognormal", 0.8);
}
