//! The source of one replication: conversations begin, and go on turn by turn.

use super::arrivals::{Arrivals, Process};
use super::order::Order;
use crate::base::{Dist, Dur, Purpose, Run, Stream, Time};
use alloc::vec::Vec;

/// One request, as the client sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arriving {
    /// Which request: its conversation, and its turn in the high bits. Routing draws are addressed by it.
    pub number: u64,
    /// When.
    pub at: Time,
    /// Index of its class.
    pub class: u32,
    /// Prompt, tokens: shared prefix, what was said before, and what is new.
    pub prompt_tokens: u32,
    /// Output, tokens; hidden from every policy.
    pub output_tokens: u32,
    /// The shared prefix: its content and length.
    pub prefix: (u64, u32),
    /// Content of what follows the prefix.
    pub body: u64,
    /// Content and position of the first token of the answer.
    pub answer: (u64, u32),
    /// Whether nobody else says any of it.
    pub private: bool,
    /// Turn of the conversation, from 0, and how many there are.
    pub turn: u32,
    /// Turns of the conversation.
    pub turns: u32,
}

impl Arriving {
    /// The conversation it belongs to: the same for all its turns.
    #[must_use]
    pub fn conversation(&self) -> u64 {
        self.number & ((1 << CONVERSATION_BITS) - 1)
    }

    /// What the prompt says; an empty run may be among them.
    #[must_use]
    pub fn runs(&self) -> [Run; 2] {
        let (content, length) = self.prefix;
        [Run { content, start: 0, length }, Run { content: self.body, start: 0, length: self.prompt_tokens - length }]
    }
}

/// What the source needs to know of a class.
#[derive(Clone, Debug)]
pub struct ClassSource {
    /// Share of all requests.
    pub share: f64,
    /// New prompt tokens of a first turn.
    pub input: Dist,
    /// Output length.
    pub output: Dist,
    /// What prompts have in common.
    pub prefix: Prefix,
    /// How conversations go on.
    pub conversation: Option<Conversation>,
}

/// What prompts of a class have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prefix {
    /// Tokens of the shared prefix.
    pub tokens: u32,
    /// How many different ones.
    pub groups: u32,
    /// How many different prompts follow each; 0: each prompt is new.
    pub prompts: u32,
    /// Whether those are sent in turn, in an order drawn once.
    pub in_turn: bool,
}

/// How conversations of a class go on.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    /// Turns.
    pub turns: Dist,
    /// New prompt tokens of a later turn.
    pub input: Dist,
    /// Time between an answer and the next turn, ms.
    pub think_ms: Dist,
}

/// Marks what kind of content an id names; the rest of it says which.
const PREFIX: u64 = 1 << 62;
const PROMPT: u64 = 2 << 62;
/// Bits of a number that name the conversation; those above, the turn.
const CONVERSATION_BITS: u32 = 40;

/// The requests of one replication.
pub struct Source {
    arrivals: Arrivals,
    pub(super) classes: Vec<ClassSource>,
    /// Share of conversations, by class.
    weights: Vec<f64>,
    picks: Stream,
    streams: Vec<ClassStreams>,
    /// Orders in which classes send their prompts, where they do so in turn.
    orders: Vec<Option<Order>>,
    next: u64,
}

/// The streams of one class.
struct ClassStreams {
    prompt: Stream,
    output: Stream,
    group: Stream,
    turns: Stream,
    think: Stream,
    turn_prompt: Stream,
    turn_output: Stream,
}

impl Source {
    /// The source of one replication at this rate of requests, turns included.
    #[must_use]
    pub fn new(seed: u64, replication: u32, process: Process, rate_rps: f64, classes: Vec<ClassSource>) -> Self {
        let turns =
            |c: &ClassSource| c.conversation.as_ref().map_or(1.0, |conversation| conversation.turns.expect(|n| n));
        let per_request: Vec<f64> = classes.iter().map(|c| c.share / turns(c)).collect();
        let conversations: f64 = per_request.iter().sum();
        let streams = (0..u32::try_from(classes.len()).expect("few classes"))
            .map(|class| ClassStreams::new(seed, replication, class))
            .collect();
        let orders = (0..).zip(&classes).map(|(class, law)| law.prefix.order(seed, replication, class)).collect();
        Source {
            orders,
            arrivals: Arrivals::new(seed, replication, process, rate_rps * conversations),
            weights: per_request.iter().map(|w| w / conversations).collect(),
            classes,
            picks: Stream::new(seed, replication, Purpose::Class, 0),
            streams,
            next: 0,
        }
    }

