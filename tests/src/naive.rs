//! vLLM's scheduler written down plainly: every sequence is visited in every step, and nothing is clever.
//!
//! It shares no code with the engine, so whatever the two agree on was thought twice.

use crate::world::{Law, World};
use std::collections::VecDeque;

/// What the plain scheduler found, in the terms of [`crate::world::Outcome`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// When each request got its first token, ps.
    pub first: Vec<u64>,
    /// When each request got its last token, ps.
    pub done: Vec<u64>,
    /// Gaps between tokens of all requests, ascending, ps.
    pub gaps: Vec<u64>,
    /// Steps taken.
    pub steps: u64,
    /// Sequences that lost their blocks.
    pub preemptions: u64,
    /// Σ over steps of blocks in use.
    pub used_sum: u128,
}

#[derive(Clone, Default)]
struct Sequence {
    prompt: u32,
    output: u32,
    /// Tokens whose keys and values are computed, or planned to be.
    computed: u32,
    /// Output tokens yielded, or planned to be.
    yielded: u32,
    blocks: u32,
    tokens_at: Vec<u64>,
}

impl Sequence {
    /// Whether its last token is yielded or planned.
    fn complete(&self) -> bool {
        self.yielded == self.output
    }
}

/// (sequence, whether the step yields a token of it).
type Step = Vec<(usize, bool)>;

/// What a step computes: tokens, what they attend to, and what of that lies within the bound before the step.
#[derive(Clone, Copy, Default)]
struct Work {
    tokens: u64,
    context: u64,
    span: u64,
}

struct Scheduler<'w> {
    world: &'w World,
    all: Vec<Sequence>,
    waiting: VecDeque<usize>,
    running: Vec<usize>,
    /// Steps planned, with their durations; the first executes.
    planned: VecDeque<(Step, u64)>,
    used: u32,
    found: Found,
}

/// Runs a world to the end.
#[must_use]
pub fn run(world: &World) -> Found {
    let sequence = |r: &crate::world::Request| Sequence { prompt: r.prompt, output: r.output, ..Sequence::default() };
    let mut s = Scheduler {
        world,
        all: world.requests.iter().map(sequence).collect(),
        waiting: VecDeque::new(),
        running: Vec::new(),
        planned: VecDeque::new(),
        used: 0,
        found: Found::default(),
    };
    let (mut next, mut ends) = (0, u64::MAX);
    loop {
        let now = ends.min(world.requests.get(next).map_or(u64::MAX, |r| r.at));
        if now == u64::MAX {
            return s.report();
        }
        if now == ends {
            s.end_step(now);
            ends = u64::MAX;
        }
        while world.requests.get(next).is_some_and(|r| r.at == now) {
            s.waiting.push_back(next);
            next += 1;
        }
        if ends == u64::MAX {
            while s.planned.len() <= usize::from(world.config.async_scheduling) && s.pass() {}
            ends = s.planned.front().map_or(u64::MAX, |(_, duration)| now + duration);
        }
    }
}

impl Scheduler<'_> {
    fn blocks_for(&self, tokens: u32) -> u32 {
        let config = &self.world.config;
        let filled = |tokens: u32| tokens.div_ceil(config.block_size);
        let state = if tokens > 0 { config.kv_law.state_blocks } else { 0 };
        filled(tokens) + config.kv_law.window_blocks * filled(tokens.min(config.kv_law.window_tokens)) + state
    }

    fn free(&self) -> u32 {
        self.world.config.kv_blocks - self.used
    }

    fn end_step(&mut self, now: u64) {
        let (step, _) = self.planned.pop_front().expect("a step was executing");
        for (i, yields) in step {
            let sequence = &mut self.all[i];
            if !yields {
                continue;
            }
            sequence.tokens_at.push(now);
            if sequence.tokens_at.len() == sequence.output as usize {
                self.used -= std::mem::take(&mut sequence.blocks);
                self.running.retain(|&r| r != i);
            }
        }
    }

    /// Plans one step; false when nobody has anything to compute.
    fn pass(&mut self) -> bool {
        let mut budget = self.world.config.max_num_batched_tokens;
        let mut step = Step::new();
        let mut work = Work::default();
        let mut preempted = false;
        let mut place = 0;
        while let Some(&i) = self.running.get(place) {
            place += 1;
            let new = self.wanted(i).min(budget);
            if new == 0 {
                continue;
            }
            while self.running.contains(&i) && !self.allocate(i, new) {
                self.preempt_last();
                preempted = true;
            }
            if !self.running.contains(&i) {
                break;
            }
            budget -= new;
            self.compute(i, new, &mut step, &mut work);
        }
        while !preempted && budget > 0 && self.running.len() < self.world.config.max_num_seqs as usize {
            let Some(&i) = self.waiting.front() else { break };
            let whole = self.blocks_for(self.all[i].prompt + self.all[i].yielded);
            let gate = !self.world.config.reserve_full_sequence || whole <= self.free();
            let new = self.wanted(i).min(budget);
            if !gate || !self.allocate(i, new) {
                break;
            }
            self.waiting.pop_front();
            self.running.push(i);
            budget -= new;
            self.compute(i, new, &mut step, &mut work);
        }
        if step.is_empty() {
            return false;
        }
        self.found.steps += 1;
        self.found.used_sum += u128::from(self.used);
        let duration = duration(self.world.law, step.len() as u64, work);
        self.planned.push_back((step, duration));
        true
    }

    /// Tokens a sequence lacks: those known or on their way, less those computed.
    fn wanted(&self, i: usize) -> u32 {
        let s = &self.all[i];
        if s.complete() { 0 } else { s.prompt + s.yielded - s.computed }
    }

    fn allocate(&mut self, i: usize, new: u32) -> bool {
        let more = self.blocks_for(self.all[i].computed + new) - self.all[i].blocks;
        let enough = more <= self.free();
        if enough {
            self.used += more;
            self.all[i].blocks += more;
        }
        enough
    }

    fn compute(&mut self, i: usize, new: u32, step: &mut Step, work: &mut Work) {
        let s = &mut self.all[i];
        work.span += u64::from(s.computed.min(self.world.law.span.map_or(0, |(tokens, _)| tokens)));
        s.computed += new;
        work.tokens += u64::from(new);
        work.context += u64::from(s.computed);
        let yields = s.computed == s.prompt + s.yielded;
        s.yielded += u32::from(yields);
        step.push((i, yields));
    }

    /// The sequence admitted last loses its blocks; unless it is complete, it waits at the head of the queue.
    fn preempt_last(&mut self) {
        let i = self.running.pop().expect("whoever needs blocks runs");
        self.found.preemptions += 1;
        let s = &mut self.all[i];
        self.used -= std::mem::take(&mut s.blocks);
        s.computed = 0;
        if !s.complete() {
            self.waiting.push_front(i);
        }
    }

    fn report(mut self) -> Found {
        for s in &self.all {
            assert_eq!(s.tokens_at.len(), s.output as usize, "everyone gets what was asked");
            self.found.first.push(s.tokens_at[0]);
            self.found.done.extend(s.tokens_at.last());
            self.found.gaps.extend(s.tokens_at.windows(2).map(|pair| pair[1] - pair[0]));
        }
        self.found.gaps.sort_unstable();
        self.found
    }
}

fn duration(law: Law, sequences: u64, work: Work) -> u64 {
    let span = work.span * law.span.map_or(0, |(_, per_token)| per_token);
    law.step + sequences * law.sequence + work.tokens * law.token + work.context * law.context + span
}
