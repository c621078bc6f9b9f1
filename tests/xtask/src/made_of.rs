//! Whether the page in dist/ is already what this checkout makes, so that it need not be made again.
//!
//! Cargo knows what need not be compiled again; what comes after it (taking the module apart, making it small, packing it)
//! does not, and takes minutes. So a note beside the build says what the page was made of and what it came to, as two numbers: of
//! every file that goes into it or makes it, the compiler and its settings; and of every file of the page.

use crate::{Outcome, paths::Paths, toolchain};
use std::{
    env, fs,
    hash::{DefaultHasher, Hasher},
    path::{Path, PathBuf},
};

/// What goes into the page, and what makes it.
const SOURCES: [&str; 11] = [
    "app",
    "core",
    "interop",
    "public",
    "styles",
    "tests/xtask",
    "tests/e2e/package-lock.json",
    ".cargo",
    "Cargo.toml",
    "Cargo.lock",
    "Trunk.toml",
];
/// Variables that change what a compiler makes begin so.
const SETTINGS: [&str; 3] = ["CARGO_PROFILE", "CARGO_ENCODED", "RUSTFLAGS"];

/// What the page would be made of now.
pub(crate) fn sources(paths: &Paths) -> Outcome<u64> {
    let mut sum = DefaultHasher::new();
    sum.write(toolchain::ensure(paths)?.describe().as_bytes());
    let mut settings: Vec<(String, String)> =
        env::vars().filter(|(name, _)| SETTINGS.iter().any(|start| name.starts_with(start))).collect();
    settings.sort();
    for (name, value) in settings {
        sum.write(format!("{name}={value}\n").as_bytes());
    }
    for source in SOURCES {
        add(&mut sum, &paths.root, &paths.root.join(source))?;
    }
    Ok(sum.finish())
}

/// Whether the page that is there was made of these sources, and nobody changed it since.
pub(crate) fn is_up_to_date(paths: &Paths, sources: u64) -> bool {
    let said = fs::read_to_string(note(paths)).unwrap_or_default();
    page(paths).is_ok_and(|page| said == words(sources, page))
}

/// Notes that the page that is there is made of these.
pub(crate) fn remember(paths: &Paths, sources: u64) -> Outcome {
    let (note, page) = (note(paths), page(paths)?);
    fs::write(&note, words(sources, page)).map_err(|error| format!("{}: {error}", note.display()))
}

fn note(paths: &Paths) -> PathBuf {
    paths.target.join("page-made-of")
}

fn words(sources: u64, page: u64) -> String {
    format!("{sources:016x} {page:016x}\n")
}

fn page(paths: &Paths) -> Outcome<u64> {
    let mut sum = DefaultHasher::new();
    add(&mut sum, &paths.dist(), &paths.dist())?;
    Ok(sum.finish())
}

/// Adds a file, or all in a folder, by their names and what is in them.
fn add(sum: &mut DefaultHasher, root: &Path, place: &Path) -> Outcome {
    let fail = |error: std::io::Error| format!("{}: {error}", place.display());
    if place.is_dir() {
        let mut inside: Vec<PathBuf> = fs::read_dir(place).map_err(fail)?.flatten().map(|entry| entry.path()).collect();
        inside.sort();
        return inside.iter().try_for_each(|place| add(sum, root, place));
    }
    let text = fs::read(place).map_err(fail)?;
    sum.write(place.strip_prefix(root).unwrap_or(place).as_os_str().as_encoded_bytes());
    // Where one ends and the next begins counts too.
    sum.write_usize(text.len());
    sum.write(&text);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(name: &str) -> Paths {
        let root = env::temp_dir().join(format!("llmd-playground-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root); // What a run that broke off left.
        for folder in ["dist/snippets", "target"] {
            fs::create_dir_all(root.join(folder)).expect("temporary files can be made");
        }
        fs::write(root.join("dist/index.html"), "page").expect("temporary files can be made");
        Paths { target: root.join("target"), tools: root.join("tools"), root }
    }

    #[test]
    fn a_page_that_nobody_touched_is_made_once() {
        let paths = paths("once");
        assert!(!is_up_to_date(&paths, 1), "nothing is known of it");
        remember(&paths, 1).expect("can be noted");
        assert!(is_up_to_date(&paths, 1));
        assert!(!is_up_to_date(&paths, 2), "other sources");
    }

    #[test]
    fn whatever_changes_in_the_page_is_noticed() {
        let changes: [fn(&Path); 4] = [
            |dist| fs::write(dist.join("index.html"), "pagE").expect("can be written"),
            |dist| fs::write(dist.join("snippets/more.js"), "").expect("can be written"),
            |dist| fs::rename(dist.join("index.html"), dist.join("index.htm")).expect("can be renamed"),
            |dist| fs::remove_dir_all(dist).expect("can be removed"),
        ];
        for change in changes {
            let paths = paths("noticed");
            remember(&paths, 1).expect("can be noted");
            change(&paths.dist());
            assert!(!is_up_to_date(&paths, 1));
        }
    }

    #[test]
    fn all_that_is_named_is_there() {
        let paths = Paths::find();
        for source in SOURCES {
            assert!(paths.root.join(source).exists(), "{source}");
        }
    }
}
