//! Where things are: the checkout, its build folders, and the cache for tools.

use std::{env, path::PathBuf};

/// The places every command works with.
pub(crate) struct Paths {
    /// The checkout.
    pub(crate) root: PathBuf,
    /// Cargo's build folder for the host.
    pub(crate) target: PathBuf,
    /// Tools installed by us, one folder per tool and version; shared by all checkouts.
    pub(crate) tools: PathBuf,
}

impl Paths {
    /// Reads the environment that `cargo run` and the person set.
    pub(crate) fn find() -> Paths {
        // At run time, because a checkout may have moved since this was compiled.
        let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let package = PathBuf::from(package);
        let root = package.ancestors().nth(2).unwrap_or(&package).to_path_buf();
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_else(env::temp_dir);
        let cache = match env::var_os("XDG_CACHE_HOME") {
            Some(dir) if !dir.is_empty() => PathBuf::from(dir),
            _ => home.join(".cache"),
        };
        Paths { root, target, tools: cache.join("llmd-playground").join("tools") }
    }

    /// Cargo's build folder for wasm: the two compilers may differ, and must not undo each other's work.
    pub(crate) fn wasm_target(&self) -> PathBuf {
        self.target.join("wasm")
    }

    /// The release page.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The browser tests.
    pub(crate) fn e2e(&self) -> PathBuf {
        self.root.join("tests").join("e2e")
    }

    /// Node's packages.
    pub(crate) fn node_modules(&self) -> PathBuf {
        self.e2e().join("node_modules")
    }
}
