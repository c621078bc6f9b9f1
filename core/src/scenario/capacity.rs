//! Nominal capacity: the request rate at which a full batch just keeps up, by a mean-field estimate.
//!
//! With B sequences decoding, each step ends B/E\[output\] requests and must prefill as many prompts. B is
//! as large as the KV cache, `max_num_seqs` and the token budget allow:
//!
//! ```text
//! B    = min(MNS, KV tokens / E[tokens held], MBT / (d + y·E[input]/E[output]))
//! x    = B·y/E[output]                       requests ended, and prompts prefilled, per step
//! step = (1−x)·t(B, no prompt) + x·t(B, one prompt)   for x < 1,   t(B, x prompts) otherwise
//! rate = replicas · x / step
//! ```
//!
//! A sequence computes d tokens in a step and yields y: one each, unless it speculates.
//!
//! Where prompts may be computed apart, a share a of them is: by the decider's rule, or where that depends on the fleet
//! the share that serves most. Decoders then compute the rest, and one token of each prompt that came; prefill pools and the
//! network bound the rate:
//!
//! ```text
//! rate = min( decoders' rate with (1−a)·E[input] + a tokens a prompt,   min(prompts/s of prefillers, of the network) / a )
//! ```
//!
//! It places the axis of the load curve, exact to a few percent; how the fleet really behaves there is
//! what the simulation says. Read the other way, for a rate below capacity, the same law gives the batch that just
//! keeps up, and by Little's law how long a request stays: the time scale in which warm-up is measured.

use super::disagg::ChosenDisagg;
use super::{ClassPlan, PoolPlan, TransferPlan};
use crate::base::PS_PER_S;
use crate::latency::Batch;
use crate::workload::ClassSource;

/// Default warm-up, in times a request stays at that load: after one the first requests have left, after three what
/// remains of the empty start is below the width of the intervals.
const WARMUP_RESIDENCES: f64 = 3.0;
/// Beyond the capacity there is no steady state to wait for: full batches are enough.
const WARMUP_RESIDENCES_OVERLOADED: f64 = 1.0;
/// The same of a fleet that begins with those whom the estimate expects: after once they have left, and what the
/// estimate missed with them. Beyond the capacity its batches are full from the beginning.
const WARMUP_RESIDENCES_PEOPLED: f64 = 0.5;
const WARMUP_RESIDENCES_PEOPLED_OVERLOADED: f64 = 0.1;
/// Default warm-up beyond that, in mean durations of a conversation: their number has to build up, too.
const WARMUP_CONVERSATIONS: f64 = 3.0;
/// Halvings of the search for the batch that keeps up: to a millionth of the largest, so that it is found at the lowest load.
const HALVINGS: u32 = 20;
/// Shares of prompts computed apart that are tried where the decider does not fix it, above none.
const SHARES: u32 = 100;

/// Who is in the fleet when a run begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beginning {
    /// Nobody.
    Empty,
    /// Those whom the estimate expects at any moment.
    Peopled,
}

/// Moments of one request over all classes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mix {
    /// Prompt tokens to compute: with a prefix cache, only those that nobody sent before.
    input: f64,
    output: f64,
    /// Tokens a request holds while it decodes, averaged over decode steps of all requests.
    held: f64,
    /// Further turns of a conversation, and the reading between two, s; of the class whose conversations last longest.
    more_turns: f64,
    think_s: f64,
    /// Reading after a request before the client's next one, s, averaged over requests.
    pause_s: f64,
    /// Requests per second beyond which prompts cannot be computed apart as fast as they come.
    apart_rps: f64,
    /// Before the first transfer between two engines, s.
    handshake_s: f64,
}

