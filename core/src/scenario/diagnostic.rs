//! What is wrong with a scenario: where, why, and what would mend it.

use super::Edit;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Cannot be simulated.
    Error,
    /// Can be simulated, but probably not as meant.
    Warning,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// The field, as in `topology.pools[0].replicas`; empty for the scenario as a whole.
    pub path: String,
    /// How much it matters.
    pub severity: Severity,
    /// The reason, in one sentence that can follow the field's name.
    pub message: String,
    /// Changes that would mend it, the most likely first.
    pub fixes: Vec<Edit>,
}

impl Diagnostic {
    /// A finding that prevents a simulation.
    #[must_use]
    pub fn error(path: &str, message: String) -> Self {
        Diagnostic { path: path.into(), severity: Severity::Error, message, fixes: Vec::new() }
    }

    /// A finding that does not.
    #[must_use]
    pub fn warning(path: &str, message: String) -> Self {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(path, message) }
    }

    /// The same, with a change that would mend it.
    #[must_use]
    pub fn fix(mut self, edit: Edit) -> Self {
        self.fixes.push(edit);
        self
    }

    /// Whether it prevents a simulation.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
