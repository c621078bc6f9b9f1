//! Drives one engine by itself: requests at given moments, on a clock of microseconds.

use playground_core::base::{Dur, PS_PER_US, Run, Time};
use playground_core::engine::{Content, Emitted, Handoff, Incoming, Instance, Sinks, StepTrace, Stepping};
use playground_core::latency::{Affine, StepModel};
use playground_core::scenario::EngineConfig;
use playground_core::stats::Sketch;
use std::sync::Arc;

/// One request of a case.
pub(crate) struct Request {
    pub(crate) arrival_us: u64,
    pub(crate) id: u32,
    pub(crate) prompt_tokens: u32,
    pub(crate) output_tokens: u32,
    pub(crate) prompt: Vec<Run>,
    pub(crate) answer: (u64, u32),
}

/// A case.
pub(crate) struct Case {
    pub(crate) config: EngineConfig,
    pub(crate) requests: Vec<Request>,
    pub(crate) step_us: u64,
    pub(crate) token_us: u64,
    pub(crate) context_ps: u64,
}

/// What the engine did.
#[derive(Default)]
pub(crate) struct Played {
    /// (start, what was planned) of every step; the start is when it was scheduled.
    pub(crate) steps: Vec<(u64, StepTrace)>,
    /// First and last token of each request, µs.
    pub(crate) first_us: Vec<u64>,
    pub(crate) finish_us: Vec<u64>,
    pub(crate) hit_tokens: u64,
    pub(crate) preemptions: u64,
}

/// Plays a case to its end.
pub(crate) fn play(case: &Case) -> Played {
    let law =
        Affine::new(Dur::from_us(case.step_us), Dur::ZERO, Dur::from_us(case.token_us), Dur::from_ps(case.context_ps));
    let model = Arc::new(StepModel::Affine(law.with_tick(Dur::from_us(1))));
    let mut engine = Instance::new(case.config, model, 1, Stepping::Single);
    let mut order: Vec<&Request> = case.requests.iter().collect();
    order.sort_by_key(|r| (r.arrival_us, r.id));
    let n = case.requests.iter().map(|r| r.id as usize + 1).max().unwrap_or(0);
    let mut played = Played { first_us: vec![0; n], finish_us: vec![0; n], ..Played::default() };
    let (mut itl, mut emitted, mut steps) = (vec![Sketch::new()], Vec::new(), Vec::new());
    let mut arrivals = order.into_iter().peekable();
    loop {
        let end = engine.next_end().map(|(at, _)| at.as_ps() / PS_PER_US);
        let arrival = arrivals.peek().map(|r| r.arrival_us);
        let Some(now) = [end, arrival].into_iter().flatten().min() else { break };
        let time = Time::from_ps(now * PS_PER_US);
        // Tokens first, then who arrives, then the plan: the order within an instant.
        if end == Some(now) {
            engine.step_end(time, &mut Sinks { itl: Some(&mut itl), emitted: &mut emitted, steps: None });
        }
        for e in emitted.drain(..) {
            match e {
                Emitted::FirstToken(tag) => played.first_us[tag as usize] = now,
                Emitted::Finished(tag) => played.finish_us[tag as usize] = now,
                Emitted::Admitted(_) | Emitted::Fetch { .. } => unreachable!("nobody asked for it"),
            }
        }
        while let Some(r) = arrivals.next_if(|r| r.arrival_us == now) {
            engine.arrive(time, incoming(r));
        }
        if engine.wants_plan() {
            engine.plan(time, &mut Sinks { itl: Some(&mut itl), emitted: &mut emitted, steps: Some(&mut steps) });
        }
        played.steps.extend(steps.drain(..).map(|step| (now, step)));
    }
    assert_eq!(engine.requests(), 0, "every request has ended");
    assert_eq!(engine.blocks_used(), 0, "every block is free at the end");
    let record = engine.into_record(Time::from_ps(u64::MAX / 2));
    played.hit_tokens = record.hit_tokens;
    played.preemptions = record.preemptions;
    played
}

fn incoming(r: &Request) -> Incoming<'_> {
    Incoming {
        tag: r.id,
        class: 0,
        prompt_tokens: r.prompt_tokens,
        output_tokens: r.output_tokens,
        content: Some(Content { prompt: &r.prompt, answer: r.answer }),
        handoff: Handoff::None,
        announced: false,
    }
}
