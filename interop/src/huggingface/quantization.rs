//! How a checkpoint holds its weights: the format of the catalogue for what `quantization_config` says.

use super::config::Config;
use crate::report::Fate;
use crate::yaml::Node;

const FIELD: &str = "quantization_config";
const BF16: &str = "bf16";

/// A format, and what is not as it says.
struct Found {
    format: &'static str,
    note: &'static str,
}

fn exactly(format: &'static str) -> Found {
    Found { format, note: "" }
}

/// Formats of products and of routed experts.
pub(super) fn read(config: &mut Config<'_>, has_experts: bool) -> (String, String) {
    let Some(node) = config.find(FIELD) else {
        let field = if config.find("dtype").is_some() { "dtype" } else { "torch_dtype" };
        match config.text(field) {
            None => {}
            Some("bfloat16" | "float16") => config.say(field, Fate::Exact, ""),
            Some(_) => config.say(field, Fate::Approximated, "bf16 is simulated, to which vLLM narrows"),
        }
        return (BF16.into(), BF16.into());
    };
    let method = node.get("quant_method").and_then(Node::text).unwrap_or_default();
    let Some(found) = format(node, method) else {
        let note = format!(
            "“{method}” with these settings is not known: bf16 is simulated; choose vLLM's quantization instead"
        );
        config.say(FIELD, Fate::Approximated, note);
        return (BF16.into(), BF16.into());
    };
    let experts_only = has_experts && (found.format == "mxfp4" && method == "mxfp4" || spares_attention(node));
    let fate = if found.note.is_empty() { Fate::Exact } else { Fate::Approximated };
    let of = if experts_only { " for routed experts, bf16 for all else" } else { "" };
    let rest = if found.note.is_empty() { String::new() } else { format!(": {}", found.note) };
    config.say(FIELD, fate, format!("is {}{of}{rest}", found.format));
    let weights = if experts_only { BF16 } else { found.format };
    (weights.into(), if has_experts { found.format.into() } else { weights.into() })
}

/// Whether attention is left as it was, so that what is quantised are experts.
fn spares_attention(node: &Node) -> bool {
    let lists = ["ignore", "modules_to_not_convert", "exclude_modules", "ignored_layers"];
    let spared = lists.iter().filter_map(|key| node.get(key)).flat_map(Node::items);
    spared.filter_map(Node::text).any(|name| name.contains("attn") || name.contains("attention"))
}

fn format(node: &Node, method: &str) -> Option<Found> {
    let number = |key: &str| node.get(key).and_then(Node::number);
    let group = number("group_size").map(|g| g as i64);
    let bits = number("bits").or(number("w_bit"));
    match method {
        "fp8" if node.get("weight_block_size").is_some_and(|b| !b.items().is_empty()) => Some(exactly("fp8-block")),
        "fp8" | "fbgemm_fp8" => Some(exactly("fp8")),
        "mxfp4" => Some(exactly("mxfp4")),
        "awq" if bits.is_none_or(|b| b == 4.0) => {
            Some(four_bits(group, node.get("zero_point").and_then(Node::boolean).unwrap_or(true)))
        }
        "gptq" | "gptq_marlin" | "auto-round" | "auto_round" => match bits {
            Some(4.0) => Some(four_bits(group, node.get("sym").and_then(Node::boolean) == Some(false))),
            Some(8.0) => Some(exactly("int8-weight-only")),
            _ => None,
        },
        "bitsandbytes" if node.get("load_in_8bit").and_then(Node::boolean) == Some(true) => {
            Some(Found { format: "int8-weight-only", note: "outliers that are kept apart are left out" })
        }
        "bitsandbytes" => {
            Some(Found { format: "int4-group128", note: "blocks of 64 with their own scales are a little larger" })
        }
        "modelopt" | "modelopt_fp4" => match node.get("quant_algo").and_then(Node::text).unwrap_or_default() {
            "NVFP4" => Some(exactly("nvfp4")),
            "FP8" => Some(exactly("fp8")),
            "FP8_PB_WO" => Some(exactly("fp8-block")),
            _ => None,
        },
        "compressed-tensors" => node.get("config_groups")?.entries().iter().find_map(|group| compressed(&group.value)),
        _ => None,
    }
}

/// A group of compressed-tensors.
fn compressed(group: &Node) -> Option<Found> {
    let weights = group.get("weights")?;
    let number = |key: &str| weights.get(key).and_then(Node::number);
    let text = |key: &str| weights.get(key).and_then(Node::text).unwrap_or_default();
    let size = number("group_size").map(|g| g as i64);
    let activations = group.get("input_activations").is_some_and(|node| !node.entries().is_empty());
    match (number("num_bits")? as i64, text("type")) {
        (8, "float") if text("strategy") == "block" => Some(exactly("fp8-block")),
        (8, "float") => Some(exactly("fp8")),
        (8, _) if activations => Some(exactly("int8")),
        (8, _) => Some(exactly("int8-weight-only")),
        (4, "float") if size == Some(32) => Some(exactly("mxfp4")),
        (4, "float") => Some(exactly("nvfp4")),
        (4, _) => Some(four_bits(size, weights.get("symmetric").and_then(Node::boolean) == Some(false))),
        _ => None,
    }
}

/// int4 with a scale for so many weights, with zero points or without.
fn four_bits(group: Option<i64>, zero_points: bool) -> Found {
    match (group, zero_points) {
        (Some(32), false) => exactly("int4-group32"),
        (Some(128), false) => exactly("int4-group128"),
        (Some(128), true) => exactly("int4-group128-zero"),
        (Some(1..=63), _) => {
            Found { format: "int4-group32", note: "groups of another size are a little larger or smaller" }
        }
        (_, true) => {
            Found { format: "int4-group128-zero", note: "groups of another size are a little larger or smaller" }
        }
        (_, false) => Found { format: "int4-group128", note: "groups of another size are a little larger or smaller" },
    }
}
