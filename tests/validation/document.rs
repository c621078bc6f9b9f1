//! `docs/validation.md` says what the simulator does now, and the bars that it says are held are.

use crate::{measured, say};
use playground_cli::validate::bands::Bands;
use playground_cli::validate::elsewhere::again;
use playground_cli::validate::markdown::markdown;
use playground_cli::validate::report::report;
use playground_cli::validate::studies;
use playground_interop::measured::Set;

/// Largest median error of an engine's decode steps: model families differ by 3 % under any common constants, doubled.
const STEPS_MAX: f64 = 0.06;
/// Bars that hold for models on GPUs that were left out of the fit, by the beginning of their names. A change that loses
/// one has to say so here.
const HELD: [&str; 13] = [
    "Repeated prompts, whole runs: E2E mean",
    "Repeated prompts, whole runs: ITL mean",
    "Repeated prompts, whole runs: TTFT mean",
    "Residency: TTFT p50",
    "Residency: E2E p50",
    "Residency: output rate",
    "InferenceX, vLLM aggregated: TPOT mean",
    "InferenceX, vLLM aggregated: TTFT mean",
    "Single engine steps",
    "Overload: served rate",
    "Overload: E2E p50",
    "Routing ladder: pairs in the measured order",
    "Routing ladder: pairs of policies simulated apart",
];
/// Share of rows that error bands hold which have not seen their model on its GPU, and from how many rows on it counts.
const COVERED: std::ops::RangeInclusive<f64> = 0.85..=0.95;
const COVERED_ROWS: u32 = 140;

#[test]
fn is_up_to_date_and_its_bars_hold() {
    let Some(dir) = measured("") else { return };
    let studies = studies(&dir, &Set::ALL, 2);
    let mut report = report(&dir, &studies);
    let runs = measured("../../reference/blis").expect("they lie beside the measurements");
    let mut problems = Vec::new();
    report.again = again(&runs, &mut problems);
    assert!(problems.is_empty(), "{problems:?}");
    for run in report.again.iter().filter(|run| run.stateless) {
        assert!(run.placed_alike.is_none_or(|n| n == run.requests), "{run:?}");
    }
    assert!(report.again.iter().any(|run| run.stateless && run.placed_alike.is_some()), "one is of round robin");
    let bar =
        |name: &str| report.bars.iter().find(|bar| bar.name.starts_with(name)).expect("there is a bar of this name");
    for bar in HELD.map(bar) {
        assert_eq!(bar.holds(), Some(true), "{}: {:?}, at most {}", bar.name, bar.found, bar.bar);
    }
    for bar in HELD.map(bar) {
        let within = |found: f64| if bar.share { found >= bar.bar } else { found <= bar.bar };
        assert!(bar.in_sample.is_some_and(within), "{}: {:?}", bar.name, bar.in_sample);
    }
    let all = report.coverage.iter().find(|c| c.regime == "all").expect("all rows");
    let within = f64::from(all.within) / f64::from(all.rows);
    assert!(all.rows >= COVERED_ROWS && COVERED.contains(&within), "{all:?}");
    for steps in report.steps.iter().filter(|steps| steps.prompt_tokens == "0") {
        assert!(steps.median <= STEPS_MAX, "{steps:?}");
    }
    for bar in &report.bars {
        say(&format!("{}: {:.1} % (bar {:.1} %)", bar.name, 100.0 * bar.found.unwrap_or(f64::NAN), 100.0 * bar.bar));
    }
    let again = "`playground validate --data DIR --blis-runs DIR --markdown docs/validation.md --bands core/data/model_errors.csv` writes it";
    assert_eq!(
        Bands::of(&studies).csv(),
        Bands::builtin().csv(),
        "the error bands are those of another model: {again}"
    );
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
