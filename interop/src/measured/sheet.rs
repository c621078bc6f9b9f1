//! Tables of named columns, gzipped or not.

use flate2::read::GzDecoder;
use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::Path;

/// What is wrong with a file, or with a row of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, below the directory that is read.
    pub file: String,
    /// Its data row, from 0; none: the whole file.
    pub row: Option<u32>,
    /// What is wrong, and what would mend it.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row {
            Some(row) => write!(f, "{}, data row {row}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

/// A table.
#[derive(Clone, Debug)]
pub struct Sheet {
    columns: BTreeMap<String, usize>,
    rows: Vec<Vec<String>>,
}

/// One row of a table.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Its place among the data rows, from 0.
    pub row: u32,
    sheet: &'a Sheet,
    cells: &'a [String],
}

impl Sheet {
    /// Reads a file, decompressing one whose name ends in `.gz`.
    ///
    /// # Errors
    /// When it cannot be read, is no text, or a row has more or fewer cells than the header.
    pub fn read(path: &Path) -> Result<Sheet, String> {
        let bytes = std::fs::read(path).map_err(|e| format!("cannot be read: {e}"))?;
        let bytes = if path.extension().is_some_and(|e| e == "gz") {
            let mut plain = Vec::new();
            GzDecoder::new(bytes.as_slice())
                .read_to_end(&mut plain)
                .map_err(|e| format!("cannot be decompressed: {e}; is it cut short?"))?;
            plain
        } else {
            bytes
        };
        let text = String::from_utf8(bytes).map_err(|e| format!("is not text: {e}"))?;
        Sheet::parse(&text)
    }

    /// Reads a table from text.
    ///
    /// # Errors
    /// When there is no header, or a row has more or fewer cells than it.
    pub fn parse(text: &str) -> Result<Sheet, String> {
        let mut rows = records(text)?.into_iter();
        let header = rows.next().ok_or("is empty; the first line must name the columns")?;
        let columns = header.iter().cloned().zip(0..).collect();
        let rows: Vec<Vec<String>> = rows.collect();
        if let Some(i) = rows.iter().position(|row| row.len() != header.len()) {
            return Err(format!("data row {i} has {} cells, the header has {}", rows[i].len(), header.len()));
        }
        Ok(Sheet { columns, rows })
    }

    /// Whether there is a column of this name.
    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// Its rows.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        (0..).zip(&self.rows).map(|(row, cells)| Record { row, sheet: self, cells })
    }
}

impl Record<'_> {
    /// A cell as text; empty where there is none.
    #[must_use]
    pub fn text(&self, column: &str) -> &str {
        self.sheet.columns.get(column).map_or("", |&i| self.cells[i].trim())
    }

    /// A cell as a number, where it is a finite one.
    #[must_use]
    pub fn number(&self, column: &str) -> Option<f64> {
        self.text(column).parse().ok().filter(|x: &f64| x.is_finite())
    }

    /// A cell as a number that must be there.
    ///
    /// # Errors
    /// That names the column and what stands in it.
    pub fn needed(&self, column: &str) -> Result<f64, String> {
        self.number(column).ok_or_else(|| match self.text(column) {
            "" => format!("`{column}` is missing"),
            other => format!("`{column}` is “{other}”, which is not a number"),
        })
    }

    /// A whole number from 1 up that must be there.
    ///
    /// # Errors
    /// As [`Record::needed`], and for a number out of range.
    pub fn count(&self, column: &str) -> Result<u32, String> {
        let value = self.needed(column)?;
        // Means of lengths are rounded.
        if !(0.5..=4e9).contains(&value) {
            return Err(format!("`{column}` is {value}; it must be 1 or more"));
        }
        Ok(value.round() as u32)
    }
}

/// Lines cut into cells; a comma or line end within quotes belongs to its cell, two quotes in quotes are one.
fn records(text: &str) -> Result<Vec<Vec<String>>, String> {
    let (mut all, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                all.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    if quoted {
        return Err("ends inside a quoted cell; is it cut short?".into());
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        all.push(row);
    }
    all.retain(|row| row.len() > 1 || !row[0].is_empty());
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_by_name() {
        let sheet = Sheet::parse("a,b\r\n1,\"x, \"\"y\"\"\nz\"\n\n2.5,\n").expect("a table");
        let rows: Vec<Record<'_>> = sheet.records().collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].text("b"), "x, \"y\"\nz");
        assert_eq!((rows[1].number("a"), rows[1].number("b"), rows[1].number("c")), (Some(2.5), None, None));
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert!(Sheet::parse("").is_err_and(|e| e.contains("empty")));
        assert!(Sheet::parse("a,b\n1\n").is_err_and(|e| e.contains("1 cells")));
        assert!(Sheet::parse("a,b\n1,\"2\n").is_err_and(|e| e.contains("quoted")));
        let sheet = Sheet::parse("a,b\nmany,-3\nNaN,inf\n").expect("a table");
        let rows: Vec<Record<'_>> = sheet.records().collect();
        assert!(rows[0].needed("a").is_err_and(|e| e.contains("many")));
        assert!(rows[0].count("b").is_err_and(|e| e.contains("-3")));
        assert_eq!((rows[1].number("a"), rows[1].number("b")), (None, None));
    }
}
