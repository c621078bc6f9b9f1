//! Would it come to an end: in a time the clock holds, with a backlog that memory holds?
//!
//! Whoever is measured is simulated to its last token, and traffic goes on meanwhile. At ρ times the capacity a run
//! lasts ρ times its horizon, and ends with ρ(ρ − 1) times its requests waiting: a slip of the keyboard in the rate
//! would fill any memory. Where the number of clients is limited, no more than they can wait.

use super::super::capacity::{Beginning, Mix};
use super::super::disagg::{ChosenDisagg, transfer_plan};
use super::super::plan::{PoolPlan, class_plan};
use super::super::{Diagnostic, Edit, Load, Scenario};
use crate::base::{Dist, math};
use crate::catalog::Catalog;
use crate::latency::{Batch, StepModel};
use alloc::format;
use alloc::vec::Vec;

/// Most requests waiting at the end of a run: some 300 bytes each.
const BACKLOG_MAX: f64 = 1e6;
/// Longest run, s: eleven days. The clock holds eighteen times that, since what this rests on is an estimate.
const RUN_S_MAX: f64 = 1e6;

/// For scenarios without errors.
pub(super) fn check(s: &Scenario, pools: &[PoolPlan], catalog: &Catalog, found: &mut Vec<Diagnostic>) {
    let Some(load) = s.workload.arrival.load() else { return };
    let classes: Vec<_> = s.workload.classes.iter().map(class_plan).collect();
    let transfer = s.topology.kv_transfer.clone().unwrap_or_default();
    let Some(transfer) = pools.first().and_then(|p| transfer_plan(&transfer, catalog, &p.model)) else { return };
    let caching = pools.iter().all(|p| p.engine.prefix_caching);
    let mix = Mix::new(&classes, caching).apart(pools, &transfer, ChosenDisagg::new(&s.policies).as_ref());
    let work = Work { s, requests: f64::from(s.run.requests), capacity: mix.capacity_rps(pools), pools, mix: &mix };
    let lasts = match (load, s.workload.arrival.max_concurrency) {
        (Load::Rate(rate), None) => work.open(rate, found),
        (Load::Rate(rate), Some(clients)) => Some(work.limited(rate, clients)),
        (Load::Concurrency(clients), _) => work.closed(clients, found),
    };
    let Some(lasts) = lasts.map(|s| s + longest_stay_s(work.s, pools)) else { return };
    if lasts > RUN_S_MAX {
        found.push(
            Diagnostic::error("run.requests", format!("makes a run of about {lasts:.0} simulated seconds, with its warm-up and its longest requests; {RUN_S_MAX:.0} are the most"))
                .fix(Edit::new("Measure 10", "run.requests", 10)),
        );
    }
}

/// What a run has to do.
struct Work<'a> {
    s: &'a Scenario,
    requests: f64,
    /// Nominal capacity, requests per second.
    capacity: f64,
    pools: &'a [PoolPlan],
    mix: &'a Mix,
}

