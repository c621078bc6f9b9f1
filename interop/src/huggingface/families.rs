//! Architectures by their `model_type`: what their layers are, and under which names their fields say so.

use super::config::Config;
use crate::report::{Fate, Problem};

/// Biases of attention.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Biases {
    /// Of queries, keys and values, always.
    Qkv,
    /// Of these, where `attention_bias` says so.
    QkvIfSaid,
    /// Of all four products, where `attention_bias` says so.
    AllIfSaid,
    /// Of all four, with a sink for each head.
    AllAndSinks,
}

/// Norms of each query and key head.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum HeadNorms {
    None,
    Always,
    /// Where `use_qk_norm` says so.
    IfSaid,
}

/// Which layers attend to what, where `layer_types` does not say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// All alike: with a window where there is a `sliding_window`.
    Alike,
    /// The layers from `max_window_layers` on have the window, if `use_sliding_window`.
    FromLayer,
    /// Window and all of the context in turn, the window first.
    Alternating,
    /// All of the context in every so-manieth layer: the field, and the usual number.
    Every(&'static str, u32),
    /// Chunks of `attention_chunk_size`, but for the layers whose `no_rope_layers` is 0: every fourth.
    Chunked,
    /// Linear attention, but for every so-manieth layer.
    LinearButEvery(&'static str, u32),
}

/// How keys and values are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// Per head.
    Heads,
    /// As one vector a token.
    Latent,
}

/// What every token passes beside its own experts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shared {
    None,
    /// So many experts as this field says.
    Count(&'static str),
    /// Of the width that this field says; with a gate for their output or without.
    Width(&'static str, bool),
    /// One, as wide as the others.
    One,
}

/// Which layers have experts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Placed {
    Everywhere,
    /// After `first_k_dense_replace` layers, each `moe_layer_freq`-th.
    AfterFirst,
    /// Each `decoder_sparse_step`-th, but not `mlp_only_layers`.
    Sparse,
    /// Each `interleave_moe_layer_step`-th, or `moe_layers`.
    Interleaved,
}

/// Mixtures of experts.
#[derive(Clone, Copy)]
pub(super) struct Routing {
    /// Fields that say how many there are, by preference.
    pub(super) count: &'static [&'static str],
    /// Fields that say how many a token goes to.
    pub(super) per_token: &'static [&'static str],
    /// Field of their width.
    pub(super) width: &'static str,
    /// Field of the width of layers without experts.
    pub(super) dense_width: &'static str,
    pub(super) shared: Shared,
    pub(super) placed: Placed,
    /// Whether the router has a number for each expert beside its matrix.
    pub(super) router_bias: bool,
    /// Whether experts have biases.
    pub(super) expert_bias: bool,
}

/// One architecture.
#[derive(Clone, Copy)]
pub(super) struct Family {
    pub(super) types: &'static [&'static str],
    pub(super) kept: Kept,
    pub(super) biases: Biases,
    pub(super) head_norms: HeadNorms,
    /// Whether a gate multiplies what attention gives.
    pub(super) gate: bool,
    pub(super) order: Order,
    /// Norms of the residual stream in a layer.
    pub(super) norms: u32,
    /// Whether the LM head is the embedding, where nothing is said.
    pub(super) tied: bool,
    pub(super) routing: Option<Routing>,
    /// What transformers take for fields that are not there.
    pub(super) usual: &'static [(&'static str, u32)],
    /// Whether positions are counted with the rotary embedding's stretching in them.
    pub(super) stretched: bool,
    /// Whether this is what the architecture is known to be.
    pub(super) known: bool,
}

const PLAIN: Family = Family {
    types: &["llama", "mistral", "phi3", "granite", "ministral", "ministral3", "mistral3", "yi"],
    kept: Kept::Heads,
    biases: Biases::AllIfSaid,
    head_norms: HeadNorms::None,
    gate: false,
    order: Order::Alike,
    norms: 2,
    tied: false,
    routing: None,
    usual: &[],
    stretched: false,
    known: true,
};

