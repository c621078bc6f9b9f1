//! Confidence intervals over independent replications.

use crate::base::math;

/// A point with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Mean over replications.
    pub point: f64,
    /// Half of the interval's width; none with fewer than two replications.
    pub half_width: Option<f64>,
}

/// Student's t-interval at 95 % of one value per replication; none when there is no value.
#[must_use]
pub fn t_interval(values: &[f64]) -> Option<Interval> {
    let n = values.len();
    if n == 0 {
        return None;
    }
    let point = values.iter().sum::<f64>() / n as f64;
    if n == 1 {
        return Some(Interval { point, half_width: None });
    }
    let variance = values.iter().map(|v| (v - point) * (v - point)).sum::<f64>() / (n - 1) as f64;
    let half_width = t_975(n - 1) * math::sqrt(variance / n as f64);
    Some(Interval { point, half_width: Some(half_width) })
}

/// The 97.5 % quantile of Student's t, by degrees of freedom: the table up to 30, then Fisher's expansion
/// in 1/df to third order, whose error there is below 1e-6.
fn t_975(df: usize) -> f64 {
    const TABLE: [f64; 30] = [
        12.706_205, 4.302_653, 3.182_446, 2.776_445, 2.570_582, 2.446_912, 2.364_624, 2.306_004, 2.262_157, 2.228_139,
        2.200_985, 2.178_813, 2.160_369, 2.144_787, 2.131_450, 2.119_905, 2.109_816, 2.100_922, 2.093_024, 2.085_963,
        2.079_614, 2.073_873, 2.068_658, 2.063_899, 2.059_539, 2.055_529, 2.051_831, 2.048_407, 2.045_230, 2.042_272,
    ];
    if let Some(t) = df.checked_sub(1).and_then(|i| TABLE.get(i)) {
        return *t;
    }
    let z = 1.959_963_984_540_054_f64;
    let (z2, n) = (z * z, df as f64);
    let g1 = (z2 + 1.0) * z / 4.0;
    let g2 = ((5.0 * z2 + 16.0) * z2 + 3.0) * z / 96.0;
    let g3 = (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) * z / 384.0;
    z + g1 / n + g2 / (n * n) + g3 / (n * n * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_t_are_the_published_ones() {
        for (df, t) in
            [(1, 12.706_205), (4, 2.776_445), (30, 2.042_272), (39, 2.022_691), (60, 2.000_298), (120, 1.979_930)]
        {
            assert!((t_975(df) - t).abs() < 2e-6, "{df}: {}", t_975(df));
        }
    }

    #[test]
    fn one_value_has_no_interval_and_none_has_nothing() {
        assert_eq!(t_interval(&[]), None);
        assert_eq!(t_interval(&[3.0]), Some(Interval { point: 3.0, half_width: None }));
        let i = t_interval(&[1.0, 2.0, 3.0]).expect("values");
        assert!((i.half_width.expect("three values") - 4.302_653 / math::sqrt(3.0)).abs() < 1e-6);
    }
}
