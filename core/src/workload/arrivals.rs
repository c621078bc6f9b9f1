//! When conversations begin: gaps between arrivals, by process.

use crate::base::{Purpose, Stream, math};
use alloc::vec::Vec;

/// A way to arrive, at a mean rate of one per unit of time; the source scales it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Process {
    /// Independent exponential gaps.
    Poisson,
    /// Equal gaps.
    Constant,
    /// Independent gamma gaps with this coefficient of variation: 1 is Poisson, more is burstier.
    Gamma {
        /// Standard deviation of a gap over its mean.
        cv: f64,
    },
    /// Poisson at a high rate, then at none, in turn.
    OnOff {
        /// Length of a period of arrivals, s.
        on_s: f64,
        /// Length of a pause, s.
        off_s: f64,
    },
    /// Poisson with a rate that grows linearly from `from` to `to` times the mean over `over_s`, and stays there.
    Ramp {
        /// First rate over the mean.
        from: f64,
        /// Last rate over the mean.
        to: f64,
        /// How long it grows, s.
        over_s: f64,
    },
    /// inference-perf's `constant`: in each stage of this length, as many exponential gaps as its rate asks for, scaled
    /// so that the last arrival ends the stage.
    PoissonInStages {
        /// Length of a stage, s.
        stage_s: f64,
    },
    /// inference-perf's `poisson`: in each second a Poisson number of exponential gaps, scaled so that the last arrival
    /// ends the second.
    PoissonPerSecond,
    /// Everyone is there from the beginning: an infinite rate.
    AtOnce,
}

impl Process {
    /// Whether it comes at the same rate at all times.
    #[must_use]
    pub fn is_even(&self) -> bool {
        !matches!(self, Process::OnOff { .. } | Process::Ramp { .. } | Process::AtOnce)
    }
}

/// Draws per gap of the gamma law: five tries of two draws each accept all but one gap in millions.
const GAMMA_TRIES: u64 = 5;
/// Addresses set aside for each gap.
const MORE: u64 = 16;

/// Most arrivals of one stage: so many gaps add up to their expectation but for a thousandth, scaled or not.
const STAGE_MAX: f64 = 1e6;

/// Arrival times, one after the other.
pub(super) struct Arrivals {
    process: Process,
    rate: f64,
    gaps: Stream,
    more: Stream,
    next: u64,
    /// Time so far, s; of [`Process::OnOff`], time spent in periods of arrivals; of processes in stages, the end of the
    /// last stage drawn.
    clock_s: f64,
    /// Arrivals of the last stage drawn that are yet to come, the next one last.
    stage: Vec<f64>,
    /// Draws used for the numbers of arrivals of stages.
    counted: u64,
}

impl Arrivals {
    pub(super) fn new(seed: u64, replication: u32, process: Process, rate: f64) -> Self {
        Arrivals {
            process,
            rate,
            gaps: Stream::new(seed, replication, Purpose::Arrival, 0),
            more: Stream::new(seed, replication, Purpose::ArrivalMore, 0),
            next: 0,
            clock_s: 0.0,
            stage: Vec::new(),
            counted: 0,
        }
    }

    /// The next arrival, s.
    pub(super) fn draw(&mut self) -> f64 {
        if let Process::PoissonInStages { .. } | Process::PoissonPerSecond = self.process {
            return self.of_stage();
        }
        let number = self.next;
        self.next += 1;
        match self.process {
            Process::Poisson => self.clock_s += self.gaps.exponential(number) / self.rate,
            Process::Constant => self.clock_s += 1.0 / self.rate,
            Process::Gamma { cv } => self.clock_s += self.gamma(number, cv) / self.rate,
            Process::OnOff { on_s, off_s } => {
                let burst = self.rate * (on_s + off_s) / on_s;
                self.clock_s += self.gaps.exponential(number) / burst;
                return self.clock_s + math::floor(self.clock_s / on_s) * off_s;
            }
            Process::Ramp { from, to, over_s } => {
                // The unit-rate process, through the inverse of the rate's integral.
                self.clock_s += self.gaps.exponential(number) / self.rate;
                return ramp_time(self.clock_s, from, to, over_s);
            }
            Process::PoissonInStages { .. } | Process::PoissonPerSecond | Process::AtOnce => {}
        }
        self.clock_s
    }