const LOCAL: Routing = Routing {
    count: &["num_local_experts", "num_experts"],
    per_token: &["num_experts_per_tok", "experts_per_token"],
    width: "intermediate_size",
    dense_width: "intermediate_size",
    shared: Shared::None,
    placed: Placed::Everywhere,
    router_bias: false,
    expert_bias: false,
};

const QWEN: Routing = Routing {
    count: &["num_experts"],
    width: "moe_intermediate_size",
    shared: Shared::Width("shared_expert_intermediate_size", true),
    placed: Placed::Sparse,
    ..LOCAL
};

const DEEPSEEK: Routing = Routing {
    count: &["n_routed_experts"],
    width: "moe_intermediate_size",
    shared: Shared::Count("n_shared_experts"),
    placed: Placed::AfterFirst,
    router_bias: true,
    ..LOCAL
};

const HYBRID_QWEN: Family = Family {
    types: &["qwen3_next", "qwen3_5_moe", "qwen3_5_moe_text"],
    head_norms: HeadNorms::Always,
    gate: true,
    order: Order::LinearButEvery("full_attention_interval", 4),
    routing: Some(QWEN),
    ..PLAIN
};

const LATENT: Family = Family {
    types: &["deepseek_v2", "deepseek_v3", "deepseek_v32", "kimi_k2", "kimi_k25", "glm_moe_dsa"],
    kept: Kept::Latent,
    routing: Some(DEEPSEEK),
    ..PLAIN
};

const FAMILIES: [Family; 15] = [
    PLAIN,
    Family { types: &["qwen2"], biases: Biases::Qkv, order: Order::FromLayer, ..PLAIN },
    Family { types: &["qwen3"], head_norms: HeadNorms::Always, order: Order::FromLayer, ..PLAIN },
    Family { types: &["qwen2_moe"], biases: Biases::Qkv, order: Order::FromLayer, routing: Some(QWEN), ..PLAIN },
    Family {
        types: &["qwen3_moe"],
        head_norms: HeadNorms::Always,
        order: Order::FromLayer,
        routing: Some(Routing { shared: Shared::None, ..QWEN }),
        ..PLAIN
    },
    HYBRID_QWEN,
    Family { types: &["qwen3_5", "qwen3_5_text"], routing: None, ..HYBRID_QWEN },
    Family { types: &["mixtral"], routing: Some(LOCAL), ..PLAIN },
    LATENT,
    Family {
        types: &["gpt_oss"],
        biases: Biases::AllAndSinks,
        order: Order::Alternating,
        routing: Some(Routing { router_bias: true, expert_bias: true, ..LOCAL }),
        ..PLAIN
    },
    Family {
        types: &["gemma2"],
        order: Order::Alternating,
        norms: 4,
        tied: true,
        usual: &[("head_dim", 256), ("sliding_window", 4096)],
        ..PLAIN
    },
    Family {
        types: &["gemma3", "gemma3_text"],
        head_norms: HeadNorms::Always,
        order: Order::Every("sliding_window_pattern", 6),
        norms: 4,
        tied: true,
        usual: &[
            ("num_attention_heads", 8),
            ("num_key_value_heads", 4),
            ("head_dim", 256),
            ("vocab_size", 262_208),
            ("max_position_embeddings", 131_072),
            ("sliding_window", 4096),
        ],
        stretched: true,
        ..PLAIN
    },
    Family {
        types: &["llama4", "llama4_text"],
        order: Order::Chunked,
        routing: Some(Routing {
            dense_width: "intermediate_size_mlp",
            shared: Shared::One,
            placed: Placed::Interleaved,
            ..LOCAL
        }),
        usual: &[("attention_chunk_size", 8192)],
        ..PLAIN
    },
    Family {
        types: &["glm4_moe"],
        biases: Biases::QkvIfSaid,
        head_norms: HeadNorms::IfSaid,
        routing: Some(DEEPSEEK),
        ..PLAIN
    },
    Family {
        types: &["minimax_m2"],
        head_norms: HeadNorms::IfSaid,
        routing: Some(Routing { router_bias: true, ..LOCAL }),
        ..PLAIN
    },
];

