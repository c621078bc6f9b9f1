//! One engine and the requests it gets at given moments: small worlds without a router or an arrival process.
//!
//! The cluster's order of events is repeated here in a few lines (steps end, requests arrive, the engine plans),
//! so that times can lie on a coarse lattice, where ties are the rule and not the exception.

use crate::Dice;
use playground_core::base::{Dur, Run, Time};
use playground_core::engine::{Content, Emitted, Handoff, Incoming, Inside, Instance, Sinks, Stepping};
use playground_core::latency::{Affine, KvLaw, StepModel};
use playground_core::report::InstanceRecord;
use playground_core::scenario::{EngineConfig, OffloadPlan, Scheduling, SchedulingPolicy, Speculation};
use playground_core::stats::Sketch;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A step law in picoseconds: of any step, per sequence, per token, per token of context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Law {
    /// Of any step.
    pub step: u64,
    /// Per sequence in it.
    pub sequence: u64,
    /// Per token computed.
    pub token: u64,
    /// Per token of context.
    pub context: u64,
    /// Per token of context up to a bound: the bound, in tokens, and the time.
    pub span: Option<(u32, u64)>,
}

impl Law {
    /// Steps that all take this long.
    #[must_use]
    pub fn constant(step: u64) -> Self {
        Law { step, sequence: 0, token: 0, context: 0, span: None }
    }

    /// The step model with this law.
    #[must_use]
    pub fn model(self) -> Arc<StepModel> {
        let ps = Dur::from_ps;
        let law = Affine::new(ps(self.step), ps(self.sequence), ps(self.token), ps(self.context));
        Arc::new(StepModel::Affine(match self.span {
            Some((tokens, per_token)) => law.with_span(tokens, ps(per_token)),
            None => law,
        }))
    }
}

/// A request of a small world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// When it arrives, ps.
    pub at: u64,
    /// Prompt, tokens.
    pub prompt: u32,
    /// Output, tokens.
    pub output: u32,
    /// What the prompt says, and its answer after it; none: what nobody else says.
    pub says: Option<Run>,
    /// Whether a stop token ends the answer.
    pub stops: bool,
    /// Lower goes first, where priorities count.
    pub priority: i32,
    /// When it is taken back, if it has not ended by then, ps.
    pub gives_up: Option<u64>,
}

impl Request {
    /// A request that nobody shares anything with, nobody prefers and nobody takes back.
    #[must_use]
    pub fn plain(at: u64, prompt: u32, output: u32) -> Self {
        Request { at, prompt, output, says: None, stops: false, priority: 0, gives_up: None }
    }
}

/// Far more than a world takes in which every request is computed anew for every token of every other.
const MOMENTS_MAX: u64 = 1_000_000;

/// An engine and all it will ever be asked.
#[derive(Clone, Debug)]
pub struct World {
    /// The engine's settings.
    pub config: EngineConfig,
    /// How long steps take.
    pub law: Law,
    /// Who comes, in order of arrival.
    pub requests: Vec<Request>,
    /// Moments, ascending, at which somebody looks at the engine's books.
    pub looks: Vec<u64>,
}

/// What became of a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// When each request got its first token, ps.
    pub first: Vec<Option<u64>>,
    /// When each request got its last token, ps.
    pub done: Vec<Option<u64>>,
    /// When each request was taken back, ps.
    pub gone: Vec<Option<u64>>,
    /// What the engine emitted, in order.
    pub order: Vec<Emitted>,
    /// Gaps between tokens.
    pub itl: Sketch,
    /// What the engine counted.
    pub record: InstanceRecord,
    /// When the last thing happened, or the run was cut, ps.
    pub over: u64,
}

impl Outcome {
    /// Of `n` requests to which nothing has happened yet.
    fn of(n: usize) -> Self {
        Outcome {
            first: vec![None; n],
            done: vec![None; n],
            gone: vec![None; n],
            order: Vec::new(),
            itl: Sketch::new(),
            record: InstanceRecord::default(),
            over: 0,
        }
    }

    /// What differs in another outcome, for people; none when they are the same bit for bit.
    #[must_use]
    pub fn difference(&self, other: &Outcome) -> Option<String> {
        if self == other {
            return None;
        }
        let mut lines = Vec::new();
        let mut compare = |what: &str, a: String, b: String| {
            if a != b {
                lines.push(format!("{what}:\n  {a}\n  {b}"));
            }
        };
        let itl = |o: &Outcome| format!("n {} mean {:?} ms (or counts by bucket)", o.itl.n(), o.itl.mean_ms());
        compare("first tokens", format!("{:?}", self.first), format!("{:?}", other.first));
        compare("last tokens", format!("{:?}", self.done), format!("{:?}", other.done));
        compare("taken back", format!("{:?}", self.gone), format!("{:?}", other.gone));
        compare("order", format!("{:?}", self.order), format!("{:?}", other.order));
        compare("record", format!("{:?}", self.record), format!("{:?}", other.record));
        compare("over", self.over.to_string(), other.over.to_string());
        if self.itl != other.itl {
            lines.push(format!("gaps between tokens:\n  {}\n  {}", itl(self), itl(other)));
        }
        Some(lines.join("\n"))
    }
}

