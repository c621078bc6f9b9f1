//! vLLM in Kubernetes manifests: how many replicas, of which role, started how.

use super::words::{Environment, Word, put_in};
use crate::report::{Fate, Line, Mark};
use crate::yaml::Node;
use playground_core::catalog::Catalog;
use playground_core::scenario::Pool;
use serde_json::{Value, json};

/// llm-d's label of a pod's role.
const ROLE: &str = "llm-d.ai/role";
/// Where pods are described: of a Deployment or StatefulSet, and of a LeaderWorkerSet.
const TEMPLATES: [&[&str]; 3] = [
    &["spec", "template"],
    &["spec", "leaderWorkerTemplate", "leaderTemplate"],
    &["spec", "leaderWorkerTemplate", "workerTemplate"],
];

/// A container that runs vLLM: the path to its pod's template, and its place among the containers.
struct Found<'a> {
    template: &'a Node,
    template_path: &'static [&'static str],
    index: usize,
    container: &'a Node,
    words: Vec<Word>,
}

/// A pool from a manifest, and the manifest without what the pool now says; none where nothing in it runs vLLM.
pub(crate) fn read(manifest: &Node, base: &Pool, catalog: &Catalog, lines: &mut Vec<Line>) -> Option<(Pool, Value)> {
    let found = find(manifest)?;
    let name = manifest.at_path(&["metadata", "name"]).and_then(Node::text).unwrap_or("vllm").to_string();
    let mut pool = Pool { name: name.clone(), ..base.clone() };
    let mut say = |field: &str, at: Mark, fate, note: &str| {
        lines.push(Line::new(format!("{name}.{field}"), Some(at), fate, note));
    };
    let replicas = manifest.at_path(&["spec", "replicas"]);
    pool.replicas = 1;
    if let Some(node) = replicas {
        match node.number().filter(|n| (0.0..=1e6).contains(n)) {
            Some(n) => {
                pool.replicas = n as u32;
                say("spec.replicas", node.at, Fate::Exact, "");
            }
            None => say("spec.replicas", node.at, Fate::Ignored, "not a number of replicas; 1 is simulated"),
        }
    }
    pool.role = "both".into();
    if let Some(node) = found.template.at_path(&["metadata", "labels", ROLE]) {
        pool.role = node.text().unwrap_or("both").into();
        say(ROLE, node.at, Fate::Exact, "");
    }
    if let Some(node) = gpu_label(found.template) {
        match find_gpu(catalog, node.text().unwrap_or_default()) {
            Some(gpu) => {
                pool.gpu = gpu;
                say("nodeSelector", node.at, Fate::Exact, "");
            }
            None => say("nodeSelector", node.at, Fate::Ignored, "the catalogue has no such GPU; choose one"),
        }
    }
    if let Some(node) = found.container.get("image") {
        match version(catalog, node.text().unwrap_or_default()) {
            Some((version, exact)) => {
                let fate = if exact { Fate::Exact } else { Fate::Approximated };
                say("image", node.at, fate, &format!("simulated as vLLM {version}"));
                pool.engine.version = version;
            }
            None => {
                say(
                    "image",
                    node.at,
                    Fate::Ignored,
                    &format!("names no release; vLLM {} is simulated", pool.engine.version),
                );
            }
        }
    }
    super::apply(&found.words, &mut pool, catalog, &format!("{name}."), lines);
    if let Some(node) = found.container.at_path(&["resources", "limits", "nvidia.com/gpu"]) {
        let gpus = node.number().unwrap_or(0.0);
        let fits = gpus == f64::from(pool.engine.tensor_parallel_size);
        let note = if fits { "" } else { "differs from the GPUs that tensor parallelism uses, which are simulated" };
        lines.push(Line::new(
            format!("{name}.nvidia.com/gpu"),
            Some(node.at),
            if fits { Fate::Exact } else { Fate::Approximated },
            note,
        ));
    }
    Some((pool, cut(manifest, &found)))
}

/// The manifest of a pool, with what the pool says put in.
pub(crate) fn write(kept: &Value, pool: &Pool, catalog: &Catalog) -> Value {
    let mut manifest = kept.clone();
    manifest["spec"]["replicas"] = pool.replicas.into();
    for path in TEMPLATES {
        let containers = format!("/{}/spec/containers", path.join("/"));
        let Some(Value::Array(containers)) = manifest.pointer_mut(&containers) else { continue };
        // It was left without arguments when it was read, and marked.
        if let Some(container) = containers.iter_mut().find(|c| c["args"] == json!([])) {
            container["command"] = json!(["vllm", "serve"]);
            container["args"] = json!(super::arguments_of(pool, catalog));
        }
    }
    manifest
}

