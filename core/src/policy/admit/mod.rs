//! Admission: whether a request may be placed at all.
//!
//! llm-d asks twice: its controller, legacy or flow control, before anything is known of the prompt; then the admitter
//! plugins, which see what the producers found.

mod latency_slo;
mod probabilistic;
mod textbook;

use super::{Ask, FleetView, Kind, Response};
use crate::base::Stream;

/// Says whether a request may be placed.
pub trait Admitter {
    /// Whether it may. `draws` holds one draw per request.
    fn admits(&mut self, ask: &Ask<'_>, fleet: &FleetView<'_>, draws: &mut Stream) -> bool;

    /// Whether it stands in place of llm-d's legacy controller, and not behind it.
    fn replaces_legacy(&self) -> bool {
        false
    }

    /// How likely it rejects a request that it may reject, as a curve, where it looks at one thing.
    fn response(&self) -> Option<Response> {
        None
    }
}

/// Every admitter. To add one: a file beside this, and a line here. One that is declared is at work: no profile names it.
pub const ADMITTERS: &[Kind<dyn Admitter>] =
    &[probabilistic::KIND, latency_slo::KIND, textbook::ALWAYS, textbook::TOKEN_BUCKET, textbook::TIER_SHED];

/// The admitter of this type.
#[must_use]
pub fn find(id: &str) -> Option<&'static Kind<dyn Admitter>> {
    ADMITTERS.iter().find(|kind| kind.meta.id == id)
}

/// llm-d's legacy controller: requests of negative priority are shed once the pool is saturated; all others pass, and
/// nothing is queued at the router. `saturation` is worked out only if it matters.
pub fn legacy_admits(ask: &Ask<'_>, saturation: impl FnOnce() -> f64) -> bool {
    ask.priority >= 0 || saturation() < 1.0
}
