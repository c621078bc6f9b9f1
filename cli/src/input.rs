//! Reads a scenario from a file, standard input or a link, and says what is wrong with it.

use playground_core::MODEL_VERSION;
use playground_core::scenario::{Diagnostic, Scenario, Severity};
use playground_core::study::compare::link;
use std::io::Read;

/// The scenario named on the command line; a message for people otherwise.
pub(crate) fn read(source: &str) -> Result<Scenario, String> {
    if source == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(|e| format!("standard input cannot be read: {e}"))?;
        return from_text(&text);
    }
    if std::path::Path::new(source).exists() {
        let text = std::fs::read_to_string(source).map_err(|e| format!("{source} cannot be read: {e}"))?;
        return from_text(&text);
    }
    if looks_like_link(source) {
        return from_link(source);
    }
    Err(format!(
        "{source}: there is no such file, and it is not a link of this simulator (which contains #0.z. or #0.p.)"
    ))
}

/// A file may hold a scenario or a link.
fn from_text(text: &str) -> Result<Scenario, String> {
    if text.trim_start().starts_with('{') {
        return Scenario::from_json(text).map_err(|d| describe(&d));
    }
    from_link(text.trim())
}

fn looks_like_link(source: &str) -> bool {
    source.contains('#') || source.split('.').next().is_some_and(|schema| schema.parse::<u32>().is_ok())
}

/// The scenario of a link; of a comparison, the baseline.
fn from_link(text: &str) -> Result<Scenario, String> {
    let read = link::read(text);
    let decoded = read.a.map_err(|e| e.to_string())?;
    match read.others.len() {
        0 => {}
        1 => eprintln!(
            "note: this link compares two scenarios; this is A, the baseline. What follows &b= is a link of B"
        ),
        more => eprintln!(
            "note: this link compares {} scenarios; this is A, the baseline. Those of the others follow &b={}~ and &c={}",
            more + 1,
            more + 1,
            if more > 2 { " and &d=" } else { "" }
        ),
    }
    if decoded.model_version != MODEL_VERSION {
        eprintln!(
            "note: this link was made with model version {}, and is simulated with {MODEL_VERSION}; numbers may differ",
            decoded.model_version
        );
    }
    Ok(decoded.scenario)
}

/// A finding on one line, its fixes below.
pub(crate) fn describe(d: &Diagnostic) -> String {
    let word = match d.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut text =
        if d.path.is_empty() { format!("{word}: {}", d.message) } else { format!("{word}: {} {}", d.path, d.message) };
    for fix in &d.fixes {
        text += &format!("\n  fix: {} ({} = {})", fix.label, fix.path, fix.value);
    }
    text
}
