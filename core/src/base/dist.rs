//! Distributions of token counts, by inverse transform: one uniform number gives one length.
//!
//! One draw per value keeps every entity's address fixed (see [`super::Stream`]), and makes lengths
//! monotone in their parameters: a longer mean makes every single request longer, which is what keeps
//! curves smooth while a slider moves.

use super::{Empirical, math};
use alloc::sync::Arc;

/// A distribution of whole tokens, ready to sample.
#[derive(Clone, Debug, PartialEq)]
pub enum Dist {
    /// Always the same.
    Constant(u32),
    /// exp(N(μ, σ²)), clipped and rounded.
    Lognormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
        /// Smallest value, tokens.
        min: u32,
        /// Largest value, tokens.
        max: u32,
    },
    /// N(mean, std_dev²), clipped and rounded.
    Normal {
        /// Mean before clipping, tokens.
        mean: f64,
        /// Standard deviation before clipping, tokens.
        std_dev: f64,
        /// Smallest value, tokens.
        min: u32,
        /// Largest value, tokens.
        max: u32,
    },
    /// Every whole number from `min` to `max` alike.
    Uniform {
        /// Smallest value, tokens.
        min: u32,
        /// Largest value, tokens.
        max: u32,
    },
    /// Exponential with this mean, clipped and rounded.
    Exponential {
        /// Mean before clipping, tokens.
        mean: f64,
        /// Smallest value, tokens.
        min: u32,
        /// Largest value, tokens.
        max: u32,
    },
    /// Values with their weights.
    Empirical(Arc<Empirical>),
}

impl Dist {
    /// A lognormal law with this mean and standard deviation *before* clipping, as inference-perf
    /// matches them: σ² = ln(1 + (sd/mean)²), μ = ln mean − σ²/2.
    #[must_use]
    pub fn lognormal(mean: f64, std_dev: f64, min: u32, max: u32) -> Self {
        let ratio = std_dev / mean;
        let variance = math::ln(1.0 + ratio * ratio);
        Dist::Lognormal { mu: math::ln(mean) - variance / 2.0, sigma: math::sqrt(variance), min, max }
    }

    /// The value at a uniform number in (0, 1).
    #[must_use]
    pub fn at(&self, unit: f64) -> u32 {
        match *self {
            Dist::Constant(tokens) => tokens,
            Dist::Empirical(ref law) => law.at(unit),
            Dist::Lognormal { mu, sigma, min, max } => {
                whole_tokens(math::exp(mu + sigma * math::normal_quantile(unit)), min, max)
            }
            Dist::Normal { mean, std_dev, min, max } => {
                whole_tokens(mean + std_dev * math::normal_quantile(unit), min, max)
            }
            Dist::Uniform { min, max } => min + (unit * (f64::from(max - min) + 1.0)) as u32,
            Dist::Exponential { mean, min, max } => whole_tokens(-mean * math::ln(1.0 - unit), min, max),
        }
    }

    /// The largest value.
    #[must_use]
    pub fn max(&self) -> u32 {
        match *self {
            Dist::Constant(tokens) => tokens,
            Dist::Empirical(ref law) => law.max(),
            Dist::Lognormal { max, .. }
            | Dist::Normal { max, .. }
            | Dist::Uniform { max, .. }
            | Dist::Exponential { max, .. } => max,
        }
    }

    /// Expected value of `f` of a sample: exactly where there are few values, else by the midpoint rule over 256
    /// quantiles. For derived facts (mean lengths, nominal capacity), not for the simulation.
    #[must_use]
    pub fn expect(&self, f: impl Fn(f64) -> f64) -> f64 {
        const POINTS: u32 = 256;
        match self {
            Dist::Constant(tokens) => return f(f64::from(*tokens)),
            Dist::Empirical(law) => return law.expect(f),
            _ => {}
        }
        let sum: f64 = (0..POINTS).map(|i| f(f64::from(self.at((f64::from(i) + 0.5) / f64::from(POINTS))))).sum();
        sum / f64::from(POINTS)
    }
}

fn whole_tokens(x: f64, min: u32, max: u32) -> u32 {
    // The clip comes first, so the cast is in range; NaN cannot arise from checked parameters.
    math::round(x.clamp(f64::from(min), f64::from(max))) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Purpose, Stream};

    #[test]
    fn lognormal_has_the_asked_moments() {
        let dist = Dist::lognormal(512.0, 256.0, 1, 1_000_000);
        let mut stream = Stream::new(11, 0, Purpose::Prompt, 0);
        let n = 200_000u64;
        let (mut sum, mut squares) = (0.0, 0.0);
        for i in 0..n {
            let x = f64::from(dist.at(stream.unit(i)));
            sum += x;
            squares += x * x;
        }
        let mean = sum / n as f64;
        let sd = math::sqrt(squares / n as f64 - mean * mean);
        assert!((mean - 512.0).abs() < 2.0, "{mean}");
        assert!((sd - 256.0).abs() < 4.0, "{sd}");
    }

    #[test]
    fn clips_at_both_ends() {
        let dist = Dist::lognormal(100.0, 300.0, 10, 200);
        assert_eq!(dist.at(1e-12), 10);
        assert_eq!(dist.at(1.0 - 1e-12), 200);
    }
}
