//! Layers into blocks: how many of each kind there are, in the order in which the catalogue has them.

use super::config::Config;
use super::families::{Biases, Family, GRANITE, HeadNorms, Kept, NEMOTRON, Order, Placed, Routing, Shared};
use crate::report::Fate;
use crate::yaml::Node;
use playground_core::catalog::{Attention, Block, Blocks, Experts, GatedDelta, Index, LatentAttention, Mamba2, Mlp};

/// Most layers, and heads; widest width inside a layer; most experts.
const LAYERS_MAX: u32 = 1024;
const HEADS_MAX: u32 = 1024;
const WIDTH_MAX: u32 = 1_048_576;
const EXPERTS_MAX: u32 = 4096;
const TOKENS_MAX: u32 = 16_777_216;

/// All blocks of a model.
pub(super) struct Layers {
    pub(super) blocks: Vec<Blocks>,
    /// Norms of the residual stream, the last one included.
    pub(super) hidden_norms: u32,
}

/// What mixes tokens in a layer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mixer {
    /// Attention to all of the context.
    All,
    /// Attention with a bound.
    Bounded,
    /// A state.
    State,
}

/// Reads the layers of a model of this width.
pub(super) fn read(config: &mut Config<'_>, family: &Family, hidden: u32, context: u32) -> Layers {
    if family.types == NEMOTRON.types {
        return by_letters(config, family, hidden);
    }
    let count = config.needed("num_hidden_layers", LAYERS_MAX);
    let mixers = mixers(config, family, count, context);
    let mut blocks = Vec::new();
    let of = |mixer: Mixer| mixers.iter().filter(|m| **m == mixer).count() as u32;
    let (all, bounded, state) = (of(Mixer::All), of(Mixer::Bounded), of(Mixer::State));
    if family.kept == Kept::Latent {
        blocks.push(Blocks { count: all + bounded, block: Block::LatentAttention(latent(config)) });
    } else if all + bounded > 0 {
        let attention = attention(config, family, hidden);
        let window_tokens = if bounded > 0 { Some(bound(config, family)) } else { None };
        blocks.push(Blocks { count: bounded, block: Block::Attention(Attention { window_tokens, ..attention }) });
        blocks.push(Blocks { count: all, block: Block::Attention(attention) });
    }
    if state > 0 {
        let block = if family.types == GRANITE.types { mamba(config, &GRANITE_STATE, hidden) } else { delta(config) };
        blocks.push(Blocks { count: state, block });
    }
    blocks.extend(feed_forward(config, family, hidden, count));
    blocks.retain(|b| b.count > 0);
    Layers { blocks, hidden_norms: family.norms * count + 1 }
}

/// What each layer attends to.
fn mixers(config: &mut Config<'_>, family: &Family, count: u32, context: u32) -> Vec<Mixer> {
    if family.kept == Kept::Latent {
        return vec![Mixer::All; count as usize];
    }
    let mut mixers = match config.find("layer_types") {
        Some(list) => listed(config, list.items(), count),
        None => ordered(config, family, count),
    };
    let attending = mixers.iter().filter(|m| **m != Mixer::State).count();
    let bounded = mixers.iter().filter(|m| **m == Mixer::Bounded).count();
    if bounded == 0 {
        return mixers;
    }
    let field = bound_field(family);
    let tokens = bound(config, family);
    if tokens >= context {
        config.say(field, Fate::Exact, "is no bound: no sequence is longer");
    } else if bounded == attending {
        let note = "bounds every layer; attention to all of the context is simulated, which takes more memory and time";
        config.say(field, Fate::Approximated, note);
    } else {
        return mixers;
    }
    mixers.iter_mut().filter(|m| **m == Mixer::Bounded).for_each(|m| *m = Mixer::All);
    mixers
}

/// Each layer's kind, from a list of words.
fn listed(config: &mut Config<'_>, words: &[Node], count: u32) -> Vec<Mixer> {
    let kind = |word: &Node| match word.text().unwrap_or_default() {
        "full_attention" | "attention" | "global_attention" => Some(Mixer::All),
        "sliding_attention" | "chunked_attention" | "local_attention" => Some(Mixer::Bounded),
        "linear_attention" | "mamba" => Some(Mixer::State),
        _ => None,
    };
    config.say("layer_types", Fate::Exact, "");
    if words.len() != count as usize {
        config.wrong("layer_types", &format!("names {} layers, and num_hidden_layers is {count}", words.len()));
    }
    if let Some(word) = words.iter().find(|word| kind(word).is_none()) {
        let said: String = word.to_value().to_string().chars().take(40).collect();
        config.wrong("layer_types", &format!("has {said} in it, which is no known kind of layer"));
    }
    words.iter().filter_map(kind).collect()
}