impl Work<'_> {
    /// How much more than the fleet the slowest replica is behind, when all get the same.
    fn unevenness(&self) -> f64 {
        self.capacity / self.mix.even_capacity_rps(self.pools)
    }

    fn horizon_s(&self) -> f64 {
        self.requests / self.capacity
    }

    /// How long requests may arrive at these rates, s; none, with a finding, where the queue would not fit.
    fn open(&self, rate: f64, found: &mut Vec<Diagnostic>) -> Option<f64> {
        let (s, requests, capacity) = (self.s, self.requests, self.capacity);
        let own = rate / capacity;
        let largest = largest_load(requests, self.unevenness());
        if own > largest {
            let rate = math::floor(100.0 * largest * capacity) / 100.0;
            found.push(
                Diagnostic::error(
                    "workload.arrival.rate_rps",
                    format!("is {own:.2} times what the fleet can serve ({capacity:.2} per second); with {requests} requests, the queue would not fit into memory"),
                )
                .fix(Edit::new(&format!("Offer {rate} per second"), "workload.arrival.rate_rps", rate)),
            );
            return None;
        }
        if s.run.load.max_frac > largest {
            let path = "run.load.max_frac";
            let frac = math::floor(100.0 * largest) / 100.0;
            found.push(
                Diagnostic::error(
                    path,
                    format!(
                        "is {}; with {requests} requests, the queue before the slowest replica would not fit into memory",
                        s.run.load.max_frac
                    ),
                )
                .fix(Edit::new(&format!("Set to {frac}"), path, frac))
                .fix(Edit::new("Measure 1000 requests", "run.requests", 1000)),
            );
            return None;
        }
        let highest = own.max(s.run.load.max_frac);
        Some(self.open_warmup_s(own, highest) + self.horizon_s() * (highest * self.unevenness()).max(1.0))
    }

    fn open_warmup_s(&self, own: f64, highest: f64) -> f64 {
        let loads = [own, self.s.run.load.min_frac, highest];
        self.s.run.warmup_s.unwrap_or_else(|| {
            loads
                .map(|load| self.mix.default_warmup_s(self.pools, load, Beginning::Empty))
                .into_iter()
                .fold(0.0, f64::max)
        })
    }

    /// With so many clients at most, who are all that ever wait.
    fn limited(&self, rate: f64, clients: u32) -> f64 {
        let own = rate / self.capacity;
        let warmup = self.open_warmup_s(own, own.max(self.s.run.load.max_frac));
        warmup + self.horizon_s() + self.unevenness() * f64::from(clients) / self.capacity
    }

    fn closed(&self, clients: u32, found: &mut Vec<Diagnostic>) -> Option<f64> {
        let full = self.mix.capacity_clients(self.pools);
        let axis = &self.s.run.load;
        if axis.max_frac * full > BACKLOG_MAX {
            let frac = math::floor(100.0 * BACKLOG_MAX / full) / 100.0;
            let path = "run.load.max_frac";
            found.push(
                Diagnostic::error(
                    path,
                    format!(
                        "is {}; of the {full:.0} clients that fill this fleet, that is more than fit into memory",
                        axis.max_frac
                    ),
                )
                .fix(Edit::new(&format!("Set to {frac}"), path, frac)),
            );
            return None;
        }
        let most = f64::from(clients).max(axis.max_frac * full);
        let warmup = self.s.run.warmup_s.unwrap_or_else(|| self.mix.default_warmup_closed_s(self.pools, most));
        Some(warmup + self.horizon_s() + self.unevenness() * most / self.capacity)
    }
}

/// The load x, over capacity, whose backlog is the largest: requests · x (k x − 1), where k says how much more than
/// the fleet the slowest replica is behind when all get the same.
fn largest_load(requests: f64, k: f64) -> f64 {
    (1.0 + math::sqrt(1.0 + 4.0 * k * BACKLOG_MAX / requests)) / (2.0 * k)
}

/// The longest request in the fullest batches, s.
fn longest_stay_s(s: &Scenario, pools: &[PoolPlan]) -> f64 {
    let longest = |dist: Option<Dist>| dist.map_or(0, |d| d.max());
    let tokens = s.workload.classes.iter().map(|c| longest(c.input.dist()).saturating_add(longest(c.output.dist())));
    let tokens = tokens.max().unwrap_or(0);
    let stay = |pool: &PoolPlan| f64::from(tokens.min(pool.engine.max_model_len)) * longest_step_s(pool);
    pools.iter().map(stay).fold(0.0, f64::max)
}

/// A step with every place and the whole budget taken, every sequence at its longest, s.
pub(super) fn longest_step_s(pool: &PoolPlan) -> f64 {
    let e = &pool.engine;
    let seqs = f64::from(e.max_num_seqs);
    let room = f64::from(e.kv_blocks) * f64::from(e.block_size);
    let context = room.min(seqs * f64::from(e.max_model_len));
    match &*pool.step_model {
        // In floating point: this is what keeps integers from overflowing later.
        StepModel::Affine(law) => law.seconds(seqs, f64::from(e.max_num_batched_tokens), context),
        StepModel::Physics(physics) => {
            let chunk =
                (e.max_num_batched_tokens - e.max_num_seqs.min(e.max_num_batched_tokens - 1)).min(e.max_model_len);
            let span = pool.step_model.span_tokens();
            let within = context.min(seqs * f64::from(span.unwrap_or(u32::MAX)));
            let mut batch = Batch::new(span);
            e.add_decoding(&mut batch, e.max_num_seqs, (context as u64, within as u64));
            batch.add_chunk(chunk, e.max_model_len, true);
            physics.seconds(&batch)
        }
    }
}
