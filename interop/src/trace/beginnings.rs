//! How texts begin: what looks like a recording, and what files are that are no text.

use super::Mapping;
use super::rows::{Row, Shape};

/// How files begin that are no text, and what to do with them.
const BEGINNINGS: [(&[u8], &str); 5] = [
    (b"\xff\xfe", "is UTF-16 text; save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16 text; save it as UTF-8"),
    (b"\x1f\x8b", "is compressed; unpack it first, as gunzip does"),
    (b"PK\x03\x04", "is a ZIP file or a workbook; unpack it, or save the table as CSV"),
    (b"PAR1", "is a Parquet file; write its table as CSV"),
];

/// What is wrong with a file that begins with these bytes, which are no text.
pub(super) fn no_text(bytes: &[u8]) -> &'static str {
    let known = BEGINNINGS.iter().find(|(start, _)| bytes.starts_with(start));
    known.map_or("is not text in UTF-8; is this a recording?", |(_, why)| why)
}

/// Whether a text looks like a recording, by its beginning: a table with columns that are known, or at least two rows under
/// names; or two JSON objects, a line each.
#[must_use]
pub fn is_recording(beginning: &str) -> bool {
    let mut lines = beginning.trim_start_matches('\u{feff}').lines();
    let mut next = || lines.find(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let Some(first) = next() else { return false };
    let second = next();
    let Ok(shape) = Shape::of(first) else { return false };
    let row = |line: &str| shape.row(line).ok();
    let are_known = |names: &[String]| Mapping::guess(names, &|_| String::new()).missing().is_empty();
    match &shape {
        Shape::Objects => match row(first) {
            Some(Row::Object(pairs)) => {
                let names: Vec<String> = pairs.into_iter().map(|(name, _)| name).collect();
                are_known(&names) || second.is_some_and(|line| row(line).is_some())
            }
            _ => false,
        },
        Shape::Table { names, .. } => {
            let is_table = names.len() >= 3 && !first.contains(':') && second.and_then(row).is_some();
            are_known(names) || is_table
        }
    }
}
