//! A Poisson stream dealt at random is as many thinner Poisson streams: each engine is an M/M/1 of its own.

use crate::mean_agrees;
use playground_core::oracle::mm1_mean_sojourn;
use playground_tests::queue::{Queue, SERVICE_S};

#[test]
fn three_engines() {
    let each = 0.7 / SERVICE_S;
    for picker in ["random-picker", "max-score-picker"] {
        let queue = Queue { engines: (3, picker), ..Queue::places(1) };
        mean_agrees(&format!("3 × M/M/1 at 0.7, {picker}"), &queue, 3.0 * each, mm1_mean_sojourn(each, SERVICE_S));
    }
}
