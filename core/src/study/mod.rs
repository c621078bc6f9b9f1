//! Experiments: one load over several replications, a curve of loads, a sweep of deployments, scenarios side by side;
//! and what they say in a sentence.

pub mod bench;
pub mod compare;
mod frontier;
pub mod hardware;
mod load_curve;
pub mod measured;
mod point;
mod recorded;
mod search;
mod served;
pub mod sweep;
mod verdict;

pub use frontier::{Marks, marks};
pub use load_curve::{Answer, Budget, CurvePoint, CurveReport, Fidelity, LoadCurve};
pub use point::PointRun;
pub use recorded::RecordedRun;
pub use search::{RateSearch, Sustainable};
pub use served::sustained;
pub use verdict::{Verdict, verdict};
