//! `playground run --trace`: a recording sent to a scenario's fleet, request by request.

use crate::input::describe;
use playground_core::catalog::Catalog;
use playground_core::cluster::{Progress, Sim};
use playground_core::report::{End, Outcome};
use playground_core::scenario::{Plan, Scenario, resolve};
use playground_core::workload::Replay;
use playground_interop::trace::{self, Form, Mapping, Sent, Trace};
use serde_json::{Value, json};
use std::io::BufReader;

/// What is replayed, and how.
pub(crate) struct Options {
    /// The recording.
    pub(crate) file: String,
    /// Which column says what.
    pub(crate) columns: Option<String>,
    /// At most so many clients.
    pub(crate) clients: Option<u32>,
    /// Where each request goes.
    pub(crate) save: Option<String>,
}

/// The shares of a distribution that are printed.
const SHARES: [(&str, f64); 4] = [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)];

/// What came of the recording, as text or JSON.
pub(crate) fn run(scenario: &Scenario, options: &Options, json: bool) -> Result<String, String> {
    let plan = plan(scenario)?;
    let mut recording = read(options)?;
    for note in &recording.notes {
        eprintln!("note: {}: {note}", options.file);
    }
    let names = recording.classes.clone();
    place_classes(&mut recording, &plan);
    let replay = Replay::new(recording.requests.clone(), plan.classes().len() as u32)
        .map_err(|e| format!("{}: {e}", options.file))?;
    let mut sim = Sim::replay(&plan, replay, options.clients);
    while sim.advance(u32::MAX) == Progress::Running {}
    let (outcomes, record) = sim.into_outcomes();
    if let Some(path) = &options.save {
        let classes: Vec<String> = plan.classes().iter().map(|class| class.name.clone()).collect();
        let all = recording.requests.iter().zip(&outcomes);
        let all: Vec<Sent> = all.map(|(request, o)| Sent { request: *request, outcome: Some(*o) }).collect();
        std::fs::write(path, trace::write(&all, &classes, Form::Csv))
            .map_err(|e| format!("{path} cannot be written: {e}"))?;
    }
    let found = found(&recording, &names, &outcomes, record.over.as_secs_f64());
    if json {
        return serde_json::to_string_pretty(&found).map_err(|e| e.to_string());
    }
    Ok(text(&options.file, &found))
}

/// The requests of a scenario's first run.
pub(crate) fn written(scenario: &Scenario, form: Form) -> Result<String, String> {
    let plan = plan(scenario)?;
    let classes: Vec<String> = plan.classes().iter().map(|class| class.name.clone()).collect();
    Ok(trace::write(&trace::of_run(&plan), &classes, form).trim_end().into())
}

fn plan(scenario: &Scenario) -> Result<Plan, String> {
    resolve(scenario, &Catalog::builtin()).map_err(|found| {
        let lines: Vec<String> = found.iter().map(describe).collect();
        lines.join("\n")
    })
}

fn read(options: &Options) -> Result<Trace, String> {
    let mapping = options.columns.as_deref().map(Mapping::parse).transpose().map_err(|e| format!("--columns: {e}"))?;
    let read = |input: &mut dyn std::io::BufRead| trace::read(input, mapping.as_ref());
    let found = match options.file.as_str() {
        "-" => read(&mut std::io::stdin().lock()),
        path => {
            let file = std::fs::File::open(path).map_err(|e| format!("{path} cannot be read: {e}"))?;
            read(&mut BufReader::new(file))
        }
    };
    found.map_err(|problem| format!("{}: {problem}", options.file))
}

/// Gives each request the scenario's class of the same name; the first one where there is none.
fn place_classes(recording: &mut Trace, plan: &Plan) {
    let place = |name: &String| plan.classes().iter().position(|class| class.name == *name);
    let places: Vec<Option<usize>> = recording.classes.iter().map(place).collect();
    for (name, place) in recording.classes.iter().zip(&places) {
        if place.is_none() && !name.is_empty() {
            let first = &plan.classes()[0].name;
            eprintln!("note: the scenario has no class {name}; its requests have the priority and targets of {first}");
        }
    }
    for request in &mut recording.requests {
        request.class = places[request.class as usize].unwrap_or(0) as u32;
    }
}

/// Counts and latencies.
fn found(recording: &Trace, names: &[String], outcomes: &[Outcome], lasted_s: f64) -> Value {
    let latencies = |of: &dyn Fn(&Outcome, u32) -> Option<f64>| {
        let pairs = outcomes.iter().zip(&recording.requests);
        let mut all: Vec<f64> = pairs.filter_map(|(o, r)| of(o, r.output_tokens)).collect();
        all.sort_by(f64::total_cmp);
        statistics(&all)
    };
    let ends: serde_json::Map<String, Value> = End::ALL
        .into_iter()
        .map(|end| (end.name().to_string(), json!(outcomes.iter().filter(|o| o.end == end).count())))
        .collect();
    let tokens: u64 = outcomes
        .iter()
        .zip(&recording.requests)
        .filter(|(o, _)| o.end == End::Done)
        .map(|(_, r)| u64::from(r.output_tokens))
        .sum();
    json!({
        "format": recording.kind,
        "requests": outcomes.len(),
        "classes": names,
        "notes": recording.notes,
        "ends": ends,
        "lasted_s": lasted_s,
        "output_tokens_per_s": if lasted_s > 0.0 { tokens as f64 / lasted_s } else { 0.0 },
        "ttft_ms": latencies(&|o, _| o.ttft.map(|d| d.as_ms_f64())),
        "tpot_ms": latencies(&|o, tokens| {
            (tokens > 1).then(|| Some((o.e2e?.as_ms_f64() - o.ttft?.as_ms_f64()) / f64::from(tokens - 1)))?
        }),
        "e2e_ms": latencies(&|o, _| o.e2e.map(|d| d.as_ms_f64())),
    })
}

/// Mean and shares of ascending values.
fn statistics(ascending: &[f64]) -> Value {
    if ascending.is_empty() {
        return Value::Null;
    }
    let n = ascending.len();
    let mut all = serde_json::Map::new();
    all.insert("n".into(), n.into());
    all.insert("mean".into(), json!(ascending.iter().sum::<f64>() / n as f64));
    for (name, share) in SHARES {
        let rank = (share * n as f64).ceil() as usize;
        all.insert(name.into(), json!(ascending[rank.clamp(1, n) - 1]));
    }
    Value::Object(all)
}

fn text(file: &str, found: &Value) -> String {
    let number = |v: &Value| v.as_f64().map_or_else(|| "—".into(), |x| format!("{x:.1}"));
    let ends = found["ends"].as_object().into_iter().flatten().filter(|(_, n)| **n != 0);
    let ends: Vec<String> = ends.map(|(end, n)| format!("{n} {end}")).collect();
    let mut lines = vec![
        format!("{file}: {} requests, {}", found["requests"], ends.join(", ")),
        format!(
            "{} s simulated, {} output tokens/s",
            number(&found["lasted_s"]),
            number(&found["output_tokens_per_s"])
        ),
        String::new(),
        format!("{:8} {:>9} {:>9} {:>9} {:>9} {:>9}", "ms", "mean", "p50", "p90", "p95", "p99"),
    ];
    for (name, key) in [("TTFT", "ttft_ms"), ("TPOT", "tpot_ms"), ("E2E", "e2e_ms")] {
        let cells = ["mean", "p50", "p90", "p95", "p99"].map(|s| format!("{:>9}", number(&found[key][s])));
        lines.push(format!("{name:8} {}", cells.join(" ")));
    }
    lines.join("\n")
}