    /// The first turn of the next conversation.
    pub fn draw(&mut self) -> Arriving {
        let conversation = self.next;
        self.next += 1;
        let at = Time::ZERO + Dur::from_secs_f64(self.arrivals.draw());
        let class = self.class_of(conversation);
        let output_tokens = self.classes[class].output.at(self.streams[class].output.unit(conversation));
        let order = self.orders[class].as_mut().map(Order::turn);
        Arriving { at, ..self.first_turn(conversation, class, output_tokens, order) }
    }

    /// A request of this number and class that is answered with so many tokens, and was there when the run began.
    pub(super) fn request(&mut self, number: u64, class: usize, output_tokens: u32) -> Arriving {
        self.first_turn(number, class, output_tokens, None)
    }

    /// The first turn of a conversation. Where prompts are sent in turn, `order` says whose it is.
    fn first_turn(&mut self, conversation: u64, class: usize, output_tokens: u32, order: Option<u32>) -> Arriving {
        let law = &self.classes[class];
        let streams = &mut self.streams[class];
        let input = law.input.at(streams.prompt.unit(conversation));
        let turns = law.conversation.as_ref().map_or(1, |c| c.turns.at(streams.turns.unit(conversation)).max(1));
        let class = u32::try_from(class).expect("few classes");
        let (prefix, body) = law.contents(class, conversation, &mut streams.group, order);
        let own = body == conversation;
        Arriving {
            number: conversation,
            at: Time::ZERO,
            class,
            prompt_tokens: prefix.1 + input,
            output_tokens,
            prefix,
            body,
            // An answer to a prompt that others send too is still its own.
            answer: if own { (body, input) } else { (conversation, 0) },
            private: prefix.1 == 0 && own && turns == 1,
            turn: 0,
            turns,
        }
    }

    /// The next turn after this one was answered, if there is one.
    pub fn follow(&mut self, last: &Arriving, now: Time) -> Option<Arriving> {
        let law = &self.classes[last.class as usize];
        let conversation = law.conversation.as_ref().filter(|_| last.turn + 1 < last.turns)?;
        let streams = &mut self.streams[last.class as usize];
        let number = last.number + (1 << CONVERSATION_BITS);
        let think = conversation.think_ms.at(streams.think.unit(number));
        let input = conversation.input.at(streams.turn_prompt.unit(number));
        let prompt_tokens = last.prompt_tokens.saturating_add(last.output_tokens).saturating_add(input);
        Some(Arriving {
            number,
            at: now + Dur::from_us(u64::from(think) * 1000),
            prompt_tokens,
            output_tokens: law.output.at(streams.turn_output.unit(number)),
            answer: (last.body, prompt_tokens - last.prefix.1),
            turn: last.turn + 1,
            ..*last
        })
    }

    /// A class by its share of conversations; the last takes what rounding leaves.
    fn class_of(&mut self, conversation: u64) -> usize {
        if self.classes.len() == 1 {
            return 0;
        }
        let mut rest = self.picks.unit(conversation);
        for (i, weight) in self.weights.iter().enumerate() {
            if rest < *weight {
                return i;
            }
            rest -= weight;
        }
        self.classes.len() - 1
    }
}

impl ClassSource {
    /// (prefix and its length, content after it) of a conversation.
    fn contents(&self, class: u32, conversation: u64, draws: &mut Stream, order: Option<u32>) -> ((u64, u32), u64) {
        let Prefix { tokens, groups, prompts, .. } = self.prefix;
        if groups == 0 {
            return ((PREFIX, 0), conversation);
        }
        let pick = match order {
            Some(turn) => turn,
            None => draws.below(conversation, groups * prompts.max(1)),
        };
        let (group, prompt) = (pick % groups, pick / groups);
        let of_class = u64::from(class) << 32;
        let body = if prompts == 0 {
            conversation
        } else {
            PROMPT | of_class << 16 | u64::from(group) << 20 | u64::from(prompt)
        };
        ((PREFIX | of_class | u64::from(group), tokens), body)
    }
}

