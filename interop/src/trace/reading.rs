//! A recording read piece by piece: whoever has the bytes decides how many at a time, and may stop.

use super::beginnings::no_text;
use super::columns::missing;
use super::read::{Reader, Trace};
use super::rows::{COLUMNS_MAX, Fault, LINE_MAX, Row, Shape, check_names};
use super::{Mapping, Role};
use crate::report::{Mark, Problem};
use serde::{Deserialize, Serialize};
use std::io::BufRead;

/// Rows that are looked at before the columns are taken for anything: objects may leave out what they do not have.
const HEAD_ROWS: usize = 64;
/// Rows that are shown.
const SHOWN_ROWS: usize = 5;
/// Rows refused that are named.
const REFUSED_NAMED: usize = 5;
/// Longest cell that is shown, characters.
const CELL_SHOWN: usize = 40;

/// What was seen of a recording: shown before it is taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scan {
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Its first rows as text, by column.
    pub sample: Vec<Vec<String>>,
    /// What the columns were taken for; none where there is no row.
    pub mapping: Option<Mapping>,
    /// What is needed and has no column; then nothing more was read.
    pub missing: Vec<Role>,
    /// Roles that several columns are known for.
    pub ambiguous: Vec<Role>,
    /// Rows read.
    pub rows: u64,
    /// Rows that cannot be requests.
    pub refused: u64,
    /// Why the first of them cannot.
    pub refusals: Vec<Problem>,
    /// What was mended, left out or is not as it was.
    pub notes: Vec<String>,
    /// Why there is no recording.
    pub trouble: Option<Problem>,
}

/// A recording being read.
pub struct Reading {
    /// The beginning of a line that is not over.
    pending: Vec<u8>,
    line: u32,
    shape: Option<Shape>,
    /// Rows before the columns are known, or what is wrong with them, with their lines.
    head: Vec<(u32, Result<Row, Fault>)>,
    asked: Option<Mapping>,
    reader: Option<Reader>,
    scan: Scan,
    over: bool,
}

impl Reading {
    /// Nothing was read yet; with a mapping, its columns are what that says.
    #[must_use]
    pub fn new(mapping: Option<Mapping>) -> Self {
        Reading {
            pending: Vec::new(),
            line: 0,
            shape: None,
            head: Vec::new(),
            asked: mapping,
            reader: None,
            scan: Scan::default(),
            over: false,
        }
    }

    /// Whether nothing more is taken.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// The first row that cannot be a request.
    #[must_use]
    pub fn first_refusal(&self) -> Option<&Problem> {
        self.scan.refusals.first()
    }