    /// The next arrival of a process in stages.
    fn of_stage(&mut self) -> f64 {
        while self.stage.is_empty() {
            let (count, length_s) = match self.process {
                Process::PoissonInStages { stage_s } => {
                    let count = math::floor(self.rate * stage_s).clamp(1.0, STAGE_MAX);
                    // Fewer than one, or too many for one stage: as long as the rate takes for them.
                    let fits = (1.0..=STAGE_MAX).contains(&(self.rate * stage_s));
                    (count as u64, if fits { stage_s } else { count / self.rate })
                }
                _ => (self.count_of_second(), 1.0),
            };
            let mut at = 0.0;
            let mut ends: Vec<f64> = (0..count)
                .map(|i| {
                    at += self.gaps.exponential(self.next + i);
                    at
                })
                .collect();
            self.next += count;
            ends.iter_mut().for_each(|end| *end = self.clock_s + length_s * (*end / at));
            ends.reverse();
            self.stage = ends;
            self.clock_s += length_s;
        }
        self.stage.pop().unwrap_or(self.clock_s)
    }

    /// A Poisson number of mean `rate`: the exponential gaps that fit into a second.
    fn count_of_second(&mut self) -> u64 {
        let (mut at, mut count) = (0.0, 0);
        loop {
            at += self.more.exponential(self.counted) / self.rate;
            self.counted += 1;
            if at >= 1.0 {
                return count;
            }
            count += 1;
        }
    }

    /// A gamma variate of mean 1, by Marsaglia and Tsang (2000), shape 1/cv².
    fn gamma(&mut self, number: u64, cv: f64) -> f64 {
        let shape = 1.0 / (cv * cv);
        let raised = if shape < 1.0 { shape + 1.0 } else { shape };
        let d = raised - 1.0 / 3.0;
        let c = 1.0 / math::sqrt(9.0 * d);
        let mut value = d;
        for attempt in 0..GAMMA_TRIES {
            let z = math::normal_quantile(self.more.unit(number * MORE + 2 * attempt));
            let v = 1.0 + c * z;
            if v <= 0.0 {
                continue;
            }
            let v = v * v * v;
            let u = self.more.unit(number * MORE + 2 * attempt + 1);
            value = d * v;
            if math::ln(u) < z * z / 2.0 + d - d * v + d * math::ln(v) {
                break;
            }
        }
        // Below shape 1, the raised variate is scaled down by a uniform to the power 1/shape.
        if shape < 1.0 {
            value *= math::pow(self.gaps.unit(number), 1.0 / shape);
        }
        value / shape
    }
}

