//! Prompts computed apart from decoding: how many, how long their keys and values travelled, and what their time to first
//! token is made of.

use super::build::{mean, summary};
use super::{InstanceRecord, RunRecord, Summary};
use crate::base::{Dur, Time};
use crate::scenario::{Plan, PoolPlan};
use crate::stats::Sketch;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// What the time to first token of a prompt computed apart is made of, in order: nothing is left out or counted twice.
const PARTS: [&str; 8] =
    ["to_prefill", "prefill_wait", "prefill", "to_decode", "decode_wait", "transfer", "first_step", "to_client"];

/// Measured requests of one replication.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DisaggRecord {
    /// Requests placed.
    pub placed: u64,
    /// Of those, the ones whose prompts are computed apart.
    pub apart: u64,
    /// Bytes that were read.
    pub bytes: u128,
    /// From blocks on the decoding engine to the last byte: handshake and set-up included.
    pub transfer: Sketch,
    /// Time to first token of prompts computed apart.
    pub ttft_apart: Sketch,
    /// The same of those computed where they decode.
    pub ttft_here: Sketch,
    /// Σ over the former of each part, ps.
    pub parts: [u128; PARTS.len()],
}

impl DisaggRecord {
    /// A request that came at `arrived` has its first token at `now`; `marks` say when what happened before it, if its
    /// prompt was computed apart.
    pub(crate) fn answered(&mut self, arrived: Time, marks: Option<&[Time; 6]>, now: Time, ttft: Dur) {
        let Some(marks) = marks else {
            return self.ttft_here.insert(ttft, 1);
        };
        self.ttft_apart.insert(ttft, 1);
        let mut from = arrived;
        for (part, &mark) in self.parts.iter_mut().zip(marks.iter().chain([&now])) {
            *part += u128::from(mark.since(from).as_ps());
            from = mark;
        }
        self.parts[PARTS.len() - 1] += u128::from(ttft.as_ps() - now.since(arrived).as_ps());
    }
}

/// What came of computing prompts apart from decoding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DisaggReport {
    /// Share of measured requests whose prompts were computed apart, over all replications.
    pub apart_frac: f64,
    /// Each replication's share.
    pub apart_frac_by_replication: Vec<f64>,
    /// How long keys and values travelled, from blocks on the decoding engine to the last byte, ms.
    pub transfer_ms: Summary,
    /// Bytes a transfer moved on average; null where nothing was moved.
    pub bytes_per_transfer: Option<f64>,
    /// Time to first token of prompts computed apart, ms.
    pub ttft_apart_ms: Summary,
    /// Time to first token of prompts computed where they decode, ms.
    pub ttft_here_ms: Summary,
    /// What the former is made of: means that add up to its mean.
    pub ttft_parts_ms: Vec<TtftPart>,
    /// Each pool.
    pub pools: Vec<PoolReport>,
}

/// One part of the time to first token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TtftPart {
    /// `to_prefill`, `prefill_wait`, `prefill`, `to_decode`, `decode_wait`, `transfer`, `first_step` or `to_client`.
    pub name: String,
    /// Mean, ms.
    pub mean_ms: f64,
}

/// One pool, mean over its instances and replications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PoolReport {
    /// Its name.
    pub name: String,
    /// `prefill`, `decode` or `both`.
    pub role: String,
    /// Its replicas.
    pub replicas: u32,
    /// Its GPUs.
    pub gpus: u32,
    /// What they cost, USD per hour.
    pub usd_per_hour: f64,
    /// Share of time its instances computed.
    pub busy_frac: f64,
    /// Requests in the batch of one, time average.
    pub running_mean: f64,
    /// Requests in the queue of one, time average.
    pub waiting_mean: f64,
    /// Share of KV blocks in use, mean over steps.
    pub kv_use_frac: f64,
    /// Share of prompt tokens found in the prefix cache.
    pub hit_rate: f64,
    /// Requests its instances were sent.
    pub requests: u64,
}

/// The report, where prompts may be computed apart.
pub(super) fn disagg(plan: &Plan, records: &[RunRecord]) -> Option<DisaggReport> {
    let of: Option<Vec<&DisaggRecord>> = records.iter().map(|r| r.disagg.as_ref()).collect();
    let of = of.filter(|of| !of.is_empty())?;
    let share = |apart: u64, placed: u64| if placed > 0 { apart as f64 / placed as f64 } else { 0.0 };
    let total = |f: fn(&DisaggRecord) -> u64| of.iter().map(|r| f(r)).sum::<u64>();
    let (moved, answered) = (total(|r| r.transfer.n()), total(|r| r.ttft_apart.n()));
    let bytes: u128 = of.iter().map(|r| r.bytes).sum();
    let part = |k: usize| {
        let sum: u128 = of.iter().map(|r| r.parts[k]).sum();
        if answered > 0 { sum as f64 / 1e9 / answered as f64 } else { 0.0 }
    };
    Some(DisaggReport {
        apart_frac: share(total(|r| r.apart), total(|r| r.placed)),
        apart_frac_by_replication: of.iter().map(|r| share(r.apart, r.placed)).collect(),
        transfer_ms: summary(of.iter().map(|r| &r.transfer)),
        bytes_per_transfer: (moved > 0).then(|| bytes as f64 / moved as f64),
        ttft_apart_ms: summary(of.iter().map(|r| &r.ttft_apart)),
        ttft_here_ms: summary(of.iter().map(|r| &r.ttft_here)),
        ttft_parts_ms: PARTS.iter().enumerate().map(|(k, &n)| TtftPart { name: n.into(), mean_ms: part(k) }).collect(),
        pools: pools(plan, records),
    })
}

fn pools(plan: &Plan, records: &[RunRecord]) -> Vec<PoolReport> {
    let mut first = 0;
    let of_pool = |pool: &PoolPlan| {
        let range = first..first + pool.replicas as usize;
        first = range.end;
        let each: Vec<_> =
            records.iter().flat_map(|r| r.instances[range.clone()].iter().map(move |i| (r, i))).collect();
        let mean_of = |f: &dyn Fn(&RunRecord, &InstanceRecord) -> f64| mean(each.iter().map(|(r, i)| f(r, i)));
        let sum = |f: fn(&InstanceRecord) -> u64| each.iter().map(|(_, i)| f(i)).sum::<u64>();
        let (hit, prompt) = (sum(|i| i.hit_tokens), sum(|i| i.prompt_tokens));
        PoolReport {
            name: pool.name.clone(),
            role: pool.role.label().into(),
            replicas: pool.replicas,
            gpus: pool.gpus(),
            usd_per_hour: f64::from(pool.gpus()) * pool.price_usd_per_gpu_hour,
            busy_frac: mean_of(&|r, i| i.busy.as_secs_f64() / r.over.as_secs_f64().max(f64::MIN_POSITIVE)),
            running_mean: mean_of(&|r, i| i.running.mean(r.over)),
            waiting_mean: mean_of(&|r, i| i.waiting.mean(r.over)),
            kv_use_frac: mean_of(&|_, i| i.kv_used_sum as f64 / (i.steps.max(1) as f64 * i.kv_blocks.max(1) as f64)),
            hit_rate: if prompt > 0 { hit as f64 / prompt as f64 } else { 0.0 },
            requests: sum(|i| i.requests),
        }
    };
    plan.pools().iter().map(of_pool).collect()
}
