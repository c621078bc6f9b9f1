//! Rows of a recording, one after the other, from a table or from JSON objects, never more than a line in memory.

use super::{Mapping, Role};
use crate::report::{Mark, Problem};
use serde_json::Value;
use std::io::BufRead;

/// Longest line, bytes: a prompt of a million tokens has two thousand hashes.
pub const LINE_MAX: usize = 1 << 20;
/// Most hashes of blocks in a recording.
pub const BLOCKS_MAX: usize = 4_000_000;

/// The rows of a text.
pub(super) struct Rows<'a> {
    input: &'a mut dyn BufRead,
    /// Lines read so far.
    pub(super) line: u32,
    /// Names of the columns of a table; none: there are objects.
    header: Option<Vec<String>>,
    /// The first object, whose names are needed before it is read.
    first: Option<Vec<(String, Value)>>,
    buffer: Vec<u8>,
}

/// One row: its cells by name.
pub(super) enum Row {
    /// Of a table.
    Cells(Vec<String>),
    /// An object.
    Object(Vec<(String, Value)>),
}

impl<'a> Rows<'a> {
    /// Reads as far as the names of the columns.
    pub(super) fn new(input: &'a mut dyn BufRead) -> Result<Self, Problem> {
        let mut rows = Rows { input, line: 0, header: None, first: None, buffer: Vec::new() };
        let Some(text) = rows.next_line()? else { return Err(Problem::whole("is empty: there is no request in it")) };
        let text = text.trim_start_matches('\u{feff}').to_string();
        if text.trim_start().starts_with('{') {
            rows.first = Some(rows.object(&text)?);
        } else {
            rows.header = Some(rows.cells(&text)?.into_iter().map(|name| name.trim().to_string()).collect());
        }
        Ok(rows)
    }

    /// The names of the columns.
    pub(super) fn names(&self) -> Vec<String> {
        match (&self.header, &self.first) {
            (Some(header), _) => header.clone(),
            (None, Some(first)) => first.iter().map(|(name, _)| name.clone()).collect(),
            (None, None) => Vec::new(),
        }
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Result<Option<Row>, Problem> {
        if let Some(first) = self.first.take() {
            return Ok(Some(Row::Object(first)));
        }
        let Some(text) = self.next_line()? else { return Ok(None) };
        match &self.header {
            None => Ok(Some(Row::Object(self.object(&text)?))),
            Some(header) => {
                let columns = header.len();
                let cells = self.cells(&text)?;
                // A missing last cell is an empty one.
                if cells.len() > columns || cells.len() + 1 < columns {
                    return Err(self.problem(format!("has {} cells under {columns} columns", cells.len())));
                }
                Ok(Some(Row::Cells(cells)))
            }
        }
    }

    /// A complaint about the last line read.
    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        Problem { at: Some(Mark { line: self.line, column: 1 }), message: message.into() }
    }

    /// The next line with something in it.
    fn next_line(&mut self) -> Result<Option<String>, Problem> {
        loop {
            self.buffer.clear();
            let mut limited = std::io::Read::take(&mut *self.input, LINE_MAX as u64 + 1);
            let read = std::io::BufRead::read_until(&mut limited, b'\n', &mut self.buffer);
            let read = read.map_err(|e| Problem::whole(format!("cannot be read on: {e}")))?;
            if read == 0 {
                return Ok(None);
            }
            self.line = self.line.saturating_add(1);
            if self.buffer.len() > LINE_MAX {
                return Err(self.problem(format!("is longer than {LINE_MAX} bytes; is this a recording?")));
            }
            let text = std::str::from_utf8(&self.buffer).map_err(|_| self.problem("is not text"))?;
            if text.contains('\0') {
                return Err(self.problem("is not text"));
            }
            let text = text.trim_end_matches(['\n', '\r']);
            if !text.trim().is_empty() && !text.starts_with('#') {
                return Ok(Some(text.to_string()));
            }
        }
    }

    fn object(&self, text: &str) -> Result<Vec<(String, Value)>, Problem> {
        match serde_json::from_str(text) {
            Ok(Value::Object(map)) => Ok(map.into_iter().collect()),
            Ok(_) => Err(self.problem("is not a JSON object")),
            Err(e) => {
                let at = Mark { line: self.line, column: u32::try_from(e.column()).unwrap_or(1).max(1) };
                Err(Problem { at: Some(at), message: format!("is not JSON: {e}") })
            }
        }
    }

    /// A line cut at its commas; a comma within quotes belongs to its cell, two quotes in quotes are one.
    fn cells(&self, text: &str) -> Result<Vec<String>, Problem> {
        if !text.contains('"') {
            return Ok(text.split(',').map(String::from).collect());
        }
        let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(std::mem::take(&mut cell)),
                c => cell.push(c),
            }
        }
        if quoted {
            return Err(self.problem("ends inside quotes; a cell may not go over several lines"));
        }
        cells.push(cell);
        Ok(cells)
    }
}

/// Where a row has the roles: indices into a table's cells, or names of an object's.
pub(super) struct Places<'m> {
    mapping: &'m Mapping,
    indices: Vec<(Role, usize)>,
}

impl<'m> Places<'m> {
    /// The places of a mapping's columns; the columns that are not there otherwise.
    pub(super) fn new(mapping: &'m Mapping, names: &[String]) -> Result<Self, Vec<String>> {
        let place = |(role, name): (&Role, &String)| {
            names.iter().position(|n| n == name).map(|i| (*role, i)).ok_or_else(|| name.clone())
        };
        let found: Vec<Result<(Role, usize), String>> = mapping.columns.iter().map(place).collect();
        let missing: Vec<String> = found.iter().filter_map(|f| f.clone().err()).collect();
        if !missing.is_empty() {
            return Err(missing);
        }
        Ok(Places { mapping, indices: found.into_iter().flatten().collect() })
    }

    /// A cell as text; empty where there is none.
    pub(super) fn text(&self, row: &Row, role: Role) -> String {
        match row {
            Row::Cells(cells) => {
                let index = self.indices.iter().find(|(r, _)| *r == role).map(|(_, i)| *i);
                index.and_then(|i| cells.get(i)).map(|cell| cell.trim().to_string()).unwrap_or_default()
            }
            Row::Object(pairs) => match self.value(pairs, role) {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.trim().to_string(),
                Some(other) => other.to_string(),
            },
        }
    }

    /// Hashes of blocks; none where there are none.
    pub(super) fn hashes(&self, row: &Row) -> Option<Vec<u64>> {
        let number = |text: &str| text.parse::<u64>().ok().or_else(|| text.parse::<i64>().ok().map(i64::cast_unsigned));
        match row {
            Row::Object(pairs) => {
                let items = self.value(pairs, Role::Hashes)?.as_array()?;
                items.iter().map(|v| number(v.as_str().unwrap_or(&v.to_string()))).collect()
            }
            Row::Cells(_) => {
                let text = self.text(row, Role::Hashes);
                let inner = text.trim_matches(['[', ']']);
                let parts = inner.split([' ', ';', ',']).filter(|part| !part.is_empty());
                (!inner.is_empty()).then(|| parts.map(number).collect())?
            }
        }
    }

    fn value<'r>(&self, pairs: &'r [(String, Value)], role: Role) -> Option<&'r Value> {
        let name = self.mapping.columns.get(&role)?;
        pairs.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }
}
