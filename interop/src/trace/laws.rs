//! Lengths: in a few numbers for people, and as an empirical law in few enough values for a link.

use playground_core::scenario::Length;
use serde::{Deserialize, Serialize};

/// Share of the longest requests that a quarter of a law's values stand for: the 99th percentile, which people look at, lies
/// in the middle of it, where values are close together.
const TAIL_FRAC: f64 = 0.02;
/// Longest prompt or answer of a scenario, tokens.
pub(super) const TOKENS_MAX: u32 = 1_000_000;

/// Lengths in a few numbers, tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Median.
    pub p50: u32,
    /// Nine in ten are at most as long.
    pub p90: u32,
    /// Ninety-nine in a hundred.
    pub p99: u32,
    /// The longest.
    pub max: u32,
}

/// Lengths as an empirical law.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Law {
    /// Its values, tokens.
    pub values: Vec<u32>,
    /// How likely each is; empty: all alike.
    pub weights: Vec<f64>,
    /// Whether they are all lengths there are.
    pub exact: bool,
}

impl Spread {
    pub(super) fn of(lengths: impl Iterator<Item = u32>) -> Spread {
        let mut all: Vec<u32> = lengths.collect();
        all.sort_unstable();
        let (n, sum) = (all.len(), all.iter().map(|l| u64::from(*l)).sum::<u64>());
        let at = |percent: usize| all.get((percent * n).div_ceil(100).saturating_sub(1)).copied().unwrap_or(0);
        Spread { mean: sum as f64 / n.max(1) as f64, p50: at(50), p90: at(90), p99: at(99), max: at(100) }
    }
}

impl Law {
    /// Of these lengths, with at most so many values: each length where they are so few, else the means of equal shares, three
    /// quarters of them below the longest fiftieth and one quarter in it.
    pub(super) fn of(mut lengths: Vec<u32>, most: usize) -> Law {
        let fits = lengths.iter().all(|length| *length <= TOKENS_MAX);
        lengths.iter_mut().for_each(|length| *length = (*length).min(TOKENS_MAX));
        lengths.sort_unstable();
        let mut counts: Vec<(u32, u64)> = Vec::new();
        for length in &lengths {
            match counts.last_mut().filter(|(value, _)| value == length) {
                Some((_, n)) => *n += 1,
                None => counts.push((*length, 1)),
            }
        }
        let few = counts.len() <= most;
        if !few {
            let body = lengths.len() - (lengths.len() as f64 * TAIL_FRAC).ceil() as usize;
            let (below, above) = lengths.split_at(body);
            counts.clear();
            shares(below, most - most / 4, &mut counts);
            shares(above, most / 4, &mut counts);
        }
        let alike = counts.iter().all(|(_, n)| *n == counts[0].1);
        let weights = if alike { Vec::new() } else { counts.iter().map(|(_, n)| *n as f64).collect() };
        Law { values: counts.into_iter().map(|(value, _)| value).collect(), weights, exact: few && fits }
    }

    /// Expected value.
    pub(super) fn mean(&self) -> f64 {
        self.length().dist().map_or(0.0, |dist| dist.expect(|x| x))
    }

    /// As a scenario has it.
    pub(super) fn length(&self) -> Length {
        Length { weights: self.weights.clone(), ..Length::empirical(self.values.clone()) }
    }
}

/// Means of so many equal shares of ascending lengths, with how many each stands for.
fn shares(lengths: &[u32], most: usize, counts: &mut Vec<(u32, u64)>) {
    for i in 0..most {
        let share = &lengths[i * lengths.len() / most..(i + 1) * lengths.len() / most];
        let n = share.len() as u64;
        if n == 0 {
            continue;
        }
        let mean = ((share.iter().map(|l| u64::from(*l)).sum::<u64>() + n / 2) / n) as u32;
        match counts.last_mut().filter(|(value, _)| *value == mean) {
            Some((_, before)) => *before += n,
            None => counts.push((mean, n)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_lengths_are_kept_with_their_counts() {
        let law = Law::of(vec![7, 3, 7, 900], 8);
        assert_eq!(
            (law.values.as_slice(), law.weights.as_slice(), law.exact),
            (&[3, 7, 900][..], &[1.0, 2.0, 1.0][..], true)
        );
        assert_eq!(law.mean(), 917.0 / 4.0);
        assert!(Law::of(vec![5, 5, 6, 6], 8).weights.is_empty());
    }

    #[test]
    fn many_lengths_keep_their_mean_and_their_tail() {
        // Of a heavy tail: the n-th longest is as long as 1/n of the longest.
        let lengths: Vec<u32> = (1..=100_000_u32).map(|n| 50 + 10_000_000 / (n + 100)).collect();
        let spread = Spread::of(lengths.iter().copied());
        let law = Law::of(lengths, 256);
        assert!(!law.exact && law.values.len() <= 256, "{}", law.values.len());
        assert!((law.mean() - spread.mean).abs() < 0.5, "{} {}", law.mean(), spread.mean);
        let dist = law.length().dist().expect("a law");
        for (share, was) in [(0.5, spread.p50), (0.9, spread.p90), (0.99, spread.p99)] {
            let is = f64::from(dist.at(share));
            assert!((is / f64::from(was) - 1.0).abs() < 0.02, "{share}: {is} {was}");
        }
        assert!(f64::from(dist.max()) > 0.8 * f64::from(spread.max), "{} {}", dist.max(), spread.max);
    }
}
