//! Processor sharing: everyone present is served at once, at an equal share of the rate.

use super::stable_load;

/// Mean time in system of M/G/1 under processor sharing, E\[S\]/(1 − ρ), whatever the law of the service time.
///
/// Sakata, Noguchi, Oizumi 1971; Kleinrock, Queueing Systems II (1976), chapter 4.
#[must_use]
pub fn ps_mean_sojourn(arrival_rate: f64, mean_service: f64) -> Option<f64> {
    Some(mean_service / (1.0 - stable_load(arrival_rate, mean_service, 1.0)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_of_the_rate_left_means_five_times_as_long() {
        let t = ps_mean_sojourn(0.8, 1.0).expect("stable");
        assert!((t - 5.0).abs() < 1e-12, "{t}");
        assert_eq!(ps_mean_sojourn(1.1, 1.0), None);
    }
}
