//! One server, first come first served, Poisson arrivals: M/G/1 and its two famous cases.

use super::stable_load;
use crate::base::math;

/// Mean time in system of M/G/1, with c² the squared coefficient of variation of the service time:
///
/// ```text
/// E[T] = E[S] + ρ E[S] (1 + c²) / (2 (1 − ρ))
/// ```
///
/// Pollaczek 1930, Khinchine 1932; Kleinrock, Queueing Systems I (1975), chapter 5.
#[must_use]
pub fn mg1_mean_sojourn(arrival_rate: f64, mean_service: f64, squared_variation: f64) -> Option<f64> {
    let load = stable_load(arrival_rate, mean_service, 1.0)?;
    Some(mean_service * (1.0 + load * (1.0 + squared_variation) / (2.0 * (1.0 - load))))
}

/// Mean time in system of M/M/1, E\[S\]/(1 − ρ): M/G/1 with c² = 1.
#[must_use]
pub fn mm1_mean_sojourn(arrival_rate: f64, mean_service: f64) -> Option<f64> {
    mg1_mean_sojourn(arrival_rate, mean_service, 1.0)
}

/// Mean time in system of M/D/1: M/G/1 with c² = 0.
#[must_use]
pub fn md1_mean_sojourn(arrival_rate: f64, mean_service: f64) -> Option<f64> {
    mg1_mean_sojourn(arrival_rate, mean_service, 0.0)
}

/// Quantile of the time in system of M/M/1, which is exponential: −E\[T\] ln(1 − q).
///
/// Kleinrock, Queueing Systems I (1975), chapter 5.
#[must_use]
pub fn mm1_sojourn_quantile(arrival_rate: f64, mean_service: f64, q: f64) -> Option<f64> {
    Some(-mm1_mean_sojourn(arrival_rate, mean_service)? * math::ln(1.0 - q))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn textbook_values() {
        // At half load an M/M/1 customer stays twice, an M/D/1 customer one and a half times the service.
        assert_eq!(mm1_mean_sojourn(0.5, 1.0), Some(2.0));
        assert_eq!(md1_mean_sojourn(0.5, 1.0), Some(1.5));
        let ten = mm1_mean_sojourn(9.0, 0.1).expect("stable");
        assert!((ten - 1.0).abs() < 1e-12, "{ten}");
        let median = mm1_sojourn_quantile(0.5, 1.0, 0.5).expect("stable");
        assert!((median - 2.0 * core::f64::consts::LN_2).abs() < 1e-12, "{median}");
    }

    #[test]
    fn nothing_beyond_saturation() {
        assert_eq!(mm1_mean_sojourn(1.0, 1.0), None);
        assert_eq!(mg1_mean_sojourn(f64::NAN, 1.0, 1.0), None);
        assert_eq!(mm1_mean_sojourn(0.0, 3.0), Some(3.0));
    }
}