impl Prefix {
    /// The order of its prompts, where they are sent in turn.
    fn order(&self, seed: u64, replication: u32, class: u32) -> Option<Order> {
        let has_turns = self.in_turn && self.groups > 0 && self.prompts > 0;
        has_turns.then(|| Order::new(seed, replication, class, self.groups * self.prompts))
    }
}

impl ClassStreams {
    fn new(seed: u64, replication: u32, class: u32) -> Self {
        let stream = |purpose| Stream::new(seed, replication, purpose, class);
        ClassStreams {
            prompt: stream(Purpose::Prompt),
            output: stream(Purpose::Output),
            group: stream(Purpose::Group),
            turns: stream(Purpose::Turns),
            think: stream(Purpose::Think),
            turn_prompt: stream(Purpose::TurnPrompt),
            turn_output: stream(Purpose::TurnOutput),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(share: f64, tokens: u32) -> ClassSource {
        ClassSource {
            share,
            input: Dist::Constant(tokens),
            output: Dist::lognormal(50.0, 20.0, 1, 500),
            prefix: Prefix::default(),
            conversation: None,
        }
    }

    fn source(rate: f64) -> Source {
        Source::new(9, 0, Process::Poisson, rate, Vec::from([class(0.25, 10), class(0.75, 20)]))
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

    #[test]
    fn another_law_changes_no_other_draw() {
        let law = crate::base::Empirical::new(&[5, 500], &[]).expect("values");
        let measured = ClassSource { input: Dist::Empirical(alloc::sync::Arc::new(law)), ..class(1.0, 10) };
        let source = |class| Source::new(9, 0, Process::Poisson, 10.0, Vec::from([class]));
        let (mut a, mut b) = (source(class(1.0, 10)), source(measured));
        for _ in 0..100 {
            let (a, b) = (a.draw(), b.draw());
            assert_eq!((a.at, a.output_tokens), (b.at, b.output_tokens));
            assert!(b.prompt_tokens == 5 || b.prompt_tokens == 500);
        }
    }

    #[test]
    fn prompts_in_turn_come_round_in_the_same_order() {
        let prefix = Prefix { tokens: 100, groups: 3, prompts: 5, in_turn: true };
        let law = ClassSource { prefix, ..class(1.0, 10) };
        let mut s = Source::new(9, 0, Process::Poisson, 3.0, Vec::from([law]));
        let bodies: Vec<(u64, u64)> = (0..45).map(|_| s.draw()).map(|a| (a.prefix.0, a.body)).collect();
        assert_eq!(bodies[..15], bodies[15..30]);
        let different: alloc::collections::BTreeSet<_> = bodies.iter().collect();
        assert_eq!(different.len(), 15);
        assert!(!bodies[..15].is_sorted(), "the order is drawn");
    }

    #[test]
    fn a_conversation_grows_and_keeps_its_content() {
        let conversation =
            Conversation { turns: Dist::Constant(3), input: Dist::Constant(7), think_ms: Dist::Constant(500) };
        let prefix = Prefix { tokens: 100, groups: 4, ..Prefix::default() };
        let law = ClassSource { prefix, conversation: Some(conversation), ..class(1.0, 10) };
        let mut s = Source::new(9, 0, Process::Poisson, 3.0, Vec::from([law]));
        let first = s.draw();
        let second = s.follow(&first, Time::from_ps(0)).expect("a second turn");
        let third = s.follow(&second, Time::from_ps(0)).expect("a third turn");
        assert_eq!(s.follow(&third, Time::from_ps(0)), None);
        assert_eq!(second.prompt_tokens, first.prompt_tokens + first.output_tokens + 7);
        assert_eq!(second.prefix, first.prefix);
        // The first answer lies where the second prompt repeats it.
        let [_, body] = second.runs();
        assert_eq!(first.answer.0, body.content);
        assert_eq!(first.answer.1 + first.output_tokens + 7, body.length);
        assert_eq!(second.at, Time::from_ps(0) + Dur::from_us(500_000));
    }
}
