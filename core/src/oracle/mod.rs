//! Closed forms of queueing theory: used by tests, and drawn beside measured curves.
//!
//! An engine whose step law is pinned *is* a queue: one place and steps of constant length make M/G/1, c places
//! M/M/c, steps as long as their batch make processor sharing. Every function takes the arrival rate λ and the mean
//! service time E\[S\] in matching units, and gives nothing where no steady state exists (ρ ≥ 1).

mod closed_loop;
mod general_arrivals;
mod many_servers;
mod one_server;
mod sharing;

pub use closed_loop::closed_loop;
pub use general_arrivals::erlang_m1_mean_sojourn;
pub use many_servers::{erlang_b, erlang_c, mmc_mean_sojourn};
pub use one_server::{md1_mean_sojourn, mg1_mean_sojourn, mm1_mean_sojourn, mm1_sojourn_quantile};
pub use sharing::ps_mean_sojourn;

/// The load ρ = λ E\[S\] / c of each of c servers, where it lies below 1.
fn stable_load(arrival_rate: f64, mean_service: f64, servers: f64) -> Option<f64> {
    let load = arrival_rate * mean_service / servers;
    (arrival_rate >= 0.0 && mean_service > 0.0 && load < 1.0).then_some(load)
}
