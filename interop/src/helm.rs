//! Values of llm-d's Helm charts, and other documents that hold an EndpointPickerConfig as text.

use crate::epp;
use crate::report::{Fate, Line, Mark, Problem};
use crate::yaml::{self, Data, Node};
use playground_core::scenario::Scenario;
use serde_json::{Value, json};

/// Where charts keep configurations by file name, and beside it, the name of the one that counts.
const FILES: &str = "pluginsCustomConfig";
const CHOSEN: &str = "pluginsConfigFile";
/// Order of settings in the text.
const ORDER: [&str; 6] = ["router", "epp", "replicas", "flags", CHOSEN, FILES];

/// Whether a document is such values.
pub(crate) fn is_values(document: &Node) -> bool {
    document.get("kind").is_none()
        && (document.get("router").is_some()
            || document.get("inferenceExtension").is_some()
            || find(document, 0).is_some())
}

/// Sets a scenario's policies by the configuration in the values; what else they say is returned.
///
/// # Errors
/// When the configuration in them cannot be read; its lines are counted within the document.
pub(crate) fn read(document: &Node, scenario: &mut Scenario, lines: &mut Vec<Line>) -> Result<Value, Problem> {
    if let Some(entry) = document.entries().iter().find(|e| e.key == "inferenceExtension") {
        let note = "values of an older chart, written back in their place";
        lines.push(Line::deprecated("inferenceExtension", Some(entry.at), "router.epp", note));
    }
    let rest = configured(document, scenario, lines)?;
    describe(document, "", lines);
    Ok(rest)
}

/// Sets a scenario's policies by the configuration that a document chooses; the document without it is returned.
pub(crate) fn configured(document: &Node, scenario: &mut Scenario, lines: &mut Vec<Line>) -> Result<Value, Problem> {
    let mut rest = document.to_value();
    let Some(path) = find(document, 0) else {
        let note = "absent: the chart's own configuration applies, and the scenario's policies stay";
        lines.push(Line::new(FILES, Some(document.at), Fate::Ignored, note));
        return Ok(rest);
    };
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let holder = document.at_path(&names).expect("it was found there");
    let (file, node) = chosen(holder)?;
    let (policies, said) = read_text(node)?;
    scenario.policies = policies;
    lines.extend(said);
    let files = crate::values::at_mut(&mut rest, &names).and_then(|holder| holder.get_mut(FILES));
    if let Some(files) = files.and_then(Value::as_object_mut) {
        files.insert(file.clone(), Value::Null);
    }
    for other in holder.get(FILES).map_or(&[][..], Node::entries).iter().filter(|e| e.key != file) {
        let note = format!("not the file that {CHOSEN} names; kept");
        lines.push(Line::new(format!("{FILES}.{}", other.key), Some(other.at), Fate::Ignored, note));
    }
    Ok(rest)
}

/// Sets a scenario's policies by the first entry of a ConfigMap that is a configuration; the map without it is returned.
pub(crate) fn read_map(document: &Node, scenario: &mut Scenario, lines: &mut Vec<Line>) -> Option<Value> {
    let holds = |node: &Node| node.text().is_some_and(|text| text.contains(epp::KIND));
    let entry = document.get("data")?.entries().iter().find(|e| holds(&e.value))?;
    let (policies, said) = read_text(&entry.value).ok()?;
    scenario.policies = policies;
    lines.extend(said);
    let mut rest = document.to_value();
    rest["data"][&entry.key] = Value::Null;
    Some(rest)
}

/// A configuration in a block of text; places are counted in the document around it.
fn read_text(node: &Node) -> Result<(playground_core::scenario::Policies, Vec<Line>), Problem> {
    // A block's place is that of its first character; what it was indented by, every line of it was.
    let (lines_before, columns_before) = (node.at.line - 1, node.at.column - 1);
    let shift = |mark: Mark| Mark { line: mark.line + lines_before, column: mark.column + columns_before };
    let shifted = |p: Problem| Problem {
        at: p.at.map(shift).or(Some(node.at)),
        message: format!("in the configuration: {}", p.message),
    };
    let parsed = match &node.data {
        Data::Text(text) => yaml::parse(text).map_err(shifted)?,
        // Some write it as settings.
        _ => vec![node.clone()],
    };
    let [config] = parsed.as_slice() else {
        return Err(node.problem("the configuration must be one document"));
    };
    let is_text = node.text().is_some();
    let (policies, mut lines) = epp::read(config).map_err(|p| if is_text { shifted(p) } else { p })?;
    if is_text {
        lines.iter_mut().for_each(|line| line.at = line.at.map(shift));
    }
    Ok((policies, lines))
}

