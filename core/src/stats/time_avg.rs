//! The average of a level over time, as an exact integer area.

use crate::base::{Dur, Time};

/// A level that changes at moments; its area is Σ level · duration, in ps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeAvg {
    area: u128,
    level: u64,
    since: Time,
}

impl TimeAvg {
    /// Sets the level from now on.
    pub fn set(&mut self, now: Time, level: u64) {
        self.area += u128::from(self.level) * u128::from(now.since(self.since).as_ps());
        self.level = level;
        self.since = now;
    }

    /// Raises the level by one.
    pub fn up(&mut self, now: Time) {
        self.set(now, self.level + 1);
    }

    /// Lowers the level by one.
    ///
    /// # Panics
    /// When the level is zero: something left that never came.
    pub fn down(&mut self, now: Time) {
        self.set(now, self.level.checked_sub(1).expect("nothing leaves that did not come"));
    }

    /// The level.
    #[must_use]
    pub fn level(&self) -> u64 {
        self.level
    }

    /// Area up to now.
    #[must_use]
    pub fn area(&self, now: Time) -> u128 {
        self.area + u128::from(self.level) * u128::from(now.since(self.since).as_ps())
    }

    /// Average from the start up to now; 0 for no time.
    #[must_use]
    pub fn mean(&self, now: Time) -> f64 {
        mean_of(self.area(now), now.since(Time::ZERO))
    }
}

fn mean_of(area: u128, span: Dur) -> f64 {
    if span == Dur::ZERO { 0.0 } else { area as f64 / span.as_ps() as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn area_is_level_times_time() {
        let mut n = TimeAvg::default();
        n.up(Time::from_ps(10));
        n.up(Time::from_ps(20));
        n.down(Time::from_ps(40));
        assert_eq!(n.area(Time::from_ps(50)), 10 + 2 * 20 + 10);
        assert_eq!(n.level(), 1);
    }
}