/// An engine that is not idle and a moment: what an onlooker sees after everything at that moment has happened.
pub struct Moment<'a> {
    /// The moment, ps.
    pub now: u64,
    /// The engine.
    pub engine: &'a Instance,
    /// Requests that have arrived and not ended.
    pub alive: usize,
}

impl World {
    /// Runs it to the end.
    #[must_use]
    pub fn run(&self, stepping: Stepping) -> Outcome {
        self.watch(stepping, u64::MAX, |_| {})
    }

    /// Runs it up to `until`, showing an onlooker every moment at which something happened.
    ///
    /// # Panics
    /// When the engine leaves a request unserved for ever: it stands still, or goes on and on.
    #[must_use]
    pub fn watch(&self, stepping: Stepping, until: u64, mut onlooker: impl FnMut(&Moment<'_>)) -> Outcome {
        let mut engine = Instance::new(self.config, self.law.model(), 1, stepping);
        let (mut itl, mut emitted) = ([Sketch::new()], Vec::new());
        let mut outcome = Outcome::of(self.requests.len());
        let (mut next, mut alive, mut looked) = (0, 0, 0);
        let mut impatient: Vec<(u64, usize, Inside)> = Vec::new();
        let mut copies: BTreeSet<u64> = BTreeSet::new();
        for moments in 0.. {
            assert!(moments < MOMENTS_MAX, "the engine goes on and on with {alive} requests inside: {self:?}");
            let step_end = engine.next_end().map_or(u64::MAX, |(t, _)| t.as_ps());
            let arrival = self.requests.get(next).map_or(u64::MAX, |r| r.at);
            let gives_up = impatient.iter().map(|(at, ..)| *at).min().unwrap_or(u64::MAX);
            let copied = copies.first().copied().unwrap_or(u64::MAX);
            let now = step_end.min(arrival).min(gives_up).min(copied);
            if now == u64::MAX || now > until {
                assert!(now != u64::MAX || alive == 0, "the engine stopped with {alive} requests inside: {self:?}");
                break;
            }
            let mut sinks = Sinks { itl: Some(&mut itl), emitted: &mut emitted, steps: None };
            while let Some(&look) = self.looks.get(looked).filter(|&&look| look < now) {
                engine.settle(Time::from_ps(look), &mut sinks);
                looked += 1;
            }
            // Who gives up does so before tokens come out; then the run in execution may end at this very moment.
            impatient.retain(|&(at, request, inside)| {
                if at == now {
                    engine.abort(Time::from_ps(now), inside, &mut sinks);
                    outcome.gone[request] = Some(now);
                    alive -= 1;
                }
                at != now
            });
            end_step(&mut engine, now, &mut sinks);
            if copies.remove(&now) {
                engine.copied(Time::from_ps(now), &mut sinks);
                end_step(&mut engine, now, &mut sinks);
            }
            while let Some(request) = self.requests.get(next).filter(|r| r.at == now) {
                let inside = engine.arrive(Time::from_ps(now), incoming(next, request));
                impatient.extend(request.gives_up.map(|at| (at, next, inside)));
                next += 1;
                alive += 1;
                end_step(&mut engine, now, &mut sinks);
            }
            if engine.wants_plan() {
                engine.plan(Time::from_ps(now), &mut sinks);
            }
            let due =
                emitted.iter().filter_map(|e| if let Emitted::Copying { until } = e { Some(until) } else { None });
            copies.extend(due.map(|until| until.as_ps()));
            alive -= note(now, &mut emitted, &mut outcome);
            impatient.retain(|(_, request, _)| outcome.done[*request].is_none());
            outcome.over = now;
            onlooker(&Moment { now, engine: &engine, alive });
        }
        outcome.over = if until == u64::MAX { outcome.over } else { until };
        let over = Time::from_ps(outcome.over);
        engine.settle(over, &mut Sinks { itl: Some(&mut itl), emitted: &mut emitted, steps: None });
        outcome.record = engine.into_record(over);
        [outcome.itl] = itl;
        outcome
    }
}

/// The run in execution ends, if this is when it does: what happens at a moment may make it end then.
fn end_step(engine: &mut Instance, now: u64, sinks: &mut Sinks<'_>) {
    if engine.next_end().is_some_and(|(t, _)| t.as_ps() == now) {
        engine.step_end(Time::from_ps(now), sinks);
    }
}

fn incoming(tag: usize, request: &Request) -> Incoming<'_> {
    Incoming {
        tag: u32::try_from(tag).expect("a small world"),
        class: 0,
        prompt_tokens: request.prompt,
        output_tokens: request.output,
        stops: request.stops,
        priority: request.priority,
        order: tag as u64,
        draws: tag as u64,
        content: request
            .says
            .as_ref()
            .map(|run| Content { prompt: core::slice::from_ref(run), answer: (run.content, run.length) }),
        handoff: Handoff::None,
        announced: false,
    }
}

