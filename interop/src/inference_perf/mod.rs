//! inference-perf's load descriptions, and llm-d-benchmark's profiles, which are the same with placeholders.
//!
//! One description holds a ladder of stages; a scenario has one load and a curve around it. The highest stage becomes
//! the scenario's load; the ladder itself is kept and written back as long as nobody changes the workload.

mod data;
mod priority_mix;
mod write;

pub(crate) use priority_mix::{is_mix, read as read_mix};
pub(crate) use write::write;

use crate::report::{Fate, Line, Problem};
use crate::vllm;
use crate::yaml::{Data, Node};
use playground_core::catalog::Catalog;
use playground_core::scenario::{Arrival, Scenario};

/// How llm-d-benchmark marks what it fills in.
const PLACEHOLDER: &str = "REPLACE_ENV_";

/// Settings that change nothing that is simulated: beginnings of paths, and why.
const WITHOUT_EFFECT: [(&str, &str); 13] = [
    ("report", "what is reported does not change what happens"),
    ("storage", "what is stored does not change what happens"),
    ("metrics", "what is collected does not change what happens"),
    ("tokenizer", "lengths are in the model's own tokens"),
    ("api.type", "both interfaces take the same time"),
    ("api.streaming", "answers are streamed"),
    ("server.type", "the engine is vLLM"),
    ("server.base_url", "there is no server"),
    ("load.num_workers", "clients of the simulation are never too slow"),
    ("load.worker_max_concurrency", "clients of the simulation are never too slow"),
    ("load.base_seed", "draws come from the scenario's own seed"),
    ("load.interval", "every load is simulated from an empty fleet, so nothing has to drain"),
    ("load.request_timeout", "requests are followed to their ends, however long they take"),
];

/// Whether a document describes such a load.
pub(crate) fn is_load(document: &Node) -> bool {
    let load = document.get("load").is_some_and(|load| load.get("stages").is_some() || load.get("type").is_some());
    load && !is_mix(document)
}

/// Sets a scenario's workload by a description; a line for each setting.
///
/// # Errors
/// When a value is a variable that somebody has yet to fill in, or cannot be one.
pub(crate) fn read(
    document: &Node,
    scenario: &mut Scenario,
    catalog: &Catalog,
    lines: &mut Vec<Line>,
) -> Result<(), Problem> {
    refuse_variables(document)?;
    let before = lines.len();
    arrival(document, &mut scenario.workload.arrival, lines)?;
    data::read(document, scenario, lines)?;
    if let Some(node) = document.at_path(&["server", "model_name"]) {
        let name = node.text().unwrap_or_default();
        if !name.starts_with(PLACEHOLDER) {
            let found = vllm::find_model(catalog, name);
            let note = match (found, scenario.topology.pools.first_mut()) {
                (Some(model), Some(pool)) => {
                    pool.model.clone_from(&model.id);
                    ""
                }
                _ => "the catalogue has no such model; the scenario's stays",
            };
            let fate = if note.is_empty() { Fate::Exact } else { Fate::Ignored };
            lines.push(Line::new("server.model_name", Some(node.at), fate, note));
        }
    }
    if let Some(node) = document.at_path(&["server", "ignore_eos"]) {
        let exact = node.boolean() == Some(true);
        let note = if exact { "" } else { "answers have the lengths drawn, though a model may end them sooner" };
        let fate = if exact { Fate::Exact } else { Fate::Approximated };
        lines.push(Line::new("server.ignore_eos", Some(node.at), fate, note));
    }
    let said: Vec<String> = lines[before..].iter().map(|l| l.setting.clone()).collect();
    others(document, "", &said, lines);
    Ok(())
}

/// Refuses `${NAME}` where a value should be.
fn refuse_variables(node: &Node) -> Result<(), Problem> {
    match &node.data {
        Data::Text(text) if text.starts_with("${") && text.ends_with('}') => Err(node
            .problem(format!("this is a template: {text} stands where a value should; fill it in and import again"))),
        Data::List(items) => items.iter().try_for_each(refuse_variables),
        Data::Map(entries) => entries.iter().try_for_each(|entry| refuse_variables(&entry.value)),
        _ => Ok(()),
    }
}

