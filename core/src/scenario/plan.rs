//! A scenario that was checked and worked out: indices and integers, ready to simulate.

use super::capacity::Mix;
use super::check::look;
use super::chosen::{ChosenPolicies, RunOf};
use super::disagg::{TransferPlan, transfer_plan};
use super::{
    Diagnostic, EngineArgs, KvTransfer, Load, LoadAxis, Pool, Scenario, Speculation, SpeculativeConfig, TrafficClass,
};
use crate::base::{Dur, math};
use crate::catalog::{AllReduceTable, Catalog, EngineVersion, Gpu, Model, Precision};
use crate::latency::{
    Affine, AllToAll, Batch, Drafter, DrafterMemory, Drafting, FrontEnd, KvLaw, KvSizing, Layout, MemoryDemand,
    Physics, Sampling, Spread, StepModel, kv_sizing,
};
use crate::policy::{Endpoint, ROLE_LABEL, Role, Router, flow};
use crate::workload::{ClassSource, Process};
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// What is simulated. Made by [`resolve`] alone, so it is known to be sound.
#[derive(Clone)]
pub struct Plan {
    pub(crate) pools: Vec<PoolPlan>,
    pub(crate) classes: Vec<ClassPlan>,
    policies: ChosenPolicies,
    pub(crate) transfer: TransferPlan,
    pub(crate) seed: u64,
    pub(crate) replications: u32,
    pub(super) mix: Mix,
    pub(crate) process: Process,
    pub(super) warmup_s: Option<f64>,
    pub(super) finds_warmup: bool,
    horizon: Dur,
    pub(super) axis: LoadAxis,
    pub(super) load: Load,
    pub(super) max_concurrency: Option<u32>,
    pub(super) capacity_rps: f64,
}

/// One pool, worked out.
#[derive(Clone, Debug)]
pub struct PoolPlan {
    /// Name for people.
    pub name: String,
    /// Model.
    pub model: Model,
    /// GPU.
    pub gpu: Gpu,
    /// Numbers that weights, keys and values are held in.
    pub precision: Precision,
    /// What its replicas do.
    pub role: Role,
    /// How many engines: of replicas with data-parallel ranks, each rank is one.
    pub replicas: u32,
    /// GPUs that an engine is split over, layer by layer.
    pub tensor_parallel: u32,
    /// How it lies beyond that.
    pub spread: Spread,
    /// The engine's settings, defaults filled in.
    pub engine: EngineConfig,
    /// How long a step takes.
    pub step_model: Arc<StepModel>,
    /// How memory is spent.
    pub memory: KvSizing,
    /// The API server of each replica.
    pub front_end: FrontEnd,
    /// Price of one GPU, USD per hour.
    pub price_usd_per_gpu_hour: f64,
    /// What the router sees of a replica: its labels, its role among them.
    pub endpoint: Endpoint,
}

impl PoolPlan {
    /// Bytes of one KV block, over all GPUs of a replica.
    #[must_use]
    pub fn kv_block_bytes(&self) -> f64 {
        self.memory.kv_bytes_per_token * f64::from(self.engine.block_size) * f64::from(self.engine_gpus())
    }

    /// Whether its steps take as long as coefficients say, and not physics.
    #[must_use]
    pub fn has_step_law(&self) -> bool {
        matches!(*self.step_model, StepModel::Affine(_))
    }

    /// GPUs of one engine.
    #[must_use]
    pub fn engine_gpus(&self) -> u32 {
        self.tensor_parallel * self.spread.pipeline
    }

    /// GPUs of all replicas.
    #[must_use]
    pub fn gpus(&self) -> u32 {
        self.replicas * self.engine_gpus()
    }

