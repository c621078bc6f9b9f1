//! EDPP by a model: drift plus penalty with the work a request brings predicted by a step law instead of learnt.
//!
//! ```text
//! step of a decoder    T_d = α_d + B·(c0 + c1·ctx)         step of a prefiller  T_p = α_p
//! work of a prompt     W_p = c_pf·a + c_att·a·(r − a/2)    of an answer  W_d = c0·o + c1·o·(r + (o − 1)/2)
//! what is left of a step for work   μ_d = 1 − α_d/τ_itl    μ_p = 1 − α_p/(α_p + c_pf·S)
//! first token apart    T̂_P = Q_p/μ_p + n·T_p + W_p + c_x   here  T̂_D = Q_d/μ_d + n·T_d + W_p
//! apart ⇔ q_d·w_d − q_p·w_p > V·(c_x/τ)(τ_ref/τ) + z_ttft·(T̂_P − T̂_D)/τ − z_itl·c_pf·chunk/τ_itl
//! ```
//!
//! a tokens of the prompt that the decoder lacks, r the whole prompt, n its pieces of `chunk` tokens, o the mean answer of
//! its class so far, B the chosen decoder's batch, ctx and S nominal lengths. Q is work placed on a pool and not yet
//! admitted; W* = μ·τ, q = Q/W*, w = W_p/W*. z_ttft is a virtual queue per class over τ: every request adds how far its
//! first token misses the target, one without a token what is certain to be missed by now; z_itl likewise over gaps.

use super::{Decider, Note, Stage};
use crate::base::{Dur, PS_PER_US, Stream, Time};
use crate::policy::{Ask, Badge, FleetView, Kind, Meta, Param, ParamKind, Params};
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// Share of a step that is left for work, at least.
const DRAIN_MIN: f64 = 1e-3;

const fn number(id: &'static str, max: f64, default: f64, doc: &'static str) -> Param {
    Param { id, kind: ParamKind::Number { min: 0.0, max, default }, doc }
}

pub(super) const KIND: Kind<dyn Decider> = Kind {
    meta: Meta {
        id: "edpp-model-pd-decider",
        title: "EDPP by a model",
        doc: "Drift plus penalty with work predicted by a step law: weighs the backlog of either pool, the transfer, and virtual queues of missed targets. The coefficients' defaults are Llama-3.1-70B on four H100.",
        source: "inference-sim/inference-sim, research branch (EDPP v2); not part of llm-d",
        badge: Badge::Textbook,
        params: &[
            number("v", 1e12, 1.0, "Weight V of the transfer against the queues."),
            Param {
                id: "targetTtftMs",
                kind: ParamKind::Number { min: 0.001, max: 1e9, default: 500.0 },
                doc: "Target τ of the time to first token, ms.",
            },
            number("referenceTtftMs", 1e9, 500.0, "τ_ref of the penalty, ms."),
            Param {
                id: "targetItlMs",
                kind: ParamKind::Number { min: 0.001, max: 1e9, default: 100.0 },
                doc: "Target τ_itl of the mean gap between tokens, ms; above a step's fixed time.",
            },
            number("transferMs", 1e9, 5.0, "Cost c_x of a transfer, ms."),
            number("nominalPromptTokens", 1e9, 512.0, "Nominal piece S of a prompt, tokens."),
            number("nominalContextTokens", 1e9, 2048.0, "Nominal context of a decoding request, tokens."),
            Param {
                id: "chunkTokens",
                kind: ParamKind::Integer { min: 1, max: 100_000_000, default: 8192 },
                doc: "Tokens of a prompt computed in one step at most.",
            },
            number("alphaDecodeUs", 1e9, 16_613.54, "Fixed time α_d of a decoder's step, µs."),
            number("alphaPrefillUs", 1e9, 16_617.95, "Fixed time α_p of a prefiller's step, µs."),
            number("perSequenceUs", 1e9, 5.347, "Time c0 per decoding request, µs."),
            number("perContextTokenUs", 1e9, 0.047_61, "Time c1 per token of context, µs."),
            number("perPromptTokenUs", 1e9, 6.145, "Time c_pf per prompt token, µs."),
            number("perTokenPairUs", 1e9, 1.008e-4, "Time c_att per pair of a prompt token and one before it, µs."),
        ],
    },
    build: |p| {
        Box::new(EdppModel {
            law: Law::new(p),
            classes: Vec::new(),
            decode_ns: 0,
            prefill_ns: 0,
            open: BTreeMap::new(),
        })
    },
};

