//! Which points of a sweep are worth looking at: the frontier, and the best of each GPU budget.
//!
//! They are two notions. A point is on the frontier when no other has both a lower TTFT p99 and a higher rate. A star is
//! the highest rate among deployments of one size; a larger deployment's star may well be beaten by a smaller one.

use super::sweep::{Deployment, Sustained, SweepOutcome, SweepPoint};
use crate::base::Order;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// Marks of one point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Nothing beats it on both axes.
    pub frontier: bool,
    /// The highest rate among deployments with as many GPUs.
    pub star: bool,
}

/// Marks of all points, in their order. Points that sustain no load have none.
#[must_use]
pub fn marks(points: &[SweepPoint]) -> Vec<Marks> {
    let mut marks = vec![Marks::default(); points.len()];
    let good: Vec<(usize, &Deployment, &Sustained)> = points
        .iter()
        .enumerate()
        .filter_map(|(i, p)| match &p.outcome {
            SweepOutcome::Sustains(d, s) => Some((i, d, &**s)),
            _ => None,
        })
        .collect();
    // From the quickest on: what is slower has to sustain more than all before it, and among equals as much as any.
    let mut quickest: Vec<(f64, f64, usize)> =
        good.iter().map(|&(i, _, s)| (s.ttft_p99_ms.unwrap_or(f64::INFINITY), s.max_rate_rps, i)).collect();
    quickest.order_by(|a, b| a.0.total_cmp(&b.0));
    let mut most = f64::NEG_INFINITY;
    for equals in quickest.chunk_by(|a, b| a.0 == b.0) {
        let here = equals.iter().map(|e| e.1).fold(f64::NEG_INFINITY, f64::max);
        for &(_, _, i) in equals.iter().filter(|e| e.1 == here && here > most) {
            marks[i].frontier = true;
        }
        most = most.max(here);
    }
    let mut best: BTreeMap<u32, (f64, usize)> = BTreeMap::new();
    for &(i, d, s) in &good {
        let entry = best.entry(d.gpus).or_insert((s.max_rate_rps, i));
        if s.max_rate_rps > entry.0 {
            *entry = (s.max_rate_rps, i);
        }
    }
    for (_, i) in best.values() {
        marks[*i].star = true;
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Load;
    use crate::study::sweep::Combination;
    use alloc::boxed::Box;

    fn point(gpus: u32, ttft: f64, rate: f64) -> SweepPoint {
        let deployment = Deployment { gpus, usd_per_hour: 1.0, capacity_rps: 1.0 };
        let sustained = Sustained {
            load: Load::Rate(rate),
            max_rate_rps: rate,
            ttft_p99_ms: Some(ttft),
            itl_p99_ms: None,
            e2e_p99_ms: None,
            output_tokens_per_s: 0.0,
            usd_per_million_output_tokens: None,
            n: 1,
        };
        SweepPoint {
            combination: Combination { index: 0, edits: Vec::new() },
            outcome: SweepOutcome::Sustains(deployment, Box::new(sustained)),
        }
    }

    #[test]
    fn a_star_need_not_be_on_the_frontier() {
        // The six-GPU deployment is slower and serves less than the four-GPU one.
        let points = [point(8, 46.0, 10.65), point(4, 70.5, 6.85), point(6, 95.5, 4.67), point(4, 90.0, 6.0)];
        let marks = marks(&points);
        let frontier: Vec<bool> = marks.iter().map(|m| m.frontier).collect();
        let star: Vec<bool> = marks.iter().map(|m| m.star).collect();
        assert_eq!(frontier, [true, false, false, false]);
        assert_eq!(star, [true, true, true, false]);
    }

    #[test]
    fn a_point_is_on_the_frontier_if_nothing_beats_it() {
        // Few values, so that many are equal in one of them or both.
        let points: Vec<SweepPoint> = (0..200)
            .map(|i| point(1, f64::from(i * 7 % 13), f64::from(i * 11 % 17) + f64::from(i * 7 % 13) / 2.0))
            .collect();
        let of = |p: &SweepPoint| match &p.outcome {
            SweepOutcome::Sustains(_, s) => (s.ttft_p99_ms.expect("given"), s.max_rate_rps),
            _ => unreachable!("all sustain a load"),
        };
        let beats = |a: (f64, f64), b: (f64, f64)| a.0 <= b.0 && a.1 >= b.1 && a != b;
        let expected: Vec<bool> = points.iter().map(|p| !points.iter().any(|o| beats(of(o), of(p)))).collect();
        let found: Vec<bool> = marks(&points).iter().map(|m| m.frontier).collect();
        assert_eq!(found, expected);
        assert!(found.iter().filter(|f| **f).count() > 5);
    }
}