impl Mix {
    /// The mix of these classes, with or without a prefix cache that holds what is shared.
    pub(super) fn new(classes: &[ClassPlan], caching: bool) -> Self {
        let mean = |f: &dyn Fn(&ClassSource) -> f64| classes.iter().map(|c| c.source.share * f(&c.source)).sum::<f64>();
        let output = mean(&|c| c.output.expect(|x| x));
        let prompt = mean(&prompt_tokens);
        let input = if caching { mean(&new_tokens) } else { prompt };
        let held = mean(&|c| c.output.expect(|x| x) * prompt_tokens(c) + c.output.expect(|x| x * x) / 2.0) / output;
        let lasting = |c: &ClassSource| {
            c.conversation
                .as_ref()
                .map_or((0.0, 0.0), |c| (c.turns.expect(|n| n) - 1.0, c.think_ms.expect(|ms| ms) / 1e3))
        };
        let longest = classes.iter().map(|c| lasting(&c.source)).max_by(|a, b| (a.0 * a.1).total_cmp(&(b.0 * b.1)));
        let (more_turns, think_s) = longest.unwrap_or_default();
        let pause_s = mean(&|c| {
            c.conversation
                .as_ref()
                .map_or(0.0, |c| (1.0 - 1.0 / c.turns.expect(|n| n)) * c.think_ms.expect(|ms| ms) / 1e3)
        });
        let (apart_rps, handshake_s) = (f64::INFINITY, 0.0);
        Mix { input, output, held, more_turns, think_s, pause_s, apart_rps, handshake_s }
    }

    /// The mix that decoders see, where this decider says whose prompts are computed apart.
    pub(super) fn apart(self, pools: &[PoolPlan], transfer: &TransferPlan, chosen: Option<&ChosenDisagg>) -> Self {
        let Some(decider) = chosen.map(ChosenDisagg::decider) else { return self };
        let prompts_rps = self.prompts_apart_rps(pools, transfer);
        let at = |share: f64| Mix {
            input: self.input * (1.0 - share) + share,
            apart_rps: if share > 0.0 { prompts_rps / share } else { f64::INFINITY },
            handshake_s: if share > 0.0 { transfer.handshake.as_secs_f64() } else { 0.0 },
            ..self
        };
        // Where only pools that decode compute prompts, computing them apart moves work and adds nothing.
        if prompts_rps == 0.0 {
            return at(0.0);
        }
        decider.share(self.input).map(at).unwrap_or_else(|| {
            let shares = (0..=SHARES).map(|k| at(f64::from(k) / f64::from(SHARES)));
            shares.max_by(|a, b| a.capacity_rps(pools).total_cmp(&b.capacity_rps(pools))).expect("there are some")
        })
    }

    /// Prompts per second that prefill pools compute, and the network carries.
    fn prompts_apart_rps(&self, pools: &[PoolPlan], transfer: &TransferPlan) -> f64 {
        let prefillers = || pools.iter().filter(|p| !p.role.decodes());
        let computed: f64 = prefillers().map(|p| f64::from(p.replicas) * prefill_rps(p, self)).sum();
        let gpus = |n: u32| f64::from(n) * transfer.bytes_per_s_per_gpu as f64;
        let sent: f64 = prefillers().map(|p| gpus(p.gpus())).sum();
        let received: f64 = serving(pools).map(|p| gpus(p.gpus())).sum();
        let token = |p: &PoolPlan| p.kv_block_bytes() / f64::from(p.engine.block_size);
        let bytes = self.input * serving(pools).map(token).fold(1.0, f64::max);
        computed.min(sent.min(received) / bytes)
    }

    /// Requests per second that all pools together can serve.
    pub(super) fn capacity_rps(&self, pools: &[PoolPlan]) -> f64 {
        self.decoders_rps(pools).min(self.apart_rps)
    }

    /// Requests per second that the pools which decode can serve, if prompts computed apart come fast enough.
    fn decoders_rps(&self, pools: &[PoolPlan]) -> f64 {
        serving(pools).map(|pool| f64::from(pool.replicas) * replica_rps(pool, self, largest_batch(pool, self))).sum()
    }

    /// Requests per second at which the slowest replica is just busy, when all replicas get the same.
    pub(super) fn even_capacity_rps(&self, pools: &[PoolPlan]) -> f64 {
        let replicas: f64 = serving(pools).map(|pool| f64::from(pool.replicas)).sum();
        let slowest =
            serving(pools).map(|pool| replica_rps(pool, self, largest_batch(pool, self))).fold(f64::INFINITY, f64::min);
        (replicas * slowest).min(self.apart_rps)
    }

