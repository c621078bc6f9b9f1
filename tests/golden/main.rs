//! Goldens: reports as text, committed, so that a change of results is read in a review and not found by a user.
//!
//! When results are meant to change: `ACCEPT=1 cargo test -p playground-tests --test golden`. What a golden says is
//! only what was found; beside each, laws are checked that hold whatever the numbers are.

mod laws;
mod links;
mod text;

use playground_portable::{Case, answer, cases};
use std::path::PathBuf;

fn check(name: &str) {
    let case: Case = cases().into_iter().find(|case| case.name == name).expect("there is such a case");
    let answer = answer(&case);
    laws::hold(&answer);
    let found = text::of(&case, &answer);
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden").join(format!("{name}.txt"));
    if std::env::var_os("ACCEPT").is_some() {
        std::fs::write(&path, &found).expect("the file can be written");
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "{} moved:\n{}if that is meant: ACCEPT=1 cargo test -p playground-tests --test golden",
        path.display(),
        difference(&expected, &found)
    );
}

/// Lines that differ, those expected marked −, those found +.
fn difference(expected: &str, found: &str) -> String {
    let (expected, found): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let mut text = String::new();
    for i in 0..expected.len().max(found.len()) {
        let (a, b) = (expected.get(i), found.get(i));
        if a != b {
            text.extend(a.map(|line| format!("  − {line}\n")));
            text.extend(b.map(|line| format!("  + {line}\n")));
        }
    }
    text
}

#[test]
fn landing() {
    check("landing-settled");
}

#[test]
fn starved() {
    check("starved");
}

#[test]
fn experts() {
    check("experts-tp2");
}

#[test]
fn two_classes() {
    check("two-classes");
}
