//! What a scenario sets that this form has no control for: named, so that nothing counts unseen.

use crate::state::Store;
use leptos::prelude::*;
use playground_core::scenario::Scenario;
use serde_json::Value;

/// Fields with a control of their own, list indices left out.
const SHOWN: &[&str] = &[
    "title",
    "note",
    "topology.pools[].name",
    "topology.pools[].role",
    "topology.pools[].model",
    "topology.pools[].gpu",
    "topology.pools[].replicas",
    "topology.pools[].price_usd_per_gpu_hour",
    "topology.pools[].engine.version",
    "topology.pools[].engine.tensor_parallel_size",
    "topology.pools[].engine.max_num_batched_tokens",
    "topology.pools[].engine.max_num_seqs",
    "topology.pools[].engine.quantization",
    "topology.pools[].engine.kv_cache_dtype",
    "topology.pools[].engine.gpu_memory_utilization",
    "topology.pools[].engine.max_model_len",
    "topology.pools[].engine.block_size",
    "topology.pools[].engine.num_gpu_blocks_override",
    "topology.pools[].engine.kv_offloading_size",
    "topology.pools[].engine.sampling",
    "topology.pools[].engine.enable_prefix_caching",
    "topology.pools[].engine.async_scheduling",
    "topology.kv_transfer",
    // Each row has a card.
    "topology.models",
    "topology.gpus",
    "workload.arrival.type",
    "workload.arrival.rate_rps",
    "workload.arrival.max_concurrency",
    "workload.arrival.cv",
    "workload.arrival.on_s",
    "workload.arrival.off_s",
    "workload.arrival.ramp_s",
    "workload.arrival.ramp_from_frac",
    "workload.arrival.stage_s",
    "workload.classes[].name",
    "workload.classes[].share",
    "workload.classes[].priority",
    "workload.classes[].input.type",
    "workload.classes[].input.mean",
    "workload.classes[].input.std_dev",
    "workload.classes[].input.min",
    "workload.classes[].input.max",
    "workload.classes[].input.values",
    "workload.classes[].input.weights",
    "workload.classes[].output.type",
    "workload.classes[].output.mean",
    "workload.classes[].output.std_dev",
    "workload.classes[].output.min",
    "workload.classes[].output.max",
    "workload.classes[].output.values",
    "workload.classes[].output.weights",
    "workload.classes[].prefix",
    "workload.classes[].conversation",
    "workload.classes[].slo.percentile",
    "workload.classes[].slo.ttft_ms",
    "workload.classes[].slo.itl_ms",
    "workload.classes[].slo.e2e_ms",
    // The Sweep tab has a field for every axis.
    "sweep",
    "run.seed",
    "run.replications",
    "run.requests",
    "run.warmup_s",
    "run.warmup_rule",
    "run.load.points",
    "run.load.min_frac",
    "run.load.max_frac",
    // The section on routing lists every plugin.
    "policies",
];
/// Longest value written out, characters.
const VALUE_MAX: usize = 120;

pub(super) fn view(store: Store) -> AnyView {
    let default = Scenario::default().to_value();
    let found = Memo::new(move |_| store.json.with(|json| unshown(json, &default)));
    let list = move || {
        let found = found.get();
        (!found.is_empty()).then(|| {
            let rows = found.into_iter().map(|(path, value)| {
                view! { <li><code>{path}</code> " " <span class="muted">{value}</span></li> }
            });
            view! {
                <section class="section" aria-labelledby="section-unshown" data-testid="unshown">
                    <h2 id="section-unshown">"Also set"</h2>
                    <p class="hint">"This form has no controls for these yet; they are simulated, and travel with the link."</p>
                    <ul class="plain">{rows.collect_view()}</ul>
                </section>
            }
        })
    };
    view! { {list} }.into_any()
}

/// (path, value) of what differs from the default and has no control.
fn unshown(json: &Value, default: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    compare("", "", json, Some(default), &mut found);
    found
}

/// `place` is the path without indices.
fn compare(path: &str, place: &str, value: &Value, default: Option<&Value>, found: &mut Vec<(String, String)>) {
    if default == Some(value) || SHOWN.contains(&place) {
        return;
    }
    match (value, default) {
        (Value::Object(fields), Some(Value::Object(defaults))) => {
            for (key, field) in fields {
                let dot = if path.is_empty() { "" } else { "." };
                let (path, place) = (format!("{path}{dot}{key}"), format!("{place}{dot}{key}"));
                compare(&path, &place, field, defaults.get(key), found);
            }
        }
        // Every item of a list of objects starts from the default's first.
        (Value::Array(items), Some(Value::Array(defaults))) if defaults.first().is_some_and(Value::is_object) => {
            for (i, item) in items.iter().enumerate() {
                compare(&format!("{path}[{i}]"), &format!("{place}[]"), item, defaults.first(), found);
            }
        }
        _ => found.push((path.to_owned(), short(&value.to_string()))),
    }
}

fn short(text: &str) -> String {
    if text.chars().count() <= VALUE_MAX {
        return text.to_owned();
    }
    text.chars().take(VALUE_MAX).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::scenario::TrafficClass;
    use serde_json::json;

    fn of(change: impl FnOnce(&mut Scenario)) -> Vec<(String, String)> {
        let mut s = Scenario::default();
        change(&mut s);
        unshown(&s.to_value(), &Scenario::default().to_value())
    }

    #[test]
    fn what_has_a_control_is_not_listed() {
        assert_eq!(of(|_| ()), []);
        let edited = of(|s| {
            s.topology.pools[0].replicas = 9;
            s.topology.pools[0].engine.max_num_seqs = Some(7);
            s.workload.classes[0].input.mean = 9.0;
            s.workload.classes.push(TrafficClass { name: "batch".into(), share: 0.5, ..TrafficClass::default() });
            s.run.warmup_s = Some(1.0);
        });
        assert_eq!(edited, []);
    }

    #[test]
    fn what_has_none_is_named_with_its_value() {
        let found = of(|s| {
            s.topology.pools[0].engine.watermark = Some(0.25);
            s.workload.classes[0].extra.insert("colour".into(), json!({"deep": [1, 2]}));
        });
        let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
        let want = ["topology.pools[0].engine.watermark", "workload.classes[0].colour"];
        assert_eq!(paths, want);
        assert_eq!(found[1].1, r#"{"deep":[1,2]}"#);
    }
}
