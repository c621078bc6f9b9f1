//! The machines: pools of identical replicas, each a vLLM engine on its GPUs.

use super::{Extra, OwnGpu, OwnModel, SpeculativeConfig};
use crate::catalog::Model;
use crate::latency::{AllToAll, Spread};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Every pool of the deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Topology {
    /// Pools of identical replicas.
    pub pools: Vec<Pool>,
    /// How keys and values get from where a prompt was computed to where it is decoded; absent: the usual way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kv_transfer: Option<KvTransfer>,
    /// Models beside those of the catalogue.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<OwnModel>,
    /// GPUs beside those of the catalogue.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gpus: Vec<OwnGpu>,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for Topology {
    fn default() -> Self {
        Topology {
            pools: Vec::from([Pool::default()]),
            kv_transfer: None,
            models: Vec::new(),
            gpus: Vec::new(),
            extra: Extra::new(),
        }
    }
}

/// The way of keys and values between engines, as NIXL reads them: the decoding engine pulls what it lacks once the whole
/// prompt was computed. Every GPU has a network card; a replica sends and receives over those of all its GPUs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KvTransfer {
    /// The network, by its key in the catalogue.
    pub network: String,
    /// What one GPU's card carries in each direction, GB/s; absent: the catalogue's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gb_s_per_gpu: Option<f64>,
    /// Setting a read up, µs; absent: the catalogue's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_us: Option<f64>,
    /// Posting one descriptor, µs; a read has one for each block and layer of a rank. Absent: the catalogue's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub descriptor_us: Option<f64>,
    /// By how much a transfer may take longer or shorter than it should, as a share: uniform between both.
    pub jitter_frac: f64,
    /// What two engines take to get to know each other, before their first transfer, ms.
    pub handshake_ms: f64,
    /// How long a prompt's blocks are held for the engine that reads them, s.
    pub lease_s: f64,
    /// Whether that engine renews the lease while the request waits there.
    pub heartbeats: bool,
    /// What the sidecar adds to each of the two legs, ms.
    pub sidecar_ms: f64,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for KvTransfer {
    /// vLLM 0.33's NIXL connector (lease 30 s, heartbeats; source key `vllm-0.33`) over a 400 Gbit/s network. A first
    /// handshake of about 5 s and a hop of 0.1 to 5 ms through the sidecar were measured with llm-d (source key
    /// `llmd-sidecar`). Nobody has published how much transfers vary, so by default they do not.
    fn default() -> Self {
        KvTransfer {
            network: "ib-400g".into(),
            gb_s_per_gpu: None,
            latency_us: None,
            descriptor_us: None,
            jitter_frac: 0.0,
            handshake_ms: 5000.0,
            lease_s: 30.0,
            heartbeats: true,
            sidecar_ms: 1.0,
            extra: Extra::new(),
        }
    }
}

/// Identical replicas of one model on one kind of GPU.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pool {
    /// Name for people.
    pub name: String,
    /// What its replicas do, as llm-d's label `llm-d.ai/role` says: `prefill` computes prompts for others, `decode` decodes (and computes the
    /// prompts nobody else has computed), `both` (or `prefill-decode`) does either.
    pub role: String,
    /// Kubernetes labels of its replicas, for policies that choose by them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Model, by its key among those of the deployment or in the catalogue.
    pub model: String,
    /// GPU, by its key among those of the deployment or in the catalogue.
    pub gpu: String,
    /// How many replicas.
    pub replicas: u32,
    /// vLLM's settings.
    pub engine: EngineArgs,
    /// Price of one GPU, USD per hour; absent: the catalogue's typical price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_usd_per_gpu_hour: Option<f64>,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for Pool {
    fn default() -> Self {
        Pool {
            name: "default".into(),
            role: "both".into(),
            labels: BTreeMap::new(),
            model: "qwen3-14b".into(),
            gpu: "h100-sxm".into(),
            replicas: 4,
            engine: EngineArgs::default(),
            price_usd_per_gpu_hour: None,
            extra: Extra::new(),
        }
    }
}

