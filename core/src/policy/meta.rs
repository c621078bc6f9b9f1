//! How a policy describes itself.

use super::{ParamKind, Params};
use alloc::boxed::Box;

/// How close to llm-d a policy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Badge {
    /// llm-d's plugin, with its exact arithmetic.
    Exact,
    /// llm-d's plugin, with something in it that stands for what a simulation does not have: its description says what.
    Approximated,
    /// llm-d's plugin, kept and written back, without effect on a simulation.
    Ignored,
    /// A textbook policy that llm-d does not ship, for comparison.
    Textbook,
}

impl Badge {
    /// The word shown beside the policy.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Badge::Exact => "exact",
            Badge::Approximated => "approximated",
            Badge::Ignored => "ignored",
            Badge::Textbook => "textbook",
        }
    }
}

/// A policy's description.
#[derive(Debug)]
pub struct Meta {
    /// llm-d's plugin type.
    pub id: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// What it does, in one or two sentences.
    pub doc: &'static str,
    /// Where the rule comes from.
    pub source: &'static str,
    /// How close to llm-d it is.
    pub badge: Badge,
    /// Its parameters.
    pub params: &'static [Param],
}

/// One parameter.
#[derive(Debug)]
pub struct Param {
    /// llm-d's name of it; what lies inside another setting, after a dot.
    pub id: &'static str,
    /// Type, range and default.
    pub kind: ParamKind,
    /// What it does, with its unit.
    pub doc: &'static str,
}

/// A registered policy.
pub struct Kind<T: ?Sized> {
    /// Its description.
    pub meta: Meta,
    /// Makes one.
    pub build: fn(&Params<'_>) -> Box<T>,
}