    /// Simulated time before measuring, s, where the scenario does not say.
    pub(super) fn default_warmup_s(&self, pools: &[PoolPlan], load_frac: f64, beginning: Beginning) -> f64 {
        let residence_s = self.residence_s(pools, load_frac);
        let residences = match (beginning, load_frac > 1.0 + 1e-9) {
            (Beginning::Empty, false) => WARMUP_RESIDENCES,
            (Beginning::Empty, true) => WARMUP_RESIDENCES_OVERLOADED,
            (Beginning::Peopled, false) => WARMUP_RESIDENCES_PEOPLED,
            (Beginning::Peopled, true) => WARMUP_RESIDENCES_PEOPLED_OVERLOADED,
        };
        residences * residence_s + WARMUP_CONVERSATIONS * self.conversation_s(residence_s) + self.handshake_s
    }

    /// Requests in the fleet at this share of the capacity, and beyond it those that fill every batch.
    pub(super) fn requests_inside(&self, pools: &[PoolPlan], load_frac: f64) -> f64 {
        let decoders_frac = self.decoders_frac(pools, load_frac);
        serving(pools).map(|p| f64::from(p.replicas) * self.batch_and_rate(p, decoders_frac).0).sum()
    }

    /// The same for a closed loop. It has a steady state whatever the number of clients.
    pub(super) fn default_warmup_closed_s(&self, pools: &[PoolPlan], clients: f64) -> f64 {
        let residence_s = self.residence_closed_s(pools, clients);
        WARMUP_RESIDENCES * residence_s + WARMUP_CONVERSATIONS * self.conversation_s(residence_s) + self.handshake_s
    }

    /// Clients of a closed loop that keep every replica's batch full, and let nobody wait.
    pub(super) fn capacity_clients(&self, pools: &[PoolPlan]) -> f64 {
        self.closed(pools, 1.0).0.max(1.0)
    }

    /// Clients that ask for this share of the capacity; beyond it, as many times those that fill it.
    pub(super) fn clients_at(&self, pools: &[PoolPlan], load_frac: f64) -> f64 {
        let (full, capacity) = self.closed(pools, 1.0);
        if load_frac >= 1.0 {
            return load_frac * full;
        }
        self.closed_where(pools, |(_, rate)| rate < load_frac * capacity).0
    }

    /// The inverse: which share of the capacity so many clients ask for.
    pub(super) fn load_frac_of_clients(&self, pools: &[PoolPlan], clients: f64) -> f64 {
        let (full, capacity) = self.closed(pools, 1.0);
        if clients >= full {
            return clients / full;
        }
        self.closed_where(pools, |(less, _)| less < clients).1 / capacity
    }

    /// How long a request stays when so many clients share the fleet, s. By Little's law over the whole loop: clients =
    /// rate · (stay + pause).
    fn residence_closed_s(&self, pools: &[PoolPlan], clients: f64) -> f64 {
        let (full, rate) = self.closed(pools, 1.0);
        let rate = if clients < full { self.closed_where(pools, |(less, _)| less < clients).1 } else { rate };
        clients / rate - self.pause_s
    }

    /// The least (clients, requests per second) that is not too few, to a millionth of the largest batch.
    fn closed_where(&self, pools: &[PoolPlan], too_few: impl Fn((f64, f64)) -> bool) -> (f64, f64) {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..HALVINGS {
            let middle = (low + high) / 2.0;
            if too_few(self.closed(pools, middle)) { low = middle } else { high = middle }
        }
        self.closed(pools, high)
    }

    /// (clients, requests per second) when every replica's batch is this share of its largest.
    fn closed(&self, pools: &[PoolPlan], share: f64) -> (f64, f64) {
        let sum = |f: &dyn Fn(&PoolPlan, f64) -> f64| {
            serving(pools).map(|p| f64::from(p.replicas) * f(p, share * largest_batch(p, self))).sum::<f64>()
        };
        let rate = sum(&|pool, batch| replica_rps(pool, self, batch)).min(self.apart_rps);
        (sum(&|_, batch| batch) + rate * self.pause_s, rate)
    }

