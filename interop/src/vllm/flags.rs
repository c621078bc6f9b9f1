//! vLLM's flags: what they are called, and what those mean that the simulator lacks.

use super::words::Word;
use crate::report::{Fate, Mark};
use serde_json::Value;

/// One flag as given.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Flag {
    /// vLLM's name, with underscores.
    pub(super) name: String,
    /// `true` or `false` alone, one value as text, or several.
    pub(super) value: Value,
    pub(super) at: Option<Mark>,
}

/// Short names and abbreviations.
const ALIASES: [(&str, &str); 9] = [
    ("tp", "tensor_parallel_size"),
    ("pp", "pipeline_parallel_size"),
    ("dp", "data_parallel_size"),
    ("dpl", "data_parallel_size_local"),
    ("q", "quantization"),
    ("ep", "enable_expert_parallel"),
    ("O", "optimization_level"),
    ("max_num_seq", "max_num_seqs"),
    ("max_num_batched_token", "max_num_batched_tokens"),
];

/// Flags that take no value though the next word could be one.
const SWITCHES: [&str; 9] = [
    "enforce_eager",
    "trust_remote_code",
    "async_scheduling",
    "enable_prefix_caching",
    "enable_chunked_prefill",
    "enable_expert_parallel",
    "disable_uvicorn_access_log",
    "data_parallel_hybrid_lb",
    "headless",
];

/// Why a flag has no effect in the simulation, where that matters or is plain.
const NOTES: [(&str, Fate, &str); 16] = [
    ("kv_transfer_config", Fate::Approximated, "the pool's role says which side of a transfer it is"),
    ("enforce_eager", Fate::Ignored, "CUDA graphs are assumed, which is faster"),
    ("data_parallel_size_local", Fate::Ignored, "where ranks lie makes no difference but for their experts"),
    ("kv_events_config", Fate::Ignored, "engines report their blocks without it"),
    ("dtype", Fate::Ignored, "activations are 16 bits wide"),
    ("port", Fate::Exact, "no effect on timing"),
    ("host", Fate::Exact, "no effect on timing"),
    ("served_model_name", Fate::Exact, "no effect on timing"),
    ("trust_remote_code", Fate::Exact, "no effect on timing"),
    ("shutdown_timeout", Fate::Exact, "no effect on timing"),
    ("disable_uvicorn_access_log", Fate::Exact, "no effect on timing"),
    ("disable_access_log_for_endpoints", Fate::Exact, "no effect on timing"),
    ("enable_log_requests", Fate::Exact, "no effect on timing"),
    ("disable_log_requests", Fate::Exact, "no effect on timing"),
    ("download_dir", Fate::Exact, "no effect on timing"),
    ("api_key", Fate::Exact, "no effect on timing"),
];

/// What is to be said of a flag that the simulator lacks.
pub(super) fn note(name: &str) -> (Fate, &'static str) {
    let known = NOTES.iter().find(|(flag, ..)| *flag == name);
    known.map_or((Fate::Ignored, "not simulated; kept"), |(_, fate, note)| (*fate, note))
}

/// The model and the flags of `vllm serve`'s arguments.
pub(super) fn read(words: &[Word]) -> (Option<Word>, Vec<Flag>) {
    let (mut model, mut flags): (Option<Word>, Vec<Flag>) = (None, Vec::new());
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let Some(name) = flag_name(&word.text) else {
            // What is positional later belongs to something else.
            if model.is_none() && flags.is_empty() {
                model = Some(word.clone());
            }
            continue;
        };
        let (name, given) = match name.split_once('=') {
            Some((name, value)) => (name, Some(value.to_string())),
            None => (name, None),
        };
        let name = canonical(name);
        let positive = name.strip_prefix("no_").map(String::from);
        let value = match (given, &positive) {
            (Some(value), _) => Value::String(value),
            (None, Some(_)) => Value::Bool(false),
            (None, None) if SWITCHES.contains(&name.as_str()) => Value::Bool(true),
            (None, None) => {
                let mut values: Vec<Value> = Vec::new();
                while words.peek().is_some_and(|next| flag_name(&next.text).is_none()) {
                    values.extend(words.next().map(|w| Value::from(w.text.as_str())));
                }
                match values.len() {
                    0 => Value::Bool(true),
                    1 => values.remove(0),
                    _ => Value::Array(values),
                }
            }
        };
        let name = match (&value, positive) {
            (Value::Bool(false), Some(positive)) => positive,
            _ => name,
        };
        if name == "model" {
            model = value.as_str().map(|text| Word { text: text.into(), at: word.at });
            continue;
        }
        // The last one wins, as in vLLM.
        flags.retain(|flag| flag.name != name);
        flags.push(Flag { name, value, at: word.at });
    }
    (model, flags)
}

/// What follows the dashes; none for a value, negative numbers among them.
fn flag_name(word: &str) -> Option<&str> {
    let name = word.strip_prefix("--").or_else(|| word.strip_prefix('-'))?;
    name.starts_with(|c: char| c.is_ascii_alphabetic()).then_some(name)
}

fn canonical(name: &str) -> String {
    let name = name.replace('-', "_");
    ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, full)| (*full).into())
}

/// A flag as words of a command line.
pub(super) fn write(name: &str, value: &Value) -> Vec<String> {
    let flag = format!("--{}", name.replace('_', "-"));
    match value {
        Value::Bool(true) => vec![flag],
        Value::Bool(false) => vec![format!("--no-{}", name.replace('_', "-"))],
        Value::String(text) => vec![format!("{flag}={text}")],
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_string) => {
            let words = items.iter().filter_map(Value::as_str).map(String::from);
            std::iter::once(flag).chain(words).collect()
        }
        other => vec![format!("{flag}={other}")],
    }
}
