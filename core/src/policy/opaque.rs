//! Plugins of llm-d that a simulation keeps and writes back without carrying them out, and why.

use super::{Badge, Meta};

/// A plugin without effect here.
const fn kept(id: &'static str, title: &'static str, doc: &'static str) -> Meta {
    Meta { id, title, doc, source: "llm-d-router", badge: Badge::Ignored, params: &[] }
}

/// All of them, in the order of the documentation.
pub static OPAQUE: &[Meta] = &[
    kept(
        "lora-affinity-scorer",
        "LoRA affinity",
        "Nobody asks for an adapter here, and then it rates every instance 0.",
    ),
    kept("endpoint-attribute-scorer", "Endpoint attributes", "Attributes from outside are not simulated."),
    kept("endpoint-attribute-filter", "Endpoint attributes", "Attributes from outside are not simulated."),
    kept("header-label-affinity-scorer", "Header affinity", "Requests carry no headers of their own."),
    kept("mm-embeddings-cache-scorer", "Embeddings", "Images are not simulated."),
    kept("mm-embeddings-cache-producer", "Embeddings", "Images are not simulated."),
    kept("multicluster-queue-scorer", "Queues of clusters", "One cluster is simulated."),
    kept("multicluster-kv-cache-utilization-scorer", "KV caches of clusters", "One cluster is simulated."),
    kept("multicluster-prefix-cache-scorer", "Prefixes of clusters", "One cluster is simulated."),
    kept(
        "precise-prefix-cache-scorer",
        "Precise prefixes",
        "Removed by llm-d: prefix-cache-scorer with the precise producer does it.",
    ),
    kept("burst-prefix-cache-producer", "Bursts of a prefix", "Requests are not held back to be grouped."),
    kept("p2p-source-producer", "KV from a peer", "Instances do not pull blocks from each other."),
    kept("sheddable-eviction-filter", "Who may be evicted", "What `enableEviction` does without it."),
    kept("priority-then-time-eviction-order-policy", "Who is evicted first", "What `enableEviction` does without it."),
    kept("token-producer", "Tokeniser", "Prompts are known in tokens, without an estimate from their bytes."),
    kept("session-id-producer", "Session ids", "Every request names its conversation."),
    kept("single-profile-handler", "One profile", "What one profile means without it."),
    kept("data-parallel-profile-handler", "Ranks as endpoints", "A replica is one endpoint."),
    kept("metrics-data-source", "Scraping", "Engines are scraped every 50 ms without it."),
    kept("core-metrics-extractor", "Metrics", "Queue, batch and KV use are read without it."),
    kept("models-data-source", "Models served", "One model is served."),
    kept("endpoint-notification-source", "Endpoints that come and go", "Instances stay."),
    kept("k8s-notification-source", "Kubernetes events", "Instances stay."),
    kept("file-discovery", "Endpoints from a file", "The scenario says which instances there are."),
    kept("openai-parser", "OpenAI's API", "Requests need no parsing."),
    kept("anthropic-parser", "Anthropic's API", "Requests need no parsing."),
    kept("vllmhttp-parser", "vLLM's API", "Requests need no parsing."),
    kept("vllmgrpc-parser", "vLLM over gRPC", "Requests need no parsing."),
    kept("sglanghttp-parser", "SGLang's API", "Requests need no parsing."),
    kept("vertexai-parser", "Vertex AI's API", "Requests need no parsing."),
    kept("passthrough-parser", "No parsing", "Requests need no parsing."),
];