/// When the integral of a rate rising from `from` to `to` over `over_s` reaches `area`.
fn ramp_time(area: f64, from: f64, to: f64, over_s: f64) -> f64 {
    let at_end = (from + to) / 2.0 * over_s;
    if area >= at_end {
        return over_s + (area - at_end) / to;
    }
    let slope = (to - from) / over_s;
    if slope == 0.0 {
        return area / from;
    }
    (math::sqrt(from * from + 2.0 * slope * area) - from) / slope
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// Mean and coefficient of variation of the gaps.
    fn gaps(process: Process) -> (f64, f64) {
        let mut arrivals = Arrivals::new(5, 0, process, 10.0);
        let times: Vec<f64> = (0..40_000).map(|_| arrivals.draw()).collect();
        let gaps: Vec<f64> = times.windows(2).map(|w| w[1] - w[0]).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let variance = gaps.iter().map(|g| (g - mean) * (g - mean)).sum::<f64>() / gaps.len() as f64;
        (mean, math::sqrt(variance) / mean)
    }

    #[test]
    fn gaps_have_the_asked_mean_and_variation() {
        let cases: [(Process, f64); 4] = [
            (Process::Poisson, 1.0),
            (Process::Constant, 0.0),
            (Process::Gamma { cv: 2.0 }, 2.0),
            (Process::Gamma { cv: 0.5 }, 0.5),
        ];
        for (process, cv) in cases {
            let (mean, got) = gaps(process);
            // Four standard errors of the mean, and as much for the variation of heavier tails.
            assert!((mean / 0.1 - 1.0).abs() < 0.02 * cv.max(0.1), "{process:?}: {mean}");
            assert!((got - cv).abs() < 0.04 * cv.max(0.1), "{process:?}: {got}");
        }
    }

    #[test]
    fn stages_hold_as_many_as_their_rate_asks_for_and_end_with_an_arrival() {
        let mut arrivals = Arrivals::new(5, 0, Process::PoissonInStages { stage_s: 20.0 }, 2.5);
        let times: Vec<f64> = (0..500).map(|_| arrivals.draw()).collect();
        assert!(times.is_sorted());
        for stage in 1..=10_u32 {
            let last = times[stage as usize * 50 - 1];
            assert!((last - 20.0 * f64::from(stage)).abs() < 1e-9, "{last}");
        }
        // A Poisson process but for its ends: gaps vary as much as they last.
        let gaps: Vec<f64> = times.windows(2).map(|w| w[1] - w[0]).collect();
        let variance = gaps.iter().map(|g| (g - 0.4) * (g - 0.4)).sum::<f64>() / gaps.len() as f64;
        assert!((math::sqrt(variance) / 0.4 - 1.0).abs() < 0.15, "{variance}");
        // Where a stage is too short for one request, the rate still holds.
        let mut arrivals = Arrivals::new(5, 0, Process::PoissonInStages { stage_s: 0.1 }, 2.0);
        assert!((0..10).map(|_| arrivals.draw()).all(|at| (at / 0.5 - math::round(at / 0.5)).abs() < 1e-9));
    }

    #[test]
    fn a_second_holds_a_poisson_number_and_ends_with_an_arrival() {
        let mut arrivals = Arrivals::new(5, 0, Process::PoissonPerSecond, 3.0);
        let times: Vec<f64> = (0..30_000).map(|_| arrivals.draw()).collect();
        assert!(times.is_sorted());
        let seconds = math::floor(times[29_999]);
        assert!((30_000.0 / seconds / 3.0 - 1.0).abs() < 0.02, "{seconds}");
        let mut counts: Vec<f64> = Vec::new();
        for at in times {
            // The last arrival of a second lies on its end.
            let second = math::ceil(at - 1e-9) as usize - 1;
            counts.resize(counts.len().max(second + 1), 0.0);
            counts[second] += 1.0;
        }
        let mean = counts.iter().sum::<f64>() / counts.len() as f64;
        let variance = counts.iter().map(|c| (c - mean) * (c - mean)).sum::<f64>() / counts.len() as f64;
        assert!((variance / mean - 1.0).abs() < 0.05, "{variance} {mean}");
    }

    #[test]
    fn on_and_off_keep_the_mean_rate() {
        let mut arrivals = Arrivals::new(5, 0, Process::OnOff { on_s: 2.0, off_s: 6.0 }, 10.0);
        let times: Vec<f64> = (0..40_000).map(|_| arrivals.draw()).collect();
        assert!((times[39_999] / 4000.0 - 1.0).abs() < 0.02, "{}", times[39_999]);
        assert!(times.iter().all(|t| t - math::floor(t / 8.0) * 8.0 <= 2.0 + 1e-9));
    }

    #[test]
    fn a_ramp_reaches_its_end() {
        assert!((ramp_time(5.0, 0.0, 2.0, 5.0) - 5.0).abs() < 1e-12);
        assert!((ramp_time(7.0, 0.0, 2.0, 5.0) - 6.0).abs() < 1e-12);
        assert!((ramp_time(3.0, 1.0, 1.0, 5.0) - 3.0).abs() < 1e-12);
    }
}
