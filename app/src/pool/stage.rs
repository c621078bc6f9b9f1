//! How work stands that a crew does and the page shows as it comes in: a sweep, a comparison.

/// How often what came in is shown, ms.
pub(crate) const SHOW_MS: u64 = 250;

/// How it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stage {
    Running,
    Done,
    /// Stopped; what was found stays.
    Stopped,
    Failed(String),
}

impl Stage {
    /// Its word in `data-stage`.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Stage::Running => "running",
            Stage::Done => "done",
            Stage::Stopped => "stopped",
            Stage::Failed(_) => "failed",
        }
    }
}
