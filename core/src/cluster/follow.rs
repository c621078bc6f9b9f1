//! How far requests that are measured are followed.

use crate::base::{Dur, Time};
use crate::scenario::{Plan, SchedulingPolicy};

/// How far measured requests are followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Follow {
    /// To their first tokens: what takes longer stays unknown. Most of a run's time is spent waiting for its longest
    /// requests.
    ToFirstToken,
    /// To their ends.
    ToEnd,
}

/// Where engines schedule by priority and the load is more than they bear, whoever is of the least priority may wait for
/// ever. There measured requests are followed for so many times as long as the run lasted until then, and then cut off.
const TIMES_BY_PRIORITY: u64 = 10;

/// When nobody is followed any more, in a run whose last measured request arrives by `end`; none where everybody ends.
pub(super) fn until(plan: &Plan, end: Time) -> Option<Time> {
    let by_priority = plan.pools().iter().any(|p| p.engine.scheduling.policy == SchedulingPolicy::Priority);
    let long = end.as_ps().saturating_mul(TIMES_BY_PRIORITY).min(u64::MAX - end.as_ps());
    by_priority.then(|| end + Dur::from_ps(long))
}
