//! Parameters of policies: their types and ranges, and reading them with their defaults.

use super::{Meta, Param};
use crate::base::Dur;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use serde_json::{Map, Value};

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
    /// One of these words.
    Word {
        /// All of them.
        words: &'static [&'static str],
        /// Used when the parameter is absent.
        default: &'static str,
    },
    /// Any text: a name, a label.
    Text {
        /// Used when the parameter is absent.
        default: &'static str,
    },
    /// A length of time, as Go writes it: `200ms`, `1m30s`.
    Duration {
        /// Shortest, ms.
        min_ms: u32,
        /// Longest, ms.
        max_ms: u32,
        /// Used when the parameter is absent.
        default: &'static str,
    },
    /// The name of another plugin, of one of these types; empty: the first type's own.
    Plugin {
        /// The types.
        of: &'static [&'static str],
    },
    /// Texts, any number; absent: none.
    Texts,
    /// Labels and their values; absent: none.
    Labels,
    /// Names of plugins or profiles, by what they are for; absent: none.
    Names {
        /// What there are names for.
        keys: &'static [&'static str],
    },
    /// Rows of settings; absent: none.
    Table {
        /// What a row holds.
        columns: &'static [Param],
    },
}

/// Longest list or map given as a parameter: each entry is looked at for every request.
const ENTRIES_MAX: usize = 64;

impl ParamKind {
    /// Why `value` is not acceptable, if it is not.
    #[must_use]
    pub fn objection(&self, value: &Value) -> Option<String> {
        let unless = |fine: bool, must: String| (!fine).then(|| format!("must be {must}, and is {value}"));
        match *self {
            ParamKind::Integer { min, max, .. } => unless(
                value.as_i64().is_some_and(|n| (min..=max).contains(&n)),
                format!("a whole number from {min} to {max}"),
            ),
            ParamKind::Number { min, max, .. } => unless(
                value.as_f64().is_some_and(|x| (min..=max).contains(&x)),
                format!("a number from {min} to {max}"),
            ),
            ParamKind::Boolean { .. } => unless(value.is_boolean(), "true or false".into()),
            ParamKind::Word { words, .. } => {
                unless(value.as_str().is_some_and(|w| words.contains(&w)), format!("one of {}", words.join(", ")))
            }
            ParamKind::Text { .. } | ParamKind::Plugin { .. } => unless(value.is_string(), "a text".into()),
            ParamKind::Duration { min_ms, max_ms, .. } => {
                let fits = |d: Dur| (ms(min_ms)..=ms(max_ms)).contains(&d);
                unless(
                    value.as_str().and_then(duration).is_some_and(fits),
                    format!("a duration from {min_ms}ms to {max_ms}ms, as “200ms” or “1m30s”"),
                )
            }
            ParamKind::Texts => {
                let all = |list: &Vec<Value>| list.len() <= ENTRIES_MAX && list.iter().all(Value::is_string);
                unless(value.as_array().is_some_and(all), format!("a list of at most {ENTRIES_MAX} texts"))
            }
            ParamKind::Labels => {
                let all = |map: &Map<String, Value>| map.len() <= ENTRIES_MAX && map.values().all(Value::is_string);
                unless(value.as_object().is_some_and(all), format!("at most {ENTRIES_MAX} labels with their values"))
            }
            ParamKind::Names { keys } => {
                let all =
                    |map: &Map<String, Value>| map.iter().all(|(k, v)| keys.contains(&k.as_str()) && v.is_string());
                unless(value.as_object().is_some_and(all), format!("names for some of {}", keys.join(", ")))
            }
            ParamKind::Table { columns } => objection_to_rows(columns, value),
        }
    }

    /// The default as a value.
    #[must_use]
    pub fn default_value(&self) -> Value {
        match *self {
            ParamKind::Integer { default, .. } => Value::from(default),
            ParamKind::Number { default, .. } => Value::from(default),
            ParamKind::Boolean { default } => Value::from(default),
            ParamKind::Word { default, .. } | ParamKind::Text { default } | ParamKind::Duration { default, .. } => {
                Value::from(default)
            }
            ParamKind::Plugin { .. } => Value::from(""),
            ParamKind::Texts | ParamKind::Table { .. } => Value::Array(Vec::new()),
            ParamKind::Labels | ParamKind::Names { .. } => Value::Object(Map::new()),
        }
    }
}

