//! Experiments: one load over several replications, a curve of loads, and what it says in a sentence.

mod load_curve;
mod point;
mod verdict;

pub use load_curve::{Answer, CurvePoint, CurveReport, Fidelity, LoadCurve};
pub use point::PointRun;
pub use verdict::{Verdict, verdict};
