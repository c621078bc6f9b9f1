//! Where a count lies between the smallest and the largest among the candidates: fewest 1, most 0.

use super::add;
use crate::policy::{Candidate, Response, Signal};

/// (max − count) / (max − min); 1 for all when they are equal.
pub(super) fn fewest_is_best(weight: f64, candidates: &mut [Candidate], count: impl Fn(usize) -> u32) {
    let counts = || candidates.iter().map(|c| count(c.at()));
    let (Some(min), Some(max)) = (counts().min(), counts().max()) else { return };
    if min == max {
        return add(weight, candidates, |_| 1.0);
    }
    add(weight, candidates, |i| f64::from(max - count(i)) / f64::from(max - min));
}

/// The same between them.
pub(super) fn response() -> Response {
    Response::new(Signal::Between, 1.0, "score", |share| 1.0 - share)
}
