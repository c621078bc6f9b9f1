//! Whatever a model's config.json says: it is read or refused with a reason, and what was read can be checked and, if it is
//! sound, simulated.

use playground_core::catalog::Catalog;
use playground_core::scenario::{Diagnostic, Scenario, check, resolve};
use playground_interop::import;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// Architectures of every kind: plain, with windows, chunks, latents, states, letters, and one that nobody knows.
const TYPES: [&str; 14] = [
    "llama",
    "qwen2",
    "qwen3_moe",
    "qwen3_next",
    "mixtral",
    "deepseek_v32",
    "gpt_oss",
    "gemma2",
    "gemma3",
    "llama4",
    "glm4_moe",
    "granitemoehybrid",
    "nemotron_h",
    "unheard_of",
];
/// Fields that hold a number.
const NUMBERS: [&str; 47] = [
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "intermediate_size",
    "vocab_size",
    "max_position_embeddings",
    "sliding_window",
    "max_window_layers",
    "sliding_window_pattern",
    "num_local_experts",
    "num_experts",
    "n_routed_experts",
    "num_experts_per_tok",
    "moe_intermediate_size",
    "n_shared_experts",
    "shared_expert_intermediate_size",
    "shared_intermediate_size",
    "first_k_dense_replace",
    "moe_layer_freq",
    "decoder_sparse_step",
    "interleave_moe_layer_step",
    "intermediate_size_mlp",
    "attention_chunk_size",
    "q_lora_rank",
    "kv_lora_rank",
    "qk_nope_head_dim",
    "qk_rope_head_dim",
    "v_head_dim",
    "index_topk",
    "index_n_heads",
    "index_head_dim",
    "full_attention_interval",
    "linear_num_key_heads",
    "linear_num_value_heads",
    "linear_key_head_dim",
    "linear_value_head_dim",
    "linear_conv_kernel_dim",
    "mamba_n_heads",
    "mamba_d_head",
    "mamba_d_state",
    "mamba_n_groups",
    "mamba_d_conv",
    "mamba_expand",
    "mamba_num_heads",
    "moe_latent_size",
];
/// Fields that hold something else.
const OTHERS: [&str; 14] = [
    "layer_types",
    "no_rope_layers",
    "moe_layers",
    "mlp_only_layers",
    "hybrid_override_pattern",
    "rope_scaling",
    "quantization_config",
    "tie_word_embeddings",
    "attention_bias",
    "use_sliding_window",
    "use_qk_norm",
    "text_config",
    "architectures",
    "_name_or_path",
];

/// A small model with every field that any architecture asks for.
fn whole(model_type: &str) -> Map<String, Value> {
    let mut fields: Map<String, Value> = NUMBERS.iter().map(|name| ((*name).to_owned(), json!(8))).collect();
    let more = json!({
        "model_type": model_type, "hidden_size": 256, "intermediate_size": 512, "moe_intermediate_size": 64,
        "vocab_size": 1000, "max_position_embeddings": 4096, "num_experts_per_tok": 2, "num_hidden_layers": 8,
        "full_attention_interval": 4, "sliding_window_pattern": 4, "first_k_dense_replace": 1, "moe_layer_freq": 1,
        "decoder_sparse_step": 1, "hybrid_override_pattern": "M*-EM*-E", "ssm_state_size": 16, "n_groups": 1,
        "conv_kernel": 4, "mamba_head_dim": 8, "mamba_expand": null, "moe_latent_size": null,
    });
    fields.extend(more.as_object().cloned().unwrap_or_default());
    if model_type == "unheard_of" {
        fields.retain(|name, _| {
            !name.contains("expert") && !name.contains("lora") && !name.contains("linear") && !name.contains("mamba")
        });
    }
    if model_type == "granitemoehybrid" {
        let words: Vec<&str> = (0..8).map(|i| if i % 4 == 0 { "attention" } else { "mamba" }).collect();
        fields.insert("layer_types".into(), json!(words));
    }
    fields
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0..20u32).prop_map(Value::from),
        select(vec![1024u32, 1025, 4096, 262_144, 1_048_576, 16_777_216, u32::MAX]).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("is JSON", |x| x.is_finite()).prop_map(Value::from),
        other(),
    ]
}

fn other() -> impl Strategy<Value = Value> {
    let words = ["full_attention", "sliding_attention", "mamba", "linear_attention", "none", "yarn", "auto", "M*E"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u32>().prop_map(Value::from),
        (0..9u32).prop_map(Value::from),
        select(words.to_vec()).prop_map(Value::from),
    ];
    let keys = select(vec![
        "quant_method",
        "bits",
        "group_size",
        "config_groups",
        "weights",
        "num_bits",
        "type",
        "factor",
        "original_max_position_embeddings",
    ]);
    leaf.prop_recursive(3, 16, 8, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..9).prop_map(Value::from),
            vec((keys.clone(), inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

fn field() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![3 => (select(&NUMBERS), number()), 1 => (select(&OTHERS), other())]
}

/// Reads a configuration, and does with it what can be done.
fn go_through(config: &Value) {
    let catalog = Catalog::builtin();
    match import(config.to_string().as_bytes(), &Scenario::default(), &catalog) {
        Err(problem) => assert!(!problem.message.is_empty(), "{config}"),
        Ok(read) => {
            let found = check(&read.scenario, &catalog);
            let of_model = |d: &&Diagnostic| d.is_error() && d.path.starts_with("topology.models");
            assert_eq!(found.iter().find(of_model), None, "{config}");
            if let Ok(plan) = resolve(&read.scenario, &catalog) {
                assert!(plan.capacity_rps().is_finite(), "{config}");
            }
        }
    }
}

#[test]
fn every_architecture_is_read() {
    let catalog = Catalog::builtin();
    for model_type in TYPES {
        let config = Value::Object(whole(model_type));
        let read = import(config.to_string().as_bytes(), &Scenario::default(), &catalog);
        let read = read.unwrap_or_else(|problem| panic!("{model_type}: {problem}"));
        resolve(&read.scenario, &catalog).unwrap_or_else(|found| panic!("{model_type}: {found:#?}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_its_fields_say(model_type in select(&TYPES), changes in vec(field(), 0..6)) {
        let mut fields = whole(model_type);
        fields.extend(changes.into_iter().map(|(name, value)| (name.to_owned(), value)));
        go_through(&Value::Object(fields));
    }

    #[test]
    fn any_json_that_begins_like_one(model_type in select(&TYPES), fields in vec(field(), 0..30)) {
        let mut all: Map<String, Value> = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        all.insert("model_type".into(), model_type.into());
        go_through(&Value::Object(all));
    }
}