/// Granite 4: layers with a state, or with attention, each with experts or an MLP.
pub(super) const GRANITE: Family = Family {
    types: &["granitemoehybrid"],
    routing: Some(Routing { shared: Shared::Width("shared_intermediate_size", false), ..LOCAL }),
    ..PLAIN
};

/// Nemotron-H: a letter for each block.
pub(super) const NEMOTRON: Family = Family {
    types: &["nemotron_h"],
    norms: 1,
    routing: Some(Routing { shared: Shared::Count("n_shared_experts"), router_bias: false, ..DEEPSEEK }),
    ..PLAIN
};

/// Architectures that cannot be simulated, and why.
const REFUSED: [(&[&str], &str); 6] = [
    (
        &[
            "bert",
            "roberta",
            "xlm-roberta",
            "modernbert",
            "distilbert",
            "deberta-v2",
            "electra",
            "albert",
            "nomic_bert",
        ],
        "encodes text and generates none",
    ),
    (
        &["clip", "siglip", "siglip_vision_model", "vit", "dinov2", "whisper", "wav2vec2"],
        "sees or hears, and has no language model that generates",
    ),
    (
        &["t5", "mt5", "bart", "mbart", "pegasus", "m2m_100"],
        "is an encoder with a decoder; only models that decode alone are simulated",
    ),
    (
        &["mamba", "mamba2", "falcon_mamba", "rwkv", "rwkv7", "xlstm"],
        "has no attention, and so no KV cache, by which an engine's memory is counted here",
    ),
    (
        &["jamba", "zamba", "zamba2", "falcon_h1", "recurrent_gemma", "minimax", "plamo2", "lfm2", "kimi_linear"],
        "mixes tokens in a way that is not simulated: attention, latent attention, the gated delta rule and Mamba-2 are",
    ),
    (
        &["nemotron-nas", "gemma4", "gemma4_text", "gemma3n", "dbrx", "gpt2", "bloom", "mpt", "falcon"],
        "has layers that are described in a way that is not read yet",
    ),
];

/// The architecture of a configuration.
pub(super) fn of(config: &mut Config<'_>) -> Result<Family, Problem> {
    let named = config.model_type();
    if let Some((_, why)) = REFUSED.iter().find(|(types, _)| types.contains(&named)) {
        return Err(config.problem(format!("is of model_type {named}, which {why}")));
    }
    let architecture = config.architecture();
    if config.find("hidden_size").is_none() {
        let what = if architecture.is_empty() { named } else { architecture };
        return Err(config.problem(format!(
            "is the config.json of {what}, without hidden_size: no language model that can be read"
        )));
    }
    let known = FAMILIES.iter().chain([&GRANITE, &NEMOTRON]).find(|family| family.types.contains(&named));
    if let Some(family) = known {
        config.say("model_type", Fate::Exact, "");
        config.usual = family.usual;
        return Ok(*family);
    }
    let odd = [
        "n_routed_experts",
        "num_experts",
        "num_local_experts",
        "kv_lora_rank",
        "linear_num_value_heads",
        "mamba_n_heads",
        "ssm_cfg",
    ];
    if let Some(field) = odd.into_iter().find(|key| config.find(key).is_some()) {
        let all: Vec<&str> = FAMILIES.iter().chain([&GRANITE, &NEMOTRON]).flat_map(|f| f.types).copied().collect();
        return Err(config.problem(format!(
            "is of model_type {named}, whose {field} is not known to mean what it does elsewhere; known are {}",
            all.join(", ")
        )));
    }
    let note = format!("“{named}” is not known: its layers are taken to be attention and a gated MLP, as Llama's");
    config.say("model_type", Fate::Approximated, note);
    Ok(Family { known: false, ..PLAIN })
}
