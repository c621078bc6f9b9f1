//! Inside core/src a folder uses the folders that ARCHITECTURE.md allows it, and no others.
//!
//! The table there is the rule; this reads it. Tests inside the files may use whatever they need.

use crate::{File, files, none, root};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

type Table = BTreeMap<String, BTreeSet<String>>;

#[test]
fn as_the_table_in_the_document_says() {
    let allowed = table();
    let mut found = Vec::new();
    for file in files("core/src", &[".rs"]) {
        let Some((folder, _)) = file.path["core/src/".len()..].split_once('/') else { continue };
        let Some(may_use) = allowed.get(folder) else {
            found.push(format!("{}: ARCHITECTURE.md has no row for `{folder}`", file.path));
            continue;
        };
        for other in used(&file) {
            if other != folder && allowed.contains_key(&other) && !may_use.contains(&other) {
                found.push(format!("{}: `{folder}` may not use `{other}`", file.path));
            }
        }
    }
    none(&found);
}

#[test]
fn the_table_has_no_circle() {
    let allowed = table();
    assert!(allowed.len() >= 12, "the table was found: {allowed:?}");
    // Rows come after all they name, so following arrows comes to an end.
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("it is there");
    let place = |folder: &str| text.find(&format!("| `{folder}` |")).expect("it has a row");
    for (folder, may_use) in &allowed {
        for other in may_use {
            assert!(allowed.contains_key(other), "`{other}`, named by `{folder}`, has no row");
            assert!(place(other) < place(folder), "`{other}` should stand above `{folder}`");
        }
    }
}

/// Folder and what it may use, from the rows "| `folder` | a, b | … |" below the heading.
fn table() -> Table {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md is there");
    let (_, section) = text.split_once("### Inside `core/src`").expect("the section is there");
    let rows = section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    rows.filter_map(|row| {
        let mut cells = row.split('|').skip(1).map(str::trim);
        let folder = cells.next()?.strip_prefix('`')?.strip_suffix('`')?.to_string();
        let may_use = cells.next()?.split(',').map(str::trim).filter(|name| !name.is_empty());
        Some((folder, may_use.map(String::from).collect()))
    })
    .collect()
}

/// Names at the crate's top that a file mentions, its tests and comments left aside.
fn used(file: &File) -> BTreeSet<String> {
    let code: String = file
        .text
        .lines()
        .take_while(|line| line.trim() != "#[cfg(test)]")
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join(" ");
    // From a file core/src/folder/file.rs two `super` lead to the top, from its mod.rs one.
    let depth = file.path.matches('/').count() - 1 - usize::from(file.path.ends_with("/mod.rs"));
    let to_top = "super::".repeat(depth);
    let after = |prefix: &str| code.split(prefix).skip(1).map(str::to_string).collect::<Vec<_>>();
    after("crate::").iter().chain(&after(&to_top)).flat_map(|rest| heads(rest)).collect()
}

/// The first names of what follows `crate::`: one, or those of a braced group.
fn heads(rest: &str) -> Vec<String> {
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = rest.strip_prefix('{') else { return vec![name(rest)] };
    let (mut depth, mut heads, mut start) = (0, Vec::new(), true);
    for (i, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            c if start && !c.is_whitespace() => {
                heads.push(name(&group[i..]));
                start = false;
            }
            _ => {}
        }
    }
    heads
}

#[test]
fn this_test_reads_uses_as_the_compiler_does() {
    let file = |path: &str, text: &str| File { path: path.into(), text: text.into() };
    let names = |text: &str| used(&file("core/src/a/b.rs", text)).into_iter().collect::<Vec<_>>();
    assert_eq!(names("use crate::base::{Time, Dur};"), ["base"]);
    assert_eq!(names("use crate::{base::{Time, Dur}, stats, report::x};"), ["base", "report", "stats"]);
    assert_eq!(names("let x = crate::base::math::ln(1.0);"), ["base"]);
    assert_eq!(names("use super::super::engine::Instance;"), ["engine"]);
    assert_eq!(names("// crate::app is no use\n#[cfg(test)]\nmod tests { use crate::study; }"), Vec::<String>::new());
    assert_eq!(used(&file("core/src/a/mod.rs", "use super::engine;")).into_iter().collect::<Vec<_>>(), ["engine"]);
}
