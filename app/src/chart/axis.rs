//! Axes of latencies: one unit, a range that does not twitch, ticks at round numbers.

use crate::say;
use playground_core::base::math;

/// Unit of a latency axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Milliseconds,
    Seconds,
}

/// From this largest value on an axis is in seconds, ms.
const SECONDS_FROM_MS: f64 = 2000.0;

impl Unit {
    /// The unit for values up to this.
    pub(crate) fn for_largest(ms: f64) -> Unit {
        if ms < SECONDS_FROM_MS { Unit::Milliseconds } else { Unit::Seconds }
    }

    /// A value in this unit.
    pub(crate) fn of_ms(self, ms: f64) -> f64 {
        match self {
            Unit::Milliseconds => ms,
            Unit::Seconds => ms / 1000.0,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Unit::Milliseconds => "ms",
            Unit::Seconds => "s",
        }
    }
}

/// Least ratio of the ends of a logarithmic axis: less would show noise as slopes.
const MIN_RATIO: f64 = 5.0;

/// Range and ticks, in the axis's unit.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) ticks: Vec<f64>,
}

impl Scale {
    /// Tick labels.
    pub(super) fn labels(&self) -> Vec<String> {
        self.ticks.iter().map(|&v| say::plain(v)).collect()
    }

    /// A scale for these latencies, ms, and its unit; 1 to 100 ms while there is none.
    pub(super) fn of_latencies(values_ms: impl Iterator<Item = f64> + Clone, log_y: bool) -> (Unit, Scale) {
        let largest = values_ms.clone().fold(0.0, f64::max);
        let smallest = values_ms.fold(f64::INFINITY, f64::min);
        let (smallest, largest) = if largest > 0.0 { (smallest, largest) } else { (1.0, 100.0) };
        let unit = Unit::for_largest(largest);
        let scale = if log_y {
            Scale::log(unit.of_ms(smallest * 0.9), unit.of_ms(largest * 1.15))
        } else {
            Scale::linear(unit.of_ms(largest * 1.1))
        };
        (unit, scale)
    }

    /// A logarithmic scale that holds these positive values, its ends at round numbers.
    pub(super) fn log(smallest: f64, largest: f64) -> Scale {
        let low = end_below(smallest);
        let high = end_above(largest.max(MIN_RATIO * low));
        let decades = math::ln(high / low) / math::ln(10.0);
        let steps: &[f64] = match decades {
            d if d <= 1.6 => &[1.0, 2.0, 5.0],
            d if d <= 3.2 => &[1.0, 3.0],
            _ => &[1.0],
        };
        let mut ticks = Vec::new();
        let mut power = power_of_ten(low);
        while power <= high * 1.001 {
            ticks.extend(steps.iter().map(|s| s * power).filter(|v| (low * 0.999..=high * 1.001).contains(v)));
            power *= 10.0;
        }
        Scale { low, high, ticks }
    }

    /// A linear scale from 0 to this end, with no more steps between its ticks than so many.
    pub(super) fn up_to(high: f64, steps_max: f64) -> Scale {
        let step = round_above(high / steps_max);
        Scale { low: 0.0, high, ticks: (0..=(high / step + 1e-9) as u32).map(|i| f64::from(i) * step).collect() }
    }

    /// A linear scale from 0.
    pub(super) fn linear(largest: f64) -> Scale {
        let rough = largest / 5.0;
        let step =
            [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|s| s * power_of_ten(rough)).find(|&s| s >= rough * 0.999);
        let step = step.unwrap_or(rough);
        let count = math::ceil(largest / step).max(1.0);
        Scale { low: 0.0, high: count * step, ticks: (0..=count as u32).map(|i| f64::from(i) * step).collect() }
    }
}

/// Largest power of ten not above `v`.
fn power_of_ten(v: f64) -> f64 {
    let mut power = 1.0;
    while power * 10.0 <= v {
        power *= 10.0;
    }
    while power > v && power > 1e-9 {
        power /= 10.0;
    }
    power
}

/// Ends of a logarithmic axis, times a power of ten: close enough to waste no room, few enough to stay put.
const ENDS: [f64; 6] = [1.0, 1.5, 2.0, 3.0, 5.0, 7.0];

/// Largest end that is not above `v`.
fn end_below(v: f64) -> f64 {
    let power = power_of_ten(v);
    ENDS.into_iter().rev().map(|s| s * power).find(|&r| r <= v).unwrap_or(power)
}

/// Smallest end that is not below `v`.
fn end_above(v: f64) -> f64 {
    let power = power_of_ten(v);
    ENDS.into_iter().map(|s| s * power).find(|&r| r >= v).unwrap_or(10.0 * power)
}

/// Smallest of 1, 2, 5 times a power of ten that is not below `v`.
fn round_above(v: f64) -> f64 {
    let power = power_of_ten(v);
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|s| s * power).find(|&r| r >= v).unwrap_or(10.0 * power)
}

/// A step for a slider or an axis of about `n` steps: 1, 2 or 5 times a power of ten.
pub(crate) fn round_step(length: f64, n: f64) -> f64 {
    round_above((length / n).max(1e-6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_scale_ends_at_round_numbers() {
        let s = Scale::log(23.0, 14_500.0);
        assert_eq!((s.low, s.high), (20.0, 15_000.0));
        assert_eq!(s.labels(), ["30", "100", "300", "1,000", "3,000", "10,000"]);
    }

    #[test]
    fn a_narrow_log_scale_has_more_ticks() {
        let s = Scale::log(11.0, 60.0);
        assert_eq!((s.low, s.high), (10.0, 70.0));
        assert_eq!(s.labels(), ["10", "20", "50"]);
    }

    #[test]
    fn a_linear_scale_starts_at_zero() {
        let s = Scale::linear(87.0);
        assert_eq!(s.labels(), ["0", "20", "40", "60", "80", "100"]);
    }

    #[test]
    fn a_scale_up_to_an_end_has_round_ticks_inside() {
        assert_eq!(Scale::up_to(108.5, 6.0).labels(), ["0", "20", "40", "60", "80", "100"]);
        assert_eq!(Scale::up_to(108.5, 4.0).labels(), ["0", "50", "100"]);
        assert_eq!(Scale::up_to(0.6, 6.0).labels(), ["0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6"]);
    }

    #[test]
    fn an_axis_has_one_unit() {
        assert_eq!(Unit::for_largest(812.0), Unit::Milliseconds);
        assert_eq!(Unit::for_largest(9620.0), Unit::Seconds);
        assert_eq!(Unit::Seconds.of_ms(9620.0), 9.62);
    }

    #[test]
    fn slider_steps_are_round() {
        assert_eq!([180.0, 3.0, 7000.0].map(|length| round_step(length, 200.0)), [1.0, 0.02, 50.0]);
    }
}