/// The file that counts, and its text.
fn chosen(holder: &Node) -> Result<(String, &Node), Problem> {
    let files = holder.get(FILES).map_or(&[][..], Node::entries);
    let name = holder.get(CHOSEN).and_then(Node::text);
    let found = match name {
        Some(name) => files.iter().find(|e| e.key == name),
        None => files.first(),
    };
    let entry = found.ok_or_else(|| match name {
        Some(name) => {
            holder.problem(format!("{CHOSEN} names “{name}”, which {FILES} does not hold; add it, or name another"))
        }
        None => holder.problem(format!("{FILES} holds no file")),
    })?;
    Ok((entry.key.clone(), &entry.value))
}

/// The path to the map that holds the files.
fn find(node: &Node, depth: usize) -> Option<Vec<String>> {
    if node.get(FILES).is_some_and(|files| !files.entries().is_empty()) {
        return Some(Vec::new());
    }
    node.entries().iter().filter(|_| depth < yaml::DEPTH_MAX).find_map(|entry| {
        let mut path = find(&entry.value, depth + 1)?;
        path.insert(0, entry.key.clone());
        Some(path)
    })
}

/// What is to be said of values that are not the configuration.
const NOTES: [(&str, Fate, &str); 7] = [
    ("epp.replicas", Fate::Approximated, "one router sees everything; several would each count their own requests"),
    ("modelServers.targetPorts", Fate::Approximated, "each port is an instance: raise the pool's replicas instead"),
    ("modelServers", Fate::Exact, "every instance of the scenario belongs to the pool"),
    ("extraServicePorts", Fate::Exact, "no effect on timing"),
    ("latencyPredictor", Fate::Ignored, "what the predictor says is simulated where a plugin asks for it"),
    ("epp.flags", Fate::Ignored, "kept"),
    ("epp.env", Fate::Exact, "no effect on timing"),
];

/// A line for every other value.
fn describe(node: &Node, path: &str, lines: &mut Vec<Line>) {
    for entry in node.entries() {
        if entry.key == FILES || entry.key == CHOSEN {
            continue;
        }
        let inner = if path.is_empty() { entry.key.clone() } else { format!("{path}.{}", entry.key) };
        let known = NOTES.iter().find(|(end, ..)| inner.ends_with(end));
        let is_shell = known.is_none() && !entry.value.entries().is_empty();
        if is_shell {
            describe(&entry.value, &inner, lines);
            continue;
        }
        let (fate, note) = known.map_or((Fate::Ignored, "not simulated; kept"), |(_, fate, note)| (*fate, *note));
        lines.push(Line::new(inner, Some(entry.at), fate, note));
    }
}

/// The values with a configuration put in: those that were kept, or the least that the chart needs.
pub(crate) fn write(kept: Option<&Value>, config: &str) -> String {
    let fresh =
        json!({"router": {"epp": {CHOSEN: "playground-plugins.yaml", FILES: {"playground-plugins.yaml": null}}}});
    let mut values = kept.cloned().unwrap_or(fresh);
    if !put(&mut values, config) {
        values["router"]["epp"][CHOSEN] = "playground-plugins.yaml".into();
        values["router"]["epp"][FILES] = json!({"playground-plugins.yaml": config});
    }
    yaml::write(&values, &ORDER)
}

/// Puts a configuration where one was taken out.
pub(crate) fn put(value: &mut Value, config: &str) -> bool {
    match value {
        Value::Object(map) => {
            for key in [FILES, "data"] {
                let files = map.get_mut(key).and_then(Value::as_object_mut);
                if let Some(place) = files.and_then(|files| files.values_mut().find(|v| v.is_null())) {
                    *place = config.into();
                    return true;
                }
            }
            map.values_mut().any(|inner| put(inner, config))
        }
        Value::Array(items) => items.iter_mut().any(|inner| put(inner, config)),
        _ => false,
    }
}
