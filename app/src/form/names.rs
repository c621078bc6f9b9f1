//! What fields are called on the page.

/// The name of a field, as in "replicas", with what it belongs to where that is not plain.
pub(crate) fn of(path: &str) -> String {
    let last = path.rsplit('.').next().unwrap_or(path);
    let name = law(path, last).or_else(|| known(path, last).map(str::to_owned)).unwrap_or_else(|| last.to_owned());
    match number_of(path, "classes") {
        Some(n) if path.contains("].") => format!("Class {n}: {name}"),
        _ => {
            let lists = [("pools", "Pool"), ("models", "Own model"), ("gpus", "Own GPU")];
            let place = lists.into_iter().find_map(|(list, what)| Some((what, number_of(path, list)?)));
            match place {
                Some((what, n)) if n > 1 && path.contains("].") => format!("{what} {n}: {name}"),
                Some((what, n)) if n > 1 => format!("{what} {n}"),
                _ => name,
            }
        }
    }
}

/// Which item of a list a path goes through, counted from 1.
fn number_of(path: &str, list: &str) -> Option<usize> {
    let (_, rest) = path.split_once(&format!("{list}["))?;
    rest.split_once(']')?.0.parse::<usize>().ok().map(|i| i + 1)
}

/// Distributions have the same fields, whatever they are of.
fn law(path: &str, last: &str) -> Option<String> {
    let (parent, _) = path.rsplit_once('.')?;
    let of = [
        (".conversation.input", "later prompt"),
        (".turns", "conversation"),
        (".think_ms", "think time"),
        (".input", "prompt"),
        (".output", "output"),
    ];
    let (_, of) = of.into_iter().find(|(end, _)| parent.ends_with(end))?;
    match last {
        "type" if of == "think time" => Some("Type of think time".into()),
        "type" => Some(format!("Type of {of} length")),
        "mean" => Some(format!("Mean {of}")),
        "std_dev" => Some(format!("Std dev of {of}s")),
        "min" => Some(format!("Shortest {of}")),
        "max" => Some(format!("Longest {of}")),
        "values" => Some(format!("Values of {of}s")),
        "weights" => Some(format!("Weights of {of}s")),
        _ => None,
    }
}

fn known(path: &str, last: &str) -> Option<&'static str> {
    match last {
        "" => Some("Scenario"),
        "title" => Some("Title"),
        "note" => Some("Note"),
        "model" => Some("Model"),
        "gpu" => Some("GPU"),
        "replicas" => Some("Replicas"),
        "role" => Some("Role"),
        "tensor_parallel_size" => Some("Tensor parallel"),
        "max_num_batched_tokens" => Some("Max batched tokens"),
        "max_num_seqs" => Some("Max sequences"),
        "max_model_len" => Some("Longest sequence"),
        "enable_prefix_caching" => Some("Prefix caching"),
        "async_scheduling" => Some("Async scheduling"),
        "quantization" => Some("Weights"),
        "kv_cache_dtype" => Some("KV cache"),
        "kv_offloading_size" => Some("KV in host memory"),
        "block_size" => Some("Block size"),
        "num_gpu_blocks_override" => Some("KV blocks"),
        "sampling" => Some("Sampling"),
        "price_usd_per_gpu_hour" => Some("Price"),
        "gpu_memory_utilization" => Some("GPU memory utilisation"),
        "seed" => Some("Seed"),
        "replications" => Some("Repetitions"),
        "requests" => Some("Requests"),
        "warmup_s" => Some("Warm-up"),
        "warmup_rule" => Some("Rule of the warm-up"),
        "min_frac" => Some("Lowest load"),
        "max_frac" => Some("Highest load"),
        "points" => Some("Loads"),
        "decider" => Some("P/D decider"),
        "network" => Some("Network"),
        "kv_transfer" => Some("Way of keys and values"),
        "gb_s_per_gpu" => Some("Bandwidth"),
        "handshake_ms" => Some("Handshake"),
        "sidecar_ms" => Some("Sidecar"),
        "lease_s" => Some("Lease"),
        "jitter_frac" => Some("Jitter"),
        "policies" => Some("Routing"),
        "sweep" => Some("Axes of the sweep"),
        "picker" => Some("Picker"),
        "weight" => Some("Weight"),
        _ if last.starts_with("pools[") => Some("Deployment"),
        _ => of_own(last).or_else(|| of_traffic(path, last)),
    }
}