fn objection_to_rows(columns: &'static [Param], value: &Value) -> Option<String> {
    let Some(rows) = value.as_array().filter(|rows| rows.len() <= ENTRIES_MAX) else {
        return Some(format!("must be a list of at most {ENTRIES_MAX} entries, and is {value}"));
    };
    rows.iter().enumerate().find_map(|(i, row)| {
        let Some(row) = row.as_object() else {
            return Some(format!("must be a list of settings, and entry {i} is {row}"));
        };
        row.iter().find_map(|(key, value)| match columns.iter().find(|c| c.id == key) {
            None => Some(format!("has “{key}” in entry {i}, which is not known")),
            Some(column) => column.kind.objection(value).map(|why| format!("is wrong in entry {i}: {key} {why}")),
        })
    })
}

fn ms(ms: u32) -> Dur {
    Dur::from_ps(u64::from(ms) * crate::base::PS_PER_MS)
}

/// A length of time as Go writes it: numbers with units, one after the other. None where it cannot be read.
#[must_use]
pub fn duration(text: &str) -> Option<Dur> {
    const UNITS: [(&str, f64); 7] =
        [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let (mut rest, mut seconds) = (text.trim(), 0.0);
    if rest == "0" {
        return Some(Dur::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let word = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == &rest[..word])?;
        seconds += number * unit;
        rest = &rest[word..];
    }
    // Beyond any simulation, and within the clock.
    (seconds <= 1e6).then(|| Dur::from_secs_f64(seconds))
}

/// What the plugins built so far asked for, so that nothing is worked out that nobody reads.
#[derive(Debug, Default)]
pub struct Wants {
    prefixes: RefCell<Vec<String>>,
    tokens: RefCell<Option<String>>,
    predictions: RefCell<Option<String>>,
    topologies: RefCell<Vec<String>>,
    draws: Cell<u32>,
}

impl Wants {
    /// Names of the producers of prefix matches, in the order of [`FleetView::prefixes`](super::FleetView::prefixes).
    #[must_use]
    pub fn prefixes(&self) -> Vec<String> {
        self.prefixes.borrow().clone()
    }

    /// The name of the producer that counts tokens in flight, if somebody reads them.
    #[must_use]
    pub fn tokens(&self) -> Option<String> {
        self.tokens.borrow().clone()
    }

    /// The name of the producer of predicted latencies, if somebody reads them.
    #[must_use]
    pub fn predictions(&self) -> Option<String> {
        self.predictions.borrow().clone()
    }

    /// Names of what says where instances are, in the order of [`FleetView::topologies`](super::FleetView::topologies).
    #[must_use]
    pub fn topologies(&self) -> Vec<String> {
        self.topologies.borrow().clone()
    }

    /// The place of a producer of prefix matches, which is asked for with this.
    #[must_use]
    pub fn prefix(&self, name: &str) -> usize {
        place(&mut self.prefixes.borrow_mut(), name)
    }

    /// The place of what says where instances are, which is asked for with this.
    #[must_use]
    pub fn topology(&self, name: &str) -> usize {
        place(&mut self.topologies.borrow_mut(), name)
    }

    /// The next number for a stream of draws of its own.
    #[must_use]
    pub fn next_stream(&self) -> u32 {
        self.draws.replace(self.draws.get() + 1)
    }
}

/// The place of a name among names, to which it is added if it is new.
fn place(names: &mut Vec<String>, name: &str) -> usize {
    names.iter().position(|n| n == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    })
}

/// Parameters as given, read with their defaults.
#[derive(Clone, Copy)]
pub struct Params<'a> {
    params: &'static [Param],
    given: &'a Map<String, Value>,
    wants: &'a Wants,
}

