//! Rows of a recording: what a line says, in a table or as a JSON object.

use super::{Mapping, Role};
use serde_json::Value;

/// Longest line, bytes: a prompt of a million tokens has two thousand hashes.
pub const LINE_MAX: usize = 1 << 20;
/// Most hashes of blocks in a recording.
pub const BLOCKS_MAX: usize = 4_000_000;

/// What the lines of a recording are.
pub(super) enum Shape {
    /// Cells of a table under these names.
    Table { names: Vec<String>, separator: char },
    /// JSON objects.
    Objects,
}

/// One row: its cells by name.
pub(super) enum Row {
    /// Of a table.
    Cells(Vec<String>),
    /// An object.
    Object(Vec<(String, Value)>),
}

/// What is wrong with a line, and in which column of its text.
pub(super) struct Fault {
    pub(super) column: u32,
    pub(super) message: String,
}

impl Fault {
    fn new(message: impl Into<String>) -> Self {
        Fault { column: 1, message: message.into() }
    }
}

impl Shape {
    /// What the first line says of all.
    pub(super) fn of(first: &str) -> Result<Shape, Fault> {
        match first.trim_start().chars().next() {
            Some('{') => Ok(Shape::Objects),
            Some('[') => Err(Fault::new("begins a JSON list; write an object a line, as `jq -c '.[]'` does")),
            _ => {
                // Tabs and semicolons where there are no commas.
                let separator = [',', '\t', ';'].into_iter().find(|c| first.contains(*c)).unwrap_or(',');
                let names = cells(first, separator)?.into_iter().map(|name| name.trim().to_string()).collect();
                Ok(Shape::Table { names, separator })
            }
        }
    }

    /// What a line says.
    pub(super) fn row(&self, text: &str) -> Result<Row, Fault> {
        match self {
            Shape::Objects => object(text).map(Row::Object),
            Shape::Table { names, separator } => {
                let (columns, cells) = (names.len(), cells(text, *separator)?);
                // A missing last cell is an empty one.
                if cells.len() > columns || cells.len() + 1 < columns {
                    let message = format!(
                        "has {} cells under {columns} columns; a cell with a “{separator}” in it stands in quotes",
                        cells.len()
                    );
                    return Err(Fault::new(message));
                }
                Ok(Row::Cells(cells))
            }
        }
    }
}

fn object(text: &str) -> Result<Vec<(String, Value)>, Fault> {
    match serde_json::from_str(text) {
        Ok(Value::Object(map)) => Ok(map.into_iter().collect()),
        Ok(_) => Err(Fault::new("is not a JSON object")),
        Err(e) => {
            Err(Fault { column: u32::try_from(e.column()).unwrap_or(1).max(1), message: format!("is not JSON: {e}") })
        }
    }
}

/// A line cut at its separators; one within quotes belongs to its cell, two quotes in quotes are one.
fn cells(text: &str, separator: char) -> Result<Vec<String>, Fault> {
    if !text.contains('"') {
        return Ok(text.split(separator).map(String::from).collect());
    }
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
            '"' => quoted = !quoted,
            c if c == separator && !quoted => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    if quoted {
        return Err(Fault::new("ends inside quotes; a cell may not go over several lines"));
    }
    cells.push(cell);
    Ok(cells)
}

impl Row {
    /// A cell as text; empty where there is none. `place` is its number in a table.
    pub(super) fn text(&self, place: usize, name: &str) -> String {
        match self {
            Row::Cells(cells) => cells.get(place).map(|cell| cell.trim().to_string()).unwrap_or_default(),
            Row::Object(pairs) => match value(pairs, name) {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.trim().to_string(),
                Some(other) => other.to_string(),
            },
        }
    }
}

fn value<'r>(pairs: &'r [(String, Value)], name: &str) -> Option<&'r Value> {
    pairs.iter().find(|(n, _)| n == name).map(|(_, value)| value)
}

/// Where a row has the roles.
pub(super) struct Places(Vec<(Role, usize, String)>);

impl Places {
    /// The places of a mapping's columns; the columns that are not there otherwise.
    pub(super) fn new(mapping: &Mapping, names: &[String]) -> Result<Self, Vec<String>> {
        let place = |(role, name): (&Role, &String)| {
            names.iter().position(|n| n == name).map(|i| (*role, i, name.clone())).ok_or_else(|| name.clone())
        };
        let found: Vec<Result<(Role, usize, String), String>> = mapping.columns.iter().map(place).collect();
        let missing: Vec<String> = found.iter().filter_map(|f| f.clone().err()).collect();
        if missing.is_empty() { Ok(Places(found.into_iter().flatten().collect())) } else { Err(missing) }
    }

    /// The name of a role's column; empty where there is none.
    pub(super) fn name(&self, role: Role) -> &str {
        self.find(role).map_or("", |(_, name)| name)
    }

    /// A cell as text; empty where there is none.
    pub(super) fn text(&self, row: &Row, role: Role) -> String {
        self.find(role).map_or_else(String::new, |(place, name)| row.text(place, name))
    }

    /// Hashes of blocks; none where there are none.
    pub(super) fn hashes(&self, row: &Row) -> Option<Vec<u64>> {
        let number = |text: &str| text.parse::<u64>().ok().or_else(|| text.parse::<i64>().ok().map(i64::cast_unsigned));
        let (place, name) = self.find(Role::Hashes)?;
        match row {
            Row::Object(pairs) => {
                let items = value(pairs, name)?.as_array()?;
                items.iter().map(|v| number(v.as_str().unwrap_or(&v.to_string()))).collect()
            }
            Row::Cells(_) => {
                let text = row.text(place, name);
                let inner = text.trim_matches(['[', ']']);
                let parts = inner.split([' ', ';', ',']).filter(|part| !part.is_empty());
                (!inner.is_empty()).then(|| parts.map(number).collect())?
            }
        }
    }

    fn find(&self, role: Role) -> Option<(usize, &str)> {
        self.0.iter().find(|(r, ..)| *r == role).map(|(_, place, name)| (*place, name.as_str()))
    }
}
