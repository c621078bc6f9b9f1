//! One request of a timeline, from beginning to end: its marks, and the target it missed first.

use super::{Choice, End, Mark, Timeline, What};
use crate::base::Order;
use crate::base::{Dur, Time};
use alloc::vec;
use alloc::vec::Vec;

/// The marks of a timeline by request.
#[derive(Clone, Debug, PartialEq)]
pub struct Lives {
    /// Places of marks, those of a request side by side in their order.
    order: Vec<u32>,
    /// Where those of each request begin; one more than there are requests.
    starts: Vec<u32>,
    /// Places of choices, by request.
    choices: Vec<u32>,
}

/// A target that a request misses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Miss {
    /// From when on that is certain.
    pub at: Time,
    /// Which.
    pub target: Target,
}

/// What a class may have a target for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The time to first token.
    Ttft,
    /// The mean gap between tokens.
    Itl,
    /// The whole.
    E2e,
}

impl Target {
    /// Its short name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Target::Ttft => "TTFT",
            Target::Itl => "ITL",
            Target::E2e => "E2E",
        }
    }
}

impl Lives {
    /// Of a timeline.
    #[must_use]
    pub fn of(timeline: &Timeline) -> Lives {
        let mut starts = vec![0u32; timeline.requests.len() + 1];
        for mark in &timeline.marks {
            starts[mark.request as usize + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut order = vec![0; timeline.marks.len()];
        for (place, mark) in (0u32..).zip(&timeline.marks) {
            let slot = &mut next[mark.request as usize];
            order[*slot as usize] = place;
            *slot += 1;
        }
        let mut choices: Vec<u32> = (0..timeline.choices.len() as u32).collect();
        choices.order_by_key(|&place| timeline.choices[place as usize].request);
        Lives { order, starts, choices }
    }

    /// Where the router sent a request.
    pub fn choices<'a>(&'a self, timeline: &'a Timeline, request: u32) -> impl Iterator<Item = &'a Choice> {
        let of = |place: &u32| &timeline.choices[*place as usize];
        let first = self.choices.partition_point(|place| of(place).request < request);
        self.choices[first..].iter().map(of).take_while(move |choice| choice.request == request)
    }

    /// What happened to a request, in order.
    pub fn marks<'a>(
        &'a self,
        timeline: &'a Timeline,
        request: u32,
    ) -> impl DoubleEndedIterator<Item = &'a Mark> + Clone {
        let of = |i: usize| self.starts.get(i).map_or(0, |s| *s as usize);
        let places = self.order.get(of(request as usize)..of(request as usize + 1)).unwrap_or_default();
        places.iter().map(|&place| &timeline.marks[place as usize])
    }

    /// When a request ended, and how; none while it had not.
    #[must_use]
    pub fn end(&self, timeline: &Timeline, request: u32) -> Option<(Time, End)> {
        self.marks(timeline, request).next_back().and_then(|mark| match mark.what {
            What::Ended(end) => Some((mark.at, end)),
            _ => None,
        })
    }

    /// When its first token left the engine, and its way to the client from there.
    #[must_use]
    pub fn first_token(&self, timeline: &Timeline, request: u32) -> Option<(Time, Dur)> {
        self.marks(timeline, request).find_map(|mark| match mark.what {
            What::FirstToken { after } => Some((mark.at, after)),
            _ => None,
        })
    }

    /// The target it misses first, where it misses one before the timeline ends. One that was turned away without a token
    /// has missed none.
    #[must_use]
    pub fn miss(&self, timeline: &Timeline, request: u32) -> Option<Miss> {
        let asked = timeline.requests[request as usize];
        let [ttft, itl, e2e] = timeline.about.classes[asked.class as usize].targets_ps.map(|t| t.map(Dur::from_ps));
        let (first, end) = (self.first_token(timeline, request), self.end(timeline, request));
        let after = first.map_or(Dur::ZERO, |(_, after)| after);
        let gone = end.map_or(timeline.until, |(at, _)| at);
        let done = end.filter(|(_, end)| *end == End::Done).map(|(at, _)| at + after);
        let late = |target: Option<Dur>, there: Option<Time>, target_is: Target| {
            let due = asked.at + target?;
            (there.unwrap_or(gone) > due).then_some(Miss { at: due, target: target_is })
        };
        let gap = || {
            let (first, _) = first?;
            let (at, _) = end.filter(|(_, end)| *end == End::Done)?;
            let gaps = u64::from(asked.output_tokens.checked_sub(1).filter(|n| *n > 0)?);
            let mean = Dur::from_ps(at.since(first).as_ps() / gaps);
            (mean > itl?).then_some(Miss { at, target: Target::Itl })
        };
        let all = [late(ttft, first.map(|(at, after)| at + after), Target::Ttft), late(e2e, done, Target::E2e), gap()];
        all.into_iter().flatten().min_by_key(|miss| miss.at)
    }
}
