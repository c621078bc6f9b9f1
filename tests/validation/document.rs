//! `docs/validation.md` says what the simulator does now, and the bars that it says are held are.

use crate::{measured, say};
use playground_cli::validate::bands::Bands;
use playground_cli::validate::markdown::markdown;
use playground_cli::validate::report::report;
use playground_cli::validate::study;
use playground_interop::measured::Set;

/// Largest median error of an engine's decode steps: model families differ by 3 % under any common constants, doubled.
const STEPS_MAX: f64 = 0.06;
/// Bars that hold, by the beginning of their names. A change that loses one has to say so here.
const HELD: [&str; 9] = [
    "Repeated prompts, whole runs: E2E mean",
    "Repeated prompts, whole runs: ITL mean",
    "Repeated prompts, whole runs: TTFT mean",
    "Residency: TTFT p50",
    "Residency: E2E p50",
    "Residency: output rate",
    "Single engine steps",
    "Overload: E2E p50",
    "Routing ladder: pairs of policies simulated apart",
];

#[test]
fn is_up_to_date_and_its_bars_hold() {
    let Some(dir) = measured("") else { return };
    let study = study(&dir, &Set::ALL, false, 2);
    let report = report(&dir, &study);
    for held in HELD {
        let bar = report.bars.iter().find(|bar| bar.name.starts_with(held)).expect("there is a bar of this name");
        assert_eq!(bar.holds(), Some(true), "{}: {:?}, at most {}", bar.name, bar.found, bar.bar);
    }
    for steps in report.steps.iter().filter(|steps| steps.prompt_tokens == "0") {
        assert!(steps.median <= STEPS_MAX, "{steps:?}");
    }
    for bar in &report.bars {
        say(&format!("{}: {:.1} % (bar {:.1} %)", bar.name, 100.0 * bar.found.unwrap_or(f64::NAN), 100.0 * bar.bar));
    }
    let again =
        "`playground validate --data DIR --markdown docs/validation.md --bands cli/src/validate/bands.csv` writes it";
    assert_eq!(Bands::of(&study).csv(), Bands::builtin().csv(), "the error bands are those of another model: {again}");
    let published = include_str!("../../docs/validation.md");
    for (line, (now, then)) in (1..).zip(markdown(&report).lines().zip(published.lines())) {
        assert_eq!(now, then, "docs/validation.md, line {line}, is of another model: {again}");
    }
    assert_eq!(
        markdown(&report).lines().count(),
        published.lines().count(),
        "docs/validation.md is of another model: {again}"
    );
}
