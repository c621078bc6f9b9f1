//! Everything a policy may know, and nothing else: never the true output length, never the future.

use super::produce::{Level, Prediction, PrefixInfo, Topology};
use crate::base::{Dur, Id, Run, Time};
use alloc::string::String;
use alloc::vec::Vec;

/// Marks ids of serving instances.
#[derive(Debug)]
pub enum Instance {}

/// A request, as a router sees it: its body and its headers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ask<'a> {
    /// Which request; the address of its random draws.
    pub number: u64,
    /// Traffic class: the fairness id, `x-llm-d-inference-fairness-id`.
    pub class: u32,
    /// llm-d's priority, of the objective that `x-llm-d-inference-objective` names.
    pub priority: i32,
    /// Prompt length, tokens.
    pub prompt_tokens: u32,
    /// What the prompt says.
    pub prompt: &'a [Run],
    /// The conversation it belongs to: the session id.
    pub session: u64,
    /// Target of the time to first token, `x-llm-d-slo-ttft-ms`.
    pub slo_ttft: Option<Dur>,
    /// Target of the time between tokens, `x-llm-d-slo-tpot-ms`.
    pub slo_tpot: Option<Dur>,
}

/// An instance that survived the filters, with its total score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Which instance.
    pub instance: Id<Instance>,
    /// Weighted sum of the scorers; 0 where a profile has none.
    pub score: f64,
}

impl Candidate {
    /// Its place in every column of [`FleetView`].
    #[must_use]
    pub fn at(&self) -> usize {
        self.instance.index() as usize
    }
}

/// The stages of a request that an instance serves, as its label `llm-d.ai/role` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stages {
    /// Whether it has the label.
    pub labelled: bool,
    /// Whether it computes prompts for others.
    pub prefills: bool,
    /// Whether it decodes.
    pub decodes: bool,
    /// Whether it encodes images.
    pub encodes: bool,
}

impl Stages {
    /// Those of this label; none: no label.
    #[must_use]
    pub fn of(label: Option<&str>) -> Stages {
        let labelled = label.is_some();
        let (encodes, prefills, decodes) = match label.unwrap_or_default() {
            "prefill" => (false, true, false),
            "decode" => (false, false, true),
            "encode" => (true, false, false),
            "encode-prefill" => (true, true, false),
            "prefill-decode" | "both" => (false, true, true),
            "encode-prefill-decode" => (true, true, true),
            _ => (false, false, false),
        };
        Stages { labelled, prefills, decodes, encodes }
    }
}

/// The label that says what an instance does.
pub const ROLE_LABEL: &str = "llm-d.ai/role";

/// What does not change about an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    labels: Vec<(String, String)>,
    stages: Stages,
}

impl Endpoint {
    /// With these labels.
    #[must_use]
    pub fn new(labels: Vec<(String, String)>) -> Self {
        let stages = Stages::of(labels.iter().find(|(key, _)| key == ROLE_LABEL).map(|(_, value)| value.as_str()));
        Endpoint { labels, stages }
    }

    /// The value of a label.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }

    /// What it does.
    #[must_use]
    pub fn stages(&self) -> Stages {
        self.stages
    }
}

/// What a simulation lets producers read of the engines themselves: their caches, which tell the router of every block by
/// events, and how long their steps take, which stands for a model that learned it.
pub trait Engines {
    /// Tokens of a KV block of the instance.
    fn block_tokens(&self, instance: u32) -> u32;
    /// How many of these blocks, from the first, the instance has in its cache.
    fn cached_blocks(&self, instance: u32, hashes: &[u64]) -> u32;
    /// How many of them, from the first, the memory of its host has.
    fn offloaded_blocks(&self, _instance: u32, _hashes: &[u64]) -> u32 {
        0
    }
    /// Tokens that one step computes at most.
    fn step_tokens(&self, instance: u32) -> u32;
    /// How long a step takes that computes so many prompt tokens beside so many sequences, each with this context.
    fn step(&self, instance: u32, prompt_tokens: u32, decodes: u32, context_tokens: u32) -> Dur;
    /// Tokens that the KV cache of the instance holds.
    fn kv_tokens(&self, instance: u32) -> u64;
    /// Time of a request outside the engine, where so many sequences run: before it, and after its first token. Nobody is
    /// before it in the queue of the API server.
    fn front_end(&self, instance: u32, prompt_tokens: u32, running: u32) -> Dur;
}

