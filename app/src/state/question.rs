//! A question under way: which loads it asks for, what came back, and how that is shown.

use super::Shown;
use super::cache::{Cache, Key};
use crate::browser;
use crate::wire::Ticket;
use playground_core::report::Report;
use playground_core::scenario::Plan;
use playground_core::study::{Answer, CurvePoint, Fidelity, LoadCurve};
use std::sync::Arc;

/// A scenario at a fidelity.
pub(super) struct Question {
    /// Its number in the pool, once it is asked there.
    pub(super) ticket: Ticket,
    pub(super) fidelity: Fidelity,
    pub(super) plan: Arc<Plan>,
    pub(super) key: Key,
    /// The change of the scenario that it answers.
    pub(super) revision: u32,
    /// What is known, in the order in which it came.
    pub(super) got: Vec<(CurvePoint, Report)>,
    /// Loads of the whole answer.
    pub(super) total: usize,
    pub(super) began_ms: f64,
}

impl Question {
    /// A question, with what the cache knows of its answer; and the loads that are to be simulated.
    pub(super) fn new(
        plan: Arc<Plan>,
        key: Key,
        fidelity: Fidelity,
        revision: u32,
        cache: &mut Cache,
    ) -> (Self, Vec<CurvePoint>) {
        let points = LoadCurve::points(&plan, fidelity);
        let total = points.len();
        let (mut got, mut missing) = (Vec::new(), Vec::new());
        for point in points {
            // On another curve the same load may have been followed less far, or further.
            let whole = fidelity.follows_to_end(&plan, point.load);
            match cache.get(&key, fidelity, point.load, whole) {
                Some(report) => got.push((point, report)),
                None => missing.push(point),
            }
        }
        let began_ms = browser::now_ms();
        (Question { ticket: 0, fidelity, plan, key, revision, got, total, began_ms }, missing)
    }

    /// Whether the scenario's own load is known, without which there is no answer.
    pub(super) fn has_own(&self) -> bool {
        self.got.iter().any(|(point, _)| point.own)
    }

    /// Whether the cache knows every load of the settled answer.
    pub(super) fn is_known(plan: &Plan, key: &Key, cache: &Cache) -> bool {
        let points = LoadCurve::points(plan, Fidelity::Settled);
        points.iter().all(|p| cache.has(key, Fidelity::Settled, p.load))
    }

    /// The answer as far as it is known; none before the scenario's own load is. A draft of the same revision
    /// stays under a settled answer until that is whole.
    pub(super) fn shown(&self, before: Option<Shown>, whole: bool) -> Option<Shown> {
        let answer = Some(Arc::new(Answer::assemble(&self.plan, self.fidelity, self.got.clone())?));
        let (draft, settled) = match self.fidelity {
            Fidelity::Draft | Fidelity::Probe => (answer, None),
            Fidelity::Settled if whole => (None, answer),
            Fidelity::Settled => (before.filter(|s| s.revision == self.revision).and_then(|s| s.draft), answer),
        };
        Some(Shown { plan: Arc::clone(&self.plan), draft, settled, whole, revision: self.revision })
    }
}