    /// How long a request stays in an engine, s, when all pools run at this share of their capacity, and at most as
    /// long as in full batches. The longest over pools.
    fn residence_s(&self, pools: &[PoolPlan], load_frac: f64) -> f64 {
        let decoders_frac = self.decoders_frac(pools, load_frac);
        let stay = |(batch, rate): (f64, f64)| batch / rate;
        serving(pools).map(|pool| stay(self.batch_and_rate(pool, decoders_frac))).fold(0.0, f64::max)
    }

    /// At which share of their own capacity decoders run: less than the fleet's where prompts computed apart bound the rate.
    fn decoders_frac(&self, pools: &[PoolPlan], load_frac: f64) -> f64 {
        load_frac.min(1.0) * (self.capacity_rps(pools) / self.decoders_rps(pools))
    }

    /// How long a conversation goes on after its first request, s, when each takes this long; 0 without conversations.
    fn conversation_s(&self, residence_s: f64) -> f64 {
        self.more_turns * (self.think_s + residence_s)
    }

    /// The batch of a replica that just keeps up with this share of its capacity, and the rate at which it does.
    fn batch_and_rate(&self, pool: &PoolPlan, load_frac: f64) -> (f64, f64) {
        let (mut low, mut high) = (0.0, largest_batch(pool, self));
        let rate = load_frac * replica_rps(pool, self, high);
        for _ in 0..HALVINGS {
            let middle = (low + high) / 2.0;
            if replica_rps(pool, self, middle) < rate { low = middle } else { high = middle }
        }
        (high, rate)
    }
}

/// Pools that decode.
fn serving(pools: &[PoolPlan]) -> impl Iterator<Item = &PoolPlan> {
    pools.iter().filter(|p| p.role.decodes())
}

/// Prompts per second that one replica computes when it does nothing else, in steps as long as its budget.
fn prefill_rps(pool: &PoolPlan, mix: &Mix) -> f64 {
    let span = pool.step_model.span_tokens();
    let tokens = pool.engine.max_num_batched_tokens;
    let prompts = f64::from(tokens) / mix.input;
    let b = Batch {
        prefill_chunks: prompts as u32 + 1,
        prefill_tokens: tokens,
        prefill_pairs_doubled: (f64::from(tokens) * mix.input) as u64,
        prefill_span_pairs_doubled: (f64::from(tokens) * bounded_pairs(mix.input, span)) as u64,
        prefill_ends: prompts as u32,
        ..Batch::new(span)
    };
    prompts * PS_PER_S as f64 / pool.step_model.duration(&b) as f64
}

fn largest_batch(pool: &PoolPlan, mix: &Mix) -> f64 {
    let e = &pool.engine;
    let room = f64::from(e.kv_blocks) * f64::from(e.block_size);
    let by_kv = room / e.kv_law.displaced(e.block_size, mix.held);
    let (computed, yielded) = e.decoding();
    let by_budget = f64::from(e.max_num_batched_tokens) / (f64::from(computed) + yielded * mix.input / mix.output);
    f64::from(e.max_num_seqs).min(by_kv).min(by_budget).max(1.0)
}

/// Requests per second that one replica serves with this batch.
fn replica_rps(pool: &PoolPlan, mix: &Mix, batch: f64) -> f64 {
    let prompts = batch * pool.engine.decoding().1 / mix.output;
    let seconds = if prompts < 1.0 {
        (1.0 - prompts) * step_seconds(pool, mix, batch, 0.0) + prompts * step_seconds(pool, mix, batch, 1.0)
    } else {
        step_seconds(pool, mix, batch, prompts)
    };
    prompts / seconds
}

/// A step of `batch` decoding sequences and `prompts` prompts. Prompts longer than what the budget leaves are
/// cut over several steps, so a step takes at most the rest of the budget.
fn step_seconds(pool: &PoolPlan, mix: &Mix, batch: f64, prompts: f64) -> f64 {
    let span = pool.step_model.span_tokens();
    let within = mix.held.min(f64::from(span.unwrap_or(u32::MAX)));
    let mut b = Batch::new(span);
    let attended = ((batch * mix.held) as u64, (batch * within) as u64);
    pool.engine.add_decoding(&mut b, (batch as u32).max(1), attended);
    let room = pool.engine.max_num_batched_tokens.saturating_sub(b.tokens()).max(1);
    let tokens = prompts * mix.input;
    let steps = (tokens / f64::from(room)).max(1.0);
    let whole = (tokens / steps) as u32;
    if whole == 0 {
        return pool.step_model.duration(&b) as f64 / PS_PER_S as f64;
    }
    b.prefill_chunks = (prompts / steps) as u32 + 1;
    b.prefill_tokens = whole;
    b.prefill_pairs_doubled = (f64::from(whole) * mix.input) as u64;
    b.prefill_span_pairs_doubled = (f64::from(whole) * bounded_pairs(mix.input, span)) as u64;
    b.prefill_ends = (prompts / steps) as u32;
    steps * pool.step_model.duration(&b) as f64 / PS_PER_S as f64
}