/// Each layer's kind, as the architecture orders them.
fn ordered(config: &mut Config<'_>, family: &Family, count: u32) -> Vec<Mixer> {
    let bounded_if = |bounded: bool| if bounded { Mixer::Bounded } else { Mixer::All };
    let every = |n: u32, other: Mixer| (1..=count).map(move |i| if i % n == 0 { Mixer::All } else { other }).collect();
    match family.order {
        Order::Alike => vec![bounded_if(config.find("sliding_window").is_some()); count as usize],
        Order::FromLayer => {
            let windowed = config.flag("use_sliding_window", false) && config.find("sliding_window").is_some();
            if !windowed {
                if config.find("sliding_window").is_some() {
                    config.say("sliding_window", Fate::Exact, "is not used: use_sliding_window is not set");
                }
                return vec![Mixer::All; count as usize];
            }
            let from = config.or("max_window_layers", LAYERS_MAX, count);
            (0..count).map(|i| bounded_if(i >= from)).collect()
        }
        Order::Alternating => (0..count).map(|i| bounded_if(i % 2 == 0)).collect(),
        Order::Every(field, usual) => every(config.or(field, LAYERS_MAX, usual).max(1), Mixer::Bounded),
        Order::LinearButEvery(field, usual) => every(config.or(field, LAYERS_MAX, usual).max(1), Mixer::State),
        Order::Chunked => match config.numbers("no_rope_layers").filter(|list| list.len() == count as usize) {
            Some(rotary) => rotary.into_iter().map(|rotary| bounded_if(rotary != 0)).collect(),
            None => every(4, Mixer::Bounded),
        },
    }
}

fn bound_field(family: &Family) -> &'static str {
    if family.order == Order::Chunked { "attention_chunk_size" } else { "sliding_window" }
}

/// Tokens that bounded attention reaches.
fn bound(config: &mut Config<'_>, family: &Family) -> u32 {
    config.needed(bound_field(family), TOKENS_MAX)
}

/// Heads, and what divides them.
fn attention(config: &mut Config<'_>, family: &Family, hidden: u32) -> Attention {
    let heads = config.needed("num_attention_heads", HEADS_MAX);
    let kv_heads = config.number("num_key_value_heads", 1..=HEADS_MAX).unwrap_or(heads);
    if !heads.is_multiple_of(kv_heads) {
        config.wrong(
            "num_key_value_heads",
            &format!("is {kv_heads}, which does not divide num_attention_heads, {heads}"),
        );
    }
    let head_dim = config.number("head_dim", 1..=HEADS_MAX).unwrap_or_else(|| {
        if !hidden.is_multiple_of(heads) {
            config.wrong(
                "head_dim",
                &format!("is missing, and hidden_size, {hidden}, is no multiple of num_attention_heads, {heads}"),
            );
        }
        (hidden / heads).clamp(1, HEADS_MAX)
    });
    let (q, kv) = (heads * head_dim, kv_heads * head_dim);
    let said = match family.biases {
        Biases::QkvIfSaid | Biases::AllIfSaid => config.flag("attention_bias", false),
        Biases::AllAndSinks | Biases::Qkv => {
            config.flag("attention_bias", true);
            true
        }
    };
    let biases = match family.biases {
        _ if !said => 0,
        Biases::Qkv | Biases::QkvIfSaid => q + 2 * kv,
        Biases::AllIfSaid => q + 2 * kv + hidden,
        Biases::AllAndSinks => q + 2 * kv + hidden + heads,
    };
    let normed = match family.head_norms {
        HeadNorms::None => false,
        HeadNorms::Always => true,
        HeadNorms::IfSaid => config.flag("use_qk_norm", false),
    };
    Attention {
        heads,
        kv_heads,
        head_dim,
        window_tokens: None,
        output_gate: family.gate && config.flag("attn_output_gate", true),
        shared_kv_projection: false,
        vector_params: biases + if normed { 2 * head_dim } else { 0 },
    }
}

fn latent(config: &mut Config<'_>) -> LatentAttention {
    let heads = config.needed("num_attention_heads", HEADS_MAX);
    config.number("num_key_value_heads", 1..=HEADS_MAX);
    let (q_lora_rank, kv_lora_rank) =
        (config.or("q_lora_rank", WIDTH_MAX, 0), config.needed("kv_lora_rank", WIDTH_MAX));
    let index = config.number("index_topk", 1..=TOKENS_MAX).map(|top_k_tokens| Index {
        top_k_tokens,
        heads: config.needed("index_n_heads", HEADS_MAX),
        head_dim: config.needed("index_head_dim", HEADS_MAX),
    });
    LatentAttention {
        heads,
        q_lora_rank,
        kv_lora_rank,
        qk_nope_head_dim: config.needed("qk_nope_head_dim", HEADS_MAX),
        qk_rope_head_dim: config.needed("qk_rope_head_dim", HEADS_MAX),
        v_head_dim: config.needed("v_head_dim", HEADS_MAX),
        index,
        // Norms of both compressed vectors; an index norms its keys, with a bias.
        vector_params: q_lora_rank + kv_lora_rank + index.map_or(0, |i| 2 * i.head_dim),
    }
}

