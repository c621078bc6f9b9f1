//! Detectors of saturation: one number for a pool, 0 idle, 1 and above saturated. They also say which instances have room,
//! and so serve as filters.

mod concurrency;
mod utilization;

pub(super) use utilization::{KV_USAGE, QUEUE_DEPTH, Thresholds};

use super::{FleetView, Kind, Response};
use crate::base::Dur;

/// Says how saturated a fleet is.
pub trait Detector {
    /// From 0; 1 and above is saturated. An empty fleet is saturated.
    fn saturation(&self, fleet: &FleetView<'_>) -> f64;

    /// Whether the instance has room for a request.
    fn has_room(&self, fleet: &FleetView<'_>, instance: usize) -> bool;

    /// How long after a request has ended its saturation shows that, at most, as llm-d derives it.
    fn lag(&self) -> Dur;

    /// Whether a pool counts as saturated, as a curve, where it looks at one thing.
    fn response(&self) -> Option<Response> {
        None
    }
}

/// Every detector. To add one: a file beside this, and a line here.
pub const DETECTORS: &[Kind<dyn Detector>] = &[utilization::KIND, concurrency::KIND];

/// The detector that llm-d adds where none is named.
pub const DEFAULT: &str = "utilization-detector";

/// The detector of this type.
#[must_use]
pub fn find(id: &str) -> Option<&'static Kind<dyn Detector>> {
    DETECTORS.iter().find(|kind| kind.meta.id == id)
}

/// The worse of the instances that compute prompts for others and those that decode; an instance that does both counts in
/// both, and so does one without a role. `of` is the saturation of those that qualify.
fn worse_stage(fleet: &FleetView<'_>, of: impl Fn(&dyn Fn(usize) -> bool) -> Option<f64>) -> f64 {
    if fleet.waiting.is_empty() {
        return 1.0;
    }
    let split = (0..fleet.waiting.len()).any(|i| fleet.stages(i).prefills != fleet.stages(i).decodes);
    if !split {
        return of(&|_| true).unwrap_or(1.0);
    }
    let prefill = of(&|i| fleet.stages(i).prefills || !fleet.stages(i).labelled);
    let decode = of(&|i| fleet.stages(i).decodes || !fleet.stages(i).labelled);
    prefill.unwrap_or(0.0).max(decode.unwrap_or(0.0))
}
