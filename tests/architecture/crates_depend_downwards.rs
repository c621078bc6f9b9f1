//! The core depends on a short list of crates, and packages of ours depend on each other in one direction only.

use crate::{none, root};
use std::fs;

/// What the core may use: all of them build without std.
const CORE: [&str; 10] = [
    "serde",
    "serde_json",
    "serde_path_to_error",
    "libm",
    "rand_core",
    "rand_chacha",
    "miniz_oxide",
    "sha2",
    "base64",
    "percent-encoding",
];
/// Packages of ours and those of ours they may use.
const OURS: [(&str, &[&str]); 4] = [
    ("core", &[]),
    ("interop", &["playground-core"]),
    ("cli", &["playground-core", "playground-interop"]),
    ("app", &["playground-core", "playground-interop"]),
];

/// Names below [dependencies] of a package, and below its tables for one dependency.
fn dependencies(folder: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap_or_default();
    let mut section = String::new();
    let mut names = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = header.to_string();
            names.extend(header.strip_prefix("dependencies.").map(String::from));
        } else if section == "dependencies" && !line.starts_with('#') {
            names.extend(line.split_once('=').map(|(name, _)| name.trim().trim_end_matches(".workspace").to_string()));
        }
    }
    names
}

#[test]
fn the_core_uses_what_builds_without_std() {
    let used = dependencies("core");
    assert!(!used.is_empty(), "the manifest was read");
    none(&used.into_iter().filter(|name| !CORE.contains(&name.as_str())).collect::<Vec<_>>());
}

#[test]
fn packages_of_ours_point_downwards() {
    let mut found = Vec::new();
    for (folder, allowed) in OURS {
        for name in dependencies(folder).into_iter().filter(|name| name.starts_with("playground-")) {
            if !allowed.contains(&name.as_str()) {
                found.push(format!("{folder} may not use {name}"));
            }
        }
    }
    none(&found);
}

#[test]
fn the_core_says_that_it_does_without_std() {
    let text = fs::read_to_string(root().join("core/src/lib.rs")).expect("it is there");
    assert!(text.contains("#![no_std]"));
}