fn delta(config: &mut Config<'_>) -> Block {
    let key_heads = config.needed("linear_num_key_heads", HEADS_MAX);
    let value_heads = config.needed("linear_num_value_heads", HEADS_MAX);
    if !value_heads.is_multiple_of(key_heads) {
        config.wrong(
            "linear_num_key_heads",
            &format!("is {key_heads}, which does not divide the {value_heads} of values"),
        );
    }
    let value_head_dim = config.needed("linear_value_head_dim", HEADS_MAX);
    Block::GatedDelta(GatedDelta {
        key_heads,
        value_heads,
        key_head_dim: config.needed("linear_key_head_dim", HEADS_MAX),
        value_head_dim,
        conv_tokens: config.needed("linear_conv_kernel_dim", 64),
        // Two numbers for each value head, and the norm of a head.
        vector_params: 2 * value_heads + value_head_dim,
    })
}

/// Names of Mamba-2's dimensions: heads, width of one, state, groups, convolution.
type StateFields = [&'static str; 5];
const GRANITE_STATE: StateFields = ["mamba_n_heads", "mamba_d_head", "mamba_d_state", "mamba_n_groups", "mamba_d_conv"];
const NEMOTRON_STATE: StateFields = ["mamba_num_heads", "mamba_head_dim", "ssm_state_size", "n_groups", "conv_kernel"];

fn mamba(config: &mut Config<'_>, fields: &StateFields, hidden: u32) -> Block {
    let [heads_field, width_field, state_field, groups_field, conv_field] = *fields;
    let heads = config.needed(heads_field, HEADS_MAX);
    // Granite may leave the width to what its expansion gives.
    let expanded = config.number("mamba_expand", 1..=16).map(|n| n * hidden / heads);
    let head_dim = match (config.text(width_field), expanded) {
        (Some("auto"), Some(width)) if width > 0 => {
            config.say(width_field, Fate::Exact, "");
            width.min(HEADS_MAX)
        }
        _ => config.needed(width_field, HEADS_MAX),
    };
    let (state_size, groups) = (config.needed(state_field, HEADS_MAX), config.needed(groups_field, HEADS_MAX));
    if !heads.is_multiple_of(groups) {
        config.wrong(groups_field, &format!("is {groups}, which does not divide the {heads} heads"));
    }
    let inner = heads * head_dim;
    Block::Mamba2(Mamba2 {
        heads,
        head_dim,
        state_size,
        groups,
        conv_tokens: config.needed(conv_field, 64),
        // A bias for each channel of the convolution, three numbers for each head, and a norm.
        vector_params: inner + 2 * groups * state_size + 3 * heads + inner,
    })
}

/// MLPs and experts of so many layers.
fn feed_forward(config: &mut Config<'_>, family: &Family, hidden: u32, count: u32) -> Vec<Blocks> {
    let dense = |config: &mut Config<'_>, field: &str| {
        Block::Mlp(Mlp { intermediate_size: config.needed(field, WIDTH_MAX), matrices: 3 })
    };
    let Some(routing) = family.routing.filter(|r| r.count.iter().any(|key| has_some(config, key))) else {
        if let Some(routing) = family.routing.filter(|_| family.types != GRANITE.types) {
            config.wrong(routing.count[0], "is missing");
        }
        let field = if family.types == GRANITE.types { "shared_intermediate_size" } else { "intermediate_size" };
        return vec![Blocks { count, block: dense(config, field) }];
    };
    let routed = placed(config, routing.placed, count);
    let mut blocks = Vec::new();
    if routed < count {
        blocks.push(Blocks { count: count - routed, block: dense(config, routing.dense_width) });
    }
    let experts = experts(config, &routing, hidden, 3, None);
    blocks.push(Blocks { count: routed, block: Block::Experts(experts) });
    blocks
}

/// Whether a field names more than none.
fn has_some(config: &Config<'_>, key: &str) -> bool {
    config.find(key).is_some_and(|node| node.number() != Some(0.0))
}

