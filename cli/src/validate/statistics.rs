//! Quantiles, means, and how far they would move with other runs.

use playground_core::base::{Purpose, Stream, math};

/// Resamples of a bootstrap.
const RESAMPLES: u64 = 1000;
/// What the resampling's draws follow from.
const SEED: u64 = 20_261_122;

/// The `q`-quantile of ascending values, between neighbours by linear interpolation, as numpy's default does; none of none.
#[must_use]
pub fn quantile(ascending: &[f64], q: f64) -> Option<f64> {
    let last = ascending.len().checked_sub(1)?;
    let place = q.clamp(0.0, 1.0) * last as f64;
    let (low, rest) = (place.floor(), place - place.floor());
    let low = low as usize;
    let high = (low + 1).min(last);
    Some(ascending[low] + rest * (ascending[high] - ascending[low]))
}

/// The same of values in any order.
#[must_use]
pub fn quantile_of(values: &[f64], q: f64) -> Option<f64> {
    let mut ascending = values.to_vec();
    ascending.sort_by(f64::total_cmp);
    quantile(&ascending, q)
}

/// The mean; none of none.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// A 90 % interval of a statistic, by drawing whole clusters again and again: runs of one model on one GPU err alike, so
/// that single runs would promise too much. None of fewer than three clusters.
#[must_use]
pub fn interval(clusters: &[Vec<f64>], statistic: impl Fn(&[f64]) -> Option<f64>) -> Option<(f64, f64)> {
    if clusters.len() < 3 {
        return None;
    }
    let mut draws = Stream::new(SEED, 0, Purpose::Group, 0);
    let n = clusters.len() as u64;
    let mut found: Vec<f64> = (0..RESAMPLES)
        .filter_map(|resample| {
            let drawn: Vec<f64> = (0..n)
                .flat_map(|i| clusters[draws.below(resample * n + i, n as u32) as usize].iter().copied())
                .collect();
            statistic(&drawn)
        })
        .collect();
    found.sort_by(f64::total_cmp);
    Some((quantile(&found, 0.05)?, quantile(&found, 0.95)?))
}

/// An exact 95 % interval of a share of which `hits` of `n` were seen (Clopper and Pearson).
#[must_use]
pub fn binomial_interval(hits: u32, n: u32) -> (f64, f64) {
    let at_most = |k: u32, p: f64| {
        // Terms by their logs, each from the one before it.
        let mut log_term = f64::from(n) * math::ln(1.0 - p);
        let mut sum = math::exp(log_term);
        for i in 0..k {
            log_term += math::ln(f64::from(n - i) / f64::from(i + 1)) + math::ln(p / (1.0 - p));
            sum += math::exp(log_term);
        }
        sum
    };
    // Where a falling function of the share passes 2.5 %.
    let crossing = |falling: &dyn Fn(f64) -> f64| {
        let (mut low, mut high) = (1e-9, 1.0 - 1e-9);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if falling(middle) > 0.025 {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    };
    let upper = if hits == n { 1.0 } else { crossing(&|p| at_most(hits, p)) };
    // By symmetry, the upper end of the share of misses.
    let lower = if hits == 0 { 0.0 } else { 1.0 - crossing(&|p| at_most(n - hits, p)) };
    (lower, upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert_eq!(quantile_of(&[4.0, 1.0, 3.0, 2.0], 0.5), Some(2.5));
        assert_eq!(quantile_of(&[7.0], 0.9), Some(7.0));
        assert_eq!(quantile_of(&[], 0.9), None);
    }

    #[test]
    fn exact_intervals_are_those_of_tables() {
        // Of 10: 7 seen; none; all.
        let near = |(a, b): (f64, f64), c: f64, d: f64| (a - c).abs() < 1e-3 && (b - d).abs() < 1e-3;
        assert!(near(binomial_interval(7, 10), 0.3475, 0.9333), "{:?}", binomial_interval(7, 10));
        assert!(near(binomial_interval(0, 10), 0.0, 0.3085));
        assert!(near(binomial_interval(10, 10), 0.6915, 1.0));
        assert!(near(binomial_interval(1260, 1400), 0.8831, 0.9152), "{:?}", binomial_interval(1260, 1400));
    }

    #[test]
    fn an_interval_holds_the_value_and_widens_with_fewer_clusters() {
        let many: Vec<Vec<f64>> = (0..40).map(|i| vec![f64::from(i % 10)]).collect();
        let few: Vec<Vec<f64>> = many.chunks(10).map(|c| c.iter().flatten().copied().collect()).collect();
        let width = |(low, high): (f64, f64)| high - low;
        let (a, b) = (interval(&many, mean), interval(&few, mean));
        let (a, b) = (a.expect("enough"), b.expect("enough"));
        assert!(a.0 < 4.5 && 4.5 < a.1);
        // Clusters that are all alike say the same whichever are drawn.
        assert!(width(b) < 1e-9);
        assert_eq!(interval(&few[..2], mean), None);
    }
}
