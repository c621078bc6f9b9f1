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
    /// A number.
    Number {
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
        /// Used when the parameter is absent.
        default: f64,
    },
    /// Yes or no.
    Boolean {
        /// Used when the parameter is absent.
        default: bool,
    },
    /// One of some words.
    Word {
        /// All of them.
        words: &'static [&'static str],
        /// Used when the parameter is absent.
        default: &'static str,
    },
    /// Names of plugins or profiles, by what they are for; none when the parameter is absent.
    Names {
        /// What there are names for.
        keys: &'static [&'static str],
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
            ParamKind::Number { min, max, .. } => match value.as_f64() {
                Some(x) if (min..=max).contains(&x) => None,
                _ => Some(format!("must be a number from {min} to {max}, and is {value}")),
            },
            ParamKind::Boolean { .. } => match value.as_bool() {
                Some(_) => None,
                None => Some(format!("must be true or false, and is {value}")),
            },
            ParamKind::Word { words, .. } => match value.as_str() {
                Some(word) if words.contains(&word) => None,
                _ => Some(format!("must be one of {}, and is {value}", words.join(", "))),
            },
            ParamKind::Names { keys } => match value.as_object() {
                Some(names) if names.iter().all(|(k, v)| keys.contains(&k.as_str()) && v.is_string()) => None,
                _ => Some(format!("must give names to some of {}, and is {value}", keys.join(", "))),
            },
        }
    }

    /// The default as a value.
    #[must_use]
    pub fn default_value(&self) -> Value {
        match *self {
            ParamKind::Integer { default, .. } => Value::from(default),
            ParamKind::Number { default, .. } => Value::from(default),
            ParamKind::Boolean { default } => Value::from(default),
            ParamKind::Word { default, .. } => Value::from(default),
            ParamKind::Names { .. } => Value::Object(Map::new()),
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
    #[must_use]
    pub fn integer(&self, id: &str) -> i64 {
        self.value(id).as_i64().expect("a checked whole number")
    }

    /// A number, or its default.
    #[must_use]
    pub fn number(&self, id: &str) -> f64 {
        self.value(id).as_f64().expect("a checked number")
    }

    /// Yes or no, or its default.
    #[must_use]
    pub fn boolean(&self, id: &str) -> bool {
        self.value(id).as_bool().expect("a checked yes or no")
    }

    /// What was given, if it was acceptable; the default otherwise.
    fn value(&self, id: &str) -> Value {
        let param = self.meta.params.iter().find(|p| p.id == id).expect("a policy reads only what it describes");
        let given = self.given.get(id).filter(|value| param.kind.objection(value).is_none());
        given.cloned().unwrap_or_else(|| param.kind.default_value())
    }
}

/// A registered policy.
pub struct Kind<T: ?Sized> {
    /// Its description.
    pub meta: Meta,
    /// Makes one.
    pub build: fn(&Params<'_>) -> Box<T>,
}