/// Writes down what was emitted; how many requests ended.
fn note(now: u64, emitted: &mut Vec<Emitted>, outcome: &mut Outcome) -> usize {
    let mut ended = 0;
    for e in emitted.drain(..) {
        match e {
            Emitted::FirstToken { tag, .. } => outcome.first[tag as usize] = Some(now),
            Emitted::Finished(tag) => {
                outcome.done[tag as usize] = Some(now);
                ended += 1;
            }
            Emitted::Preempted(_) => continue,
            Emitted::Loading { .. } | Emitted::Loaded(_) | Emitted::Copying { .. } => {}
            Emitted::Admitted { .. } | Emitted::Fetch { .. } => unreachable!("nobody asked for it"),
        }
        outcome.order.push(e);
    }
    ended
}

/// A world whose times all lie on a lattice of `tick` ps, with scarce blocks, small budgets and few places in
/// changing proportions: each seed pushes other settings to an extreme.
#[must_use]
pub fn lattice_world(seed: u64, tick: u64) -> World {
    let mut dice = Dice::new(seed);
    let block_size = dice.pick(&[1, 2, 3, 4, 7, 16]);
    let longest = dice.pick(&[3u32, 6, 12, 40]);
    let budget = dice.pick(&[1, 2, 3, 5, 9, 64]);
    let places = dice.pick(&[1, 2, 4, 64]).min(budget);
    // Enough for one request at least, then from starving to plenty.
    let one = longest.div_ceil(block_size);
    let slack = one * dice.pick(&[1, 2, 4, 20]);
    let kv_blocks = one + dice.below(slack + 1);
    let times = |dice: &mut Dice, most: u32| tick * u64::from(dice.below(most + 1));
    let law = Law {
        step: tick * u64::from(dice.between(1, 4)),
        sequence: if dice.chance(0.4) { times(&mut dice, 2) } else { 0 },
        token: if dice.chance(0.4) { times(&mut dice, 1) } else { 0 },
        context: if dice.chance(0.4) { times(&mut dice, 1) } else { 0 },
        span: None,
    };
    let config = EngineConfig {
        max_num_batched_tokens: budget,
        max_num_seqs: places,
        max_num_active_seqs: places,
        queued_max: (u32::MAX, u32::MAX),
        chunked_prefill: true,
        watermark_blocks: 0,
        max_model_len: longest,
        block_size,
        kv_blocks,
        kv_law: KvLaw::default(),
        async_scheduling: dice.chance(0.5),
        speculation: None,
        reserve_full_sequence: dice.chance(0.5),
        scheduling: Scheduling::default(),
        prefix_caching: false,
        empty_blocks_first: true,
        answers_shared_at_once: false,
        offload: None,
    };
    let (count, gap) = (dice.pick(&[3, 8, 20, 60]), dice.pick(&[0, 1, 4, 15, 60, 300]));
    let short_outputs = dice.chance(0.3);
    let mut at = 0;
    let requests = (0..count)
        .map(|_| {
            at += times(&mut dice, gap);
            let prompt = dice.between(1, longest - 1);
            let most = if short_outputs { 2.min(longest - prompt) } else { longest - prompt };
            Request::plain(at, prompt, dice.between(1, most))
        })
        .collect();
    World { config, law, requests, looks: Vec::new() }
}

/// The same with the prefix cache on: most requests say the beginning of one of a few contents, so that they hit what
/// others computed or answered; the rest say what nobody else does.
#[must_use]
pub fn cached_lattice_world(seed: u64, tick: u64) -> World {
    let mut world = lattice_world(seed, tick);
    let mut dice = Dice::new(seed ^ 0x5eed);
    world.config.prefix_caching = true;
    world.config.empty_blocks_first = dice.chance(0.5);
    world.config.answers_shared_at_once = dice.chance(0.3);
    let contents = dice.pick(&[1u32, 2, 5]);
    for request in &mut world.requests {
        let content = u64::from(dice.below(contents));
        request.says = dice.chance(0.8).then_some(Run { content, start: 0, length: request.prompt });
    }
    world
}

