//! Every path that a document names exists.

use crate::{File, files, none, root};

/// Folders at the top whose names begin a path of ours.
const TOPS: [&str; 8] = ["core/", "interop/", "app/", "cli/", "tests/", "public/", "styles/", "docs/"];

#[test]
fn in_code_spans_and_links() {
    let mut documents: Vec<File> = files("docs", &[".md"]);
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "core/data/SOURCES.md"] {
        if let Ok(text) = std::fs::read_to_string(root().join(name)) {
            documents.push(File { path: name.into(), text });
        }
    }
    assert!(!documents.is_empty(), "there are documents");
    let mut found = Vec::new();
    for document in &documents {
        for path in spans(&document.text).filter(|span| is_path(span)) {
            if !root().join(path.trim_end_matches('/')).exists() {
                found.push(format!("{}: there is no `{path}`", document.path));
            }
        }
        let folder = root().join(&document.path).parent().expect("a file lies in a folder").to_path_buf();
        for link in links(&document.text) {
            if !folder.join(&link).exists() {
                found.push(format!("{}: the link to {link} leads nowhere", document.path));
            }
        }
    }
    none(&found);
}

/// What stands between single backticks, fenced blocks left out.
fn spans(text: &str) -> impl Iterator<Item = &str> {
    text.split("```").step_by(2).flat_map(|prose| prose.split('`').skip(1).step_by(2))
}

fn is_path(span: &str) -> bool {
    let plain = !span.contains(['*', '<', ' ', '{', '…', '$', ':', '?']);
    plain && TOPS.iter().any(|top| span.starts_with(top))
}

/// Targets of links to files of ours, without what follows a #.
fn links(text: &str) -> Vec<String> {
    let prose: String = text.split("```").step_by(2).collect();
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let local = targets.filter(|t| !t.contains("://") && !t.starts_with('#') && !t.starts_with("mailto:"));
    local.map(|t| t.split('#').next().unwrap_or_default().to_string()).filter(|t| !t.is_empty()).collect()
}

#[test]
fn this_test_finds_them() {
    let text = "see `core/src/lib.rs`, [this](docs/a.md#b), `core/<name>.rs`, `x/y` and [that](https://a.b)\n```\n`core/no`\n```";
    assert_eq!(spans(text).filter(|s| is_path(s)).collect::<Vec<_>>(), ["core/src/lib.rs"]);
    assert_eq!(links(text), ["docs/a.md"]);
}
