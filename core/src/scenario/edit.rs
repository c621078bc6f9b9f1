//! One change of a scenario, as data: what a control does, what a fix offers, what undo reverses.

use super::{Diagnostic, Scenario};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Sets one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// What it does, for a button.
    pub label: String,
    /// The field, as in `topology.pools[0].engine.max_num_seqs`.
    pub path: String,
    /// Its new value; null takes an optional field away.
    pub value: Value,
}

/// Why an edit cannot be made.
#[derive(Clone, Debug, PartialEq)]
pub enum EditError {
    /// The path does not lead anywhere.
    NoSuchPath(String),
    /// The value is not of the field's type.
    WrongType(Diagnostic),
}

impl Edit {
    /// An edit with its label.
    #[must_use]
    pub fn new(label: &str, path: &str, value: impl Into<Value>) -> Self {
        Edit { label: label.to_string(), path: path.to_string(), value: value.into() }
    }

    /// The scenario after the edit; the one given is not touched.
    ///
    /// # Errors
    /// When the path leads nowhere or the value has the wrong type.
    pub fn apply(&self, scenario: &Scenario) -> Result<Scenario, EditError> {
        let mut root = scenario.to_value();
        if !set(&mut root, &self.path, self.value.clone()) {
            return Err(EditError::NoSuchPath(self.path.clone()));
        }
        Scenario::from_value(root).map_err(EditError::WrongType)
    }
}

/// Sets the field at a path, or takes it away where the value is null; false where the path leads nowhere.
pub(super) fn set(root: &mut Value, path: &str, value: Value) -> bool {
    let gone = value.is_null();
    let Some(place) = locate(root, path) else { return false };
    *place = value;
    if gone {
        remove(root, path);
    }
    true
}

impl core::fmt::Display for EditError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            EditError::NoSuchPath(path) => write!(f, "there is no field {path}"),
            EditError::WrongType(d) => write!(f, "{} {}", d.path, d.message),
        }
    }
}

/// One part of a path.
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

fn steps(path: &str) -> impl Iterator<Item = Step<'_>> {
    path.split(['.', '[']).map(|part| match part.strip_suffix(']').and_then(|n| n.parse().ok()) {
        Some(index) => Step::Index(index),
        None => Step::Key(part),
    })
}

/// The place a path leads to; a last key that is absent is made.
fn locate<'v>(root: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    let mut place = root;
    let mut rest = steps(path).peekable();
    while let Some(step) = rest.next() {
        place = match step {
            Step::Index(index) => place.get_mut(index)?,
            Step::Key(key) => {
                if rest.peek().is_some() && !place.as_object()?.contains_key(key) {
                    place.as_object_mut()?.insert(key.to_string(), Value::Object(Map::new()));
                }
                place.as_object_mut()?.entry(key).or_insert(Value::Null)
            }
        };
    }
    Some(place)
}

fn remove(root: &mut Value, path: &str) {
    let Some((parent, key)) = path.rsplit_once('.') else {
        root.as_object_mut().map(|o| o.remove(path));
        return;
    };
    if let Some(object) = locate(root, parent).and_then(Value::as_object_mut) {
        object.remove(key);
    }
}

/// The value at a path, if there is one.
#[must_use]
pub(super) fn value_at<'v>(root: &'v Value, path: &str) -> Option<&'v Value> {
    steps(path).try_fold(root, |place, step| match step {
        Step::Index(index) => place.get(index),
        Step::Key(key) => place.get(key),
    })
}

impl Scenario {
    /// The value of the field at this path, if it is set.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Value> {
        value_at(&self.to_value(), path).cloned()
    }

    /// The paths of all fields that are numbers now. Lists of numbers are laws, and not among them.
    #[must_use]
    pub fn numbers(&self) -> Vec<String> {
        let mut found = Vec::new();
        numbers(&mut String::new(), &self.to_value(), &mut found);
        found
    }
}

fn numbers(path: &mut String, value: &Value, found: &mut Vec<String>) {
    let length = path.len();
    match value {
        Value::Number(_) => found.push(path.clone()),
        Value::Object(fields) => {
            for (key, value) in fields {
                *path += if length == 0 { "" } else { "." };
                *path += key;
                numbers(path, value, found);
                path.truncate(length);
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate().filter(|(_, item)| !item.is_number()) {
                *path += &format!("[{i}]");
                numbers(path, item, found);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

/// A path into a list.
#[must_use]
pub(super) fn item(list: &str, index: usize, field: &str) -> String {
    format!("{list}[{index}].{field}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_a_nested_field_and_takes_it_away() {
        let base = Scenario::default();
        let set = Edit::new("", "topology.pools[0].engine.max_num_seqs", 64).apply(&base).expect("applies");
        assert_eq!(set.topology.pools[0].engine.max_num_seqs, Some(64));
        let unset = Edit::new("", "topology.pools[0].engine.max_num_seqs", Value::Null).apply(&set).expect("applies");
        assert_eq!(unset, base);
    }

    #[test]
    fn a_wrong_type_names_the_field() {
        let error =
            Edit::new("", "topology.pools[0].replicas", "many").apply(&Scenario::default()).expect_err("refused");
        let EditError::WrongType(d) = error else { panic!("{error}") };
        assert_eq!(d.path, "topology.pools[0].replicas");
    }

    #[test]
    fn a_path_to_nowhere_is_refused() {
        let error = Edit::new("", "topology.pools[7].replicas", 1).apply(&Scenario::default()).expect_err("refused");
        assert_eq!(error, EditError::NoSuchPath("topology.pools[7].replicas".into()));
    }
}
