//! What a load generator sent: a recording where there is one, and otherwise drawn as the generator drew it.

use playground_core::base::{Dur, Purpose, Stream, Time};
use playground_core::workload::Recorded;

/// A load and how its client sends it.
#[derive(Clone, Debug)]
pub struct Load {
    /// The requests.
    pub requests: Requests,
    /// Most requests the client keeps in flight; none: as many as there are.
    pub in_flight_max: Option<u32>,
    /// Time after which the client gives a request up; its latency then counts nowhere.
    pub timeout: Option<Dur>,
    /// Draws follow from it: loads of one seed draw alike.
    pub seed: u64,
}

/// The requests of a load.
#[derive(Clone, Debug)]
pub enum Requests {
    /// As recorded.
    Recorded(Vec<Recorded>),
    /// Poisson arrivals at one rate after the other; the stage is the class.
    Stages {
        /// The stages, in order.
        stages: Vec<Stage>,
        /// What prompts say.
        prompts: Prompts,
        /// Output, tokens.
        output: u32,
    },
    /// All due at once.
    Burst {
        /// How many.
        count: u32,
        /// Prompt, tokens.
        input: Span,
        /// Output, tokens.
        output: Span,
        /// How long the server, which has not served before, keeps the first of them waiting.
        cold_start: Dur,
    },
}

/// One stage of a load.
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    /// Requests per second.
    pub rate_rps: f64,
    /// How long requests arrive, s.
    pub duration_s: f64,
    /// How long nothing is sent after it, s: load generators wait for a stage's last answer before the next stage. A
    /// fleet that is idle does not change, so any time that is long enough will do.
    pub pause_s: f64,
}

/// A range of lengths, each as likely.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Shortest.
    pub min: u32,
    /// Longest.
    pub max: u32,
}

/// What the prompts of a load say.
#[derive(Clone, Copy, Debug)]
pub enum Prompts {
    /// Each is new, of a length in this range.
    Fresh(Span),
    /// The same few, shuffled once and sent one after the other, again and again: as inference-perf sends its
    /// `shared_prefix` data.
    Repeated {
        /// Different shared prefixes.
        groups: u32,
        /// Prompts that follow each.
        per_group: u32,
        /// Tokens of a shared prefix.
        prefix_tokens: u32,
        /// Tokens of a prompt, prefix included.
        tokens: u32,
    },
}

impl Load {
    /// Every request, in order of time.
    #[must_use]
    pub fn recorded(&self) -> Vec<Recorded> {
        match &self.requests {
            Requests::Recorded(all) => all.clone(),
            Requests::Stages { stages, prompts, output } => self.stages(stages, prompts, *output),
            Requests::Burst { count, input, output, cold_start } => self.burst(*count, *input, *output, *cold_start),
        }
    }

    /// How long those sent first wait for the server to begin.
    #[must_use]
    pub fn cold_start(&self) -> Dur {
        match self.requests {
            Requests::Burst { cold_start, .. } => cold_start,
            _ => Dur::ZERO,
        }
    }

    fn stages(&self, stages: &[Stage], prompts: &Prompts, output: u32) -> Vec<Recorded> {
        let mut gaps = Stream::new(self.seed, 0, Purpose::Arrival, 0);
        let mut picks = Stream::new(self.seed, 0, Purpose::Group, 0);
        let order = prompts.order(&mut picks);
        let (mut all, mut begin_s, mut number) = (Vec::new(), 0.0, 0);
        for (class, stage) in (0..).zip(stages) {
            let mut at_s = begin_s;
            loop {
                at_s += gaps.exponential(number) / stage.rate_rps;
                if at_s >= begin_s + stage.duration_s {
                    break;
                }
                let (prompt_tokens, prefix, body) = prompts.draw(&mut picks, &order, all.len() as u64);
                all.push(Recorded {
                    at: Time::ZERO + Dur::from_secs_f64(at_s),
                    class,
                    prompt_tokens,
                    output_tokens: output,
                    prefix,
                    body,
                });
                number += 1;
            }
            // The gap that led out of this stage is no gap of the next one.
            number += 1;
            begin_s += stage.duration_s + stage.pause_s;
        }
        all
    }