/// Names of what a model or GPU of the scenario's own has.
fn of_own(last: &str) -> Option<&'static str> {
    match last {
        "models" => Some("Own models"),
        "gpus" => Some("Own GPUs"),
        "id" => Some("Key"),
        "based_on" => Some("Efficiencies of"),
        "memory_gib" => Some("Memory"),
        "memory_bandwidth_gb_s" => Some("Memory bandwidth"),
        "bf16_dense_tflops" => Some("bf16"),
        "fp8_dense_tflops" => Some("fp8"),
        "fp4_dense_tflops" => Some("fp4"),
        "int8_dense_tops" => Some("int8"),
        "link_gb_s_per_direction" => Some("Link"),
        "link_gpus" => Some("GPUs linked"),
        "weights" => Some("Weights of the checkpoint"),
        "expert_weights" => Some("Weights of its experts"),
        "max_context_tokens" => Some("Longest context"),
        "hidden_size" => Some("Hidden size"),
        "vocab_size" => Some("Vocabulary"),
        "hidden_norms" => Some("Norms"),
        "tied_embeddings" => Some("LM head"),
        "blocks" => Some("Blocks"),
        "count" => Some("How many"),
        _ if last.starts_with("models[") => Some("Own model"),
        _ if last.starts_with("gpus[") => Some("Own GPU"),
        _ => None,
    }
}

/// Names of what is about traffic.
fn of_traffic(path: &str, last: &str) -> Option<&'static str> {
    match last {
        "rate_rps" => Some("Offered load"),
        "max_concurrency" => Some("Clients"),
        "cv" => Some("Variation of gaps"),
        "on_s" => Some("On for"),
        "off_s" => Some("Off for"),
        "ramp_s" => Some("Rises for"),
        "ramp_from_frac" => Some("Begins at"),
        "stage_s" => Some("Stage"),
        "classes" => Some("Traffic classes"),
        "prefix" => Some("Shared prefix"),
        "tokens" => Some("Length of the prefix"),
        "groups" => Some("Prefixes"),
        "prompts_per_group" => Some("Prompts each"),
        "conversation" => Some("Conversation"),
        "turns" => Some("Turns"),
        "think_ms" => Some("Think time"),
        "name" => Some("Name"),
        "share" => Some("Share"),
        "priority" => Some("Priority"),
        "type" if path.ends_with("arrival.type") => Some("Arrivals"),
        "input" => Some("Prompt length"),
        "output" => Some("Output length"),
        "percentile" => Some("Target percentile"),
        "ttft_ms" => Some("TTFT target"),
        "itl_ms" => Some("ITL target"),
        "e2e_ms" => Some("E2E target"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn fields_have_names_people_use() {
        assert_eq!(of("topology.pools[0].replicas"), "Replicas");
        assert_eq!(of("topology.pools[1].replicas"), "Pool 2: Replicas");
        assert_eq!(of("topology.pools[0]"), "Deployment");
        assert_eq!(of("topology.gpus[0].memory_gib"), "Memory");
        assert_eq!(of("topology.gpus[1].memory_gib"), "Own GPU 2: Memory");
        assert_eq!(of("topology.models[0].blocks[2].count"), "How many");
        assert_eq!(of("workload.classes"), "Traffic classes");
        assert_eq!(of("workload.classes[0].input.mean"), "Class 1: Mean prompt");
        assert_eq!(of("workload.classes[1].slo.ttft_ms"), "Class 2: TTFT target");
        assert_eq!(of("workload.classes[0].conversation.input.mean"), "Class 1: Mean later prompt");
        assert_eq!(of("workload.classes[0].conversation.think_ms.type"), "Class 1: Type of think time");
        assert_eq!(of("workload.arrival.type"), "Arrivals");
        assert_eq!(of("some.future_setting"), "future_setting");
    }
}
