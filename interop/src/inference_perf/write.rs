//! From a workload to inference-perf's load description.

use crate::report::{Fate, Line};
use crate::yaml;
use playground_core::catalog::Catalog;
use playground_core::scenario::{Length, Scenario, TrafficClass};
use serde_json::{Map, Value, json};

/// Order of settings in the text.
const ORDER: [&str; 8] = ["load", "api", "server", "data", "type", "stages", "rate", "duration"];
/// Requests of a stage, at least: fewer say little.
const REQUESTS_MIN: u32 = 20;

/// The description as text: the one that was imported where the workload is still its own, else a new one that keeps
/// its other parts.
pub(crate) fn write(
    scenario: &Scenario,
    kept: Option<&Value>,
    unchanged: bool,
    catalog: &Catalog,
) -> (String, Vec<Line>) {
    let mut lines = Vec::new();
    if let (Some(kept), true) = (kept, unchanged) {
        return (yaml::write(kept, &ORDER), lines);
    }
    let mut document = kept.cloned().unwrap_or_else(|| json!({}));
    let model = scenario.topology.pools.first().and_then(|pool| catalog.model(&pool.model));
    let map = crate::values::map_mut(&mut document);
    map.insert("load".into(), load(scenario, &mut lines));
    let largest = scenario.workload.classes.iter().max_by(|a, b| a.share.total_cmp(&b.share));
    if let Some(class) = largest {
        map.insert("data".into(), data(class, scenario.run.seed, &mut lines));
        if scenario.workload.classes.len() > 1 {
            let note = format!("inference-perf has one kind of request; only {} is written", class.name);
            lines.push(Line::new("workload.classes", None, Fate::Ignored, note));
        }
    }
    map.entry("api").or_insert_with(|| json!({"type": "completion", "streaming": true}));
    let server = map.entry("server").or_insert_with(|| json!({"type": "vllm", "base_url": "http://localhost:8000"}));
    if let Some(server) = server.as_object_mut() {
        server.insert("ignore_eos".into(), true.into());
        if let Some(model) = model {
            server.insert("model_name".into(), model.hf_id.clone().into());
        }
    }
    (yaml::write(&document, &ORDER), lines)
}

fn load(scenario: &Scenario, lines: &mut Vec<Line>) -> Value {
    let arrival = &scenario.workload.arrival;
    let requests = scenario.run.requests.max(REQUESTS_MIN);
    if let (true, Some(clients)) = (arrival.is_closed_loop(), arrival.max_concurrency) {
        let stage = json!({"num_requests": requests.max(clients), "concurrency_level": clients});
        return json!({"type": "concurrent", "stages": [stage], "num_workers": 1});
    }
    let kind = match arrival.kind.as_str() {
        "poisson-in-stages" => "constant",
        "poisson" | "poisson-per-second" => "poisson",
        other => {
            let note = format!(
                "inference-perf cannot pace requests as “{other}” does; Poisson arrivals of the same rate are written"
            );
            lines.push(Line::new("workload.arrival.type", None, Fate::Approximated, note));
            "poisson"
        }
    };
    if arrival.max_concurrency.is_some() {
        let note = "inference-perf does not limit the clients of a paced load; the limit is left out";
        lines.push(Line::new("workload.arrival.max_concurrency", None, Fate::Ignored, note));
    }
    let duration = (f64::from(requests) / arrival.rate_rps).ceil().clamp(1.0, 1e9) as u64;
    json!({"type": kind, "stages": [{"rate": arrival.rate_rps, "duration": duration}]})
}

fn data(class: &TrafficClass, seed: u64, lines: &mut Vec<Line>) -> Value {
    let mut law = |field: &str, length: &Length, factor: f64| distribution(length, factor, field, lines);
    if let Some(turns) = &class.conversation {
        let mut replay = Map::new();
        replay.insert("seed".into(), seed.into());
        replay.insert("num_conversations".into(), 50.into());
        if let Some(prefix) = &class.prefix {
            replay.insert("shared_system_prompt_len".into(), prefix.tokens.into());
        }
        let fields = [
            ("dynamic_system_prompt_len", "input", &class.input, 1.0),
            ("turns_per_conversation", "conversation.turns", &turns.turns, 1.0),
            ("input_tokens_per_turn", "conversation.input", &turns.input, 1.0),
            ("output_tokens_per_turn", "output", &class.output, 1.0),
            ("tool_call_latency_sec", "conversation.think_ms", &turns.think_ms, 1e-3),
        ];
        for (key, field, length, factor) in fields {
            replay.insert(key.into(), law(field, length, factor));
        }
        return json!({"type": "conversation_replay", "conversation_replay": replay});
    }
    match &class.prefix {
        Some(prefix) if prefix.prompts_per_group > 0 => {
            for (field, length) in [("input", &class.input), ("output", &class.output)] {
                if length.kind != "constant" {
                    let note = "shared prompts have one length in inference-perf; the mean is written";
                    lines.push(Line::new(format!("workload.classes.{field}"), None, Fate::Approximated, note));
                }
            }
            let tokens = |l: &Length| l.mean.round() as u64;
            json!({"type": "shared_prefix", "shared_prefix": {
                "num_groups": prefix.groups,
                "num_prompts_per_group": prefix.prompts_per_group,
                "system_prompt_len": prefix.tokens,
                "question_len": tokens(&class.input),
                "output_len": tokens(&class.output),
                "enable_multi_turn_chat": false,
            }})
        }
        Some(prefix) => {
            let replay = json!({
                "seed": seed,
                "num_conversations": 50,
                "shared_system_prompt_len": prefix.tokens,
                "turns_per_conversation": {"type": "fixed", "mean": 1},
                "input_tokens_per_turn": law("input", &class.input, 1.0),
                "output_tokens_per_turn": law("output", &class.output, 1.0),
            });
            if prefix.groups > 1 {
                let note = "prompts of inference-perf's conversations share one beginning; the others are left out";
                lines.push(Line::new("workload.classes.prefix.groups", None, Fate::Approximated, note));
            }
            json!({"type": "conversation_replay", "conversation_replay": replay})
        }
        None => json!({
            "type": "random",
            "input_distribution": law("input", &class.input, 1.0),
            "output_distribution": law("output", &class.output, 1.0),
        }),
    }
}

fn distribution(length: &Length, factor: f64, field: &str, lines: &mut Vec<Line>) -> Value {
    let scaled = |x: f64| {
        let x = x * factor;
        if x.fract() == 0.0 { json!(x as i64) } else { json!(x) }
    };
    let all = |kind: &str, mean: f64, std_dev: f64, min: u32, max: u32| {
        json!({
            "type": kind,
            "mean": scaled(mean),
            "std_dev": scaled(std_dev),
            "min": scaled(f64::from(min)),
            "max": scaled(f64::from(max)),
        })
    };
    match length.kind.as_str() {
        "constant" => {
            let whole = length.mean.round().clamp(1.0, 4e9) as u32;
            all("fixed", f64::from(whole), 0.0, whole, whole)
        }
        "lognormal" | "normal" | "uniform" => all(&length.kind, length.mean, length.std_dev, length.min, length.max),
        other => {
            let note = format!("inference-perf has no “{other}” law; a lognormal one of the same moments is written");
            lines.push(Line::new(format!("workload.classes.{field}"), None, Fate::Approximated, note));
            let Some(dist) = length.dist() else { return json!({"type": "fixed", "mean": 1}) };
            let mean = dist.expect(|x| x);
            let variance = dist.expect(|x| (x - mean) * (x - mean));
            all("lognormal", mean, playground_core::base::math::sqrt(variance), 1, dist.max())
        }
    }
}