/// Coefficients and targets, µs and tokens.
#[derive(Clone, Copy)]
struct Law {
    v: f64,
    ttft: f64,
    reference: f64,
    itl: f64,
    transfer: f64,
    context: f64,
    chunk: f64,
    alpha_decode: f64,
    alpha_prefill: f64,
    sequence: f64,
    context_token: f64,
    prompt_token: f64,
    pair: f64,
    drain_decode: f64,
    drain_prefill: f64,
}

impl Law {
    fn new(p: &Params<'_>) -> Self {
        let ms = |id| p.number(id) * 1e3;
        let drain = |fixed: f64, step: f64| (1.0 - fixed / step).clamp(DRAIN_MIN, 1.0);
        let (alpha_decode, alpha_prefill) = (p.number("alphaDecodeUs"), p.number("alphaPrefillUs"));
        let prompt_token = p.number("perPromptTokenUs");
        let nominal = (alpha_prefill + prompt_token * p.number("nominalPromptTokens")).max(f64::MIN_POSITIVE);
        Law {
            v: p.number("v"),
            ttft: ms("targetTtftMs"),
            reference: ms("referenceTtftMs"),
            itl: ms("targetItlMs"),
            transfer: ms("transferMs"),
            context: p.number("nominalContextTokens"),
            chunk: p.integer("chunkTokens") as f64,
            alpha_decode,
            alpha_prefill,
            sequence: p.number("perSequenceUs"),
            context_token: p.number("perContextTokenUs"),
            prompt_token,
            pair: p.number("perTokenPairUs"),
            drain_decode: drain(alpha_decode, ms("targetItlMs")),
            drain_prefill: drain(alpha_prefill, nominal),
        }
    }

    fn prompt_work(&self, uncached: f64, prompt: f64) -> f64 {
        self.prompt_token * uncached + self.pair * uncached * (prompt - uncached / 2.0).max(0.0)
    }

    fn answer_work(&self, prompt: f64, output: f64) -> f64 {
        self.sequence * output + self.context_token * output * (prompt + (output - 1.0) / 2.0)
    }
}

/// What is known of one class.
#[derive(Default)]
struct Class {
    answers: u64,
    output_tokens: u64,
    /// Σ by which first tokens missed their target, without those that are overdue now, µs.
    settled: f64,
    /// The same of gaps, µs.
    gaps: f64,
    /// Without a first token, and not overdue.
    waiting: BTreeSet<(Time, u64)>,
    /// Without a first token and overdue: how many, and Σ of their arrivals, ps.
    overdue: u64,
    overdue_arrivals: u128,
}

impl Class {
    fn output(&self) -> f64 {
        if self.answers == 0 { 1.0 } else { self.output_tokens as f64 / self.answers as f64 }
    }

    /// What those that are overdue miss by now for certain, µs.
    fn certain(&self, now: Time, target: Dur) -> f64 {
        let due = u128::from(self.overdue) * u128::from(now.as_ps());
        let sum = due - self.overdue_arrivals - u128::from(self.overdue) * u128::from(target.as_ps());
        sum as f64 / PS_PER_US as f64
    }

    /// The virtual queue of first tokens, µs.
    fn missed(&mut self, now: Time, target: Dur) -> f64 {
        while let Some(&(at, number)) = self.waiting.first().filter(|w| now.since(w.0) > target) {
            self.waiting.remove(&(at, number));
            self.overdue += 1;
            self.overdue_arrivals += u128::from(at.as_ps());
        }
        self.settled + self.certain(now, target)
    }

    /// A request has its first token, or never will: by how much it missed in the end, µs.
    fn settle(&mut self, now: Time, target: Dur, (at, number): (Time, u64), missed: f64) {
        let before = self.missed(now, target);
        let counted = if self.waiting.remove(&(at, number)) {
            0.0
        } else {
            self.overdue -= 1;
            self.overdue_arrivals -= u128::from(at.as_ps());
            us(now.since(at)) - us(target)
        };
        let after = (before - counted + missed).max(0.0);
        self.settled = after - self.certain(now, target);
    }
}

/// A request under way.
#[derive(Clone, Copy)]
struct Open {
    class: usize,
    arrived: Time,
    apart: bool,
    prompt_ns: u64,
    answer_ns: u64,
    answered: bool,
}

struct EdppModel {
    law: Law,
    classes: Vec<Class>,
    /// Work placed on the decode pool and on the prefill pool and not yet admitted, ns.
    decode_ns: u64,
    prefill_ns: u64,
    open: BTreeMap<u64, Open>,
}

fn us(d: Dur) -> f64 {
    d.as_ps() as f64 / PS_PER_US as f64
}

impl EdppModel {
    fn class(&mut self, class: usize) -> &mut Class {
        if self.classes.len() <= class {
            self.classes.resize_with(class + 1, Class::default);
        }
        &mut self.classes[class]
    }

