//! Admission: whether a request may be placed at all.

mod utilization;

pub use utilization::{META as UTILIZATION_DETECTOR, UtilizationDetector};

use super::{Ask, FleetView};

/// llm-d's admission while its flow control is off: requests of negative priority are shed once the pool is saturated;
/// all others pass, and nothing is queued at the router.
pub struct LegacyAdmission {
    detector: UtilizationDetector,
}

impl LegacyAdmission {
    /// With this detector of saturation.
    #[must_use]
    pub fn new(detector: UtilizationDetector) -> Self {
        LegacyAdmission { detector }
    }

    /// Whether the request may be placed.
    #[must_use]
    pub fn admits(&self, ask: &Ask<'_>, fleet: &FleetView<'_>) -> bool {
        ask.priority >= 0 || self.detector.saturation(fleet) < 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Time;
    use crate::policy::Params;
    use serde_json::Map;

    fn fleet<'a>(waiting: &'a [u32], kv_usage: &'a [f64]) -> FleetView<'a> {
        FleetView {
            now: Time::ZERO,
            in_flight: waiting,
            waiting,
            running: waiting,
            kv_usage,
            prefix_match: &[],
            prefix_blocks: 0,
            prefix_block_tokens: 0,
        }
    }

    #[test]
    fn saturation_is_the_mean_of_the_worse_of_queue_and_memory() {
        let none = Map::new();
        let detector = UtilizationDetector::new(&Params::new(&UTILIZATION_DETECTOR, &none));
        // max(10/5, 0.4/0.8) = 2 and max(0/5, 0.4/0.8) = 0.5
        assert!((detector.saturation(&fleet(&[10, 0], &[0.4, 0.4])) - 1.25).abs() < 1e-12);
        assert!((detector.saturation(&fleet(&[], &[])) - 1.0).abs() < 1e-12, "an empty pool is saturated");
    }

    #[test]
    fn only_negative_priorities_are_shed() {
        let none = Map::new();
        let admission = LegacyAdmission::new(UtilizationDetector::new(&Params::new(&UTILIZATION_DETECTOR, &none)));
        let ask = |priority| Ask { number: 0, class: 0, priority, prompt_tokens: 1, prompt: &[] };
        let (busy, calm) = (fleet(&[5], &[0.0]), fleet(&[4], &[0.79]));
        assert!(admission.admits(&ask(0), &busy) && admission.admits(&ask(-1), &calm));
        assert!(!admission.admits(&ask(-1), &busy));
    }
}
