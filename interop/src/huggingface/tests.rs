//! Configurations written from the catalogue's dimensions come to the catalogue's rows; others are told what is wrong.

use crate::report::{Fate, Line};
use crate::{Format, import};
use playground_core::catalog::{Catalog, Model};
use playground_core::scenario::{Scenario, resolve};

fn imported(text: &str) -> Result<(Scenario, Vec<Line>), String> {
    let read = import(text.as_bytes(), &Scenario::default(), &Catalog::builtin());
    let read = read.map_err(|problem| problem.to_string())?;
    assert_eq!(read.format, Format::ModelConfig);
    Ok((read.scenario, read.report))
}

/// The model that a configuration is read as.
fn model(text: &str) -> Model {
    let (s, _) = imported(text).unwrap_or_else(|why| panic!("{why}: {text}"));
    assert_eq!(s.topology.models.len(), 1);
    let id = &s.topology.models[0].id;
    assert!(s.topology.pools.iter().all(|p| p.model == *id));
    let catalog = Catalog::builtin();
    let all = s.topology.catalog(&catalog);
    all.model(id).unwrap_or_else(|| panic!("{id} is not sound")).clone()
}

/// hidden, layers, heads, key heads, width of a head, width of the MLP, vocabulary, context.
fn dims(n: [u32; 8]) -> String {
    let [h, layers, heads, kv, head, mlp, vocab, context] = n;
    format!(
        r#""hidden_size":{h},"num_hidden_layers":{layers},"num_attention_heads":{heads},"num_key_value_heads":{kv},"head_dim":{head},"intermediate_size":{mlp},"vocab_size":{vocab},"max_position_embeddings":{context}"#
    )
}

