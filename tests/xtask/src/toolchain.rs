//! The compiler for wasm: whichever way this machine allows.
//!
//! Most machines: `rustup target add`. A machine that must not download toolchains says so with
//! `RUSTUP_AUTO_INSTALL=0`; there, Debian's compiler serves, whose wasm std we build (distro.rs).

use crate::{
    Outcome, apt, distro,
    paths::Paths,
    sh::{MINUTE, Run, which},
};
use std::{env, fs, path::PathBuf, process};

/// What the page is compiled for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// A compiler that can build for wasm.
pub(crate) struct Toolchain {
    /// Its name for rustup; `None` is the active one.
    name: Option<&'static str>,
}

impl Toolchain {
    /// Makes `run`, a cargo or something that calls one, use this compiler and its build folder.
    pub(crate) fn on(&self, paths: &Paths, run: Run) -> Run {
        self.select(run).dir(&paths.root).env("CARGO_TARGET_DIR", paths.wasm_target())
    }

    /// The folder of its wasm std.
    pub(crate) fn target_libdir(&self) -> Outcome<PathBuf> {
        let run = Run::new("rustc").words("--print target-libdir --target").arg(TARGET);
        Ok(PathBuf::from(self.select(run).read()?.trim()))
    }

    /// Its name and version, for people.
    pub(crate) fn describe(&self) -> String {
        let version = self.select(Run::new("rustc").arg("--version")).read().unwrap_or_default();
        format!("{} ({})", self.name.unwrap_or("the active one"), version.trim())
    }

    /// Whether it compiles for wasm: true only if its std is there, whole, and of the same version.
    pub(crate) fn works(&self) -> bool {
        let out = env::temp_dir().join(format!("llmd-playground-{}.rmeta", process::id()));
        // The source is read from the standard input, which is empty.
        let run =
            Run::new("rustc").words("- --crate-type rlib --emit metadata --target").arg(TARGET).arg("-o").arg(&out);
        let works = self.select(run).read().is_ok();
        let _ = fs::remove_file(out); // Absent when it does not work.
        works
    }

    fn select(&self, run: Run) -> Run {
        match self.name {
            // rustup exports the active toolchain to its children, of whom we are one.
            Some(name) => run.env("RUSTUP_TOOLCHAIN", name).without_env("RUSTC"),
            None => run,
        }
    }
}

/// The compiler that is active when nobody says otherwise.
pub(crate) const ACTIVE: Toolchain = Toolchain { name: None };

/// Debian's compiler, as rustup knows it after `distro::make`.
pub(crate) const DISTRO: Toolchain = Toolchain { name: Some(distro::NAME) };

/// What decides which compiler builds for wasm.
struct Facts {
    active_works: bool,
    distro_works: bool,
    has_rustup: bool,
    may_download: bool,
    has_apt: bool,
}

/// The ways to get one.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    UseActive,
    UseDistro,
    MakeDistro,
    AddTarget,
    Explain(&'static str),
}

const NO_RUSTUP: &str = "the active Rust compiler has no std for wasm32-unknown-unknown, \
and there is no rustup to add it. Install rustup (https://rustup.rs), or your distribution's \
package: rust-std-static-wasm32-unknown-unknown on Fedora, rust-wasm on Arch.";

const NO_WAY: &str = "RUSTUP_AUTO_INSTALL=0 forbids downloading the std for \
wasm32-unknown-unknown, and without apt its stand-in cannot be installed. Unset the variable, or \
run `rustup target add wasm32-unknown-unknown` yourself.";

fn way(facts: &Facts) -> Way {
    match facts {
        Facts { active_works: true, .. } => Way::UseActive,
        Facts { has_rustup: false, .. } => Way::Explain(NO_RUSTUP),
        Facts { may_download: true, .. } => Way::AddTarget,
        Facts { distro_works: true, .. } => Way::UseDistro,
        Facts { has_apt: true, .. } => Way::MakeDistro,
        _ => Way::Explain(NO_WAY),
    }
}

/// Finds a compiler for wasm, or makes one.
pub(crate) fn ensure(paths: &Paths) -> Outcome<Toolchain> {
    if ACTIVE.works() {
        return Ok(ACTIVE);
    }
    let facts = Facts {
        active_works: false,
        distro_works: DISTRO.works(),
        has_rustup: which("rustup").is_some(),
        may_download: env::var_os("RUSTUP_AUTO_INSTALL").is_none_or(|value| value != "0"),
        has_apt: apt::present(),
    };
    match way(&facts) {
        Way::UseActive => Ok(ACTIVE),
        Way::UseDistro => Ok(DISTRO),
        Way::Explain(why) => Err(why.to_owned()),
        Way::MakeDistro => distro::make(paths).map(|()| DISTRO),
        Way::AddTarget => {
            println!("Adding the wasm std to the active Rust toolchain; a download of about 20 MB.");
            let hint =
                |error| format!("{error}\nOn a machine without downloads from Rust's host, set RUSTUP_AUTO_INSTALL=0.");
            Run::new("rustup").words("target add").arg(TARGET).limit(15 * MINUTE).show().map_err(hint)?;
            if ACTIVE.works() { Ok(ACTIVE) } else { Err(format!("rustup added {TARGET}, but rustc cannot use it")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Facts =
        Facts { active_works: false, distro_works: false, has_rustup: false, may_download: false, has_apt: false };

    #[test]
    fn a_compiler_that_works_is_used_whatever_else_holds() {
        assert_eq!(way(&Facts { active_works: true, ..NOTHING }), Way::UseActive);
        let rich =
            Facts { active_works: true, distro_works: true, has_rustup: true, may_download: true, has_apt: true };
        assert_eq!(way(&rich), Way::UseActive);
    }

    #[test]
    fn rustup_adds_the_target_where_it_may() {
        assert_eq!(way(&Facts { has_rustup: true, may_download: true, has_apt: true, ..NOTHING }), Way::AddTarget);
    }

    #[test]
    fn nothing_is_downloaded_by_rustup_where_it_may_not() {
        let barred = Facts { has_rustup: true, has_apt: true, ..NOTHING };
        assert_eq!(way(&barred), Way::MakeDistro);
        assert_eq!(way(&Facts { distro_works: true, ..barred }), Way::UseDistro);
        assert_eq!(way(&Facts { has_rustup: true, ..NOTHING }), Way::Explain(NO_WAY));
    }

    #[test]
    fn without_rustup_the_person_is_told() {
        assert_eq!(way(&Facts { has_apt: true, may_download: true, ..NOTHING }), Way::Explain(NO_RUSTUP));
    }
}
