//! Node and its packages: the browser tests, and wasm-opt for release builds.

use crate::{
    Outcome,
    paths::Paths,
    sh::{MINUTE, Run},
    version::Version,
};
use std::fs;

/// The oldest that will do.
pub(crate) const OLDEST: Version = Version(20, 11, 0);

/// Checks Node, and installs the packages of the lock file unless they are there.
pub(crate) fn ensure(paths: &Paths) -> Outcome {
    let needed =
        || format!("Node {OLDEST} or later is needed for release builds and browser tests: https://nodejs.org");
    let version = Run::new("node").arg("--version").read().map_err(|error| format!("{error}\n{}", needed()))?;
    if Version::find(&version) < Some(OLDEST) {
        return Err(format!("node is {}; {}", version.trim(), needed()));
    }
    let wanted = fs::read(paths.e2e().join("package-lock.json"))
        .map_err(|error| format!("tests/e2e/package-lock.json: {error}"))?;
    // npm leaves no copy of the lock file it installed from; times do not tell, because git sets them.
    let receipt = paths.node_modules().join(".installed-from.json");
    if fs::read(&receipt).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("Installing Node packages into {}; a few seconds.", paths.node_modules().display());
    Run::new("npm").words("ci --no-audit --no-fund --ignore-scripts").dir(&paths.e2e()).limit(10 * MINUTE).show()?;
    fs::write(&receipt, wanted).map_err(|error| format!("{}: {error}", receipt.display()))
}
