//! YAML, read under limits, with the place of everything in it; and written.
//!
//! Documents come from strangers: size, depth and the number of values are limited, aliases count as what they stand
//! for, and what is wrong is said with its line and column.

mod read;
mod scalar;
mod write;

pub use read::{BYTES_MAX, DEPTH_MAX, VALUES_MAX, parse};
pub use write::write;

use crate::report::{Mark, Problem};
use serde_json::{Map, Number, Value};

/// A value and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it begins.
    pub at: Mark,
    /// What it is.
    pub data: Data,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Nothing.
    Null,
    /// Yes or no.
    Boolean(bool),
    /// A number.
    Number(Number),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Settings by name, in their order.
    Map(Vec<Entry>),
}

/// One setting of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its name.
    pub key: String,
    /// Where the name stands.
    pub at: Mark,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// The setting of this name; none where this is no map.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The value at a path of names.
    #[must_use]
    pub fn at_path(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The settings of a map; none of anything else.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.data {
            Data::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        match &self.data {
            Data::List(items) => items,
            _ => &[],
        }
    }

    /// Text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number, also one that is written as text.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match &self.data {
            Data::Number(n) => n.as_f64(),
            Data::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
        .filter(|x: &f64| x.is_finite())
    }

    /// Yes or no.
    #[must_use]
    pub fn boolean(&self) -> Option<bool> {
        match self.data {
            Data::Boolean(b) => Some(b),
            _ => None,
        }
    }

    /// The same without places.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match &self.data {
            Data::Null => Value::Null,
            Data::Boolean(b) => Value::Bool(*b),
            Data::Number(n) => Value::Number(n.clone()),
            Data::Text(text) => Value::String(text.clone()),
            Data::List(items) => Value::Array(items.iter().map(Node::to_value).collect()),
            Data::Map(entries) => {
                Value::Object(entries.iter().map(|e| (e.key.clone(), e.value.to_value())).collect::<Map<_, _>>())
            }
        }
    }

    /// A complaint about this value.
    #[must_use]
    pub fn problem(&self, message: impl Into<String>) -> Problem {
        Problem { at: Some(self.at), message: message.into() }
    }
}
