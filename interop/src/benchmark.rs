//! llm-d-benchmark's scenarios: the router's configuration, the model and the pools in one document.

use crate::helm;
use crate::report::{Fate, Line, Problem};
use crate::values::at_mut;
use crate::vllm;
use crate::vllm::words::Environment;
use crate::yaml::{self, Node};
use playground_core::catalog::Catalog;
use playground_core::scenario::{Pool, Scenario};
use serde_json::Value;

/// Order of settings in the text.
const ORDER: [&str; 4] = ["scenario", "name", "common", "replicas"];
/// Pools of a scenario, as it names them; decoding comes first, since it may stand alone.
const POOLS: [&str; 2] = ["decode", "prefill"];

/// Whether a document is such a scenario.
pub(crate) fn is_scenario(document: &Node) -> bool {
    document.get("scenario").is_some_and(|s| s.items().iter().any(|item| item.get("common").is_some()))
}

/// Sets a scenario's model, pools and policies; the document without the configuration is returned.
///
/// # Errors
/// When the configuration in it cannot be read.
pub(crate) fn read(
    document: &Node,
    scenario: &mut Scenario,
    catalog: &Catalog,
    lines: &mut Vec<Line>,
) -> Result<Value, Problem> {
    let items = document.get("scenario").map_or(&[][..], Node::items);
    let item = items.first().ok_or_else(|| document.problem("`scenario` is empty"))?;
    let mut rest = document.to_value();
    rest["scenario"][0] = helm::configured(item, scenario, lines)?;
    if let Some(other) = items.get(1) {
        lines.push(Line::new(
            "scenario[1]",
            Some(other.at),
            Fate::Ignored,
            "one scenario at a time is simulated; kept",
        ));
    }
    let base = scenario.topology.pools.first().cloned().unwrap_or_default();
    let prefills = POOLS[1..].iter().any(|name| pool_of(item, name).is_some_and(is_on));
    let mut pools = Vec::new();
    for name in POOLS {
        let Some(node) = pool_of(item, name).filter(|node| is_on(node)) else { continue };
        let mut pool =
            Pool { name: name.into(), role: if prefills { name.into() } else { "both".into() }, ..base.clone() };
        fill(&mut pool, item, node, catalog, lines);
        pools.push(pool);
    }
    if !pools.is_empty() {
        scenario.topology.pools = pools;
    }
    for entry in item.entries().iter().filter(|e| !["common", "modelservice"].contains(&e.key.as_str())) {
        lines.push(Line::new(format!("scenario.{}", entry.key), Some(entry.at), Fate::Ignored, "kept whole"));
    }
    Ok(rest)
}

/// Where a pool is described: below the model service, or beside it.
fn pool_of<'n>(item: &'n Node, name: &str) -> Option<&'n Node> {
    item.at_path(&["modelservice", name]).or_else(|| item.get(name)).filter(|node| node.get("replicas").is_some())
}

fn is_on(node: &Node) -> bool {
    node.get("enabled").and_then(Node::boolean) != Some(false)
        && node.get("replicas").and_then(Node::number).is_some_and(|n| (1.0..=1e6).contains(&n))
}

/// One pool: what its command says, by what the scenario sets the command's variables to.
fn fill(pool: &mut Pool, item: &Node, node: &Node, catalog: &Catalog, lines: &mut Vec<Line>) {
    let name = pool.name.clone();
    let replicas = node.get("replicas").expect("it has some");
    pool.replicas = replicas.number().unwrap_or(1.0) as u32;
    lines.push(Line::new(format!("{name}.replicas"), Some(replicas.at), Fate::Exact, ""));
    let model = item.at_path(&["common", "model"]);
    let mut environment = Environment::new();
    let mut set = |variable: &str, value: Option<&Node>| {
        if let Some(value) = value {
            let text = value.text().map_or_else(|| value.to_value().to_string(), String::from);
            environment.insert(variable.into(), text);
        }
    };
    set("VLLM_BLOCK_SIZE", model.and_then(|m| m.get("blockSize")));
    set("VLLM_MAX_MODEL_LEN", model.and_then(|m| m.get("maxModelLen")));
    set("VLLM_ACCELERATOR_MEM_UTIL", model.and_then(|m| m.get("gpuMemoryUtilization")));
    set("MODEL_NAME", model.and_then(|m| m.get("name")));
    set("TP_SIZE", node.at_path(&["parallelism", "tensor"]));
    set("DP_SIZE_LOCAL", node.at_path(&["parallelism", "dataLocal"]));
    let command = node.at_path(&["vllm", "customCommand"]);
    let script = command.and_then(Node::text).unwrap_or_default();
    let words = vllm::in_script(script, &mut environment).into_iter().next().unwrap_or_default();
    // The command names a path; the model's name is elsewhere.
    let at = command.map(|c| c.at);
    let words: Vec<_> = words.into_iter().skip(1).map(|w| vllm::words::Word { at, ..w }).collect();
    vllm::apply(&words, pool, catalog, &format!("{name}."), lines);
    if let Some(node) = model.and_then(|m| m.get("name")) {
        vllm::set_model(node.text().unwrap_or_default(), Some(node.at), pool, catalog, &format!("{name}.model"), lines);
    }
    for key in ["data", "workers"] {
        if let Some(value) = node.at_path(&["parallelism", key]).filter(|v| v.number() != Some(1.0)) {
            let note = "each rank is a replica: raise the pool's replicas instead";
            lines.push(Line::new(format!("{name}.parallelism.{key}"), Some(value.at), Fate::Ignored, note));
        }
    }
}

/// The scenario as text, with the configuration, replicas and tensor parallelism put in.
pub(crate) fn write(kept: &Value, config: &str, pools: &[Pool]) -> String {
    let mut document = kept.clone();
    helm::put(&mut document, config);
    let item = &mut document["scenario"][0];
    for pool in pools.iter().filter(|pool| POOLS.contains(&pool.name.as_str())) {
        for path in [vec!["modelservice", pool.name.as_str()], vec![pool.name.as_str()]] {
            let Some(node) = at_mut(item, &path).filter(|node| node.get("replicas").is_some()) else { continue };
            node["replicas"] = pool.replicas.into();
            if let Some(parallelism) = node.get_mut("parallelism") {
                parallelism["tensor"] = pool.engine.tensor_parallel_size.into();
            }
            break;
        }
    }
    yaml::write(&document, &ORDER)
}
