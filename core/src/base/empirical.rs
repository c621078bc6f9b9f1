//! A law given by its values: what was measured, drawn again.

use super::Order;
use super::math;
use alloc::vec::Vec;

/// Values, ascending, with how likely each is.
#[derive(Clone, Debug, PartialEq)]
pub struct Empirical {
    values: Vec<u32>,
    /// Weight of this value and all smaller ones.
    up_to: Vec<f64>,
}

impl Empirical {
    /// The law of these values: each as likely, or as its weight says. None without a value of positive weight, and
    /// where weights are missing, negative or not finite.
    #[must_use]
    pub fn new(values: &[u32], weights: &[f64]) -> Option<Self> {
        if !weights.is_empty() && weights.len() != values.len() {
            return None;
        }
        if weights.iter().any(|w| !(w.is_finite() && *w >= 0.0)) {
            return None;
        }
        let mut pairs: Vec<(u32, f64)> =
            values.iter().enumerate().map(|(i, &v)| (v, weights.get(i).copied().unwrap_or(1.0))).collect();
        pairs.retain(|(_, weight)| *weight > 0.0);
        // By weight too, so that the sums do not depend on the order in which the values were written.
        pairs.order_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut sum = 0.0;
        let up_to = pairs
            .iter()
            .map(|(_, weight)| {
                sum += weight;
                sum
            })
            .collect();
        let values: Vec<u32> = pairs.into_iter().map(|(value, _)| value).collect();
        (!values.is_empty() && sum.is_finite()).then_some(Empirical { values, up_to })
    }

    /// The value at a uniform number in (0, 1): the smallest that this share of the weight does not exceed.
    #[must_use]
    pub fn at(&self, unit: f64) -> u32 {
        let target = unit * self.total();
        let i = self.up_to.partition_point(|&sum| sum < target);
        self.values[i.min(self.values.len() - 1)]
    }

    /// The largest value.
    #[must_use]
    pub fn max(&self) -> u32 {
        self.values[self.values.len() - 1]
    }

    /// Expected value of `f` of a sample, exactly.
    #[must_use]
    pub fn expect(&self, f: impl Fn(f64) -> f64) -> f64 {
        let mut before = 0.0;
        let sum: f64 = self
            .values
            .iter()
            .zip(&self.up_to)
            .map(|(&value, &up_to)| {
                let weight = up_to - before;
                before = up_to;
                weight * f(f64::from(value))
            })
            .sum();
        sum / self.total()
    }

    /// Standard deviation.
    #[must_use]
    pub fn std_dev(&self) -> f64 {
        let mean = self.expect(|x| x);
        math::sqrt(self.expect(|x| (x - mean) * (x - mean)))
    }

    fn total(&self) -> f64 {
        self.up_to[self.up_to.len() - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_values() {
        let law = Empirical::new(&[30, 10, 20, 10], &[]).expect("values");
        assert_eq!([0.1, 0.5, 0.500_001, 0.75, 0.76, 0.999].map(|u| law.at(u)), [10, 10, 20, 20, 30, 30]);
        assert_eq!((law.max(), law.expect(|x| x)), (30, 17.5));
        assert!((law.std_dev() - math::sqrt(68.75)).abs() < 1e-12);
    }

    #[test]
    fn weights_are_shares() {
        let law = Empirical::new(&[1, 1000, 7], &[3.0, 1.0, 0.0]).expect("values");
        assert_eq!([0.74, 0.75, 0.76].map(|u| law.at(u)), [1, 1, 1000]);
        assert_eq!(law.expect(|x| x), 250.75);
        let drawn = (0..1000).filter(|i| law.at((f64::from(*i) + 0.5) / 1000.0) == 1000).count();
        assert_eq!(drawn, 250);
    }

    #[test]
    fn order_does_not_matter() {
        let (a, b) = (
            Empirical::new(&[3, 1, 2, 1], &[0.1, 0.2, 0.3, 0.4]),
            Empirical::new(&[1, 2, 1, 3], &[0.4, 0.3, 0.2, 0.1]),
        );
        assert_eq!(a, b);
    }

    #[test]
    fn what_is_no_law_is_none() {
        assert_eq!(Empirical::new(&[], &[]), None);
        assert_eq!(Empirical::new(&[1], &[0.0]), None);
        assert_eq!(Empirical::new(&[1, 2], &[1.0]), None);
        assert_eq!(Empirical::new(&[1], &[f64::NAN]), None);
        assert_eq!(Empirical::new(&[1, 2], &[1.0, -1.0]), None);
        assert_eq!(Empirical::new(&[1, 2], &[f64::MAX, f64::MAX]), None);
    }
}
