//! Studies whose results must have the same bits everywhere: natively, and in wasm under any host.
//!
//! The same cases run as a native test and, compiled to wasm, under Node (`run.mjs`); both are held against
//! `expected.txt`. Each line of it is a name, the size of the answer's JSON and the study's digest: the size alone
//! tells whether the answer's shape changed or only its numbers.

mod cases;
pub mod door;

pub use cases::{Case, cases};

use playground_core::catalog::Catalog;
use playground_core::scenario::resolve;
use playground_core::study::{Answer, LoadCurve};

/// Simulates a case in full.
///
/// # Panics
/// When its scenario is refused.
#[must_use]
pub fn answer(case: &Case) -> Answer {
    let plan = resolve(&case.scenario, &Catalog::builtin()).expect("a sound scenario");
    LoadCurve::run(&plan, case.fidelity)
}

/// A case's line of `expected.txt`.
///
/// # Panics
/// As [`answer`].
#[must_use]
pub fn line(case: &Case) -> String {
    let answer = answer(case);
    let size = serde_json::to_vec(&answer).expect("an answer is JSON").len();
    format!("{} {size} {}", case.name, answer.study_digest)
}
