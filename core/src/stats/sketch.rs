//! A histogram of spans with bounded relative error: log-linear buckets, integer counts.
//!
//! 128 buckets per doubling put every value within 2⁻⁸ of its bucket's middle. Counts add up in any
//! order to the same bits, so replications may finish in any order; the mean is exact beside it.

use crate::base::Dur;
use alloc::vec;
use alloc::vec::Vec;

/// Buckets per doubling, as a power of two.
const SUB_BITS: u32 = 7;
const SUB: u64 = 1 << SUB_BITS;
/// Enough buckets for every 64-bit value.
const BUCKETS: usize = ((64 - SUB_BITS + 1) as usize) << SUB_BITS;

/// Counts of spans, with their exact sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch {
    counts: Vec<u64>,
    n: u64,
    sum_ps: u128,
}

impl Sketch {
    /// Nothing counted.
    #[must_use]
    pub fn new() -> Self {
        Sketch { counts: vec![0; BUCKETS], n: 0, sum_ps: 0 }
    }

    /// Counts a span `weight` times.
    pub fn insert(&mut self, span: Dur, weight: u64) {
        self.counts[bucket(span.as_ps())] += weight;
        self.n += weight;
        self.sum_ps += u128::from(span.as_ps()) * u128::from(weight);
    }

    /// Counts `first`, `first + delta`, …: `k` values, each `weight` times, bucket by bucket.
    pub fn insert_ramp(&mut self, first_ps: u64, delta_ps: u64, k: u32, weight: u64) {
        let k = u64::from(k);
        if delta_ps == 0 {
            return self.insert(Dur::from_ps(first_ps), weight * k);
        }
        let mut j = 0;
        while j < k {
            let value = first_ps + j * delta_ps;
            let b = bucket(value);
            let here = (lower(b + 1) - value).div_ceil(delta_ps).min(k - j);
            self.counts[b] += weight * here;
            j += here;
        }
        self.n += weight * k;
        let total = u128::from(first_ps) * u128::from(k) + u128::from(delta_ps) * u128::from(k * (k - 1) / 2);
        self.sum_ps += total * u128::from(weight);
    }

    /// Adds another sketch's counts.
    pub fn merge(&mut self, other: &Sketch) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.n += other.n;
        self.sum_ps += other.sum_ps;
    }

    /// How many spans were counted.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Exact mean, ms; none when nothing was counted.
    #[must_use]
    pub fn mean_ms(&self) -> Option<f64> {
        (self.n > 0).then(|| self.sum_ps as f64 / self.n as f64 / 1e9)
    }

    /// The value that a share `q` of the spans do not exceed, ms, within 2⁻⁸; none when nothing was counted.
    ///
    /// The ⌈q·n⌉-th smallest, at the middle of its bucket.
    #[must_use]
    pub fn quantile_ms(&self, q: f64) -> Option<f64> {
        self.quantiles_ms(&[q]).first().copied()
    }

    /// The same for several shares, ascending, in one pass; empty when nothing was counted.
    #[must_use]
    pub fn quantiles_ms(&self, shares: &[f64]) -> Vec<f64> {
        if self.n == 0 {
            return Vec::new();
        }
        let (mut bucket, mut seen) = (0, self.counts[0]);
        let value = |q: &f64| {
            let rank = (crate::base::math::ceil(q * self.n as f64) as u64).clamp(1, self.n);
            while seen < rank {
                bucket += 1;
                seen += self.counts[bucket];
            }
            let (low, high) = (lower(bucket) as f64, lower(bucket + 1) as f64);
            (low + high - 1.0) / 2.0 / 1e9
        };
        shares.iter().map(value).collect()
    }

    /// Share of the spans that are no longer than this, those of its own bucket included; none when nothing was counted.
    #[must_use]
    pub fn share_until(&self, span: Dur) -> Option<f64> {
        let within: u64 = self.counts[..=bucket(span.as_ps())].iter().sum();
        (self.n > 0).then(|| within as f64 / self.n as f64)
    }
}

