//! Validation: the simulator against measurements, where those lie beside the checkout (`../shared`).
//!
//! They may not be committed, so elsewhere these tests say that they skip, and do. What is compared is in calibration:
//! these are checks that the fitted constants arrived in the product, not evidence of accuracy on unseen hardware.

mod document;
mod kv_blocks;
mod small_directory;

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A file of measurements; none, and a line that says so, where there are none.
fn measured(path: &str) -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/truth/calibration").join(path);
    if !file.exists() {
        say(&format!("validation skipped: {path} is not beside this checkout"));
        return None;
    }
    Some(file)
}

/// Prints past the capture of test output: a skip or an error table should be seen when all is well.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// The value in the middle; the upper one of two.
fn median(mut values: Vec<f64>) -> f64 {
    assert!(!values.is_empty(), "there is something to take the middle of");
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
