//! What is on the page: an answer, how far it is, and what is being done about it.

use playground_core::scenario::{Load, Plan};
use playground_core::study::{Answer, Fidelity};
use std::sync::Arc;

/// The answer shown. While the settled answer comes in, the draft stays under it.
#[derive(Clone)]
pub(crate) struct Shown {
    /// What was simulated.
    pub(crate) plan: Arc<Plan>,
    /// The draft, while it is still needed.
    pub(crate) draft: Option<Arc<Answer>>,
    /// The settled answer, or what there is of it.
    pub(crate) settled: Option<Arc<Answer>>,
    /// Whether every load of the newest answer is there.
    pub(crate) whole: bool,
    /// Which edit it answers.
    pub(crate) revision: u32,
}

impl Shown {
    /// The answer to put into words: the settled one once it is whole, until then the draft.
    pub(crate) fn answer(&self) -> Option<&Answer> {
        let settled = self.settled.as_deref();
        if self.is_settled() { settled } else { self.draft.as_deref().or(settled) }
    }

    /// Whether the last word is spoken.
    pub(crate) fn is_settled(&self) -> bool {
        self.whole && self.settled.is_some()
    }

    /// Right end of the axis: the highest load.
    pub(crate) fn highest(&self) -> f64 {
        self.plan.loads().into_iter().map(Load::amount).fold(self.plan.load().amount(), f64::max)
    }
}

/// Where the page stands; `data-state` of the root element.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Phase {
    /// Nothing of this scenario is there yet.
    Running,
    /// A draft is.
    Draft,
    /// The settled answer is.
    Settled,
    /// The scenario cannot be simulated; an older answer is shown.
    Stale,
    /// The simulator failed.
    Error,
}

impl Phase {
    /// Its word in `data-state`.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Phase::Running => "running",
            Phase::Draft => "draft",
            Phase::Settled => "settled",
            Phase::Stale => "stale",
            Phase::Error => "error",
        }
    }
}

/// What the workers are doing, or did last.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Work {
    /// At which fidelity.
    pub(crate) fidelity: Fidelity,
    /// Loads that are there.
    pub(crate) done: usize,
    /// Loads asked for.
    pub(crate) total: usize,
    /// Time from the question to the last load, ms; none while it runs.
    pub(crate) spent_ms: Option<f64>,
    /// Whether it was cancelled.
    pub(crate) stopped: bool,
}

impl Work {
    pub(crate) fn begun(fidelity: Fidelity, total: usize) -> Self {
        Work { fidelity, done: 0, total, spent_ms: None, stopped: false }
    }

    /// Whether workers are at it.
    pub(crate) fn is_running(&self) -> bool {
        self.spent_ms.is_none() && !self.stopped
    }
}
