//! A table as data: full precision, base units in the heads, a dot for the decimals; and a table as Markdown.

use std::fmt::Write;

/// What is in one place of a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Text(String),
    Number(f64),
    /// Nothing was measured.
    Nothing,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.into())
    }
}

impl From<bool> for Cell {
    fn from(yes: bool) -> Self {
        Cell::Text(yes.to_string())
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        Cell::Number(value)
    }
}

impl From<u64> for Cell {
    fn from(value: u64) -> Self {
        Cell::Text(value.to_string())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Nothing, T::into)
    }
}

/// Milliseconds as the base unit.
pub(super) fn seconds(ms: Option<f64>) -> Cell {
    ms.map(|ms| ms / 1000.0).into()
}

/// A table as data.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sheet {
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// As comma-separated values (RFC 4180).
    pub(crate) fn csv(&self) -> String {
        let mut text = line(self.head.iter().map(|h| quoted(h)));
        for row in &self.rows {
            text += &line(row.iter().map(|cell| match cell {
                Cell::Text(text) => quoted(text),
                Cell::Number(value) if value.is_finite() => value.to_string(),
                Cell::Number(_) | Cell::Nothing => String::new(),
            }));
        }
        text
    }
}

fn line(fields: impl Iterator<Item = String>) -> String {
    fields.collect::<Vec<_>>().join(",") + "\r\n"
}

/// A field that holds a separator is put in quotes. What a program for tables would take for a formula is marked as
/// text: names come from links that anybody may have made.
fn quoted(field: &str) -> String {
    let is_formula = field.starts_with(['=', '+', '-', '@']) && field.parse::<f64>().is_err();
    let field = if is_formula { format!("'{field}") } else { field.to_owned() };
    if field.contains([',', '"', '\r', '\n']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}

/// A table in Markdown, of cells that are for reading.
pub(crate) fn markdown(head: &[String], rows: &[Vec<String>]) -> String {
    let row = |cells: &[String]| format!("| {} |\n", cells.iter().map(|c| cell(c)).collect::<Vec<_>>().join(" | "));
    let mut text = row(head);
    let rule = vec!["---"; head.len()].join(" | ");
    // Writing to a string does not fail.
    let _ = writeln!(text, "| {rule} |");
    rows.iter().for_each(|cells| text += &row(cells));
    text
}

fn cell(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;").replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_keeps_every_digit_and_its_columns() {
        let sheet = Sheet {
            head: vec!["class".into(), "ttft_p99_s".into(), "n".into()],
            rows: vec![
                vec!["a, \"b\"".into(), Cell::Number(0.1 + 0.2), 7u64.into()],
                vec!["=HYPERLINK(1)".into(), Cell::Nothing, Cell::from(None::<f64>)],
                vec!["-3".into(), Cell::Number(f64::NAN), true.into()],
            ],
        };
        let text = sheet.csv();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "\"a, \"\"b\"\"\",0.30000000000000004,7");
        assert_eq!(lines[2], "'=HYPERLINK(1),,");
        assert_eq!(lines[3], "-3,,true");
    }

    #[test]
    fn somebodys_words_stay_in_their_cell() {
        let text = markdown(&["Class".into()], &[vec!["a | b <i>\nc".into()]]);
        assert_eq!(text, "| Class |\n| --- |\n| a \\| b &lt;i> c |\n");
    }
}
