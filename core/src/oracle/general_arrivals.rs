//! Arrivals more regular than Poisson: what one of k instances sees when requests are dealt in turn.

use super::stable_load;
use crate::base::math;

/// Fixed-point iterations: the map contracts, by ρ-dependent factors below 1; this many settle to 1e-12 at ρ = 0.99.
const ITERATIONS: u32 = 4000;

/// Mean time in system of E_k/M/1: gaps between arrivals are the sum of k exponential ones.
///
/// ```text
/// E[T] = E[S] / (1 − σ),   σ = (k ρ / (k ρ + 1 − σ))^k,   σ < 1
/// ```
///
/// Dealing a Poisson stream in turn to k instances gives each of them such arrivals. GI/M/1: Kendall 1953;
/// Kleinrock, Queueing Systems I (1975), chapter 6, with the transform of the Erlang law.
#[must_use]
pub fn erlang_m1_mean_sojourn(arrival_rate: f64, mean_service: f64, k: u32) -> Option<f64> {
    let load = stable_load(arrival_rate, mean_service, 1.0).filter(|_| k > 0)?;
    let phases = f64::from(k);
    let next = |sigma: f64| math::pow(phases * load / (phases * load + 1.0 - sigma), phases);
    // From below the map climbs to the least fixed point, which is the one below 1.
    let sigma = (0..ITERATIONS).fold(0.0, |sigma, _| next(sigma));
    Some(mean_service / (1.0 - sigma))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::mm1_mean_sojourn;

    #[test]
    fn one_phase_is_poisson() {
        for load in [0.2, 0.7, 0.95] {
            let (got, want) = (erlang_m1_mean_sojourn(load, 1.0, 1), mm1_mean_sojourn(load, 1.0));
            assert!((got.expect("stable") / want.expect("stable") - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn many_phases_are_a_clock() {
        // D/M/1 at half load: σ = e^(−2(1−σ)) = 0.203188.
        let t = erlang_m1_mean_sojourn(0.5, 1.0, 100_000).expect("stable");
        assert!((t - 1.0 / (1.0 - 0.203_188)).abs() < 1e-4, "{t}");
    }

    #[test]
    fn regular_arrivals_wait_less() {
        let t = |k| erlang_m1_mean_sojourn(0.8, 1.0, k).expect("stable");
        assert!(t(1) > t(2) && t(2) > t(4));
    }
}
