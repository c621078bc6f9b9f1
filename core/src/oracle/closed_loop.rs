//! Closed loops: so many clients, each at the server or reading.

/// Requests per second that so many clients get from one server of exponential service, when each reads for a while
/// after every answer; with their mean time in system. The machine repairman, M/M/1//N.
///
/// ```text
/// Q(0) = 0,   R(n) = E[S] (1 + Q(n−1)),   X(n) = n / (R(n) + Z),   Q(n) = X(n) R(n)
/// ```
///
/// It needs the mean Z of the reading alone, not its law; and where clients share the server instead of queueing, the mean
/// of the service alone. Mean value analysis: Reiser and Lavenberg, J. ACM 27 (1980); Baskett, Chandy, Muntz and
/// Palacios, J. ACM 22 (1975). None for no clients, or times that are not positive.
#[must_use]
pub fn closed_loop(clients: u32, mean_service: f64, mean_reading: f64) -> Option<(f64, f64)> {
    if clients == 0 || !(mean_service > 0.0 && mean_reading >= 0.0) {
        return None;
    }
    let (mut rate, mut stay, mut present) = (0.0, 0.0, 0.0);
    for n in 1..=clients {
        stay = mean_service * (1.0 + present);
        rate = f64::from(n) / (stay + mean_reading);
        present = rate * stay;
    }
    Some((rate, stay))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_reading_the_server_is_always_busy() {
        for clients in [1, 2, 50] {
            let (rate, stay) = closed_loop(clients, 2.0, 0.0).expect("a loop");
            assert!((rate - 0.5).abs() < 1e-12 && (stay - 2.0 * f64::from(clients)).abs() < 1e-9);
        }
    }

    #[test]
    fn two_machines_are_solved_by_hand() {
        // p0 = 1/(1 + 2u + 2u²) with u = E[S]/Z; the rate is (1 − p0)/E[S].
        let u = 1.0 / 3.0;
        let idle = 1.0 / (1.0 + 2.0 * u + 2.0 * u * u);
        let (rate, stay) = closed_loop(2, 1.0, 3.0).expect("a loop");
        assert!((rate - (1.0 - idle)).abs() < 1e-12);
        assert!((stay - (2.0 / rate - 3.0)).abs() < 1e-12, "the interactive law");
    }

    #[test]
    fn nobody_gets_nothing() {
        assert_eq!(closed_loop(0, 1.0, 1.0), None);
        assert_eq!(closed_loop(1, 0.0, 1.0), None);
    }
}
