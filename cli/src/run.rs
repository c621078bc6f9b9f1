//! `playground run`: what the page computes, with the page's digest.

use crate::input::describe;
use crate::table;
use playground_core::catalog::Catalog;
use playground_core::scenario::{Scenario, check, resolve};
use playground_core::study::{Fidelity, LoadCurve};

/// The answer as text or JSON; the findings when the scenario cannot be simulated.
pub(crate) fn run(scenario: &Scenario, json: bool, draft: bool) -> Result<String, String> {
    let catalog = Catalog::builtin();
    let plan = resolve(scenario, &catalog).map_err(|found| {
        let lines: Vec<String> = found.iter().map(describe).collect();
        lines.join("\n")
    })?;
    for warning in check(scenario, &catalog) {
        eprintln!("{}", describe(&warning));
    }
    let answer = LoadCurve::run(&plan, if draft { Fidelity::Draft } else { Fidelity::Settled });
    if json {
        return serde_json::to_string_pretty(&answer).map_err(|e| e.to_string());
    }
    Ok(table::text(scenario, &answer))
}