/// The manifest without arguments and replicas.
fn cut(manifest: &Node, found: &Found<'_>) -> Value {
    let mut value = manifest.to_value();
    if let Some(spec) = value.get_mut("spec").and_then(Value::as_object_mut) {
        spec.remove("replicas");
    }
    let pointer = format!("/{}/spec/containers/{}", found.template_path.join("/"), found.index);
    if let Some(Value::Object(container)) = value.pointer_mut(&pointer) {
        container.remove("command");
        container.insert("args".into(), json!([]));
    }
    value
}

fn find(manifest: &Node) -> Option<Found<'_>> {
    for template_path in TEMPLATES {
        let Some(template) = manifest.at_path(template_path) else { continue };
        for (index, container) in
            template.at_path(&["spec", "containers"]).map_or(&[][..], Node::items).iter().enumerate()
        {
            if let Some(words) = words_of(container) {
                return Some(Found { template, template_path, index, container, words });
            }
        }
    }
    None
}

/// A container's arguments of vLLM; none where it runs something else.
fn words_of(container: &Node) -> Option<Vec<Word>> {
    let mut environment = Environment::new();
    for variable in container.get("env").map_or(&[][..], Node::items) {
        if let (Some(name), Some(value)) = (variable.get("name").and_then(Node::text), variable.get("value")) {
            let value = value.text().map_or_else(|| value.to_value().to_string(), String::from);
            environment.insert(name.into(), value);
        }
    }
    let mut words = Vec::new();
    for part in ["command", "args"] {
        for node in container.get(part).map_or(&[][..], Node::items) {
            let text = node.text().map_or_else(|| node.to_value().to_string(), String::from);
            if text.contains("vllm serve") || text.contains("vllm.entrypoints.") && text.contains(' ') {
                let script = super::in_script(&text, &mut environment).into_iter().next()?;
                return Some(script.into_iter().map(|w| Word { at: Some(node.at), ..w }).collect());
            }
            words.push(Word { text: put_in(&text, &environment), at: Some(node.at) });
        }
    }
    if let Some(arguments) = super::arguments(&words) {
        return Some(arguments.to_vec());
    }
    // vLLM's own image starts the server with these arguments.
    let image = container.get("image").and_then(Node::text).unwrap_or_default();
    let has_flags = words.iter().any(|w| w.text.starts_with("--tensor-parallel") || w.text.starts_with("--model"));
    ((image.contains("vllm") || has_flags) && container.get("command").is_none() && !words.is_empty()).then_some(words)
}

/// A label that names the GPU a pod asks for.
fn gpu_label(template: &Node) -> Option<&Node> {
    let selector = template.at_path(&["spec", "nodeSelector"])?;
    selector.entries().iter().find(|e| e.key.contains("gpu") || e.key.contains("accelerator")).map(|e| &e.value)
}

/// The catalogue's GPU that a label like `NVIDIA-H100-80GB-HBM3` or `nvidia-l4` means.
fn find_gpu(catalog: &Catalog, label: &str) -> Option<String> {
    let label = label.to_ascii_lowercase();
    let parts: Vec<&str> = label.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let mut candidates = catalog.gpus.iter().filter(|gpu| {
        let family = gpu.id.split('-').next().unwrap_or_default();
        parts.contains(&family)
    });
    let first = candidates.next()?;
    // Of a family of several, the one that shares most words.
    let shared =
        |id: &str| id.split('-').filter(|word| parts.iter().any(|p| p.starts_with(word.trim_end_matches('g')))).count();
    let best = candidates.fold(first, |best, gpu| if shared(&gpu.id) > shared(&best.id) { gpu } else { best });
    Some(best.id.clone())
}

/// The catalogue's release for an image's tag, and whether it is that very one: the next later, or else the newest.
fn version(catalog: &Catalog, image: &str) -> Option<(String, bool)> {
    let tag = image.rsplit_once(':').map(|(_, tag)| tag)?;
    let asked = release(tag.trim_start_matches('v'))?;
    let of = |v: &str| release(v).unwrap_or_default();
    let later = catalog.engine_versions.iter().filter(|v| of(&v.version) >= asked).min_by_key(|v| of(&v.version));
    let chosen = later.or_else(|| catalog.engine_versions.iter().max_by_key(|v| of(&v.version)))?;
    Some((chosen.version.clone(), of(&chosen.version) == asked))
}

fn release(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
