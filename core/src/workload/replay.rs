//! A recorded load: requests sent again at their times; later, where a limited number of clients sends them. With all
//! times at zero and a limit this is a closed loop.

use super::source::Arriving;
use crate::base::Time;
use alloc::vec::Vec;
use core::fmt;

/// One recorded request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// When it was due.
    pub at: Time,
    /// Index of its class.
    pub class: u32,
    /// Prompt, tokens.
    pub prompt_tokens: u32,
    /// Output, tokens.
    pub output_tokens: u32,
    /// Content and length of what its prompt begins with and others begin with too; length 0: nothing. Of a content the
    /// lower 62 bits count.
    pub prefix: (u64, u32),
    /// Content of the rest of the prompt; none: nobody else says it.
    pub body: Option<u64>,
}

/// Why a recording cannot be replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayError {
    /// There is no request.
    Empty,
    /// This request was due before the one ahead of it.
    OutOfOrder(u64),
    /// This request has an empty prompt or an empty output, or a prefix longer than its prompt.
    Lengths(u64),
    /// This request names a class that the plan does not have.
    Class(u64),
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReplayError::Empty => write!(f, "there is no request to replay"),
            ReplayError::OutOfOrder(i) => write!(f, "request {i} is due before the one ahead of it; sort by time"),
            ReplayError::Lengths(i) => {
                write!(f, "request {i} needs a prompt, an output, and a prefix within its prompt")
            }
            ReplayError::Class(i) => write!(f, "request {i} names a class that is not in the scenario"),
        }
    }
}

/// Marks contents that a recording names, and those made for requests that nobody else repeats.
const NAMED: u64 = 3 << 62;

/// A recording being replayed.
#[derive(Clone, Debug)]
pub struct Replay {
    requests: Vec<Recorded>,
    next: u64,
}

impl Replay {
    /// Requests in the order of their times.
    ///
    /// # Errors
    /// What is wrong with the recording, for a scenario of so many classes.
    pub fn new(requests: Vec<Recorded>, classes: u32) -> Result<Self, ReplayError> {
        if requests.is_empty() {
            return Err(ReplayError::Empty);
        }
        let mut last = Time::ZERO;
        for (i, r) in (0..).zip(&requests) {
            if r.at < last {
                return Err(ReplayError::OutOfOrder(i));
            }
            if r.prompt_tokens == 0 || r.output_tokens == 0 || r.prefix.1 > r.prompt_tokens {
                return Err(ReplayError::Lengths(i));
            }
            if r.class >= classes {
                return Err(ReplayError::Class(i));
            }
            last = r.at;
        }
        Ok(Replay { requests, next: 0 })
    }

    /// How many requests there are.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests.len() as u64
    }

    /// When the last of them is due.
    #[must_use]
    pub fn last_due(&self) -> Time {
        self.requests.last().map_or(Time::ZERO, |last| last.at)
    }

    /// The next request, if one is left.
    pub(crate) fn draw(&mut self) -> Option<Arriving> {
        let number = self.next;
        let r = *self.requests.get(number as usize)?;
        self.next += 1;
        let (prefix, prefix_tokens) = r.prefix;
        // Contents of their own lie where no recording can name them, nor another request.
        let body = r.body.map_or(number, |content| NAMED | content);
        Some(Arriving {
            number,
            at: r.at,
            class: r.class,
            prompt_tokens: r.prompt_tokens,
            output_tokens: r.output_tokens,
            prefix: (NAMED | prefix, prefix_tokens),
            body,
            // An answer to a prompt that others send too is still its own.
            answer: if r.body.is_none() { (body, r.prompt_tokens - prefix_tokens) } else { (number, 0) },
            private: r.body.is_none() && prefix_tokens == 0,
            turn: 0,
            turns: 1,
        })
    }
}