    /// Tokens the KV cache of one replica holds, in sequences as long as allowed: where windows or states take blocks per
    /// sequence, shorter ones hold fewer.
    #[must_use]
    pub fn kv_tokens(&self) -> u64 {
        let EngineConfig { kv_blocks, block_size, max_model_len, kv_law, .. } = self.engine;
        let tokens = u64::from(kv_blocks) * u64::from(block_size);
        if kv_law == KvLaw::default() {
            return tokens;
        }
        let longest = f64::from(max_model_len.max(1));
        (tokens as f64 * longest / kv_law.displaced(block_size, longest)) as u64
    }
}

/// vLLM's settings with defaults filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineConfig {
    /// Token budget of one step.
    pub max_num_batched_tokens: u32,
    /// Largest number of sequences in a step.
    pub max_num_seqs: u32,
    /// Sequences beyond which none is admitted.
    pub max_num_active_seqs: u32,
    /// Requests, and prompt tokens, in the queue at which no more are taken.
    pub queued_max: (u32, u32),
    /// Whether a prompt may be computed in pieces, over several steps.
    pub chunked_prefill: bool,
    /// Blocks that stay free when a request is admitted beside others.
    pub watermark_blocks: u32,
    /// Longest sequence, tokens.
    pub max_model_len: u32,
    /// Tokens per KV block.
    pub block_size: u32,
    /// KV blocks usable.
    pub kv_blocks: u32,
    /// Blocks a sequence holds besides one for each `block_size` tokens.
    pub kv_law: KvLaw,
    /// Whether scheduling runs one batch ahead of execution.
    pub async_scheduling: bool,
    /// Whether a waiting request is admitted only if its whole known sequence fits now.
    pub reserve_full_sequence: bool,
    /// Drafts that a step verifies; none: a step decodes one token of each.
    pub speculation: Option<Speculation>,
    /// How a pass chooses among requests.
    pub scheduling: Scheduling,
    /// Whether blocks are remembered by what they hold.
    pub prefix_caching: bool,
    /// Whether blocks that hold nothing are reused before all others when let go (vLLM 0.33), or queue with them.
    pub empty_blocks_first: bool,
    /// Whether answers can be hit while they are being written: for traffic whose turns overlap.
    pub answers_shared_at_once: bool,
    /// Host memory that keys and values of prompts are offloaded to, where they are.
    pub offload: Option<OffloadPlan>,
}

/// Host memory beside an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffloadPlan {
    /// Blocks it holds.
    pub blocks: u32,
    /// What copying one takes, in either direction.
    pub block: Dur,
}

impl EngineConfig {
    /// Tokens that a sequence computes in a step once it has its prompt, and those that it yields on average.
    #[must_use]
    pub fn decoding(&self) -> (u32, f64) {
        self.speculation.map_or((1, 1.0), |s| (1 + s.drafts, s.yielded()))
    }

    /// Adds such sequences to a batch, with so many tokens computed before, and those counted up to the bound.
    pub(super) fn add_decoding(&self, batch: &mut Batch, seqs: u32, (ctx, span): (u64, u64)) {
        if self.speculation.is_none() {
            batch.decode_seqs += seqs;
            batch.decode_ctx_tokens += ctx;
            batch.decode_span_tokens += span;
        } else {
            batch.verify_seqs += seqs;
            batch.verify_tokens += seqs * self.decoding().0;
            batch.verify_ctx_tokens += ctx;
            batch.verify_span_tokens += span;
        }
    }
}

/// How a pass chooses among requests: vLLM's settings beside its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheduling {
    /// Who goes first.
    pub policy: SchedulingPolicy,
    /// Most tokens of one request in a step; 0: no cap.
    pub long_prefill_token_threshold: u32,
    /// Whether the cap is at least a fair share of the budget.
    pub long_prefill_token_threshold_adaptive: bool,
    /// Whether the cap is off while there is only one request.
    pub threshold_spares_one_alone: bool,
    /// After a step with a prompt in it, prompts are held until so many steps later; 1: not at all.
    pub prefill_schedule_interval: u32,
    /// Whether a request that loses its own blocks, being of the least priority, keeps those behind it from the step.
    pub own_victim_ends_pass: bool,
    /// Whether one that loses its blocks from ahead of the request being placed, and has no tokens in the step, makes the
    /// next one miss the step.
    pub idle_victim_costs_a_turn: bool,
}

