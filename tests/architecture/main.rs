//! Architecture: what the documents say of the code's shape is so.

mod crates_depend_downwards;
mod files_are_tidy;
mod folders_use_only_what_they_name;
mod paths_in_documents_exist;
mod stored_fields_have_fixed_sizes;

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the whole repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in it").to_path_buf()
}

/// A file of the repository, with its path from the root.
struct File {
    path: String,
    text: String,
}

/// Every file below `folder` with one of these endings; what others made (builds, packages, vendored bundles) left out.
fn files(folder: &str, endings: &[&str]) -> Vec<File> {
    let mut found = Vec::new();
    collect(&root().join(folder), endings, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(folder: &Path, endings: &[&str], found: &mut Vec<File>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["target", "dist", "node_modules", "vendor", ".git", "out"].contains(&name.as_str()) {
                collect(&path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            let text = fs::read_to_string(&path).expect("a readable file");
            let path = path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
            found.push(File { path, text });
        }
    }
}

/// Every Rust file of ours.
fn rust_files() -> Vec<File> {
    ["core", "interop", "app", "cli", "tests"].iter().flat_map(|folder| files(folder, &[".rs"])).collect()
}

/// Fails with all findings, if there are any.
fn none(found: &[String]) {
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}