/// A line for every setting that none of the others speaks of.
fn others(node: &Node, path: &str, said: &[String], lines: &mut Vec<Line>) {
    if said.iter().any(|s| s == path) {
        return;
    }
    match &node.data {
        Data::Map(entries) if !entries.is_empty() => {
            for entry in entries {
                let inner = if path.is_empty() { entry.key.clone() } else { format!("{path}.{}", entry.key) };
                others(&entry.value, &inner, said, lines);
            }
        }
        _ => {
            let placeholder = node.text().is_some_and(|text| text.contains(PLACEHOLDER));
            let known = WITHOUT_EFFECT.iter().find(|(begin, _)| path.starts_with(begin));
            let (fate, note) = match known {
                _ if placeholder => (Fate::Ignored, "a placeholder; the scenario's own value stays"),
                Some((_, note)) => (Fate::Exact, *note),
                None => (Fate::Ignored, "not simulated; kept"),
            };
            lines.push(Line::new(path, Some(node.at), fate, note));
        }
    }
}

/// One stage of a ladder.
#[derive(Clone, Copy)]
enum Stage {
    /// Requests per second, for so many seconds.
    Paced(f64, Option<f64>),
    /// So many clients.
    Clients(u32),
}

/// How requests arrive: the highest stage.
fn arrival(document: &Node, arrival: &mut Arrival, lines: &mut Vec<Line>) -> Result<(), Problem> {
    let Some(load) = document.get("load") else { return Ok(()) };
    let kind = load.get("type").and_then(Node::text).unwrap_or("constant");
    let at = load.get("type").map(|node| node.at);
    let stages = load.get("stages").map_or(&[][..], Node::items);
    let stages = stages.iter().map(stage).collect::<Result<Vec<_>, _>>()?;
    let highest = stages.iter().copied().max_by(|a, b| a.amount().total_cmp(&b.amount()));
    let fresh = Arrival { rate_rps: arrival.rate_rps, ..Arrival::default() };
    let (fate, note) = match (kind, highest) {
        ("constant", Some(Stage::Paced(rate_rps, stage_s))) => {
            *arrival = Arrival { kind: "poisson-in-stages".into(), rate_rps, stage_s, ..fresh };
            (Fate::Exact, "gaps are exponential all the same, scaled to end with the stage")
        }
        ("poisson", Some(Stage::Paced(rate_rps, _))) => {
            *arrival = Arrival { kind: "poisson-per-second".into(), rate_rps, ..fresh };
            (Fate::Exact, "")
        }
        (_, Some(Stage::Clients(clients))) => {
            *arrival = Arrival { kind: "closed-loop".into(), max_concurrency: Some(clients), ..fresh };
            let note = match kind {
                "trace_session_replay" => "sessions are clients; the recording itself is not part of this document",
                _ => "a client keeps to its conversation until that ends; the generator takes conversations in turn",
            };
            (Fate::Approximated, note)
        }
        _ => {
            let note = "says neither rates nor clients that can be simulated; the scenario's arrivals stay";
            lines.push(Line::new("load.type", at, Fate::Ignored, note));
            return Ok(());
        }
    };
    lines.push(Line::new("load.type", at, fate, note));
    let note = "the highest stage is the scenario's load, and the load curve goes through the others; a stage begins with \
                what earlier ones left in the caches, a load of the curve with empty ones";
    lines.push(Line::new("load.stages", load.get("stages").map(|s| s.at), Fate::Approximated, note));
    Ok(())
}

impl Stage {
    fn amount(self) -> f64 {
        match self {
            Stage::Paced(rate, _) => rate,
            Stage::Clients(clients) => f64::from(clients),
        }
    }
}

fn stage(node: &Node) -> Result<Stage, Problem> {
    let positive = |key: &str| match node.get(key) {
        None | Some(Node { data: Data::Null, .. }) => Ok(None),
        Some(value) => match value.number() {
            Some(n) if n > 0.0 && n <= 1e6 => Ok(Some(n)),
            _ => Err(value.problem(format!("`{key}` must be a number above 0 and up to 1000000"))),
        },
    };
    let clients = match positive("concurrency_level")? {
        Some(n) => Some(n),
        None => positive("concurrent_sessions")?,
    };
    match (positive("rate")?, clients) {
        (Some(rate), _) => Ok(Stage::Paced(rate, positive("duration")?)),
        (None, Some(clients)) => Ok(Stage::Clients(clients.ceil() as u32)),
        (None, None) => Err(node.problem("a stage needs a `rate`, or a `concurrency_level`")),
    }
}
