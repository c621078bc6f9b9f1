//! Reads the catalogue's comma-separated tables: a header line, then one row per line, spaces ignored.

use alloc::string::String;
use alloc::vec::Vec;
use core::str::FromStr;

/// One row, read cell by cell from the left.
pub(super) struct Row<'a> {
    cells: core::str::Split<'a, char>,
    line: &'a str,
}

/// The rows below the header, blank lines left out.
pub(super) fn rows(csv: &str) -> impl Iterator<Item = Row<'_>> {
    csv.lines().skip(1).filter(|l| !l.trim().is_empty()).map(|line| Row { cells: line.split(','), line })
}

impl<'a> Row<'a> {
    fn cell(&mut self) -> &'a str {
        self.cells.next().map(str::trim).unwrap_or_else(|| panic!("a cell is missing in: {}", self.line))
    }

    pub(super) fn text(&mut self) -> String {
        self.cell().into()
    }

    pub(super) fn value<T: FromStr>(&mut self) -> T {
        let cell = self.cell();
        cell.parse().unwrap_or_else(|_| panic!("{cell} cannot be read in: {}", self.line))
    }

    /// A number of something that may be absent, written 0.
    pub(super) fn some(&mut self) -> Option<u32> {
        Some(self.value()).filter(|&n| n > 0)
    }

    /// A yes or no, written 1 or 0.
    pub(super) fn flag(&mut self) -> bool {
        self.value::<u8>() == 1
    }
}

/// Every row, through `read`.
pub(super) fn collect<T>(csv: &str, read: impl Fn(&mut Row<'_>) -> T) -> Vec<T> {
    rows(csv).map(|mut row| read(&mut row)).collect()
}