    /// Takes the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !self.over {
            let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
                self.pending.extend_from_slice(rest);
                if self.pending.len() > LINE_MAX {
                    self.line = self.line.saturating_add(1);
                    self.end(self.too_long());
                }
                return;
            };
            let mut line = std::mem::take(&mut self.pending);
            line.extend_from_slice(&rest[..end]);
            self.take_line(&line);
            // Its room is good for the next one.
            line.clear();
            self.pending = line;
            rest = &rest[end + 1..];
        }
    }

    /// What was seen, and the recording where it is one.
    #[must_use]
    pub fn finish(mut self) -> (Scan, Option<Trace>) {
        let last = std::mem::take(&mut self.pending);
        if !last.is_empty() && !self.over {
            self.take_line(&last);
        }
        if self.shape.is_none() && self.scan.trouble.is_none() {
            self.end(Problem::whole("is empty: there is no request in it"));
        }
        if self.reader.is_none() && !self.over {
            self.open();
        }
        let read = self.reader.take().filter(|_| self.scan.trouble.is_none());
        match read.map(|reader| reader.finish(self.scan.refused)) {
            Some(Ok(trace)) => {
                self.scan.notes.clone_from(&trace.notes);
                (self.scan, Some(trace))
            }
            Some(Err(problem)) => {
                self.end(problem);
                (self.scan, None)
            }
            None => (self.scan, None),
        }
    }

    fn end(&mut self, trouble: Problem) {
        self.scan.trouble = Some(trouble);
        self.over = true;
    }

    fn too_long(&self) -> Problem {
        self.at(1, format!("is longer than {LINE_MAX} bytes; is this a recording?"))
    }

    fn at(&self, column: u32, message: String) -> Problem {
        Problem { at: Some(Mark { line: self.line, column }), message }
    }

    fn refuse(&mut self, problem: Problem) {
        self.scan.refused += 1;
        if self.scan.refusals.len() < REFUSED_NAMED {
            self.scan.refusals.push(problem);
        }
    }

    fn take_line(&mut self, line: &[u8]) {
        self.line = self.line.saturating_add(1);
        if line.len() > LINE_MAX {
            return self.end(self.too_long());
        }
        match std::str::from_utf8(line).ok().filter(|text| !text.contains('\0')) {
            Some(text) => {
                let text = if self.shape.is_none() { text.trim_start_matches('\u{feff}') } else { text };
                let text = text.trim_end_matches('\r');
                if !text.trim().is_empty() && !text.starts_with('#') {
                    self.take_text(text);
                }
            }
            None if self.shape.is_none() => {
                self.end(self.at(1, no_text(line).into()));
            }
            None => {
                let message = "is not text in UTF-8; save the file as UTF-8".into();
                self.take_row(self.line, Err(Fault { column: 1, message }));
            }
        }
    }

    fn take_text(&mut self, text: &str) {
        if self.shape.is_none() {
            match Shape::of(text) {
                Ok(shape) => {
                    let is_table = matches!(shape, Shape::Table { .. });
                    if let Shape::Table { names, .. } = &shape {
                        self.scan.columns.clone_from(names);
                    }
                    self.shape = Some(shape);
                    if is_table {
                        return;
                    }
                }
                Err(Fault { column, message }) => return self.end(self.at(column, message)),
            }
        }
        if let Some(row) = self.shape.as_ref().map(|shape| shape.row(text)) {
            self.take_row(self.line, row);
        }
    }

    /// Takes the columns for what they are, and then the rows that waited.
    fn open(&mut self) {
        let head = std::mem::take(&mut self.head);
        if let Some(Shape::Objects) = self.shape {
            let mut names: Vec<String> = Vec::new();
            for (_, row) in &head {
                let Ok(Row::Object(pairs)) = row else { continue };
                for (name, _) in pairs.iter().filter(|(name, _)| !name.is_empty()) {
                    if names.len() <= COLUMNS_MAX && !names.contains(name) {
                        names.push(name.clone());
                    }
                }
            }
            if let Err(message) = check_names(&names) {
                return self.end(Problem::whole(message));
            }
            self.scan.columns = names;
        }
        let names = &self.scan.columns;
        let cell = |row: &Row, name: &str| {
            names.iter().position(|n| n == name).map_or_else(String::new, |place| row.text(place, name))
        };
        let shown = |text: String| text.chars().take(CELL_SHOWN).collect();
        let rows = || head.iter().filter_map(|(_, row)| row.as_ref().ok());
        let shown_row = |row: &Row| names.iter().map(|name| shown(cell(row, name))).collect();
        self.scan.sample = rows().take(SHOWN_ROWS).map(shown_row).collect();
        self.scan.ambiguous = Mapping::ambiguous(names);
        let first = |name: &str| rows().next().map_or_else(String::new, |row| cell(row, name));
        let mapping = self.asked.take().unwrap_or_else(|| Mapping::guess(names, &first));
        self.scan.missing = mapping.missing();
        self.scan.mapping = Some(mapping.clone());
        if !self.scan.missing.is_empty() {
            // Without a sound row that is no wonder, and what is wrong with the rows says more.
            if self.scan.sample.is_empty() {
                head.iter().for_each(|(line, row)| self.refuse_fault(*line, row));
            }
            return self.end(Problem::whole(missing(&self.scan.missing, &self.scan.columns)));
        }
        match Reader::new(mapping, names) {
            Err(absent) => {
                let (absent, names) = (absent.join(", "), names.join(", "));
                self.end(Problem::whole(format!("has no column {absent}; the columns are {names}")));
            }
            Ok(reader) => {
                self.reader = Some(reader);
                head.iter().for_each(|(line, row)| self.read_row(*line, row));
            }
        }
    }

    /// Takes a row; the first ones wait until there are enough to know the columns.
    fn take_row(&mut self, line: u32, row: Result<Row, Fault>) {
        self.scan.rows += 1;
        if self.reader.is_some() {
            return self.read_row(line, &row);
        }
        self.head.push((line, row));
        if self.head.len() == HEAD_ROWS {
            self.open();
        }
    }

    fn read_row(&mut self, line: u32, row: &Result<Row, Fault>) {
        let Some(reader) = self.reader.as_mut().filter(|_| !self.over) else { return };
        match row {
            _ if reader.is_full() => {
                reader.cut_at = Some(line);
                self.over = true;
            }
            Ok(row) => {
                if let Err(message) = reader.take(row, line) {
                    self.refuse(Problem { at: Some(Mark { line, column: 1 }), message });
                }
            }
            Err(_) => self.refuse_fault(line, row),
        }
    }

    fn refuse_fault(&mut self, line: u32, row: &Result<Row, Fault>) {
        if let Err(Fault { column, message }) = row {
            self.refuse(Problem { at: Some(Mark { line, column: *column }), message: message.clone() });
        }
    }
}

/// Reads a recording in which every row must be a request; with a mapping, its columns are what that says.
///
/// # Errors
/// What cannot be mended, and in which line.
pub fn read(input: &mut dyn BufRead, mapping: Option<&Mapping>) -> Result<Trace, Problem> {
    let mut reading = Reading::new(mapping.cloned());
    while !reading.is_over() {
        let bytes = input.fill_buf().map_err(|e| Problem::whole(format!("cannot be read on: {e}")))?;
        let length = bytes.len();
        if length == 0 {
            break;
        }
        reading.feed(bytes);
        input.consume(length);
        if let Some(problem) = reading.first_refusal() {
            return Err(problem.clone());
        }
    }
    let (scan, trace) = reading.finish();
    match (scan.refusals.into_iter().next(), scan.trouble, trace) {
        (Some(problem), ..) | (None, Some(problem), _) => Err(problem),
        (None, None, Some(trace)) => Ok(trace),
        (None, None, None) => Err(Problem::whole("holds no request")),
    }
}