/// Engines of which nothing is known.
#[derive(Clone, Copy, Debug)]
pub struct NoEngines;

impl Engines for NoEngines {
    fn block_tokens(&self, _: u32) -> u32 {
        1
    }
    fn cached_blocks(&self, _: u32, _: &[u64]) -> u32 {
        0
    }
    fn step_tokens(&self, _: u32) -> u32 {
        1
    }
    fn step(&self, _: u32, _: u32, _: u32, _: u32) -> Dur {
        Dur::ZERO
    }
    fn kv_tokens(&self, _: u32) -> u64 {
        0
    }
    fn front_end(&self, _: u32, _: u32, _: u32) -> Dur {
        Dur::ZERO
    }
}

/// The fleet at one moment, column by column. What is scraped is as old as the last scrape; what the router counts itself
/// is not.
#[derive(Clone, Copy)]
pub struct FleetView<'a> {
    /// The moment.
    pub now: Time,
    /// When the scraped columns were read.
    pub scraped_at: Time,
    /// Labels of each instance.
    pub endpoints: &'a [Endpoint],
    /// The engines, for producers.
    pub engines: &'a dyn Engines,
    /// Requests in each instance's queue: scraped.
    pub waiting: &'a [u32],
    /// Requests in each instance's batch: scraped.
    pub running: &'a [u32],
    /// Share of each instance's KV blocks in use: scraped.
    pub kv_usage: &'a [f64],
    /// Requests sent to each instance that have not ended: counted by the router.
    pub in_flight: &'a [u32],
    /// Prompt tokens sent to each instance and not known to be computed: counted by the router.
    pub in_flight_tokens: &'a [u64],
    /// What each producer of prefix matches says, in the order in which plugins asked for them.
    pub prefixes: &'a [PrefixInfo],
    /// Tokens of this prompt that each instance would have to compute; empty when nobody asked.
    pub uncached: &'a [u32],
    /// Predicted latencies of this request on each instance; empty when nobody asked.
    pub predictions: &'a [Option<Prediction>],
    /// What says where instances are, in the order in which plugins asked for it; none where it is not declared.
    pub topologies: &'a [Option<Topology>],
    /// Where the request decodes, while it is chosen who computes its prompt.
    pub peer: Option<Id<Instance>>,
}

impl FleetView<'_> {
    /// A fleet of nobody.
    pub const EMPTY: FleetView<'static> = FleetView {
        now: Time::ZERO,
        scraped_at: Time::ZERO,
        endpoints: &[],
        engines: &NoEngines,
        waiting: &[],
        running: &[],
        kv_usage: &[],
        in_flight: &[],
        in_flight_tokens: &[],
        prefixes: &[],
        uncached: &[],
        predictions: &[],
        topologies: &[],
        peer: None,
    };

    /// The prediction for an instance, if there is one.
    #[must_use]
    pub fn prediction(&self, instance: usize) -> Option<Prediction> {
        self.predictions.get(instance).copied().flatten()
    }

    /// The tightest level that the instance shares with where the request decodes.
    #[must_use]
    pub fn shared_with_peer(&self, topology: usize, instance: usize) -> Option<Level> {
        let topology = self.topologies.get(topology)?.as_ref()?;
        topology.shared(self.endpoints.get(self.peer?.index() as usize)?, self.endpoints.get(instance)?)
    }

    /// What the instance does; without labels, nothing is known.
    #[must_use]
    pub fn stages(&self, instance: usize) -> Stages {
        self.endpoints.get(instance).map_or_else(Stages::default, Endpoint::stages)
    }
}