/// Layers that have experts.
fn placed(config: &mut Config<'_>, placed: Placed, count: u32) -> u32 {
    let every = |step: u32, from: u32| (from..count).filter(|i| i.is_multiple_of(step.max(1))).count() as u32;
    match placed {
        Placed::Everywhere => count,
        Placed::AfterFirst => {
            let from = config.or("first_k_dense_replace", LAYERS_MAX, 0);
            every(config.or("moe_layer_freq", LAYERS_MAX, 1), from)
        }
        Placed::Sparse => {
            let step = config.or("decoder_sparse_step", LAYERS_MAX, 1).max(1);
            let dense = config.numbers("mlp_only_layers").unwrap_or_default();
            (0..count).filter(|i| (i + 1).is_multiple_of(step) && !dense.contains(i)).count() as u32
        }
        Placed::Interleaved => {
            let step = config.or("interleave_moe_layer_step", LAYERS_MAX, 1).max(1);
            match config.numbers("moe_layers") {
                Some(mut layers) => {
                    layers.retain(|i| *i < count);
                    layers.sort_unstable();
                    layers.dedup();
                    layers.len() as u32
                }
                None => (1..=count).filter(|i| i.is_multiple_of(step)).count() as u32,
            }
        }
    }
}

fn experts(config: &mut Config<'_>, routing: &Routing, hidden: u32, matrices: u32, latent: Option<u32>) -> Experts {
    let count = config.first(routing.count, EXPERTS_MAX);
    let per_token = config.first(routing.per_token, EXPERTS_MAX);
    if per_token > count {
        let field = routing.per_token.iter().find(|key| config.find(key).is_some()).unwrap_or(&routing.per_token[0]);
        config.wrong(field, &format!("is {per_token}, and there are {count} experts"));
    }
    let intermediate_size = config.needed(routing.width, WIDTH_MAX);
    let (shared_intermediate_size, gate) = match routing.shared {
        Shared::None => (0, false),
        Shared::One => (intermediate_size, false),
        Shared::Count(field) => (config.or(field, 64, 0).saturating_mul(intermediate_size), false),
        Shared::Width(field, gate) => {
            let width = config.or(field, WIDTH_MAX, 0);
            (width, gate && width > 0)
        }
    };
    Experts {
        count,
        per_token: per_token.min(count),
        intermediate_size,
        matrices,
        shared_intermediate_size,
        latent_size: latent,
        // Of the gate and what it multiplies, and of the way back.
        expert_vector_params: if routing.expert_bias { 2 * intermediate_size + hidden } else { 0 },
        vector_params: if routing.router_bias { count } else { 0 } + if gate { hidden } else { 0 },
    }
}

/// Nemotron-H: each letter of a pattern is a block with a norm of its own.
fn by_letters(config: &mut Config<'_>, family: &Family, hidden: u32) -> Layers {
    let pattern = config.text("hybrid_override_pattern").unwrap_or_default();
    let count = config.needed("num_hidden_layers", LAYERS_MAX);
    if config.find("hybrid_override_pattern").is_none() {
        config.wrong("hybrid_override_pattern", "is missing");
    } else if pattern.chars().count() != count as usize || pattern.chars().any(|c| !"M*-E".contains(c)) {
        let reason = format!("must be {count} letters: M for Mamba-2, * for attention, - for an MLP, E for experts");
        config.wrong("hybrid_override_pattern", &reason);
    } else {
        config.say("hybrid_override_pattern", Fate::Exact, "");
    }
    let of = |letter: char| pattern.chars().filter(|c| *c == letter).count() as u32;
    let mut blocks = Vec::new();
    if of('*') > 0 {
        blocks.push(Blocks { count: of('*'), block: Block::Attention(attention(config, family, hidden)) });
    }
    if of('M') > 0 {
        blocks.push(Blocks { count: of('M'), block: mamba(config, &NEMOTRON_STATE, hidden) });
    }
    if of('-') > 0 {
        let intermediate_size = config.needed("intermediate_size", WIDTH_MAX);
        blocks.push(Blocks { count: of('-'), block: Block::Mlp(Mlp { intermediate_size, matrices: 2 }) });
    }
    if let Some(routing) = family.routing.filter(|_| of('E') > 0) {
        let latent = config.number("moe_latent_size", 1..=WIDTH_MAX);
        let mut experts = experts(config, &routing, hidden, 2, latent);
        if let Some(width) = config.number("moe_shared_expert_intermediate_size", 0..=WIDTH_MAX) {
            experts.shared_intermediate_size = width;
        }
        blocks.push(Blocks { count: of('E'), block: Block::Experts(experts) });
    }
    Layers { blocks, hidden_norms: family.norms.saturating_mul(count).saturating_add(1) }
}
