//! How a policy describes itself, and how its parameters are read.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use serde_json::{Map, Value};

/// How close to llm-d a policy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Badge {
    /// llm-d's plugin, with its exact arithmetic.
    Exact,
    /// A textbook policy that llm-d does not ship, for comparison.
    Textbook,
}

impl Badge {
    /// The word shown beside the policy.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Badge::Exact => "exact",
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
    /// llm-d's name of it.
    pub id: &'static str,
    /// Type, range and default.
    pub kind: ParamKind,
    /// What it does, with its unit.
    pub doc: &'static str,
}

/// Type, range and default of a parameter.
#[derive(Clone, Copy, Debug)]
pub enum ParamKind {
    /// A whole number.
    Integer {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
        /// Used when the parameter is absent.
        default: i64,
    },
}

impl ParamKind {
    /// Why `value` is not acceptable, if it is not.
    #[must_use]
    pub fn objection(&self, value: &Value) -> Option<String> {
        match *self {
            ParamKind::Integer { min, max, .. } => match value.as_i64() {
                Some(n) if (min..=max).contains(&n) => None,
                _ => Some(format!("must be a whole number from {min} to {max}, and is {value}")),
            },
        }
    }

    /// The default as a value.
    #[must_use]
    pub fn default_value(&self) -> Value {
        match *self {
            ParamKind::Integer { default, .. } => Value::from(default),
        }
    }
}

/// Parameters as given, read with their defaults.
#[derive(Clone, Copy)]
pub struct Params<'a> {
    meta: &'static Meta,
    given: &'a Map<String, Value>,
}

impl<'a> Params<'a> {
    /// The parameters of one plugin.
    #[must_use]
    pub fn new(meta: &'static Meta, given: &'a Map<String, Value>) -> Self {
        Params { meta, given }
    }

    /// A whole number, or its default.
    ///
    /// # Panics
    /// When the policy asks for a parameter it did not describe.
    #[must_use]
    pub fn integer(&self, id: &str) -> i64 {
        let param = self.meta.params.iter().find(|p| p.id == id).expect("a policy reads only what it describes");
        let ParamKind::Integer { default, .. } = param.kind;
        self.given.get(id).and_then(Value::as_i64).unwrap_or(default)
    }
}

/// A registered policy.
pub struct Kind<T: ?Sized> {
    /// Its description.
    pub meta: Meta,
    /// Makes one.
    pub build: fn(&Params<'_>) -> Box<T>,
}
