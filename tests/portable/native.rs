//! Natively the studies have the digests that `expected.txt` says; wasm under Node is held against the same file.
//!
//! When results are meant to change: `ACCEPT=1 cargo test -p playground-portable`.

use playground_portable::{cases, line};
use std::fmt::Write as _;

#[test]
fn digests_are_the_expected_ones() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/expected.txt");
    let found = cases().iter().fold(String::new(), |mut text, case| {
        writeln!(text, "{}", line(case)).expect("text takes more text");
        text
    });
    if std::env::var_os("ACCEPT").is_some() {
        std::fs::write(path, &found).expect("the file can be written");
        return;
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == expected,
        "results moved\nexpected:\n{expected}found:\n{found}if that is meant: ACCEPT=1 cargo test -p playground-portable"
    );
}