impl Default for Sketch {
    fn default() -> Self {
        Self::new()
    }
}

fn bucket(value: u64) -> usize {
    if value < SUB {
        return value as usize;
    }
    let exponent = 63 - value.leading_zeros();
    let octave = u64::from(exponent - SUB_BITS + 1) << SUB_BITS;
    // Below BUCKETS by construction, so the narrowing keeps every bit.
    (octave + ((value >> (exponent - SUB_BITS)) - SUB)) as usize
}

/// Smallest value of a bucket.
fn lower(bucket: usize) -> u64 {
    let b = bucket as u64;
    if b < SUB {
        return b;
    }
    let shift = (b >> SUB_BITS) - 1;
    // The bucket past the last begins at 2^64, which saturates.
    (SUB + (b & (SUB - 1)))
        .checked_shl(u32::try_from(shift).expect("below 64"))
        .filter(|&v| v >> shift != 0)
        .unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Purpose, Stream};

    #[test]
    fn buckets_tile_the_numbers() {
        for value in [0, 1, 127, 128, 129, 255, 256, 257, 1_000_000, u64::MAX / 3, u64::MAX - 1] {
            let b = bucket(value);
            assert!(lower(b) <= value && value < lower(b + 1), "{value}");
        }
    }

    #[test]
    fn quantiles_are_within_a_256th() {
        let mut stream = Stream::new(3, 0, Purpose::Output, 0);
        let mut sketch = Sketch::new();
        let mut values: Vec<u64> = (0..10_000).map(|i| (stream.exponential(i) * 1e10) as u64 + 1).collect();
        for &v in &values {
            sketch.insert(Dur::from_ps(v), 1);
        }
        values.sort_unstable();
        for q in [0.01, 0.5, 0.9, 0.99, 1.0] {
            let exact = values[(q * 10_000.0_f64) as usize - 1] as f64 / 1e9;
            let got = sketch.quantile_ms(q).expect("not empty");
            assert!((got / exact - 1.0).abs() <= 1.0 / 256.0, "{q}: {got} {exact}");
        }
    }

    #[test]
    fn a_ramp_is_the_same_as_its_values_one_by_one() {
        let mut stream = Stream::new(4, 0, Purpose::Output, 0);
        for i in 0..200 {
            let (first, delta) = (stream.bits(3 * i) % 20_000_000_000, stream.bits(3 * i + 1) % 3_000_000);
            let k = (stream.bits(3 * i + 2) % 2000) as u32 + 1;
            let (mut ramp, mut loops) = (Sketch::new(), Sketch::new());
            ramp.insert_ramp(first, delta, k, 7);
            for j in 0..u64::from(k) {
                loops.insert(Dur::from_ps(first + j * delta), 7);
            }
            assert_eq!(ramp, loops);
        }
    }

    #[test]
    fn shares_and_quantiles_are_each_other_turned_around() {
        let mut sketch = Sketch::new();
        (1..=1000).for_each(|ms| sketch.insert(Dur::from_ps(ms * 1_000_000_000), 1));
        let shares = [0.0, 0.1, 0.5, 0.5, 0.99, 1.0];
        let values = sketch.quantiles_ms(&shares);
        assert_eq!(values, shares.map(|q| sketch.quantile_ms(q).expect("not empty")));
        for (q, ms) in shares.into_iter().zip(values) {
            let share = sketch.share_until(Dur::from_ps((ms * 1e9) as u64)).expect("not empty");
            assert!((share - q).abs() < 0.005, "{q}: {ms} ms, {share}");
        }
        assert_eq!(sketch.share_until(Dur::from_ps(0)), Some(0.0));
        assert_eq!(sketch.share_until(Dur::from_ps(u64::MAX)), Some(1.0));
    }

    #[test]
    fn an_empty_sketch_says_nothing() {
        assert_eq!(Sketch::new().mean_ms(), None);
        assert_eq!(Sketch::new().quantile_ms(0.5), None);
        assert_eq!(Sketch::new().share_until(Dur::from_ps(1)), None);
    }
}
