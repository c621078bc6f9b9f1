//! With steps that all take the same, every place is a server of its own: M/M/c.

use crate::mean_agrees;
use playground_core::oracle::mmc_mean_sojourn;
use playground_tests::queue::{Queue, SERVICE_S};

fn check(places: u32, load: f64) {
    let rate = load * f64::from(places) / SERVICE_S;
    let theory = mmc_mean_sojourn(rate, SERVICE_S, places);
    mean_agrees(&format!("M/M/{places} at {load}"), &Queue::places(places), rate, theory);
}

#[test]
fn four() {
    check(4, 0.8);
}

#[test]
fn sixteen() {
    check(16, 0.85);
}