/// The same by all rules, with host memory from next to none to plenty, and copies from a fraction of a step to many.
#[must_use]
pub fn offloading_lattice_world(seed: u64, tick: u64) -> World {
    let mut world = ruled(cached_lattice_world(seed, tick), seed, tick);
    let mut dice = Dice::new(seed ^ 0x0ff1);
    let most = world.config.kv_blocks * dice.pick(&[1, 3, 20]);
    let blocks = dice.between(1, most);
    let takes = tick * u64::from(dice.pick(&[1u32, 1, 2, 7]));
    world.config.offload = Some(OffloadPlan { blocks, block: Dur::from_ps(takes) });
    world
}

/// The same where the scheduler chooses by other rules than first come first served, stop tokens end answers and clients
/// give up.
#[must_use]
pub fn ruled_lattice_world(seed: u64, tick: u64) -> World {
    ruled(if seed % 2 == 1 { cached_lattice_world(seed, tick) } else { lattice_world(seed, tick) }, seed, tick)
}

fn ruled(mut world: World, seed: u64, tick: u64) -> World {
    let mut dice = Dice::new(seed ^ 0x2a1e5);
    world.config.scheduling = Scheduling {
        policy: dice.pick(&[SchedulingPolicy::Fcfs, SchedulingPolicy::Priority]),
        long_prefill_token_threshold: dice.pick(&[0, 0, 1, 2, 5]),
        long_prefill_token_threshold_adaptive: dice.chance(0.3),
        threshold_spares_one_alone: dice.chance(0.5),
        prefill_schedule_interval: dice.pick(&[1, 1, 2, 3, 7]),
        own_victim_ends_pass: dice.chance(0.3),
        idle_victim_costs_a_turn: dice.chance(0.3),
    };
    let (priorities, patience) = (dice.pick(&[1, 2, 10]), dice.pick(&[2, 10, 100]));
    let (stops, hurried) = (dice.pick(&[0.0, 0.5, 1.0]), dice.pick(&[0.0, 0.3, 0.9]));
    for request in &mut world.requests {
        request.priority = i32::try_from(dice.below(priorities)).expect("few");
        request.stops = dice.chance(stops) && request.prompt + request.output < world.config.max_model_len;
        let waits = tick * u64::from(dice.between(1, patience));
        request.gives_up = dice.chance(hurried).then_some(request.at + waits);
    }
    world
}

/// The same where a step verifies drafts, of which none, some or all are accepted.
#[must_use]
pub fn speculating_lattice_world(seed: u64, tick: u64) -> World {
    let mut world = ruled_lattice_world(seed, tick);
    let mut dice = Dice::new(seed ^ 0xd4af7);
    let rate = dice.pick(&[0.0, 0.3, 0.8, 1.0]);
    let rates: Vec<f64> = (0..dice.pick(&[1, 2, 7])).map(|place| rate / f64::from(1 + place % 2 * 2)).collect();
    let lookahead = dice.pick(&[0, rates.len() as u32]);
    let sorted = rates.iter().scan(1.0, |least: &mut f64, rate| {
        *least = least.min(*rate);
        Some(*least)
    });
    world.config.speculation = Some(Speculation::new(&sorted.collect::<Vec<_>>(), lookahead, dice.chance(0.5)));
    world
}

/// The same for a model some of whose layers look at a bounded part of the context, keep no more than that, or keep a state
/// instead; the prefix cache is on or off.
#[must_use]
pub fn bounded_lattice_world(seed: u64, tick: u64) -> World {
    let cached = seed % 2 == 1;
    let world = if cached { cached_lattice_world(seed, tick) } else { lattice_world(seed, tick) };
    bounded(world, seed, tick)
}

/// Gives a world such layers, and as many blocks beyond those of one request as it had.
#[must_use]
pub fn bounded(mut world: World, seed: u64, tick: u64) -> World {
    let mut dice = Dice::new(seed ^ 0xb0d);
    let tokens = dice.pick(&[1, 2, 3, 5, 8, 20]);
    let looks = dice.chance(0.8);
    world.law.span = looks.then(|| (tokens, tick * u64::from(dice.below(3))));
    let keeps = !looks || dice.chance(0.5);
    world.config.kv_law = KvLaw {
        window_blocks: if keeps { dice.between(1, 3) } else { 0 },
        window_tokens: if keeps { tokens } else { 0 },
        state_blocks: dice.pick(&[0, 0, 1, 5]),
    };
    let (size, longest) = (world.config.block_size, world.config.max_model_len);
    world.config.kv_blocks += world.config.kv_law.blocks(size, longest) - longest.div_ceil(size);
    world
}
