//! `playground import` and `playground export`: documents of others into a scenario, and out of one.

use crate::input::describe;
use playground_core::catalog::Catalog;
use playground_core::scenario::Scenario;
use playground_interop::report::{Fate, Line};
use playground_interop::{FORMATS, Format, export, import};
use serde_json::json;

/// A scenario with every document read into it, in their order. What became of each setting goes to standard error, or
/// with `json` beside the scenario.
pub(crate) fn read(base: &Scenario, documents: &[String], json: bool) -> Result<String, String> {
    let catalog = Catalog::builtin();
    let mut scenario = base.clone();
    let mut reports = Vec::new();
    for name in documents {
        let bytes = bytes_of(name)?;
        let imported = import(&bytes, &scenario, &catalog).map_err(|problem| format!("{name}: {problem}"))?;
        scenario = imported.scenario;
        if !json {
            eprintln!("{name}: {}\n{}", imported.format.name(), report(&imported.report));
        }
        reports.push(json!({"document": name, "format": imported.format.name(), "settings": imported.report}));
    }
    let value = scenario.to_value();
    let whole = if json { json!({"scenario": value, "imported": reports}) } else { value };
    serde_json::to_string_pretty(&whole).map_err(|e| e.to_string())
}

/// A scenario in another format. What was changed on the way goes to standard error.
pub(crate) fn write(scenario: &Scenario, format: &str, json: bool) -> Result<String, String> {
    let Some(format) = Format::find(format) else {
        let names: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
        return Err(format!("there is no format {format}; there are {}", names.join(", ")));
    };
    let exported = export(scenario, format, &Catalog::builtin()).map_err(|found| {
        let lines: Vec<String> = found.iter().map(describe).collect();
        lines.join("\n")
    })?;
    if json {
        let whole = json!({"format": format.name(), "text": exported.text, "settings": exported.report});
        return serde_json::to_string_pretty(&whole).map_err(|e| e.to_string());
    }
    if !exported.report.is_empty() {
        eprintln!("{}", report(&exported.report));
    }
    Ok(exported.text.trim_end().into())
}

fn bytes_of(name: &str) -> Result<Vec<u8>, String> {
    use std::io::Read;
    // One byte beyond the limit is enough to see that it is passed.
    let most = playground_interop::yaml::BYTES_MAX as u64 + 1;
    let mut bytes = Vec::new();
    let read = match name {
        "-" => std::io::stdin().take(most).read_to_end(&mut bytes),
        path => std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)),
    };
    read.map_err(|e| format!("{name} cannot be read: {e}"))?;
    Ok(bytes)
}

/// The lines, what is not exact first said in numbers.
fn report(lines: &[Line]) -> String {
    let of = |fate: Fate| lines.iter().filter(|line| line.fate == fate).count();
    let counts = format!(
        "{} settings: {} exact, {} approximated, {} ignored",
        lines.len(),
        of(Fate::Exact),
        of(Fate::Approximated),
        of(Fate::Ignored)
    );
    let all: Vec<String> = lines.iter().map(|line| format!("  {line}")).collect();
    format!("{counts}\n{}", all.join("\n"))
}
