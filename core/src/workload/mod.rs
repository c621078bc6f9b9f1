//! Requests, one after the other: when each arrives, of which class, how long its prompt and its output.
//!
//! Drawn lazily; request number *i* owns draw *i* of every stream, so nothing else that happens in a run,
//! nor how long the run is, can change it.

mod content;

pub use content::Run;

use crate::base::{Dist, Dur, Purpose, Stream, Time};
use alloc::vec::Vec;

/// One request, as the client sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arriving {
    /// Running number, from 0.
    pub number: u64,
    /// When.
    pub at: Time,
    /// Index of its class.
    pub class: u32,
    /// Prompt, tokens.
    pub prompt_tokens: u32,
    /// Output, tokens; hidden from every policy.
    pub output_tokens: u32,
}

/// What the source needs to know of a class.
#[derive(Clone, Copy, Debug)]
pub struct ClassSource {
    /// Share of all requests.
    pub share: f64,
    /// Prompt length.
    pub input: Dist,
    /// Output length.
    pub output: Dist,
}

/// A Poisson source of requests of several classes.
pub struct Source {
    mean_gap_s: f64,
    classes: Vec<ClassSource>,
    gaps: Stream,
    picks: Stream,
    lengths: Vec<(Stream, Stream)>,
    next: u64,
    clock: Time,
}

impl Source {
    /// The source of one replication at this rate.
    #[must_use]
    pub fn new(seed: u64, replication: u32, rate_rps: f64, classes: Vec<ClassSource>) -> Self {
        let stream = |purpose, source| Stream::new(seed, replication, purpose, source);
        let lengths = (0..u32::try_from(classes.len()).expect("few classes"))
            .map(|class| (stream(Purpose::Prompt, class), stream(Purpose::Output, class)))
            .collect();
        Source {
            mean_gap_s: 1.0 / rate_rps,
            classes,
            gaps: stream(Purpose::Arrival, 0),
            picks: stream(Purpose::Class, 0),
            lengths,
            next: 0,
            clock: Time::ZERO,
        }
    }

    /// The next request.
    pub fn draw(&mut self) -> Arriving {
        let number = self.next;
        self.next += 1;
        self.clock += Dur::from_secs_f64(self.gaps.exponential(number) * self.mean_gap_s);
        let class = self.class_of(number);
        let (prompts, outputs) = &mut self.lengths[class];
        let law = &self.classes[class];
        Arriving {
            number,
            at: self.clock,
            class: u32::try_from(class).expect("few classes"),
            prompt_tokens: law.input.at(prompts.unit(number)),
            output_tokens: law.output.at(outputs.unit(number)),
        }
    }

    /// A class by its share; the last takes what rounding leaves.
    fn class_of(&mut self, number: u64) -> usize {
        if self.classes.len() == 1 {
            return 0;
        }
        let mut rest = self.picks.unit(number);
        for (i, class) in self.classes.iter().enumerate() {
            if rest < class.share {
                return i;
            }
            rest -= class.share;
        }
        self.classes.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(rate: f64) -> Source {
        let class = |share, tokens| ClassSource {
            share,
            input: Dist::Constant(tokens),
            output: Dist::lognormal(50.0, 20.0, 1, 500),
        };
        Source::new(9, 0, rate, Vec::from([class(0.25, 10), class(0.75, 20)]))
    }

    #[test]
    fn rate_and_shares_are_as_asked() {
        let mut s = source(20.0);
        let n = 40_000;
        let all: Vec<Arriving> = (0..n).map(|_| s.draw()).collect();
        let rate = f64::from(n) / all.last().expect("some").at.as_secs_f64();
        assert!((rate / 20.0 - 1.0).abs() < 0.02, "{rate}");
        let first = all.iter().filter(|a| a.class == 0).count() as f64 / f64::from(n);
        assert!((first - 0.25).abs() < 0.01, "{first}");
        assert!(all.iter().all(|a| a.prompt_tokens == if a.class == 0 { 10 } else { 20 }));
    }

    #[test]
    fn another_rate_sends_the_same_requests_at_scaled_times() {
        let (mut slow, mut fast) = (source(10.0), source(20.0));
        for _ in 0..100 {
            let (a, b) = (slow.draw(), fast.draw());
            assert_eq!((a.class, a.prompt_tokens, a.output_tokens), (b.class, b.prompt_tokens, b.output_tokens));
            assert!((a.at.as_secs_f64() / b.at.as_secs_f64() - 2.0).abs() < 1e-6);
        }
    }
}