impl Default for Scheduling {
    /// Those of vLLM 0.33, where nothing else is asked for.
    fn default() -> Self {
        Scheduling {
            policy: SchedulingPolicy::Fcfs,
            long_prefill_token_threshold: 0,
            long_prefill_token_threshold_adaptive: false,
            threshold_spares_one_alone: true,
            prefill_schedule_interval: 1,
            own_victim_ends_pass: false,
            idle_victim_costs_a_turn: false,
        }
    }
}

/// Who goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchedulingPolicy {
    /// Who came first.
    Fcfs,
    /// The lowest priority number, then who came first.
    Priority,
}

/// One traffic class, worked out.
#[derive(Clone, Debug)]
pub struct ClassPlan {
    /// Name for people.
    pub name: String,
    /// llm-d's priority.
    pub priority: i32,
    /// What its requests are like.
    pub source: ClassSource,
    /// How long a client waits for the whole answer.
    pub timeout: Option<Dur>,
    /// Whether stop tokens end its answers, not their asked length.
    pub stops: bool,
    /// Percentile of the targets, in (0, 100).
    pub slo_percentile: f64,
    /// Target of the time to first token.
    pub slo_ttft: Option<Dur>,
    /// Target of the time between tokens.
    pub slo_itl: Option<Dur>,
    /// Target of the time to the last token.
    pub slo_e2e: Option<Dur>,
}

impl Plan {
    /// The pools.
    #[must_use]
    pub fn pools(&self) -> &[PoolPlan] {
        &self.pools
    }

    /// The traffic classes.
    #[must_use]
    pub fn classes(&self) -> &[ClassPlan] {
        &self.classes
    }

    /// Nominal capacity, requests per second: the mean-field estimate of `core/src/scenario/capacity.rs`.
    #[must_use]
    pub fn capacity_rps(&self) -> f64 {
        self.capacity_rps
    }

    /// Repetitions of each load.
    #[must_use]
    pub fn replications(&self) -> u32 {
        self.replications
    }

    /// Simulated time in which requests that arrive are measured.
    #[must_use]
    pub fn horizon(&self) -> Dur {
        self.horizon
    }

    /// GPUs of the whole deployment.
    #[must_use]
    pub fn gpus(&self) -> u32 {
        self.pools.iter().map(PoolPlan::gpus).sum()
    }

    /// Price of the whole deployment, USD per hour.
    #[must_use]
    pub fn usd_per_hour(&self) -> f64 {
        self.pools.iter().map(|p| f64::from(p.gpus()) * p.price_usd_per_gpu_hour).sum()
    }

    /// The routing policy in a few words.
    #[must_use]
    pub fn routing_title(&self) -> String {
        self.policies.title()
    }

    /// Titles and weights of the scorers: of the profile that chooses who serves or decodes, and of the one for prompts
    /// computed apart.
    #[must_use]
    pub fn scorers(&self) -> [Vec<(String, f64)>; 2] {
        self.policies.scorers()
    }

    /// Whether some prompts may be computed apart from decoding.
    #[must_use]
    pub fn is_disaggregated(&self) -> bool {
        self.policies.disagg.is_some()
    }

    /// Whether some engine offloads keys and values to host memory.
    #[must_use]
    pub fn offloads(&self) -> bool {
        self.pools.iter().any(|p| p.engine.offload.is_some())
    }

    /// Whether somebody may be turned away or give up: at the router, before an engine whose queue is full, or in time.
    #[must_use]
    pub(super) fn turns_away(&self) -> bool {
        let sheds = self.classes.iter().any(|c| c.priority < 0 || c.timeout.is_some());
        let full = self.pools.iter().any(|p| p.engine.queued_max != (u32::MAX, u32::MAX));
        sheds || full || self.policies.holds_back()
    }

