//! Builds the page with Trunk, after making sure of what Trunk needs.

use crate::{
    Outcome, cargo_tools, made_of, node, parts,
    paths::Paths,
    sh::{MINUTE, Run},
    toolchain,
};
use std::{fs, path::Path};

/// Trunk, ready to run `command` (with `release`, for a release build).
pub(crate) fn trunk(paths: &Paths, command: &str, release: bool) -> Outcome<Run> {
    let toolchain = toolchain::ensure(paths)?;
    let mut folders = cargo_tools::ensure(paths)?;
    if release {
        // wasm-opt, which Trunk only runs in release builds, is a Node package.
        node::ensure(paths)?;
        folders.push(paths.node_modules().join(".bin"));
    }
    // Offline, so that Trunk uses the tools found here and never downloads others;
    // it also keeps cargo offline, hence the fetch.
    toolchain
        .on(paths, Run::new("cargo"))
        .words("fetch --quiet --target")
        .arg(toolchain::TARGET)
        .limit(15 * MINUTE)
        .show()?;
    let run = parts::step_in(paths, &mut folders, toolchain.on(paths, Run::new("trunk")), release)?;
    // NO_COLOR=1 is the convention, but Trunk only understands true and false.
    let run = run.without_env("NO_COLOR").words("--skip-version-check").arg(command).words("--offline");
    Ok(if release { run.arg("--release") } else { run })
}

/// Builds the release page into dist/, unless it is there.
pub(crate) fn build(paths: &Paths) -> Outcome {
    let sources = made_of::sources(paths)?;
    if made_of::is_up_to_date(paths, sources) {
        println!("The page in {} is made of these sources already.", paths.dist().display());
        return Ok(());
    }
    trunk(paths, "build", true)?.arg("--dist").arg(paths.dist()).show()?;
    println!("The page is in {} ({} kB, before compression).", paths.dist().display(), size(&paths.dist()) / 1000);
    Run::new("node").arg(paths.root.join("tests/xtask/compress.mjs")).arg(paths.dist()).limit(5 * MINUTE).show()?;
    made_of::remember(paths, sources)
}

/// Bytes in all files under `folder`; what cannot be read counts nothing.
fn size(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => size(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}
