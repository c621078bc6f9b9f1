//! A Poisson stream dealt in turn to k engines reaches each of them with Erlang gaps: E_k/M/1.

use crate::mean_agrees;
use playground_core::oracle::erlang_m1_mean_sojourn;
use playground_tests::queue::{Queue, SERVICE_S};

#[test]
fn three_engines() {
    let each = 0.7 / SERVICE_S;
    let queue = Queue { engines: (3, "round-robin-picker"), ..Queue::places(1) };
    mean_agrees("E3/M/1 at 0.7", &queue, 3.0 * each, erlang_m1_mean_sojourn(each, SERVICE_S, 3));
}
