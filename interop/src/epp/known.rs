//! Every plugin type of llm-d's router, by what it does: so that one the simulator lacks is told apart from one that
//! nobody knows.
//!
//! After llm-d-router of August 2026 (v0.10.0 and what followed).

use crate::report::Fate;
use playground_core::policy;

/// What a plugin does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Leaves some instances out.
    Filter,
    /// Rates instances.
    Scorer,
    /// Chooses one.
    Picker,
    /// Decides which profiles run.
    Handler,
    /// Decides whether prompts are computed apart.
    Decider,
    /// Works out what others need.
    Producer,
    /// Turns requests away.
    Admitter,
    /// Says how full the pool is.
    Detector,
    /// Orders requests that wait at the router.
    FlowControl,
    /// Brings data to the router.
    DataLayer,
    /// Reads requests.
    Parser,
}

/// The types of each stage.
const KNOWN: [(Stage, &[&str]); 11] = [
    (
        Stage::Filter,
        &[
            "decode-filter",
            "prefill-filter",
            "encode-filter",
            "label-selector-filter",
            "by-label",
            "by-label-selector",
            "utilization-filter",
            "prefix-cache-affinity-filter",
            "slo-headroom-tier-filter",
            "session-affinity-filter",
            "topology-affinity-filter",
            "endpoint-attribute-filter",
        ],
    ),
    (
        Stage::Scorer,
        &[
            "queue-scorer",
            "running-requests-size-scorer",
            "kv-cache-utilization-scorer",
            "prefix-cache-scorer",
            "precise-prefix-cache-scorer",
            "load-aware-scorer",
            "active-request-scorer",
            "token-load-scorer",
            "session-affinity-scorer",
            "lora-affinity-scorer",
            "no-hit-lru-scorer",
            "context-length-aware",
            "latency-scorer",
            "topology-affinity-scorer",
            "endpoint-attribute-scorer",
            "header-label-affinity-scorer",
            "mm-embeddings-cache-scorer",
            "multicluster-queue-scorer",
            "multicluster-kv-cache-utilization-scorer",
            "multicluster-prefix-cache-scorer",
        ],
    ),
    (Stage::Picker, &["max-score-picker", "random-picker", "weighted-random-picker"]),
    (
        Stage::Handler,
        &[
            "single-profile-handler",
            "disagg-profile-handler",
            "pd-profile-handler",
            "data-parallel-profile-handler",
            "header-profile-handler",
            "disagg-headers-handler",
            "prefill-header-handler",
        ],
    ),
    (Stage::Decider, &["always-disagg-pd-decider", "prefix-based-pd-decider", "always-disagg-multimodal-decider"]),
    (
        Stage::Producer,
        &[
            "token-producer",
            "tokenizer",
            "approx-prefix-cache-producer",
            "precise-prefix-cache-producer",
            "burst-prefix-cache-producer",
            "inflight-load-producer",
            "predicted-latency-producer",
            "session-id-producer",
            "mm-embeddings-cache-producer",
            "p2p-source-producer",
            "multicluster-approx-prefix-cache-producer",
        ],
    ),
    (Stage::Admitter, &["probabilistic-admitter", "latency-slo-admitter"]),
    (Stage::Detector, &["utilization-detector", "concurrency-detector"]),
    (
        Stage::FlowControl,
        &[
            "global-strict-fairness-policy",
            "round-robin-fairness-policy",
            "program-aware-fairness",
            "fcfs-ordering-policy",
            "edf-ordering-policy",
            "slo-deadline-ordering-policy",
            "static-usage-limit-policy",
            "priority-holdback-policy",
            "soft-reflective-ceiling-policy",
            "sheddable-eviction-filter",
            "priority-then-time-eviction-order-policy",
        ],
    ),
    (
        Stage::DataLayer,
        &[
            "metrics-data-source",
            "core-metrics-extractor",
            "models-data-source",
            "endpoint-notification-source",
            "k8s-notification-source",
            "topology-extractor",
            "file-discovery",
        ],
    ),
    (
        Stage::Parser,
        &[
            "openai-parser",
            "anthropic-parser",
            "vllmhttp-parser",
            "vllmgrpc-parser",
            "sglanghttp-parser",
            "vertexai-parser",
            "passthrough-parser",
        ],
    ),
];

/// What is simulated without a plugin of its own.
const BUILT_IN: [(&str, Fate, &str); 5] = [
    ("single-profile-handler", Fate::Exact, "with one profile the router does the same without it"),
    ("metrics-data-source", Fate::Approximated, "engines are scraped every 50 ms, and a scrape takes no time"),
    ("core-metrics-extractor", Fate::Approximated, "queue, batch and KV use are read as vLLM reports them"),
    ("token-producer", Fate::Approximated, "prompts are counted in true tokens, without the error of an estimate"),
    ("endpoint-notification-source", Fate::Approximated, "the router knows every instance from the beginning"),
];

/// What llm-d does with a plugin of this type; none for a type that its router does not have.
#[must_use]
pub fn stage(kind: &str) -> Option<Stage> {
    KNOWN.iter().find(|(_, kinds)| kinds.contains(&kind)).map(|(stage, _)| *stage)
}

/// A plugin's description in the simulator's registry.
#[must_use]
pub fn registered(kind: &str) -> Option<&'static policy::Meta> {
    policy::all().find(|meta| meta.id == kind)
}

/// Whether the simulator has this plugin and llm-d does not.
#[must_use]
pub fn is_textbook(kind: &str) -> bool {
    stage(kind).is_none() && registered(kind).is_some_and(|meta| meta.badge == policy::Badge::Textbook)
}

/// How a plugin of this type is simulated, and why.
#[must_use]
pub fn fate(kind: &str) -> (Fate, String) {
    if let Some(meta) = registered(kind) {
        return match meta.badge.word() {
            "exact" => (Fate::Exact, String::new()),
            "textbook" => (Fate::Exact, "a textbook policy that llm-d does not have".into()),
            "ignored" => (Fate::Ignored, meta.doc.into()),
            _ => (Fate::Approximated, meta.doc.into()),
        };
    }
    if let Some((_, fate, note)) = BUILT_IN.iter().find(|(id, ..)| *id == kind) {
        return (*fate, (*note).into());
    }
    let note = match stage(kind) {
        None => "llm-d's router has no plugin of this type; it is kept as it is, and has no effect here",
        Some(Stage::Parser) => "requests are simulated without their text",
        Some(Stage::DataLayer) => "it has no effect on where requests go here",
        Some(_) => "not simulated by this release; it is kept, and has no effect here",
    };
    (Fate::Ignored, note.into())
}