    fn burst(&self, count: u32, input: Span, output: Span, cold_start: Dur) -> Vec<Recorded> {
        let mut inputs = Stream::new(self.seed, 0, Purpose::Prompt, 0);
        let mut outputs = Stream::new(self.seed, 0, Purpose::Output, 0);
        let request = |number| Recorded {
            at: Time::ZERO + cold_start,
            class: 0,
            prompt_tokens: input.draw(&mut inputs, number),
            output_tokens: output.draw(&mut outputs, number),
            prefix: (0, 0),
            body: None,
        };
        (0..u64::from(count)).map(request).collect()
    }
}

impl Span {
    /// Always this long.
    #[must_use]
    pub fn exactly(tokens: u32) -> Span {
        Span { min: tokens, max: tokens }
    }

    fn draw(self, stream: &mut Stream, number: u64) -> u32 {
        self.min + stream.below(number, self.max - self.min + 1)
    }
}

impl Prompts {
    /// The order in which the same few are sent.
    fn order(&self, picks: &mut Stream) -> Vec<u32> {
        let Prompts::Repeated { groups, per_group, .. } = *self else { return Vec::new() };
        let mut order: Vec<u32> = (0..groups * per_group).collect();
        for last in (1..order.len()).rev() {
            order.swap(last, picks.below(last as u64, last as u32 + 1) as usize);
        }
        order
    }

    /// (prompt tokens, prefix, body) of a request that so many were sent before.
    fn draw(&self, picks: &mut Stream, order: &[u32], number: u64) -> (u32, (u64, u32), Option<u64>) {
        match *self {
            Prompts::Fresh(span) => (span.draw(picks, number), (0, 0), None),
            Prompts::Repeated { groups, prefix_tokens, tokens, .. } => {
                let pick = order[(number % order.len() as u64) as usize];
                let prefix = (u64::from(pick % groups), prefix_tokens.min(tokens));
                (tokens, prefix, Some(1 << 32 | u64::from(pick)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(requests: Requests) -> Vec<Recorded> {
        Load { requests, in_flight_max: None, timeout: None, seed: 7 }.recorded()
    }

    #[test]
    fn stages_follow_each_other_at_their_rates() {
        let stages = [(5.0, 400.0), (20.0, 100.0)]
            .map(|(rate_rps, duration_s)| Stage { rate_rps, duration_s, pause_s: 60.0 })
            .to_vec();
        let prompts = Prompts::Repeated { groups: 9, per_group: 5, prefix_tokens: 100, tokens: 547 };
        let all = load(Requests::Stages { stages, prompts, output: 248 });
        let of = |class| all.iter().filter(|r| r.class == class).count() as f64;
        // Four standard deviations of a Poisson number.
        assert!((of(0) - 2000.0).abs() < 4.0 * 45.0 && (of(1) - 2000.0).abs() < 4.0 * 45.0);
        assert!(all.windows(2).all(|w| w[0].at <= w[1].at && w[0].class <= w[1].class));
        let bodies: std::collections::BTreeSet<_> = all.iter().map(|r| r.body).collect();
        assert_eq!(bodies.len(), 45);
        assert!(all.iter().zip(&all[45..]).all(|(before, after)| before.body == after.body), "one after the other");
        assert!(all.windows(2).filter(|w| w[0].prefix == w[1].prefix).count() < all.len() / 3, "shuffled");
    }

    #[test]
    fn a_burst_is_due_at_once() {
        let (input, cold_start) = (Span { min: 80, max: 100 }, Dur::from_us(70));
        let all = load(Requests::Burst { count: 500, input, output: Span::exactly(9), cold_start });
        assert!(all.iter().all(|r| r.at == Time::ZERO + cold_start && (80..=100).contains(&r.prompt_tokens)));
        assert!(all.iter().any(|r| r.prompt_tokens == 80) && all.iter().any(|r| r.prompt_tokens == 100));
    }
}