impl<'a> Params<'a> {
    /// The parameters of one plugin, and where it says what it needs.
    #[must_use]
    pub fn new(meta: &'static Meta, given: &'a Map<String, Value>, wants: &'a Wants) -> Self {
        Params { params: meta.params, given, wants }
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

    /// A text or one of the words, or its default.
    #[must_use]
    pub fn text(&self, id: &str) -> String {
        self.value(id).as_str().expect("a checked text").to_owned()
    }

    /// A length of time, or its default.
    #[must_use]
    pub fn duration(&self, id: &str) -> Dur {
        duration(&self.text(id)).expect("a checked duration")
    }

    /// Texts.
    #[must_use]
    pub fn texts(&self, id: &str) -> Vec<String> {
        let value = self.value(id);
        value.as_array().into_iter().flatten().filter_map(|v| v.as_str().map(ToOwned::to_owned)).collect()
    }

    /// Labels and their values.
    #[must_use]
    pub fn labels(&self, id: &str) -> Vec<(String, String)> {
        let value = self.value(id);
        let each = value.as_object().into_iter().flatten();
        each.filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned()))).collect()
    }

    /// What `read` makes of each row of a table.
    pub fn rows<T>(&self, id: &str, read: impl Fn(&Params<'_>) -> T) -> Vec<T> {
        let ParamKind::Table { columns } = self.param(id).kind else { return Vec::new() };
        let value = self.value(id);
        let rows = value.as_array().into_iter().flatten().filter_map(Value::as_object);
        rows.map(|given| read(&Params { params: columns, given, wants: self.wants })).collect()
    }

    /// The producer of prefix matches that a parameter names: its place in
    /// [`FleetView::prefixes`](super::FleetView::prefixes).
    #[must_use]
    pub fn prefixes(&self, id: &str) -> usize {
        self.wants.prefix(&self.text(id))
    }

    /// What a parameter names says where instances are: its place in
    /// [`FleetView::topologies`](super::FleetView::topologies).
    #[must_use]
    pub fn topology(&self, id: &str) -> usize {
        self.wants.topology(&self.text(id))
    }

    /// Tokens in flight are read, from the producer that a parameter names.
    pub fn reads_tokens(&self, id: &str) {
        *self.wants.tokens.borrow_mut() = Some(self.text(id));
    }

    /// Predicted latencies are read, from the producer that a parameter names.
    pub fn reads_predictions(&self, id: &str) {
        *self.wants.predictions.borrow_mut() = Some(self.text(id));
    }

    fn param(&self, id: &str) -> &'static Param {
        self.params.iter().find(|p| p.id == id).expect("a policy reads only what it describes")
    }

    /// What was given, if it was acceptable; the default otherwise.
    fn value(&self, id: &str) -> Value {
        let param = self.param(id);
        let given = at(self.given, param.id).filter(|value| param.kind.objection(value).is_none());
        given.cloned().unwrap_or_else(|| param.kind.default_value())
    }
}

/// A setting by its name; what lies inside another, after a dot.
#[must_use]
pub fn at<'a>(given: &'a Map<String, Value>, id: &str) -> Option<&'a Value> {
    match id.split_once('.') {
        None => given.get(id),
        Some((outer, inner)) => at(given.get(outer)?.as_object()?, inner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_writes_them() {
        let read = |text| duration(text).map(|d| d.as_secs_f64());
        assert_eq!(read("200ms"), Some(0.2));
        assert_eq!(read("1m30s"), Some(90.0));
        assert_eq!(read("1.5h"), Some(5400.0));
        assert_eq!(read("0"), Some(0.0));
        for bad in ["", "5", "s", "-1s", "1x", "1 s", "1e3s", "9999999h", "s1", "..s"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_name_is_asked_for_once() {
        let wants = Wants::default();
        assert_eq!([wants.prefix(""), wants.prefix("cpu"), wants.prefix("")], [0, 1, 0]);
        assert_eq!(wants.prefixes(), ["", "cpu"]);
    }
}
