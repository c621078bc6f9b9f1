//! Trunk, wasm-bindgen and wasm-split: from PATH when the version is right, else installed into our cache.

use crate::{
    Outcome,
    paths::Paths,
    sh::{MINUTE, Run},
    version::{self, Version},
};
use std::{fs, path::PathBuf};

/// A tool that cargo can install.
pub(crate) struct Tool {
    /// The program.
    pub(crate) name: &'static str,
    /// The only version that will do.
    pub(crate) version: Version,
    package: &'static str,
    /// What `cargo install` needs to hear to build the program.
    features: Option<&'static str>,
    /// Whether to build it with the versions it was released with.
    locked: bool,
    /// Whether it says its version; one that does not is never taken from PATH.
    says_version: bool,
    cost: &'static str,
}

/// The latest that our oldest Rust can build.
const TRUNK: Tool = Tool {
    name: "trunk",
    version: Version(0, 21, 14),
    package: "trunk",
    features: None,
    locked: true,
    says_version: true,
    cost: "two to five minutes",
};

/// Cuts the module apart at the functions that `wasm_split_helpers` marks (tests/xtask/src/parts.rs). The same project makes both.
const SPLIT: Tool = Tool {
    name: "wasm-split-cli",
    version: Version(0, 2, 4),
    package: "wasm_split_cli_support",
    features: Some("build-binary"),
    locked: true,
    says_version: false,
    cost: "one to two minutes",
};

/// Where no Cargo.lock exists yet.
const BINDGEN: Version = Version(0, 2, 130);

/// The tools this checkout needs.
pub(crate) fn all(paths: &Paths) -> Outcome<[Tool; 3]> {
    // wasm-bindgen's program and library must be the same version, and the lock file names the library's.
    let lock = fs::read_to_string(paths.root.join("Cargo.lock")).unwrap_or_default();
    let version = version::locked(&lock, "wasm-bindgen").unwrap_or(BINDGEN);
    // Not locked: its lock file asks for versions that some mirrors do not have.
    let bindgen = Tool {
        name: "wasm-bindgen",
        version,
        package: "wasm-bindgen-cli",
        features: None,
        locked: false,
        says_version: true,
        cost: "one to three minutes",
    };
    Ok([TRUNK, bindgen, SPLIT])
}

/// Makes sure of all tools, and returns the folders to put on PATH.
pub(crate) fn ensure(paths: &Paths) -> Outcome<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for tool in all(paths)? {
        folders.extend(tool.ensure(paths)?);
    }
    Ok(folders)
}

impl Tool {
    /// Finds or installs it; returns the folder to put on PATH, unless it is there already.
    pub(crate) fn ensure(&self, paths: &Paths) -> Outcome<Option<PathBuf>> {
        if self.says_version && self.found(Run::new(self.name)) {
            return Ok(None);
        }
        let root = paths.tools.join(format!("{}-{}", self.name, self.version));
        let folder = root.join("bin");
        let program = folder.join(self.name);
        if !self.found(Run::new(&program)) {
            println!("Installing {} {} into {}; {}, once.", self.package, self.version, root.display(), self.cost);
            let install = Run::new("cargo")
                .words("install --force")
                .arg(self.package)
                .arg("--version")
                .arg(self.version.to_string());
            let install = if self.locked { install.arg("--locked") } else { install };
            let install =
                if let Some(features) = self.features { install.arg("--features").arg(features) } else { install };
            // Compiling it takes longer than anything it does for us: do not optimise.
            install
                .arg("--root")
                .arg(&root)
                .env("CARGO_PROFILE_RELEASE_LTO", "off")
                .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
                .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
                .limit(40 * MINUTE)
                .show()?;
        }
        if self.found(Run::new(&program)) {
            Ok(Some(folder))
        } else {
            Err(format!("{} was installed, but does not run", program.display()))
        }
    }

    fn found(&self, run: Run) -> bool {
        if !self.says_version {
            // In a folder that is named after the version.
            return run.arg("--help").read().is_ok();
        }
        run.arg("--version").read().is_ok_and(|text| Version::find(&text) == Some(self.version))
    }
}
