//! Requests that are in the fleet when a run begins, a part of their answers written.
//!
//! In a steady state, seen at any moment, long answers are under way more often than they are asked for: in proportion to
//! their length. Of each any part is written, all parts equally likely. That holds exactly where requests do not wait and
//! every token takes the same time, and nearly so in batches that change little; what it misses is warm-up.

use super::source::{Arriving, Source};
use crate::base::{Purpose, Stream};
use alloc::vec::Vec;

/// Parts of equal probability into which a law of lengths is cut. Within a part lengths count as alike.
const PARTS: u32 = 256;
/// Where numbers of residents begin; those of conversations that arrive stay below.
const NUMBERS: u64 = 1 << 39;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resident {
    /// What is left of the request: what is written of its answer is a part of its prompt.
    pub rest: Arriving,
    /// So many tokens.
    pub written: u32,
}

/// Whether a request of this number was there when its run began.
#[must_use]
pub fn was_there(number: u64) -> bool {
    number & NUMBERS != 0
}

/// Who is there when a run begins.
pub struct Residents {
    draws: Stream,
    /// Of each part of each class: its share of all tokens, added up; the class; where in its law the part begins.
    parts: Vec<(f64, usize, f64)>,
}

impl Residents {
    /// Of this run, whose requests these are.
    #[must_use]
    pub fn new(seed: u64, replication: u32, source: &Source) -> Self {
        let mut parts = Vec::new();
        let mut tokens = 0.0;
        for (class, law) in source.classes.iter().enumerate() {
            for part in 0..PARTS {
                let middle = law.output.at((f64::from(part) + 0.5) / f64::from(PARTS));
                tokens += law.share * f64::from(middle);
                parts.push((tokens, class, f64::from(part) / f64::from(PARTS)));
            }
        }
        Residents { draws: Stream::new(seed, replication, Purpose::Resident, 0), parts }
    }

    /// Number `i` of them. None when its prompt is too long for a sequence of at most `longest` tokens, or there are no
    /// answers.
    pub fn draw(&mut self, i: u32, source: &mut Source, longest: u32) -> Option<Resident> {
        let mut draws = self.draws.several(u64::from(i));
        let tokens = self.parts.last()?.0 * draws.unit();
        let &(_, class, begin) = self.parts.get(self.parts.partition_point(|&(sum, ..)| sum < tokens))?;
        let output = source.classes[class].output.at(begin + draws.unit() / f64::from(PARTS));
        let whole = source.request(NUMBERS + u64::from(i), class, output);
        let room = longest.checked_sub(whole.prompt_tokens)?;
        let output = output.min(room);
        let written = (draws.unit() * f64::from(output)) as u32;
        let left = output.checked_sub(written).filter(|&left| left > 0)?;
        let answer = (whole.answer.0, whole.answer.1 + written);
        let rest = Arriving { prompt_tokens: whole.prompt_tokens + written, output_tokens: left, answer, ..whole };
        Some(Resident { rest, written })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Dist;
    use crate::workload::{ClassSource, Prefix, Process};

    fn source() -> Source {
        let law = |share, input, output| ClassSource {
            share,
            input: Dist::Constant(input),
            output,
            prefix: Prefix::default(),
            conversation: None,
        };
        let classes =
            Vec::from([law(0.75, 10, Dist::Constant(100)), law(0.25, 20, Dist::lognormal(600.0, 300.0, 1, 5000))]);
        Source::new(3, 0, Process::Poisson, 10.0, classes)
    }

    fn drawn(longest: u32) -> Vec<Option<Resident>> {
        let mut source = source();
        let mut residents = Residents::new(3, 0, &source);
        (0..40_000).map(|i| residents.draw(i, &mut source, longest)).collect()
    }

    #[test]
    fn long_answers_are_seen_as_often_as_they_are_long_and_half_written_on_average() {
        let all: Vec<Resident> = drawn(100_000).into_iter().flatten().collect();
        assert_eq!(all.len(), 40_000);
        let second: Vec<&Resident> = all.iter().filter(|a| a.rest.class == 1).collect();
        // 0.25 · 600 of 0.75 · 100 + 0.25 · 600 tokens.
        assert!((second.len() as f64 / all.len() as f64 - 2.0 / 3.0).abs() < 0.01, "{}", second.len());
        // What is left of an answer seen under way: half of E[o²] / E[o].
        let left = second.iter().map(|a| f64::from(a.rest.output_tokens)).sum::<f64>() / second.len() as f64;
        let asked = (600.0 * 600.0 + 300.0 * 300.0) / 600.0 / 2.0;
        assert!((left / asked - 1.0).abs() < 0.02, "{left} {asked}");
        let written = second.iter().map(|a| f64::from(a.rest.prompt_tokens - 20)).sum::<f64>() / second.len() as f64;
        assert!((written / asked - 1.0).abs() < 0.02, "{written} {asked}");
    }

    #[test]
    fn nobody_is_longer_than_a_sequence_may_be() {
        let all = drawn(200);
        let fits = |rest: &Arriving| rest.prompt_tokens + rest.output_tokens <= 200 && rest.output_tokens > 0;
        assert!(all.iter().flatten().all(|a| fits(&a.rest)));
        assert!(drawn(15).iter().flatten().all(|a| a.rest.class == 0), "whose prompts fit");
        assert_eq!(drawn(10).iter().flatten().count(), 0);
    }

    #[test]
    fn nobody_who_arrives_is_another() {
        let (mut with, mut without) = (source(), source());
        let mut residents = Residents::new(3, 0, &with);
        assert!((0..50).all(|i| residents.draw(i, &mut with, 100_000).is_some()));
        assert!((0..50).all(|_| with.draw() == without.draw()));
    }
}
