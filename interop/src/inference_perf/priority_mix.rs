//! llm-d-benchmark's mix of priorities: one rate, classes by weight, prompts written out.

use crate::report::{Fate, Line, Problem};
use crate::yaml::Node;
use playground_core::scenario::{Arrival, Length, Scenario, TrafficClass};

/// Characters of a token, where there is text instead of lengths: llm-d's own estimate.
const CHARACTERS_PER_TOKEN: f64 = 4.0;

/// Whether a document is such a mix.
pub(crate) fn is_mix(document: &Node) -> bool {
    document.get("trafficClasses").is_some() && document.get("load").is_some()
}

/// Sets a scenario's workload by a mix; a line for each setting.
pub(crate) fn read(document: &Node, scenario: &mut Scenario, lines: &mut Vec<Line>) -> Result<(), Problem> {
    let number = |path: &[&str]| match document.at_path(path) {
        None => Ok(None),
        Some(node) => node
            .number()
            .filter(|n| (0.0..=1e6).contains(n))
            .map(|n| Some((n, node.at)))
            .ok_or_else(|| node.problem(format!("`{}` must be a number from 0 up", path.join(".")))),
    };
    if let Some((rate, at)) = number(&["load", "rate_per_second"])? {
        let most = number(&["load", "max_in_flight"])?;
        scenario.workload.arrival = Arrival {
            kind: "poisson".into(),
            rate_rps: rate,
            max_concurrency: most.map(|(n, _)| n.max(1.0) as u32),
            ..Arrival::default()
        };
        lines.push(Line::new("load.rate_per_second", Some(at), Fate::Approximated, "arrivals are Poisson"));
        if let Some((_, at)) = most {
            lines.push(Line::new("load.max_in_flight", Some(at), Fate::Exact, ""));
        }
    }
    let template = scenario.workload.classes.first().cloned().unwrap_or_default();
    let mixed = document.get("trafficClasses").map_or(&[][..], Node::items);
    let weight = |node: &Node| node.get("weight").and_then(Node::number).unwrap_or(1.0).max(0.0);
    let total: f64 = mixed.iter().map(weight).sum();
    let mut classes = Vec::new();
    for (i, node) in mixed.iter().enumerate() {
        let name = node.get("name").and_then(Node::text).map_or_else(|| format!("class {i}"), String::from);
        let setting = format!("trafficClasses.{name}");
        let request = node.get("request").or_else(|| document.get("request"));
        let output = request.and_then(|r| r.get("max_tokens")).and_then(Node::number).unwrap_or(512.0);
        let text = request.and_then(|r| r.get("promptTemplate").or_else(|| r.get("prompt"))).and_then(Node::text);
        let repeat = request.and_then(|r| r.get("promptRepeat")).and_then(Node::number).unwrap_or(1.0).max(1.0);
        let tokens = text.unwrap_or_default().chars().count() as f64 * repeat / CHARACTERS_PER_TOKEN;
        let clip = |x: f64| x.round().clamp(1.0, 1e6) as u32;
        classes.push(TrafficClass {
            name,
            share: if total > 0.0 { weight(node) / total } else { 1.0 / mixed.len() as f64 },
            priority: node.get("priority").and_then(Node::number).unwrap_or(0.0).clamp(-1e9, 1e9) as i32,
            input: Length::constant(clip(tokens)),
            output: Length::constant(clip(output)),
            prefix: None,
            conversation: None,
            ..template.clone()
        });
        let note = "prompts are counted at four characters a token and share nothing; answers are as long as allowed";
        lines.push(Line::new(setting, Some(node.at), Fate::Approximated, note));
    }
    if !classes.is_empty() {
        scenario.workload.classes = classes;
    }
    for key in ["endpoint_url", "model", "api", "request"] {
        if let Some(node) = document.get(key) {
            lines.push(Line::new(key, Some(node.at), Fate::Exact, "no effect on timing beyond the lengths"));
        }
    }
    Ok(())
}