    /// The router of one replication, which starts without memories.
    pub(crate) fn build_router(&self, replication: u32) -> Router {
        let (pools, classes, seed) = (&self.pools, &self.classes, self.seed);
        self.policies.build_router(RunOf { pools, classes, seed, replication })
    }

    /// The router's own queue, if it has one.
    pub(crate) fn build_flow(&self) -> Option<flow::Setup> {
        self.policies.build_flow(&self.classes)
    }
}

/// Works a scenario out.
///
/// # Errors
/// The findings, when one of them is an error. Warnings do not prevent a plan.
pub fn resolve(scenario: &Scenario, catalog: &Catalog) -> Result<Plan, Vec<Diagnostic>> {
    let (found, plan) = examine(scenario, catalog);
    plan.ok_or(found)
}

/// Everything found about a scenario, as [`check`](super::check()) has it, and where no error is among it the scenario
/// worked out.
#[must_use]
pub fn examine(scenario: &Scenario, catalog: &Catalog) -> (Vec<Diagnostic>, Option<Plan>) {
    let (found, pools) = look(scenario, catalog);
    (found, pools.map(|pools| plan(scenario, catalog, pools)))
}

/// A sound scenario with these pools, worked out.
fn plan(scenario: &Scenario, catalog: &Catalog, pools: Vec<PoolPlan>) -> Plan {
    let classes: Vec<ClassPlan> = scenario.workload.classes.iter().map(class_plan).collect();
    let caching = pools.iter().all(|p| p.engine.prefix_caching);
    let transfer = scenario.topology.kv_transfer.clone().unwrap_or_default();
    let transfer = transfer_plan(&transfer, catalog, &pools[0].model).expect("a checked network is known");
    let policies = ChosenPolicies::new(&scenario.policies).expect("a checked profile has a picker");
    let mix = Mix::new(&classes, caching).apart(&pools, &transfer, policies.disagg.as_ref());
    let capacity_rps = mix.capacity_rps(&pools);
    let load = scenario.workload.arrival.load().expect("a checked arrival has a load");
    Plan {
        policies,
        transfer,
        seed: scenario.run.seed,
        replications: scenario.run.replications,
        mix,
        process: scenario.workload.arrival.process().expect("a checked arrival has a process"),
        warmup_s: scenario.run.warmup_s,
        finds_warmup: scenario.run.warmup_rule == "mser-5",
        horizon: Dur::from_secs_f64(f64::from(scenario.run.requests) / capacity_rps),
        axis: scenario.run.load.clone(),
        load,
        max_concurrency: scenario.workload.arrival.max_concurrency,
        capacity_rps,
        pools,
        classes,
    }
}

/// One pool worked out; none when something it names is unknown.
pub(super) fn pool_plan(pool: &Pool, catalog: &Catalog) -> Option<PoolPlan> {
    let gpu = catalog.gpu(&pool.gpu)?;
    let model = catalog.model(&pool.model)?;
    let version = catalog.engine_version(&pool.engine.version)?;
    let precision = precision(pool, catalog, model)?;
    let spread = pool.engine.spread(model)?;
    let engine = engine_config(pool, catalog, (model, gpu, &precision), version);
    let step_model = step_model(pool, catalog, (model, gpu, &precision), version, &engine.0);
    let instant = matches!(step_model, StepModel::Affine(_));
    let step_model = Arc::new(step_model);
    Some(PoolPlan {
        name: pool.name.clone(),
        model: model.clone(),
        gpu: gpu.clone(),
        precision,
        role: Role::read(&pool.role)?,
        replicas: pool.replicas * pool.engine.ranks(),
        spread,
        tensor_parallel: pool.engine.tensor_parallel_size,
        engine: engine.0,
        step_model,
        memory: engine.1,
        front_end: if instant {
            FrontEnd::default()
        } else {
            FrontEnd::new(&catalog.constants, version.early_front_end)
        },
        price_usd_per_gpu_hour: pool.price_usd_per_gpu_hour.unwrap_or(gpu.price_usd_per_gpu_hour),
        endpoint: endpoint(pool),
    })
}

