//! Drives one engine by itself: requests at given moments, on a clock of microseconds.

use playground_core::base::{Dur, PS_PER_US, Run, Time};
use playground_core::engine::{Content, Emitted, Handoff, Incoming, Inside, Instance, Sinks, StepTrace, Stepping};
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
    /// Whether a stop token ends the answer.
    pub(crate) stops: bool,
    /// Lower goes first.
    pub(crate) priority: i32,
    /// When it is taken back, if it has not ended by then.
    pub(crate) abort_us: Option<u64>,
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
    /// First and last token of each request, µs; none where it never came.
    pub(crate) first_us: Vec<Option<u64>>,
    pub(crate) finish_us: Vec<Option<u64>>,
    /// (when, which) was taken back: the moment at which the engine lets go of it.
    pub(crate) aborted_us: Vec<(u64, u32)>,
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
    let mut played = Played { first_us: vec![None; n], finish_us: vec![None; n], ..Played::default() };
    let (mut itl, mut emitted, mut steps) = (vec![Sketch::new()], Vec::new(), Vec::new());
    let mut arrivals = order.into_iter().peekable();
    // Those inside that will be taken back, and those that were and are let go of at the next moment the engine looks.
    let (mut impatient, mut leaving): (Vec<(u64, u32, Inside)>, Vec<u32>) = (Vec::new(), Vec::new());
    loop {
        let end = engine.next_end().map(|(at, _)| at.as_ps() / PS_PER_US);
        let arrival = arrivals.peek().map(|r| r.arrival_us);
        let abort = impatient.iter().map(|(at, ..)| *at).min();
        let Some(now) = [end, arrival, abort].into_iter().flatten().min() else { break };
        let time = Time::from_ps(now * PS_PER_US);
        // Who gives up, then tokens, then who arrives, then the plan: the order within an instant.
        take_back(&mut engine, time, &mut impatient, &mut leaving);
        if end == Some(now) {
            played.aborted_us.extend(leaving.drain(..).map(|id| (now, id)));
            engine.step_end(time, &mut Sinks { itl: Some(&mut itl), emitted: &mut emitted, steps: None });
        }
        for e in emitted.drain(..) {
            match e {
                Emitted::FirstToken { tag, .. } => played.first_us[tag as usize] = Some(now),
                Emitted::Finished(tag) => {
                    impatient.retain(|(_, id, _)| *id != tag);
                    played.finish_us[tag as usize] = Some(now);
                }
                Emitted::Preempted(_) => {}
                Emitted::Admitted { .. }
                | Emitted::Fetch { .. }
                | Emitted::Loading { .. }
                | Emitted::Loaded(_)
                | Emitted::Copying { .. } => unreachable!("nobody asked for it"),
            }
        }
        while let Some(r) = arrivals.next_if(|r| r.arrival_us == now) {
            let inside = engine.arrive(time, incoming(r));
            impatient.extend(r.abort_us.map(|at| (at.max(now), r.id, inside)));
        }
        take_back(&mut engine, time, &mut impatient, &mut leaving);
        if engine.wants_plan() {
            played.aborted_us.extend(leaving.drain(..).map(|id| (now, id)));
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

/// Takes back those whose time has come, in order of it.
fn take_back(engine: &mut Instance, now: Time, impatient: &mut Vec<(u64, u32, Inside)>, leaving: &mut Vec<u32>) {
    impatient.sort_by_key(|(at, id, _)| (*at, *id));
    let due = impatient.partition_point(|(at, ..)| Time::from_ps(at * PS_PER_US) <= now);
    for (_, id, inside) in impatient.drain(..due) {
        engine.abort(now, inside, &mut Sinks { itl: None, emitted: &mut Vec::new(), steps: None });
        leaving.push(id);
    }
}

fn incoming(r: &Request) -> Incoming<'_> {
    Incoming {
        tag: r.id,
        class: 0,
        prompt_tokens: r.prompt_tokens,
        output_tokens: r.output_tokens,
        stops: r.stops,
        priority: r.priority,
        order: r.arrival_us,
        draws: 0,
        content: Some(Content { prompt: &r.prompt, answer: r.answer }),
        handoff: Handoff::None,
        announced: false,
    }
}
