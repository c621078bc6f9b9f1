//! Many servers: Erlang's loss and delay formulas, and M/M/c.

use super::stable_load;

/// Erlang B: the share of arrivals that find all c servers taken, where those are lost; a = λ E\[S\].
///
/// ```text
/// B(0) = 1,   B(n) = a B(n−1) / (n + a B(n−1))
/// ```
///
/// The recursion adds positive terms only, so it is stable for thousands of servers, where aᶜ/c! overflows. It
/// holds for any law of the service time. Erlang 1917; Cooper, Introduction to Queueing Theory (1981), chapter 3.
#[must_use]
pub fn erlang_b(servers: u32, offered: f64) -> f64 {
    (1..=servers).fold(1.0, |b, n| offered * b / (f64::from(n) + offered * b))
}

/// Erlang C: the share of arrivals that must wait, where those queue.
///
/// ```text
/// C = B / (1 − ρ (1 − B)),   ρ = a / c
/// ```
///
/// Erlang 1917; Cooper (1981), chapter 3.
#[must_use]
pub fn erlang_c(servers: u32, offered: f64) -> Option<f64> {
    let load = stable_load(offered, 1.0, f64::from(servers))?;
    let b = erlang_b(servers, offered);
    Some(b / (1.0 - load * (1.0 - b)))
}

/// Mean time in system of M/M/c: E\[S\] + C E\[S\] / (c (1 − ρ)).
#[must_use]
pub fn mmc_mean_sojourn(arrival_rate: f64, mean_service: f64, servers: u32) -> Option<f64> {
    let load = stable_load(arrival_rate, mean_service, f64::from(servers))?;
    let waits = erlang_c(servers, arrival_rate * mean_service)?;
    Some(mean_service + waits * mean_service / (f64::from(servers) * (1.0 - load)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::math;
    use crate::oracle::mm1_mean_sojourn;

    #[test]
    fn erlang_b_matches_published_tables() {
        // Traffic that n trunks carry at 1 % loss, and at 0.1 % (ITU Erlang tables).
        for (trunks, erlangs, loss) in [(1, 0.0101, 0.01), (10, 4.461, 0.01), (50, 37.90, 0.01), (20, 9.411, 0.001)] {
            let b = erlang_b(trunks, erlangs);
            assert!((b / loss - 1.0).abs() < 2e-3, "{trunks}: {b}");
        }
    }

    #[test]
    fn two_servers_have_a_short_form() {
        // M/M/2: C = 2ρ²/(1 + ρ), E[T] = E[S]/(1 − ρ²).
        for load in [0.1, 0.5, 0.9] {
            let c = erlang_c(2, 2.0 * load).expect("stable");
            assert!((c - 2.0 * load * load / (1.0 + load)).abs() < 1e-12, "{c}");
            let t = mmc_mean_sojourn(2.0 * load, 1.0, 2).expect("stable");
            assert!((t - 1.0 / (1.0 - load * load)).abs() < 1e-9, "{t}");
        }
        assert_eq!(mmc_mean_sojourn(0.5, 1.0, 1), mm1_mean_sojourn(0.5, 1.0));
    }

    #[test]
    fn ten_thousand_servers_follow_halfin_and_whitt() {
        // With c = a + √a the share that waits tends to 1/(1 + Φ(1)/φ(1)) = 0.22336; the error falls as 1/√c.
        let c = erlang_c(10_000, 10_000.0 - math::sqrt(10_000.0)).expect("stable");
        assert!((c - 0.223_36).abs() < 0.005, "{c}");
    }

    #[test]
    fn nothing_beyond_saturation() {
        assert_eq!(erlang_c(4, 4.0), None);
        assert_eq!(mmc_mean_sojourn(1.0, 1.0, 0), None);
    }
}