/// The labels of a pool's replicas.
fn endpoint(pool: &Pool) -> Endpoint {
    let labels = pool.labels.iter().filter(|(key, _)| *key != ROLE_LABEL);
    let role = (ROLE_LABEL.into(), pool.role.clone());
    Endpoint::new(labels.map(|(key, value)| (key.clone(), value.clone())).chain([role]).collect())
}

/// The engine of a pool and how its memory is spent; none when something it names is unknown.
pub(super) fn sized(pool: &Pool, catalog: &Catalog) -> Option<(EngineConfig, KvSizing)> {
    let (gpu, model) = (catalog.gpu(&pool.gpu)?, catalog.model(&pool.model)?);
    let version = catalog.engine_version(&pool.engine.version)?;
    Some(engine_config(pool, catalog, (model, gpu, &precision(pool, catalog, model)?), version))
}

/// The numbers a pool's engine holds its model in; none for words that are not known.
pub(super) fn precision(pool: &Pool, catalog: &Catalog, model: &Model) -> Option<Precision> {
    let fp8_kv = match pool.engine.kv_cache_dtype.as_deref().unwrap_or("auto") {
        "auto" | "bfloat16" => false,
        "fp8" | "fp8_e4m3" | "fp8_e5m2" => true,
        _ => return None,
    };
    Some(Precision { fp8_kv, ..catalog.precision(model, pool.engine.quantization.as_deref())? })
}

/// The model that drafts for a pool's, where one does, as it was published.
fn drafter<'a>(pool: &Pool, catalog: &'a Catalog) -> Option<(&'a Model, Precision)> {
    let config = pool.engine.speculative_config.as_ref().filter(|config| config.method == "draft_model")?;
    let model = catalog.model(config.model.as_deref()?)?;
    Some((model, catalog.precision(model, None)?))
}

const GIB: f64 = 1_073_741_824.0;

/// vLLM's default token budget where ranks share experts through DeepEP's kernels for few tokens (source key `vllm-0.33`).
const LOW_LATENCY_TOKENS: u32 = 256;

fn engine_config(
    pool: &Pool,
    catalog: &Catalog,
    (model, gpu, precision): (&Model, &Gpu, &Precision),
    version: &EngineVersion,
) -> (EngineConfig, KvSizing) {
    let args = &pool.engine;
    let drafter = drafter(pool, catalog);
    let spread = args.spread(model).unwrap_or_default();
    let (default_tokens, default_seqs) = version.batch_defaults(gpu);
    // DeepEP's kernels for few tokens have room for so many.
    let few = spread.expert_ranks > 1 && spread.all_to_all == AllToAll::LowLatency;
    let default_tokens = if few { default_tokens.min(LOW_LATENCY_TOKENS) } else { default_tokens };
    let max_num_batched_tokens = args.max_num_batched_tokens.unwrap_or(default_tokens);
    // vLLM lowers its own default when the budget is smaller, since a step decodes at least one token each.
    let max_num_seqs = args.max_num_seqs.unwrap_or(default_seqs.min(max_num_batched_tokens));
    let block_size = args.block_size.unwrap_or(version.block_size);
    let memory = kv_sizing(&MemoryDemand {
        model,
        gpu,
        precision,
        tensor_parallel: args.tensor_parallel_size,
        spread,
        gpu_memory_utilization: args.gpu_memory_utilization.unwrap_or(version.gpu_memory_utilization),
        max_num_batched_tokens,
        max_num_seqs,
        block_size,
        drafter: match &args.speculative_config {
            Some(config) if config.is_layer() => Some(DrafterMemory::Layer),
            _ => drafter.as_ref().map(|(model, precision)| DrafterMemory::Model(model, precision)),
        },
    });
    let kv_blocks = args.num_gpu_blocks_override.unwrap_or(memory.blocks);
    let fits = memory.law.longest(block_size, kv_blocks);
    let max_model_len = args.max_model_len.unwrap_or(model.max_context_tokens.min(fits));
    let config = EngineConfig {
        // Every part of the batch has the budget.
        max_num_batched_tokens: max_num_batched_tokens.saturating_mul(spread.pipeline),
        max_num_seqs,
        max_num_active_seqs: args.max_num_active_seqs.unwrap_or(max_num_seqs),
        queued_max: (args.max_num_queued_reqs.unwrap_or(u32::MAX), args.max_num_queued_tokens.unwrap_or(u32::MAX)),
        chunked_prefill: args.enable_chunked_prefill.unwrap_or(true),
        // Of all blocks, the reserved one included, as vLLM counts.
        watermark_blocks: (args.watermark.unwrap_or(0.0) * f64::from(kv_blocks.saturating_add(1))) as u32,
        max_model_len,
        block_size,
        kv_blocks,
        kv_law: memory.law,
        async_scheduling: args.async_scheduling.unwrap_or(plans_ahead(args, version)),
        speculation: Speculation::of(args),
        reserve_full_sequence: args.scheduler_reserve_full_isl.unwrap_or(version.reserve_full_sequence),
        scheduling: scheduling(args, version),
        prefix_caching: args.enable_prefix_caching.unwrap_or(version.prefix_caching && !model.is_recurrent()),
        empty_blocks_first: version.empty_blocks_first,
        answers_shared_at_once: false,
        offload: offload(args, gpu, memory.kv_bytes_per_token * f64::from(block_size), spread.pipeline),
    };
    (config, memory)
}

