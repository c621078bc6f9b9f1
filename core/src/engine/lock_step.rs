//! Steps that begin and end together.
//!
//! Data-parallel ranks that share a model's experts meet in every layer, so no rank's step ends before that of the slowest:
//! each step lasts as long as the longest of its ranks' steps, and a rank that has nothing to do computes along for
//! nothing. Whoever owns the engines asks each for its [`Stretch`], puts them [together](Stretch::together) and launches
//! all with what came of it.

use super::instance::{Instance, Sinks};
use crate::base::Time;
use crate::latency::Ramp;

/// Steps that repeat each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// How long they take.
    pub ramp: Ramp,
    /// How many they are, at least 1.
    pub steps: u32,
}

impl Stretch {
    /// Of several engines': as many steps as all of them repeat, each as long as the longest, up to the step in which another
    /// engine's becomes that. None where nobody has any.
    #[must_use]
    pub fn together(all: impl Iterator<Item = Stretch> + Clone) -> Option<Stretch> {
        let longest = all.clone().map(|s| s.ramp).max_by_key(|ramp| (ramp.first, ramp.delta))?;
        let overtaking = all.clone().filter(|s| s.ramp.delta > longest.delta).map(|s| {
            let behind = longest.first - s.ramp.first;
            u32::try_from(behind / (s.ramp.delta - longest.delta) + 1).unwrap_or(u32::MAX)
        });
        let steps = all.map(|s| s.steps).chain(overtaking).min()?;
        Some(Stretch { ramp: longest, steps })
    }
}

impl Instance {
    /// The same, its steps beginning and ending with those of others.
    #[must_use]
    pub fn in_lock_step(self) -> Self {
        Instance { in_lock_step: true, ..self }
    }

    /// Takes in what counts as before when the horizon opens or closes now. Gaps count when their step is planned, and planning
    /// comes after that within a moment; in lock-step they count when it ends, and ends come before.
    pub fn settle_gaps(&mut self, now: Time, sinks: &mut Sinks<'_>) {
        if self.in_lock_step { self.settle(now, sinks) } else { self.settle_before(now, sinks) }
    }

    /// Counts the gaps of so many steps that have ended, where only that told how long they took.
    pub(super) fn count_shared_gaps(&self, ramp: Ramp, steps: u32, sinks: &mut Sinks<'_>) {
        if let Some(front) = self.planned.front().filter(|_| self.in_lock_step && steps > 0) {
            sinks.count_gaps(&front.by_class, ramp, steps);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(first: u64, delta: u64, steps: u32) -> Stretch {
        Stretch { ramp: Ramp { first, delta, valid: u32::MAX }, steps }
    }

    #[test]
    fn the_longest_step_is_everybodys() {
        assert_eq!(Stretch::together([].into_iter()), None);
        let alone = stretch(7, 3, 9);
        assert_eq!(Stretch::together([alone].into_iter()), Some(alone));
        let together = Stretch::together([stretch(5, 1, 4), stretch(9, 1, 8), stretch(9, 0, 2)].into_iter());
        assert_eq!(together, Some(stretch(9, 1, 2)));
    }

    #[test]
    fn step_by_step_it_is_the_maximum() {
        for (a, b) in [((10, 0), (4, 2)), ((10, 1), (9, 2)), ((10, 1), (10, 2)), ((1, 0), (0, 1)), ((100, 3), (7, 50))]
        {
            let pair = [stretch(a.0, a.1, 40), stretch(b.0, b.1, 40)];
            let mut at = 0;
            while at < 40 {
                let rest = pair.map(|s| Stretch {
                    ramp: Ramp { first: s.ramp.first + at * s.ramp.delta, ..s.ramp },
                    steps: 40 - at as u32,
                });
                let together = Stretch::together(rest.into_iter()).expect("two have some");
                for j in 0..u64::from(together.steps) {
                    let longest = pair.map(|s| s.ramp.first + (at + j) * s.ramp.delta).into_iter().max();
                    assert_eq!(
                        Some(together.ramp.first + j * together.ramp.delta),
                        longest,
                        "{a:?} {b:?} step {}",
                        at + j
                    );
                }
                at += u64::from(together.steps);
            }
        }
    }
}