fn config(kind: &str, n: [u32; 8], rest: &str) -> String {
    let comma = if rest.is_empty() { "" } else { "," };
    format!(r#"{{"model_type":"{kind}",{}{comma}{rest}}}"#, dims(n))
}

const MLA: &str = r#""kv_lora_rank":512,"qk_nope_head_dim":128,"qk_rope_head_dim":64,"v_head_dim":128"#;
const FP8: &str = r#""quantization_config":{"quant_method":"fp8","fmt":"e4m3","weight_block_size":[128,128]}"#;
const MXFP4: &str =
    r#""quantization_config":{"quant_method":"mxfp4","modules_to_not_convert":["model.layers.*.self_attn"]}"#;
const DELTA: &str = r#""linear_num_key_heads":16,"linear_num_value_heads":32,"linear_key_head_dim":128,"linear_value_head_dim":128,"linear_conv_kernel_dim":4"#;
const EXPERTS_ALONE: &str = r#""quantization_config":{"quant_method":"compressed-tensors","ignore":["lm_head","re:.*self_attn.*","re:.*shared_experts.*"],"config_groups":{"group_0":{"targets":["Linear"],"input_activations":null,"weights":{"num_bits":4,"type":"int","strategy":"group","group_size":32,"symmetric":true}}}}"#;

/// Configurations of models with attention and MLPs alone.
fn dense() -> Vec<(&'static str, String)> {
    vec![
        (
            "llama-3.1-8b",
            config("llama", [4096, 32, 32, 8, 128, 14336, 128_256, 131_072], r#""rope_scaling":{"rope_type":"llama3","factor":8.0,"original_max_position_embeddings":8192},"tie_word_embeddings":false"#),
        ),
        ("llama-3.1-405b", config("llama", [16384, 126, 128, 8, 128, 53248, 128_256, 131_072], "")),
        ("llama-3.2-1b", config("llama", [2048, 16, 32, 8, 64, 8192, 128_256, 131_072], r#""tie_word_embeddings":true"#)),
        ("qwen2.5-7b", config("qwen2", [3584, 28, 28, 4, 128, 18944, 152_064, 32768], r#""use_sliding_window":false,"sliding_window":131072,"max_window_layers":28"#)),
        (
            "qwen2.5-72b",
            config("qwen2", [8192, 80, 64, 8, 128, 29568, 152_064, 32768], r#""rope_scaling":{"type":"yarn","factor":4.0,"original_max_position_embeddings":32768}"#),
        ),
        ("qwen3-0.6b", config("qwen3", [1024, 28, 16, 8, 128, 3072, 151_936, 40960], r#""tie_word_embeddings":true"#)),
        ("qwen3-14b", config("qwen3", [5120, 40, 40, 8, 128, 17408, 151_936, 40960], r#""attention_bias":false,"sliding_window":null"#)),
        ("mistral-7b-v0.3", config("mistral", [4096, 32, 32, 8, 128, 14336, 32768, 32768], r#""sliding_window":null"#)),
        ("mistral-nemo-12b", config("mistral", [5120, 40, 32, 8, 128, 14336, 131_072, 131_072], "")),
        ("phi-4-mini-3.8b", config("phi3", [3072, 32, 24, 8, 128, 8192, 200_064, 131_072], r#""sliding_window":262144,"tie_word_embeddings":true"#)),
        ("granite-3.3-8b", config("granite", [4096, 40, 32, 8, 128, 12800, 49159, 131_072], r#""tie_word_embeddings":true"#)),
        ("gemma-2-9b", config("gemma2", [3584, 42, 16, 8, 256, 14336, 256_000, 8192], r#""sliding_window":4096"#)),
        (
            "gemma-3-4b",
            r#"{"architectures":["Gemma3ForConditionalGeneration"],"model_type":"gemma3","vision_config":{"hidden_size":1152},"text_config":{"model_type":"gemma3_text","hidden_size":2560,"intermediate_size":10240,"num_hidden_layers":34,"vocab_size":262144,"sliding_window":1024,"rope_scaling":{"factor":8.0,"rope_type":"linear"}}}"#.into(),
        ),
        ("gemma-3-27b", config("gemma3_text", [5376, 62, 32, 16, 128, 21504, 262_144, 131_072], r#""sliding_window":1024,"sliding_window_pattern":6"#)),
        ("yi-34b", config("llama", [7168, 60, 56, 8, 128, 20480, 64000, 4096], "")),
    ]
}

/// Configurations of models with experts.
fn routed() -> Vec<(&'static str, String)> {
    vec![
        (
            "mixtral-8x7b",
            config(
                "mixtral",
                [4096, 32, 32, 8, 128, 14336, 32000, 32768],
                r#""num_local_experts":8,"num_experts_per_tok":2,"sliding_window":null"#,
            ),
        ),
        (
            "qwen3-30b-a3b",
            config(
                "qwen3_moe",
                [2048, 48, 32, 4, 128, 6144, 151_936, 40960],
                r#""num_experts":128,"num_experts_per_tok":8,"moe_intermediate_size":768,"decoder_sparse_step":1,"mlp_only_layers":[]"#,
            ),
        ),
        (
            "gpt-oss-20b",
            config(
                "gpt_oss",
                [2880, 24, 64, 8, 64, 2880, 201_088, 131_072],
                &format!(
                    r#""num_local_experts":32,"num_experts_per_tok":4,"experts_per_token":4,"sliding_window":128,"attention_bias":true,"rope_scaling":{{"rope_type":"yarn","factor":32.0,"original_max_position_embeddings":4096}},{MXFP4}"#
                ),
            ),
        ),
        (
            "glm-4.5",
            config(
                "glm4_moe",
                [5120, 92, 96, 8, 128, 12288, 151_552, 131_072],
                r#""attention_bias":true,"use_qk_norm":true,"n_routed_experts":160,"num_experts_per_tok":8,"n_shared_experts":1,"moe_intermediate_size":1536,"first_k_dense_replace":3"#,
            ),
        ),
        (
            "minimax-m2.5",
            config(
                "minimax_m2",
                [3072, 62, 48, 8, 128, 1536, 200_064, 196_608],
                &format!(r#""use_qk_norm":true,"num_local_experts":256,"num_experts_per_tok":8,{FP8}"#),
            ),
        ),
    ]
}

/// Configurations of models with latent attention and experts.
fn latent() -> Vec<(&'static str, String)> {
    vec![
        (
            "deepseek-v3",
            config(
                "deepseek_v3",
                [7168, 61, 128, 128, 128, 18432, 129_280, 163_840],
                &format!(
                    r#""q_lora_rank":1536,{MLA},"n_routed_experts":256,"num_experts_per_tok":8,"n_shared_experts":1,"moe_intermediate_size":2048,"first_k_dense_replace":3,"moe_layer_freq":1,{FP8}"#
                ),
            ),
        ),
        (
            "deepseek-v2-lite",
            config(
                "deepseek_v2",
                [2048, 27, 16, 16, 128, 10944, 102_400, 163_840],
                &format!(
                    r#""q_lora_rank":null,{MLA},"n_routed_experts":64,"num_experts_per_tok":6,"n_shared_experts":2,"moe_intermediate_size":1408,"first_k_dense_replace":1"#
                ),
            ),
        ),
        (
            "deepseek-v3.2",
            config(
                "deepseek_v32",
                [7168, 61, 128, 128, 128, 18432, 129_280, 163_840],
                &format!(
                    r#""q_lora_rank":1536,{MLA},"index_topk":2048,"index_n_heads":64,"index_head_dim":128,"n_routed_experts":256,"num_experts_per_tok":8,"n_shared_experts":1,"moe_intermediate_size":2048,"first_k_dense_replace":3,{FP8}"#
                ),
            ),
        ),
        (
            "kimi-k2.5",
            format!(
                r#"{{"model_type":"kimi_k25","text_config":{{"model_type":"kimi_k2",{},"q_lora_rank":1536,{MLA},"n_routed_experts":384,"num_experts_per_tok":8,"n_shared_experts":1,"moe_intermediate_size":2048,"first_k_dense_replace":1,{EXPERTS_ALONE}}}}}"#,
                dims([7168, 61, 64, 64, 128, 18432, 163_840, 262_144])
            ),
        ),
    ]
}

/// Configurations of models that attend in chunks, with experts.
fn chunked() -> Vec<(&'static str, String)> {
    vec![
        (
            "llama-4-scout",
            format!(
                r#"{{"model_type":"llama4","text_config":{{"model_type":"llama4_text",{},"intermediate_size_mlp":16384,"attention_chunk_size":8192,"num_local_experts":16,"num_experts_per_tok":1,"interleave_moe_layer_step":1}}}}"#,
                dims([5120, 48, 40, 8, 128, 8192, 202_048, 10_485_760])
            ),
        ),
        (
            "llama-4-maverick",
            config(
                "llama4_text",
                [5120, 48, 40, 8, 128, 8192, 202_048, 1_048_576],
                r#""intermediate_size_mlp":16384,"attention_chunk_size":8192,"num_local_experts":128,"num_experts_per_tok":1,"interleave_moe_layer_step":2"#,
            ),
        ),
    ]
}

/// Configurations of models with states beside attention.
fn hybrid() -> Vec<(&'static str, String)> {
    let letters = "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME";
    let words = |n: usize| {
        let all: Vec<&str> = (0..n).map(|i| if i % 10 == 5 { "\"attention\"" } else { "\"mamba\"" }).collect();
        all.join(",")
    };
    vec![
        (
            "qwen3-next-80b-a3b",
            config(
                "qwen3_next",
                [2048, 48, 16, 2, 256, 5120, 151_936, 262_144],
                &format!(
                    r#""full_attention_interval":4,{DELTA},"num_experts":512,"num_experts_per_tok":10,"moe_intermediate_size":512,"shared_expert_intermediate_size":512,"decoder_sparse_step":1,"mlp_only_layers":[]"#
                ),
            ),
        ),
        (
            "granite-4.0-h-small",
            config(
                "granitemoehybrid",
                [4096, 40, 32, 8, 128, 768, 100_352, 131_072],
                &format!(
                    r#""tie_word_embeddings":true,"num_local_experts":72,"num_experts_per_tok":10,"shared_intermediate_size":1536,"mamba_n_heads":128,"mamba_d_head":"auto","mamba_expand":2,"mamba_d_state":128,"mamba_n_groups":1,"mamba_d_conv":4,"layer_types":[{}]"#,
                    words(40)
                ),
            ),
        ),
        (
            "nemotron-3-nano-30b-a3b",
            config(
                "nemotron_h",
                [2688, 52, 32, 2, 128, 1856, 131_072, 262_144],
                &format!(
                    r#""hybrid_override_pattern":"{letters}","mamba_num_heads":64,"mamba_head_dim":64,"ssm_state_size":128,"n_groups":8,"conv_kernel":4,"n_routed_experts":128,"num_experts_per_tok":6,"moe_intermediate_size":1856,"n_shared_experts":1,"moe_shared_expert_intermediate_size":3712"#
                ),
            ),
        ),
    ]
}

#[test]
fn models_of_the_catalogue_are_read_as_it_has_them() {
    let catalog = Catalog::builtin();
    for (id, text) in [dense(), routed(), latent(), chunked(), hybrid()].concat() {
        let known = catalog.model(id).expect("is in the catalogue");
        let read = model(&text);
        assert_eq!(read.blocks, known.blocks, "{id}");
        let of = |m: &Model| {
            let formats = (m.weights.clone(), m.expert_weights.clone());
            (m.hidden_size, m.vocab_size, m.tied_embeddings, m.hidden_norms, m.max_context_tokens, formats)
        };
        assert_eq!(of(&read), of(known), "{id}");
        assert_eq!((read.params, read.params_active), (known.params, known.params_active), "{id}");
        let (_, lines) = imported(&text).expect("was read");
        let same = |l: &Line| l.note.contains(&known.hf_id) || catalog.models.iter().any(|m| l.note.contains(&m.hf_id));
        assert!(lines.iter().any(|l| l.setting == "all dimensions" && same(l)), "{id}");
    }
}

#[test]
fn what_is_read_can_be_simulated() {
    let (s, lines) = imported(&dense()[0].1).expect("is sound");
    resolve(&s, &Catalog::builtin()).expect("fits");
    assert_eq!(s.topology.pools[0].model, "llama-8.0b");
    assert!(lines.iter().any(|l| l.setting == "hidden_size" && l.fate == Fate::Exact && l.at.is_some()));
    // The same once more is the same model; another one is added.
    let again = import(dense()[0].1.as_bytes(), &s, &Catalog::builtin()).expect("is read").scenario;
    assert_eq!(again, s);
    let other = import(dense()[4].1.as_bytes(), &s, &Catalog::builtin()).expect("is read").scenario;
    assert_eq!((other.topology.models.len(), &*other.topology.pools[0].model), (2, "qwen2-73b"));
}

#[test]
fn formats_of_weights() {
    let base = [4096, 32, 32, 8, 128, 14336, 128_256, 131_072];
    let of = |quantization: &str| {
        let m = model(&config("llama", base, &format!(r#""quantization_config":{quantization}"#)));
        assert_eq!(m.weights, m.expert_weights);
        m.weights
    };
    for (said, format) in [
        (r#"{"quant_method":"fp8"}"#, "fp8"),
        (r#"{"quant_method":"awq","bits":4,"group_size":128,"zero_point":true}"#, "int4-group128-zero"),
        (r#"{"quant_method":"gptq","bits":4,"group_size":128,"sym":true}"#, "int4-group128"),
        (r#"{"quant_method":"gptq","bits":8,"group_size":128}"#, "int8-weight-only"),
        (r#"{"quant_method":"modelopt","quant_algo":"NVFP4"}"#, "nvfp4"),
        (
            r#"{"quant_method":"compressed-tensors","config_groups":{"group_0":{"weights":{"num_bits":8,"type":"int"},"input_activations":{"num_bits":8}}}}"#,
            "int8",
        ),
        (
            r#"{"quant_method":"compressed-tensors","config_groups":{"group_0":{"weights":{"num_bits":8,"type":"float","strategy":"channel"},"input_activations":{"num_bits":8}}}}"#,
            "fp8",
        ),
        (
            r#"{"quant_method":"compressed-tensors","config_groups":{"group_0":{"weights":{"num_bits":4,"type":"int","group_size":128,"symmetric":true},"input_activations":null}}}"#,
            "int4-group128",
        ),
        (
            r#"{"quant_method":"compressed-tensors","config_groups":{"group_0":{"weights":{"num_bits":4,"type":"float","group_size":16},"input_activations":{"num_bits":4}}}}"#,
            "nvfp4",
        ),
        (r#"{"quant_method":"aqlm"}"#, "bf16"),
        (r#"{}"#, "bf16"),
        (r#"{"quant_method":"gptq","bits":3}"#, "bf16"),
    ] {
        assert_eq!(of(said), format, "{said}");
    }
    let (_, lines) =
        imported(&config("llama", base, r#""quantization_config":{"quant_method":"aqlm"}"#)).expect("read");
    assert!(
        lines
            .iter()
            .any(|l| l.setting == "quantization_config" && l.fate == Fate::Approximated && l.note.contains("aqlm"))
    );
}

#[test]
fn windows_that_are_none_and_windows_everywhere() {
    let base = [4096, 32, 32, 8, 128, 14336, 32000, 32768];
    let lines = |rest: &str| imported(&config("mistral", base, rest)).expect("is read").1;
    let fate = |lines: &[Line]| lines.iter().find(|l| l.setting == "sliding_window").map(|l| l.fate);
    assert_eq!(fate(&lines(r#""sliding_window":4096"#)), Some(Fate::Approximated));
    assert_eq!(fate(&lines(r#""sliding_window":32768"#)), Some(Fate::Exact));
    let unknown = imported(&config("lllama", base, "")).expect("is taken for Llama").1;
    assert!(unknown.iter().any(|l| l.setting == "model_type" && l.fate == Fate::Approximated));
}

#[test]
fn what_is_wrong_is_told_field_by_field_with_lines() {
    let text = "{\n\"model_type\": \"llama\",\n\"hidden_size\": 4095,\n\"num_hidden_layers\": 0,\n\"num_attention_heads\": 32,\n\"num_key_value_heads\": 7,\n\"intermediate_size\": 14336.5,\n\"max_position_embeddings\": 8192\n}";
    let why = imported(text).expect_err("is inconsistent");
    for part in [
        "num_hidden_layers is 0",
        "(line 4)",
        "num_key_value_heads is 7, which does not divide num_attention_heads, 32 (line 6)",
        "head_dim is missing",
        "vocab_size is missing",
        "intermediate_size is 14336.5",
    ] {
        assert!(why.contains(part), "{part}: {why}");
    }
    for (text, says) in [
        (r#"{"model_type":"t5","d_model":512,"is_encoder_decoder":true}"#, "encoder with a decoder"),
        (r#"{"model_type":"bert","hidden_size":768}"#, "generates none"),
        (r#"{"model_type":"clip","text_config":{"hidden_size":512}}"#, "no language model"),
        (r#"{"model_type":"mamba2","hidden_size":4096}"#, "no attention"),
        (r#"{"model_type":"gpt_neo"}"#, "without hidden_size"),
        (r#"{"architectures":["Weird"],"model_type":"weird","hidden_size":8,"num_experts":4}"#, "num_experts"),
        (r#"{"model_type":"llama","hidden_size":"4096"}"#, "hidden_size"),
        (r#"{"model_type":"llama","hidden_size":1e300}"#, "hidden_size"),
    ] {
        let why = imported(text).expect_err(says);
        assert!(why.contains(says), "{says}: {why}");
    }
    let base = [2048, 48, 32, 4, 128, 6144, 151_936, 40960];
    let why =
        imported(&config("qwen3_moe", base, r#""num_experts":8,"num_experts_per_tok":9,"moe_intermediate_size":768"#));
    assert!(why.expect_err("too many").contains("num_experts_per_tok is 9, and there are 8 experts"));
    let why = imported(&config("qwen3_moe", base, "")).expect_err("has no experts");
    assert!(why.contains("num_experts is missing"), "{why}");
    let why = imported(&config(
        "gpt_oss",
        base,
        r#""num_local_experts":8,"num_experts_per_tok":2,"sliding_window":128,"layer_types":["full_attention","none"]"#,
    ));
    let why = why.expect_err("is no list of layers");
    assert!(why.contains("names 2 layers, and num_hidden_layers is 48") && why.contains("\"none\""), "{why}");
}