/// Whether a step is planned while another executes, where nothing is said of it. Drafts looked up in the prompt need the
/// tokens of the step before: vLLM then schedules synchronously.
fn plans_ahead(args: &EngineArgs, version: &EngineVersion) -> bool {
    let looks_up = args.speculative_config.as_ref().is_some_and(SpeculativeConfig::is_lookup);
    version.async_scheduling && !looks_up && args.stages() == 1
}

/// Host memory beside an engine whose GPUs hold so many bytes of a block each. Every GPU copies its own part.
fn offload(args: &EngineArgs, gpu: &Gpu, bytes: f64, stages: u32) -> Option<OffloadPlan> {
    let gpus = f64::from(args.tensor_parallel_size) * f64::from(stages);
    if bytes <= 0.0 {
        return None;
    }
    let blocks = (args.kv_offloading_size? * GIB / (bytes * gpus)) as u32;
    // Rounded up, so that no copy is faster than the link.
    let block = Dur::from_ps((math::ceil(bytes / (gpu.host_gb_s * 1e9) * 1e12) as u64).max(1));
    (blocks > 0).then_some(OffloadPlan { blocks, block })
}

fn scheduling(args: &EngineArgs, version: &EngineVersion) -> Scheduling {
    let by_priority = args.scheduling_policy.as_deref() == Some("priority");
    Scheduling {
        policy: if by_priority { SchedulingPolicy::Priority } else { SchedulingPolicy::Fcfs },
        long_prefill_token_threshold: args.long_prefill_token_threshold.unwrap_or(0),
        long_prefill_token_threshold_adaptive: args.long_prefill_token_threshold_adaptive.unwrap_or(false),
        threshold_spares_one_alone: version.threshold_spares_one_alone,
        prefill_schedule_interval: args.prefill_schedule_interval.unwrap_or(1),
        own_victim_ends_pass: version.own_victim_ends_pass,
        idle_victim_costs_a_turn: version.idle_victim_costs_a_turn,
    }
}