    fn target(&self) -> Dur {
        Dur::from_ps((self.law.ttft * PS_PER_US as f64) as u64)
    }

    fn placed(&mut self, now: Time, number: u64, class: u32, (uncached, prompt): (u32, u32), apart: bool) {
        let class = class as usize;
        let output = self.class(class).output();
        self.class(class).waiting.insert((now, number));
        let ns = |us: f64| (us * 1e3) as u64;
        let open = Open {
            class,
            arrived: now,
            apart,
            prompt_ns: ns(self.law.prompt_work(f64::from(uncached), f64::from(prompt))),
            answer_ns: ns(self.law.answer_work(f64::from(prompt), output)),
            answered: false,
        };
        *(if apart { &mut self.prefill_ns } else { &mut self.decode_ns }) += open.prompt_ns;
        self.decode_ns += open.answer_ns;
        self.open.insert(number, open);
    }

    /// The work of a request is not placed any more: that of its prompt elsewhere, or all that is on the decode pool.
    fn taken(&mut self, number: u64, prefill: bool) {
        let Some(open) = self.open.get_mut(&number) else { return };
        if !prefill {
            self.decode_ns -= core::mem::take(&mut open.answer_ns);
        }
        if prefill == open.apart {
            let placed = if open.apart { &mut self.prefill_ns } else { &mut self.decode_ns };
            *placed -= core::mem::take(&mut open.prompt_ns);
        }
    }

    fn settle(&mut self, now: Time, number: u64, ttft: Option<Dur>) {
        let target = self.target();
        let Some(open) = self.open.get_mut(&number).filter(|open| !open.answered) else { return };
        open.answered = true;
        let open = *open;
        let missed = ttft.map_or(0.0, |ttft| us(ttft) - us(target));
        self.class(open.class).settle(now, target, (open.arrived, number), missed);
    }
}

impl Decider for EdppModel {
    fn disaggregates(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, stage: &Stage<'_>, _: &mut Stream) -> bool {
        let (law, target) = (self.law, self.target());
        let uncached = f64::from(stage.uncached_tokens);
        if stage.uncached_tokens == 0 {
            return false;
        }
        let class = self.class(ask.class as usize);
        let (z_ttft, z_itl) = (class.missed(fleet.now, target).max(0.0) / law.ttft, class.gaps / law.itl);
        let work = law.prompt_work(uncached, f64::from(ask.prompt_tokens));
        let (queue_d, queue_p) = (self.decode_ns as f64 / 1e3, self.prefill_ns as f64 / 1e3);
        let (room_d, room_p) = (law.drain_decode * law.ttft, law.drain_prefill * law.ttft);
        let drift = queue_d / room_d * (work / room_d) - queue_p / room_p * (work / room_p);
        let batch = f64::from(fleet.running[stage.decode.index() as usize]);
        let step_d = law.alpha_decode + batch * (law.sequence + law.context_token * law.context);
        let pieces = f64::from(stage.uncached_tokens.div_ceil(law.chunk as u32));
        let apart = queue_p / law.drain_prefill + pieces * law.alpha_prefill + work + law.transfer;
        let here = queue_d / law.drain_decode + pieces * step_d + work;
        let penalty = law.v * (law.transfer / law.ttft) * (law.reference / law.ttft);
        let chunk = uncached.min(law.chunk);
        drift > penalty + z_ttft * (apart - here) / law.ttft - z_itl * law.prompt_token * chunk / law.itl
    }

    fn needs_prefix_match(&self) -> bool {
        true
    }

    fn note(&mut self, now: Time, note: &Note) {
        match *note {
            Note::Placed { number, class, prompt_tokens, uncached_tokens, apart } => {
                self.placed(now, number, class, (uncached_tokens, prompt_tokens), apart);
            }
            Note::Admitted { number, prefill } => self.taken(number, prefill),
            Note::FirstToken { number, ttft } => self.settle(now, number, Some(ttft)),
            Note::Done { number, output_tokens, mean_itl } => {
                let itl = self.law.itl;
                let Some(open) = self.open.remove(&number) else { return };
                let class = self.class(open.class);
                class.answers += 1;
                class.output_tokens += u64::from(output_tokens);
                if let Some(gap) = mean_itl {
                    class.gaps = (class.gaps + us(gap) - itl).max(0.0);
                }
            }
            Note::Gone { number } => {
                self.taken(number, true);
                self.taken(number, false);
                self.settle(now, number, None);
                self.open.remove(&number);
            }
            Note::Prefilled { .. } | Note::Fetched { .. } => {}
        }
    }
}
