//! The simulation clock: whole picoseconds in 64 bits, and the only door from float seconds to time.
//!
//! A decode step grows by tens of nanoseconds per token of context; picoseconds keep that slope exact
//! to 1e-5 and 64 bits of them last 213 days. All ordering is therefore on integers, and a result
//! cannot depend on how a platform rounds.

use core::fmt;
use core::ops::{Add, AddAssign, Mul, Sub};

/// Picoseconds in a second.
pub const PS_PER_S: u64 = 1_000_000_000_000;
/// Picoseconds in a millisecond.
pub const PS_PER_MS: u64 = 1_000_000_000;
/// Picoseconds in a microsecond.
pub const PS_PER_US: u64 = 1_000_000;

/// A moment: picoseconds since the run began.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Time(u64);

/// A span of time in picoseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Dur(u64);

impl Time {
    /// The start of the run.
    pub const ZERO: Time = Time(0);
    /// Later than anything a run reaches.
    pub const MAX: Time = Time(u64::MAX);

    /// The moment `ps` picoseconds after the start.
    #[must_use]
    pub const fn from_ps(ps: u64) -> Self {
        Time(ps)
    }

    /// Picoseconds since the start.
    #[must_use]
    pub const fn as_ps(self) -> u64 {
        self.0
    }

    /// Seconds since the start, for reports.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / PS_PER_S as f64
    }

    /// The span from `earlier` to here.
    ///
    /// # Panics
    /// When `earlier` is later: an effect before its cause is a fault of the simulator.
    #[must_use]
    pub fn since(self, earlier: Time) -> Dur {
        Dur(self.0.checked_sub(earlier.0).expect("an effect may not precede its cause"))
    }
}

impl Dur {
    /// No time at all.
    pub const ZERO: Dur = Dur(0);

    /// A span of `ps` picoseconds.
    #[must_use]
    pub const fn from_ps(ps: u64) -> Self {
        Dur(ps)
    }

    /// A span of `us` microseconds.
    #[must_use]
    pub const fn from_us(us: u64) -> Self {
        Dur(us * PS_PER_US)
    }

    /// The one way from float seconds to time; rounds half up.
    ///
    /// # Panics
    /// On NaN, negative or unrepresentable spans: those are stopped earlier, by the scenario's check.
    #[must_use]
    pub fn from_secs_f64(s: f64) -> Self {
        let ps = s * PS_PER_S as f64 + 0.5;
        assert!(ps >= 0.0 && ps < u64::MAX as f64, "a span of time must be finite, not negative and below 213 days");
        Dur(ps as u64)
    }

    /// Picoseconds.
    #[must_use]
    pub const fn as_ps(self) -> u64 {
        self.0
    }

    /// Seconds, for reports.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / PS_PER_S as f64
    }

    /// Milliseconds, for reports.
    #[must_use]
    pub fn as_ms_f64(self) -> f64 {
        self.0 as f64 / PS_PER_MS as f64
    }
}

impl Add<Dur> for Time {
    type Output = Time;
    fn add(self, d: Dur) -> Time {
        Time(self.0.checked_add(d.0).expect("a run ends before 213 simulated days"))
    }
}

impl AddAssign<Dur> for Time {
    fn add_assign(&mut self, d: Dur) {
        *self = *self + d;
    }
}

impl Sub for Time {
    type Output = Dur;
    fn sub(self, earlier: Time) -> Dur {
        self.since(earlier)
    }
}

impl Add for Dur {
    type Output = Dur;
    fn add(self, d: Dur) -> Dur {
        Dur(self.0.checked_add(d.0).expect("a span stays below 213 days"))
    }
}

impl AddAssign for Dur {
    fn add_assign(&mut self, d: Dur) {
        *self = *self + d;
    }
}

impl Mul<u64> for Dur {
    type Output = Dur;
    fn mul(self, k: u64) -> Dur {
        Dur(self.0.checked_mul(k).expect("a span stays below 213 days"))
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "t={}ps", self.0)
    }
}

impl fmt::Debug for Dur {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ps", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn float_seconds_round_half_up_to_whole_picoseconds() {
        assert_eq!(Dur::from_secs_f64(0.0).as_ps(), 0);
        assert_eq!(Dur::from_secs_f64(1.5e-12).as_ps(), 2);
        assert_eq!(Dur::from_secs_f64(1.0).as_ps(), PS_PER_S);
    }
}
