//! Fairness by what each flow was served so far: least attained service.

use super::{Fairness, FlowView};
use crate::base::{Time, math};
use crate::policy::{Badge, Kind, Meta, Param, ParamKind, Params};
use alloc::boxed::Box;
use alloc::vec::Vec;

pub(super) const KIND: Kind<dyn Fairness> = Kind {
    meta: Meta {
        id: "program-aware-fairness",
        title: "Least attained service",
        doc: "The flow with the highest weightService·(1 − served) + weightServiceHeadWait·waited, both between the smallest \
              and the largest among the flows. Served: 1 per prompt token and 2 per output token of ended requests, halved \
              every serviceHalfLifeSeconds in which a flow has nothing to do.",
        source: "llm-d-router, program-aware-fairness",
        badge: Badge::Exact,
        params: &[
            Param {
                id: "strategy",
                kind: ParamKind::Word { words: &["las"], default: "las" },
                doc: "Least attained service; the others are not simulated.",
            },
            Param {
                id: "weightService",
                kind: ParamKind::Number { min: 0.0, max: 1000.0, default: 0.8 },
                doc: "Weight of what was served.",
            },
            Param {
                id: "weightServiceHeadWait",
                kind: ParamKind::Number { min: 0.0, max: 1000.0, default: 0.2 },
                doc: "Weight of how long the first request has waited.",
            },
            Param {
                id: "serviceHalfLifeSeconds",
                kind: ParamKind::Number { min: 0.001, max: 1e9, default: 60.0 },
                doc: "Half-life of what was served, s.",
            },
        ],
    },
    build: |p| Box::new(ProgramAware::new(p)),
};

/// Service per token of a prompt and of an answer.
const PER_PROMPT_TOKEN: f64 = 1.0;
const PER_OUTPUT_TOKEN: f64 = 2.0;

/// What one flow was served.
#[derive(Clone, Copy, Default)]
struct Served {
    tokens: f64,
    /// When that was last changed.
    since: Option<Time>,
    in_flight: u32,
}

struct ProgramAware {
    service: f64,
    wait: f64,
    half_life_s: f64,
    /// By class.
    served: Vec<Served>,
}

impl ProgramAware {
    fn new(p: &Params<'_>) -> Self {
        ProgramAware {
            service: p.number("weightService"),
            wait: p.number("weightServiceHeadWait"),
            half_life_s: p.number("serviceHalfLifeSeconds"),
            served: Vec::new(),
        }
    }

    fn of(&mut self, class: u32) -> &mut Served {
        let place = class as usize;
        if self.served.len() <= place {
            self.served.resize(place + 1, Served::default());
        }
        &mut self.served[place]
    }

    /// What flows with nothing to do were served fades.
    fn fade(&mut self, now: Time, flows: &[FlowView]) {
        let half_life_s = self.half_life_s;
        for flow in flows.iter().filter(|flow| flow.head.is_none()) {
            let served = self.of(flow.class);
            if served.in_flight > 0 {
                continue;
            }
            if let Some(since) = served.since {
                served.tokens *= math::pow(0.5, now.since(since).as_secs_f64() / half_life_s);
            }
            served.since = Some(now);
        }
    }
}

impl Fairness for ProgramAware {
    fn pick(&mut self, now: Time, flows: &[FlowView]) -> Option<usize> {
        self.fade(now, flows);
        let mut ends = [(f64::INFINITY, f64::NEG_INFINITY); 2];
        let served = |class: u32| self.served.get(class as usize).map_or(0.0, |served| served.tokens);
        let values = |flow: &FlowView| [served(flow.class), now.since(flow.head_since).as_ms_f64()];
        for flow in flows.iter().filter(|flow| flow.head.is_some()) {
            for (end, value) in ends.iter_mut().zip(values(flow)) {
                *end = (end.0.min(value), end.1.max(value));
            }
        }
        let share = |value: f64, (low, high): (f64, f64)| if high > low { (value - low) / (high - low) } else { 0.0 };
        let mut best: Option<(f64, usize)> = None;
        for (place, flow) in flows.iter().enumerate().filter(|(_, flow)| flow.head.is_some()) {
            let [served, waited] = values(flow);
            let rank = self.service * (1.0 - share(served, ends[0])) + self.wait * share(waited, ends[1]);
            if best.is_none_or(|(most, _)| rank > most) {
                best = Some((rank, place));
            }
        }
        best.map(|(_, place)| place)
    }

    fn sent(&mut self, class: u32) {
        self.of(class).in_flight += 1;
    }

    fn ended(&mut self, now: Time, class: u32, prompt_tokens: u32, output_tokens: u32) {
        let served = self.of(class);
        served.in_flight = served.in_flight.saturating_sub(1);
        served.tokens += PER_PROMPT_TOKEN * f64::from(prompt_tokens) + PER_OUTPUT_TOKEN * f64::from(output_tokens);
        served.since = Some(now);
    }
}
