//! Interop: documents of llm-d, vLLM and load generators in and out, without loss and without surprise.

mod chrome_trace;
mod hostile;
mod model_configs;
mod real_files;
mod round_trips;
mod traces;
mod traffic;
mod what_is_said;

use playground_core::catalog::Catalog;
use playground_core::scenario::Scenario;
use playground_interop::report::Line;
use playground_interop::{Format, Imported, export, import};

/// Reads a document into the default scenario.
pub(crate) fn read(text: &str) -> Imported {
    import(text.as_bytes(), &Scenario::default(), &Catalog::builtin()).unwrap_or_else(|p| panic!("{p}\n{text}"))
}

/// Why a document is refused.
pub(crate) fn refusal(bytes: &[u8]) -> String {
    match import(bytes, &Scenario::default(), &Catalog::builtin()) {
        Ok(imported) => panic!("taken as {:?}", imported.format),
        Err(problem) => problem.to_string(),
    }
}

/// Writes a scenario.
pub(crate) fn written(scenario: &Scenario, format: Format) -> String {
    match export(scenario, format, &Catalog::builtin()) {
        Ok(exported) => exported.text,
        Err(found) => panic!("{format:?}: {found:?}"),
    }
}

/// The line of one setting.
pub(crate) fn line<'a>(report: &'a [Line], setting: &str) -> &'a Line {
    let found = report.iter().find(|line| line.setting == setting);
    found.unwrap_or_else(|| panic!("no line of {setting} among {report:#?}"))
}

/// What is read from what is written of what was read is what was read.
pub(crate) fn round_trip(text: &str) -> Imported {
    let first = read(text);
    let out = written(&first.scenario, first.format);
    let second = read(&out);
    assert_eq!(second.format, first.format, "{out}");
    let (a, b) = (second.scenario.to_value(), first.scenario.to_value());
    assert_eq!(a, b, "{}\n{out}", difference(&a, &b));
    first
}

/// The first places where two values differ.
fn difference(a: &serde_json::Value, b: &serde_json::Value) -> String {
    use serde_json::Value;
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            let keys: std::collections::BTreeSet<&String> = x.keys().chain(y.keys()).collect();
            let parts = keys.into_iter().filter(|k| x.get(*k) != y.get(*k));
            parts
                .map(|k| {
                    format!(".{k}{}", difference(x.get(k).unwrap_or(&Value::Null), y.get(k).unwrap_or(&Value::Null)))
                })
                .collect::<Vec<_>>()
                .join("\n")
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            let i = (0..x.len()).find(|&i| x[i] != y[i]).unwrap_or(0);
            format!("[{i}]{}", difference(&x[i], &y[i]))
        }
        _ => format!(": {a} is not {b}"),
    }
}
