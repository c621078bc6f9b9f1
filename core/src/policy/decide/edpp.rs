//! EDPP: drift plus penalty with a virtual queue, learnt from what came of earlier decisions.
//!
//! ```text
//! apart  ⇔  u·(Q_D·r_D − Q_P·r_P) + V·(p_loc − p_rem)  >  Z·(t_rem − t_loc)
//! Q_D = Σ waiting on decoders · (O·i + I·r_D)      Q_P = Σ waiting on prefillers · I·r_P
//! Z  ←  max(0, Z + TTFT − d)  at every completion
//! ```
//!
//! u tokens of the prompt that the decoder lacks, r time to first token per such token of requests computed here and
//! apart, p their mean gap between tokens, t their time to first token, I and O mean prompt and output, i mean gap: all
//! smoothed over completions, in µs. Apart, the time to first token is counted to the arrival of keys and values, and r
//! from the prefill engine's queue to its end. With probability ε the decision is the other one, so that both are tried.

use super::smooth::Smooth;
use super::{Decider, Note, Stage};
use crate::base::{Dur, Stream, Time};
use crate::policy::{Ask, Badge, FleetView, Kind, Meta, Param, ParamKind, Params};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;

pub(super) const KIND: Kind<dyn Decider> = Kind {
    meta: Meta {
        id: "edpp-pd-decider",
        title: "EDPP",
        doc: "Drift plus penalty: weighs the work waiting on either side, what apart costs between tokens, and a virtual queue of missed first-token targets; learns from completions.",
        source: "inference-sim/inference-sim, research branch (empirical drift-plus-penalty); not part of llm-d",
        badge: Badge::Textbook,
        params: &[
            Param {
                id: "v",
                kind: ParamKind::Number { min: 0.0, max: 1e12, default: 1.0 },
                doc: "Weight V of the gaps between tokens against the queues.",
            },
            Param {
                id: "targetTtftMs",
                kind: ParamKind::Number { min: 0.0, max: 1e9, default: 100.0 },
                doc: "Target d of the time to first token, ms.",
            },
            Param {
                id: "smoothing",
                kind: ParamKind::Number { min: 0.001, max: 1.0, default: 0.05 },
                doc: "Weight of a new value in the means.",
            },
            Param {
                id: "exploration",
                kind: ParamKind::Number { min: 0.0, max: 0.5, default: 0.05 },
                doc: "Probability ε of the other decision.",
            },
        ],
    },
    build: |p| Box::new(Edpp::new(p)),
};

/// What is known of one way of serving a request.
#[derive(Clone, Copy, Default)]
struct Arm {
    /// µs per uncached token.
    rate: Smooth,
    /// µs between tokens.
    gap: Smooth,
    /// µs to the first token.
    ttft: Smooth,
}

/// A request under way.
#[derive(Clone, Copy)]
struct Open {
    arrived: Time,
    prompt: f64,
    uncached: f64,
    apart: bool,
    prefill_us: f64,
    ttft_us: f64,
}

struct Edpp {
    v: f64,
    target_us: f64,
    weight: f64,
    exploration: f64,
    here: Arm,
    apart: Arm,
    prompt: Smooth,
    output: Smooth,
    gap: Smooth,
    /// The virtual queue Z, µs.
    missed_us: f64,
    open: BTreeMap<u64, Open>,
}

fn us(d: Dur) -> f64 {
    d.as_secs_f64() * 1e6
}

impl Edpp {
    fn new(p: &Params<'_>) -> Self {
        Edpp {
            v: p.number("v"),
            target_us: p.number("targetTtftMs") * 1e3,
            weight: p.number("smoothing"),
            exploration: p.number("exploration"),
            here: Arm::default(),
            apart: Arm::default(),
            prompt: Smooth::default(),
            output: Smooth::default(),
            gap: Smooth::default(),
            missed_us: 0.0,
            open: BTreeMap::new(),
        }
    }

    fn rule(&self, fleet: &FleetView<'_>, stage: &Stage<'_>) -> bool {
        let waiting = |pool: &[u32]| pool.iter().map(|&i| f64::from(fleet.waiting[i as usize])).sum::<f64>();
        let (here, apart) = (&self.here, &self.apart);
        let each = self.output.get() * self.gap.get() + self.prompt.get() * here.rate.get();
        let decode = waiting(stage.decode_pool) * each;
        let prefill = waiting(stage.prefill_pool) * self.prompt.get() * apart.rate.get();
        let drift = f64::from(stage.uncached_tokens) * (decode * here.rate.get() - prefill * apart.rate.get());
        let penalty = self.v * (here.gap.get() - apart.gap.get());
        drift + penalty > self.missed_us * (apart.ttft.get() - here.ttft.get())
    }

    fn done(&mut self, open: &Open, output_tokens: u32, mean_itl: Option<Dur>) {
        let w = self.weight;
        let arm = if open.apart { &mut self.apart } else { &mut self.here };
        if open.uncached > 0.0 {
            arm.rate.take(open.prefill_us / open.uncached, w);
        }
        arm.ttft.take(open.ttft_us, w);
        if let Some(gap) = mean_itl {
            arm.gap.take(us(gap), w);
            self.gap.take(us(gap), w);
        }
        self.prompt.take(open.prompt, w);
        self.output.take(f64::from(output_tokens), w);
        self.missed_us = (self.missed_us + open.ttft_us - self.target_us).max(0.0);
    }
}

impl Decider for Edpp {
    fn disaggregates(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, stage: &Stage<'_>, draws: &mut Stream) -> bool {
        self.rule(fleet, stage) ^ (draws.unit(ask.number) < self.exploration)
    }

    fn needs_prefix_match(&self) -> bool {
        true
    }

    fn note(&mut self, now: Time, note: &Note) {
        match *note {
            Note::Placed { number, prompt_tokens, uncached_tokens, apart, .. } => {
                let (prompt, uncached) = (f64::from(prompt_tokens), f64::from(uncached_tokens));
                let open = Open { arrived: now, prompt, uncached, apart, prefill_us: 0.0, ttft_us: 0.0 };
                self.open.insert(number, open);
            }
            Note::Prefilled { number, took } => {
                if let Some(open) = self.open.get_mut(&number) {
                    open.prefill_us = us(took);
                }
            }
            Note::Fetched { number } => {
                if let Some(open) = self.open.get_mut(&number) {
                    open.ttft_us = us(now.since(open.arrived));
                }
            }
            Note::FirstToken { number, ttft } => {
                if let Some(open) = self.open.get_mut(&number).filter(|open| !open.apart) {
                    (open.prefill_us, open.ttft_us) = (us(ttft), us(ttft));
                }
            }
            Note::Done { number, output_tokens, mean_itl } => {
                if let Some(open) = self.open.remove(&number) {
                    self.done(&open, output_tokens, mean_itl);
                }
            }
            Note::Gone { number } => {
                self.open.remove(&number);
            }
            Note::Admitted { .. } => {}
        }
    }
}
