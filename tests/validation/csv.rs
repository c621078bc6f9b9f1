//! Measurements as rows of named cells.

use std::collections::BTreeMap;
use std::path::Path;

/// One row.
pub(crate) struct Row(BTreeMap<String, String>);

impl Row {
    /// A cell as text; empty where there is none.
    pub(crate) fn text(&self, column: &str) -> &str {
        self.0.get(column).map_or("", String::as_str)
    }

    /// A cell as a number, where it is one.
    pub(crate) fn number(&self, column: &str) -> Option<f64> {
        self.text(column).parse().ok()
    }
}

/// All rows of a file.
pub(crate) fn read(path: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(path).expect("a readable file");
    let mut lines = text.lines();
    let names = cells(lines.next().unwrap_or_default());
    lines.map(|line| Row(names.iter().cloned().zip(cells(line)).collect())).collect()
}

/// The cells of a line; a comma within quotes is part of its cell.
fn cells(line: &str) -> Vec<String> {
    let (mut all, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => all.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    all.push(cell);
    all
}
