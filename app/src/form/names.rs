//! What fields are called on the page.

/// The name of a field, as in "replicas", with what it belongs to where that is not plain.
pub(crate) fn of(path: &str) -> String {
    let last = path.rsplit('.').next().unwrap_or(path);
    let name = known(path, last).unwrap_or(last);
    match number_of(path, "classes") {
        Some(n) if path.contains("].") => format!("Class {n}: {name}"),
        _ => match number_of(path, "pools") {
            Some(n) if n > 1 => format!("Pool {n}: {name}"),
            _ => name.to_owned(),
        },
    }
}

/// Which item of a list a path goes through, counted from 1.
fn number_of(path: &str, list: &str) -> Option<usize> {
    let (_, rest) = path.split_once(&format!("{list}["))?;
    rest.split_once(']')?.0.parse::<usize>().ok().map(|i| i + 1)
}

fn known(path: &str, last: &str) -> Option<&'static str> {
    // Lengths have the same fields for prompts and outputs.
    let part = |input, output| {
        if path.contains(".input.") {
            Some(input)
        } else if path.contains(".output.") {
            Some(output)
        } else {
            None
        }
    };
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
        "gpu_memory_utilization" => Some("GPU memory utilisation"),
        "rate_rps" => Some("Offered load"),
        "classes" => Some("Traffic classes"),
        "name" => Some("Name"),
        "share" => Some("Share"),
        "priority" => Some("Priority"),
        "type" if path.ends_with("arrival.type") => Some("Arrivals"),
        "type" => part("Type of prompt length", "Type of output length"),
        "mean" => part("Mean prompt", "Mean output"),
        "std_dev" => part("Std dev of prompts", "Std dev of outputs"),
        "min" => part("Shortest prompt", "Shortest output"),
        "max" => part("Longest prompt", "Longest output"),
        "input" => Some("Prompt length"),
        "output" => Some("Output length"),
        "percentile" => Some("Target percentile"),
        "ttft_ms" => Some("TTFT target"),
        "itl_ms" => Some("ITL target"),
        "e2e_ms" => Some("E2E target"),
        "seed" => Some("Seed"),
        "replications" => Some("Repetitions"),
        "requests" => Some("Requests"),
        "warmup_s" => Some("Warm-up"),
        "min_frac" => Some("Lowest load"),
        "max_frac" => Some("Highest load"),
        "points" => Some("Loads"),
        "policies" => Some("Routing"),
        _ if last.starts_with("pools[") => Some("Deployment"),
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
        assert_eq!(of("workload.classes"), "Traffic classes");
        assert_eq!(of("workload.classes[0].input.mean"), "Class 1: Mean prompt");
        assert_eq!(of("workload.classes[1].slo.ttft_ms"), "Class 2: TTFT target");
        assert_eq!(of("workload.arrival.type"), "Arrivals");
        assert_eq!(of("some.future_setting"), "future_setting");
    }
}
