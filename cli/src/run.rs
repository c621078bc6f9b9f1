//! `playground run`: what the page computes, with the page's digest; and its first run, event by event, into a file.

use crate::input::describe;
use crate::table;
use playground_core::catalog::Catalog;
use playground_core::report::timeline::ROWS_MAX;
use playground_core::scenario::{Plan, Scenario, check, resolve};
use playground_core::study::hardware::Standing;
use playground_core::study::{Fidelity, LoadCurve, RecordedRun};
use playground_interop::chrome;

/// The answer as text or JSON; the findings when the scenario cannot be simulated.
pub(crate) fn run(scenario: &Scenario, json: bool, draft: bool, chrome_trace: Option<&str>) -> Result<String, String> {
    let catalog = Catalog::builtin();
    let plan = resolve(scenario, &catalog).map_err(|found| {
        let lines: Vec<String> = found.iter().map(describe).collect();
        lines.join("\n")
    })?;
    for warning in check(scenario, &catalog) {
        eprintln!("{}", describe(&warning));
    }
    if let Some(path) = chrome_trace {
        record(scenario, &plan, path)?;
    }
    let answer = LoadCurve::run(&plan, if draft { Fidelity::Draft } else { Fidelity::Settled });
    if json {
        return serde_json::to_string_pretty(&answer).map_err(|e| e.to_string());
    }
    Ok(table::text(scenario, &answer, &Standing::of(&plan, &answer.report)))
}

/// Writes the first run at the scenario's own load to a file.
fn record(scenario: &Scenario, plan: &Plan, path: &str) -> Result<(), String> {
    let mut run = RecordedRun::new(plan, plan.load(), ROWS_MAX);
    while !run.advance(100_000) {}
    let timeline = run.into_timeline();
    let text = chrome::write(&timeline, &scenario.title);
    std::fs::write(path, text).map_err(|e| format!("{path} cannot be written: {e}"))?;
    if timeline.cut {
        let (rows, until_s) = (timeline.rows(), timeline.until.as_secs_f64());
        eprintln!("note: {path} has the first {rows} events of the run, its first {until_s:.1} s");
    }
    Ok(())
}