/// Twice the mean number of keys that a token of a prompt of so many tokens looks at, each counted up to the bound.
fn bounded_pairs(input: f64, span: Option<u32>) -> f64 {
    let bound = f64::from(span.unwrap_or(u32::MAX));
    if input <= bound { input } else { 2.0 * bound - bound * bound / input }
}

/// Mean prompt over all turns: prefix, what was said before, what is new.
fn prompt_tokens(c: &ClassSource) -> f64 {
    let first = f64::from(c.prefix.tokens) + c.input.expect(|x| x);
    let Some(conversation) = &c.conversation else { return first };
    // A request is one of n turns alike, so that on average (E[n²]/E[n] − 1)/2 turns lie before it.
    let n = conversation.turns.expect(|n| n);
    let before = (conversation.turns.expect(|n| n * n) / n - 1.0) / 2.0;
    first + before * (conversation.input.expect(|x| x) + c.output.expect(|x| x))
}

/// Mean tokens of a prompt that no other prompt begins with.
fn new_tokens(c: &ClassSource) -> f64 {
    if c.prefix.groups > 0 && c.prefix.prompts > 0 {
        return 1.0;
    }
    let first = c.input.expect(|x| x);
    let Some(conversation) = &c.conversation else { return first };
    let n = conversation.turns.expect(|n| n);
    first / n + (1.0 - 1.0 / n) * conversation.input.expect(|x| x)
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;
    use crate::scenario::{KvTransfer, Plugin, Preset, Scenario, resolve};
    use serde_json::json;

    fn capacity_rps(decider: &str, change: impl FnOnce(&mut Scenario)) -> f64 {
        let mut s = Preset::find("pd-chat").expect("is there").scenario().expect("reads");
        s.workload.classes[0].conversation = None;
        s.workload.arrival.rate_rps = 0.01;
        let handler = s.policies.plugins.iter_mut().find(|p| p.kind == "disagg-profile-handler").expect("has one");
        handler.parameters.insert("deciders".into(), json!({ "prefill": decider }));
        s.policies.plugins.push(Plugin::new(decider));
        change(&mut s);
        resolve(&s, &Catalog::builtin()).expect("sound").capacity_rps()
    }

    #[test]
    fn prompts_computed_apart_are_bounded_by_those_who_compute_them() {
        let [never, always, best] = ["never-disagg-pd-decider", "always-disagg-pd-decider", "edpp-pd-decider"]
            .map(|decider| capacity_rps(decider, |_| ()));
        assert!(best > never.max(always), "{best} is best of {never} and {always}");
        let alone = capacity_rps("never-disagg-pd-decider", |s| s.topology.pools.retain(|p| p.role == "decode"));
        assert_eq!(never, alone, "those who decode, alone");
        let doubled = capacity_rps("always-disagg-pd-decider", |s| s.topology.pools[0].replicas = 2);
        assert!((doubled / always - 2.0).abs() < 1e-9, "prompts are what bounds it: {doubled}, {always}");
    }

    #[test]
    fn a_slow_network_bounds_them_too() {
        let slow = |gb_s: f64| {
            capacity_rps("always-disagg-pd-decider", |s| {
                s.topology.kv_transfer = Some(KvTransfer { gb_s_per_gpu: Some(gb_s), ..KvTransfer::default() });
            })
        };
        assert!((slow(0.02) / slow(0.01) - 2.0).abs() < 1e-9 && slow(1e5) > 10.0 * slow(0.02));
    }
}