fn step_model(
    pool: &Pool,
    catalog: &Catalog,
    (model, gpu, precision): (&Model, &Gpu, &Precision),
    version: &EngineVersion,
    engine: &EngineConfig,
) -> StepModel {
    let us = |us: f64| Dur::from_secs_f64(us * 1e-6);
    match &pool.engine.step_law {
        Some(law) => StepModel::Affine(Affine::new(
            us(law.step_us),
            us(law.per_sequence_us),
            us(law.per_token_us),
            us(law.per_context_token_us),
        )),
        None => {
            let spread = pool.engine.spread(model).unwrap_or_default();
            let layout = Layout {
                model,
                gpu,
                constants: &catalog.constants,
                precision,
                tensor_parallel: pool.engine.tensor_parallel_size,
                all_reduce: catalog.all_reduce(gpu, pool.engine.tensor_parallel_size),
                spread,
                gather: gather(pool, catalog, gpu, spread),
                stage_bytes_per_s: stage_bytes_per_s(pool, catalog, gpu),
                part_tokens_max: engine.max_num_batched_tokens / spread.pipeline,
                sampling: if pool.engine.sampling == "greedy" { Sampling::Greedy } else { Sampling::TopP },
                graph_tokens_max: pool.engine.max_cudagraph_capture_size.unwrap_or(version.graph_tokens_max),
                max_num_seqs: engine.max_num_seqs,
                planned_ahead: engine.async_scheduling,
                early_block_experts: version.early_block_experts,
                drafting: None,
            };
            let drafting = engine.speculation.map(|s| Drafting { drafts: s.drafts, by: by(pool, catalog, &layout) });
            StepModel::Physics(Box::new(Physics::new(&Layout { drafting, ..layout })))
        }
    }
}

/// All-reduce times among the GPUs of all ranks that share experts: within a node, or at the pace of the network.
fn gather(pool: &Pool, catalog: &Catalog, gpu: &Gpu, spread: Spread) -> Option<AllReduceTable> {
    let gpus = pool.engine.tensor_parallel_size.saturating_mul(spread.expert_ranks);
    if gpus <= gpu.link_gpus {
        return catalog.all_reduce(gpu, gpus);
    }
    let network = Gpu { link_gb_s_per_direction: network_gb_s(catalog), ..gpu.clone() };
    Some(AllReduceTable::from_links(&network, gpus))
}

/// What a GPU's network card carries, GB/s.
fn network_gb_s(catalog: &Catalog) -> f64 {
    let usual = KvTransfer::default().network;
    catalog.networks.iter().find(|n| n.id == usual).map_or(1.0, |n| n.gb_s_per_gpu)
}

/// What a GPU sends to that of the next stage: over the links of its node, or over the network.
fn stage_bytes_per_s(pool: &Pool, catalog: &Catalog, gpu: &Gpu) -> f64 {
    let within = pool.engine.tensor_parallel_size.saturating_mul(pool.engine.stages()) <= gpu.link_gpus;
    let gb_s = if within { gpu.link_gb_s_per_direction } else { network_gb_s(catalog) };
    gb_s * 1e9
}

/// Who drafts beside a model that lies like this.
fn by(pool: &Pool, catalog: &Catalog, layout: &Layout<'_>) -> Drafter {
    let Some(config) = &pool.engine.speculative_config else { return Drafter::Lookup };
    let model = drafter(pool, catalog).map(|(model, precision)| {
        let drafting = Layout { model, precision: &precision, sampling: Sampling::Greedy, ..layout.clone() };
        Drafter::Model(Box::new(Physics::new(&drafting)))
    });
    model.unwrap_or(if config.is_layer() { Drafter::Layer } else { Drafter::Lookup })
}

pub(super) fn class_plan(class: &TrafficClass) -> ClassPlan {
    let ms = |target: Option<f64>| target.map(|ms| Dur::from_secs_f64(ms * 1e-3));
    ClassPlan {
        name: class.name.to_string(),
        priority: class.priority,
        source: class.source().expect("a checked class has a source"),
        timeout: class.timeout_s.map(Dur::from_secs_f64),
        stops: !class.ignore_eos,
        slo_percentile: class.slo.percentile,
        slo_ttft: ms(class.slo.ttft_ms),
        slo_itl: ms(class.slo.itl_ms),
        slo_e2e: ms(class.slo.e2e_ms),
    }
}