/// Settings of one vLLM engine, under vLLM's names. Absent means vLLM's own default for this version,
/// model and GPU.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EngineArgs {
    /// Release of vLLM whose semantics and defaults apply.
    pub version: String,
    /// GPUs one replica is split over.
    pub tensor_parallel_size: u32,
    /// Stages that a replica's layers are cut into, each on GPUs of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline_parallel_size: Option<u32>,
    /// Engines of one replica, each with its own batch and KV cache; those of a model with experts share these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_parallel_size: Option<u32>,
    /// Whether an expert lies on one GPU, instead of a part of it on each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_expert_parallel: Option<bool>,
    /// How tokens get to experts elsewhere: `allgather_reducescatter`, `deepep_low_latency` or `deepep_high_throughput`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all2all_backend: Option<String>,
    /// Token budget of one step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_num_batched_tokens: Option<u32>,
    /// Largest number of sequences in a step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_num_seqs: Option<u32>,
    /// Largest step, tokens, that is launched as a CUDA graph; absent: the release's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_cudagraph_capture_size: Option<u32>,
    /// Sequences beyond which none is admitted, if fewer than `max_num_seqs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_num_active_seqs: Option<u32>,
    /// Requests in the queue at which the API server answers 503.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_num_queued_reqs: Option<u32>,
    /// Prompt tokens in the queue at which it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_num_queued_tokens: Option<u32>,
    /// Whether a prompt may be computed in pieces, over several steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_chunked_prefill: Option<bool>,
    /// Share of KV blocks that stay free when a request is admitted beside others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watermark: Option<f64>,
    /// Whether a request is admitted only if the blocks for its whole known sequence are free, not only those of its first
    /// step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduler_reserve_full_isl: Option<bool>,
    /// Who goes first: `fcfs`, or `priority`: of llm-d's priorities of the traffic classes, the highest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduling_policy: Option<String>,
    /// Most tokens of one request in a step; 0: no cap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long_prefill_token_threshold: Option<u32>,
    /// Whether that cap is at least a fair share of the budget.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long_prefill_token_threshold_adaptive: Option<bool>,
    /// Steps from one with a prompt in it to the next, while somebody decodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefill_schedule_interval: Option<u32>,
    /// Prompts in progress at once. vLLM's V1 scheduler starts with 1 only, which says nothing about chunks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_num_partial_prefills: Option<u32>,
    /// Of those, the long ones; likewise 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_long_partial_prefills: Option<u32>,
    /// Numbers that the weights are held in, as vLLM names them; absent: those of the published checkpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantization: Option<String>,
    /// Numbers that keys and values are held in, as vLLM names them; absent: bf16.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kv_cache_dtype: Option<String>,
    /// Longest sequence, tokens; absent: as much as the model allows and the KV cache holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_model_len: Option<u32>,
    /// Share of GPU memory the engine may use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_memory_utilization: Option<f64>,
    /// Tokens per KV block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_size: Option<u32>,
    /// KV blocks, instead of what memory sizing gives: paste the number your server logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_gpu_blocks_override: Option<u32>,
    /// Whether prompts that begin alike share what was computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_prefix_caching: Option<bool>,
    /// Host memory that keys and values of prompts are offloaded to, over all GPUs of an engine, GiB; absent, or 0: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kv_offloading_size: Option<f64>,
    /// What offloads: `native`, vLLM's own connector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kv_offloading_backend: Option<String>,
    /// Whether scheduling runs one batch ahead of execution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub async_scheduling: Option<bool>,
    /// Drafts that are verified in one step; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speculative_config: Option<SpeculativeConfig>,
    /// How tokens are sampled: `top-p`, as most chat models' generation defaults ask, or `greedy`.
    pub sampling: String,
    /// Step time given by coefficients instead of physics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_law: Option<StepLaw>,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for EngineArgs {
    fn default() -> Self {
        EngineArgs {
            version: "0.33".into(),
            tensor_parallel_size: 1,
            pipeline_parallel_size: None,
            data_parallel_size: None,
            enable_expert_parallel: None,
            all2all_backend: None,
            max_num_batched_tokens: None,
            max_num_seqs: None,
            max_cudagraph_capture_size: None,
            max_num_active_seqs: None,
            max_num_queued_reqs: None,
            max_num_queued_tokens: None,
            enable_chunked_prefill: None,
            watermark: None,
            scheduler_reserve_full_isl: None,
            scheduling_policy: None,
            long_prefill_token_threshold: None,
            long_prefill_token_threshold_adaptive: None,
            prefill_schedule_interval: None,
            max_num_partial_prefills: None,
            max_long_partial_prefills: None,
            quantization: None,
            kv_cache_dtype: None,
            max_model_len: None,
            gpu_memory_utilization: None,
            block_size: None,
            num_gpu_blocks_override: None,
            enable_prefix_caching: None,
            kv_offloading_size: None,
            kv_offloading_backend: None,
            async_scheduling: None,
            speculative_config: None,
            sampling: "top-p".into(),
            step_law: None,
            extra: Extra::new(),
        }
    }
}

/// A step law by coefficients, for measured engines and for checks against queueing theory. With it, the
/// front end's fixed times are left out too: the law is all there is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StepLaw {
    /// Time of any step, µs.
    pub step_us: f64,
    /// Time per sequence in the step, µs.
    pub per_sequence_us: f64,
    /// Time per token computed, µs.
    pub per_token_us: f64,
    /// Time per token of context attended to, µs.
    pub per_context_token_us: f64,
    /// Settings this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl EngineArgs {
    /// Stages that layers are cut into.
    pub(super) fn stages(&self) -> u32 {
        self.pipeline_parallel_size.unwrap_or(1)
    }

    /// Engines of a replica.
    pub(super) fn ranks(&self) -> u32 {
        self.data_parallel_size.unwrap_or(1)
    }

    /// How a model lies beyond tensor parallelism; none for a way between experts that is not known.
    pub(super) fn spread(&self, model: &Model) -> Option<Spread> {
        let all_to_all = match self.all2all_backend.as_deref().unwrap_or("allgather_reducescatter") {
            // Without whole experts on a GPU, all of them need all tokens.
            _ if self.enable_expert_parallel != Some(true) => AllToAll::Gather,
            "allgather_reducescatter" => AllToAll::Gather,
            "deepep_low_latency" => AllToAll::LowLatency,
            "deepep_high_throughput" => AllToAll::HighThroughput,
            _ => return None,
        };
        let expert_ranks = if model.experts().is_some() { self.ranks() } else { 1 };
        Some(Spread { pipeline: self.stages(), expert_ranks, all_to_all })
    }
}
