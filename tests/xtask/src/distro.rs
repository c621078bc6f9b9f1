//! Debian's Rust compiler, and a wasm std for it.
//!
//! For machines on which rustup may not download. Debian packages a current compiler (`rustc-web`,
//! for its browsers) and its sources, but no wasm std; building that takes half a minute, once.
//! A std only fits the compiler that built it: after an update of the package, `Toolchain::works`
//! is false, and it is built again.

use crate::{
    Outcome, apt,
    paths::Paths,
    sh::{MINUTE, Run},
    toolchain::{DISTRO, TARGET},
    version::Version,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What we call it for rustup: `cargo +debian-web …` works too.
pub(crate) const NAME: &str = "debian-web";

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const SOURCES: &str = "/usr/lib/rustlib/src/rust/library";
/// A link to the linker of the LLVM version the compiler was built with.
const LINKER: &str = "/usr/bin/rust-lld";
const PACKAGES: &str = "rustc-web cargo-web rust-web-src rust-web-llvm";
const BY_HAND: &str = "have the steps of tests/xtask/src/distro.rs done as root";

/// Installs the compiler, builds its wasm std, and tells rustup about it.
pub(crate) fn make(paths: &Paths) -> Outcome {
    // Now rather than after the build.
    apt::elevated("true", BY_HAND)?.show()?;
    install_compiler()?;
    let built = build_std(paths)?;
    place(&built)?;
    let _ = fs::remove_dir_all(workshop(paths)); // Only disk space, should this fail.
    Run::new("rustup").words("toolchain link").arg(NAME).arg("/usr").show()?;
    if DISTRO.works() {
        Ok(())
    } else {
        Err(format!("the wasm std of {RUSTC} was built, but does not work; {BY_HAND}"))
    }
}

fn install_compiler() -> Outcome {
    let whole = [CARGO, SOURCES].iter().all(|path| Path::new(path).exists());
    if !whole || installed_version() < Version::find(env!("CARGO_PKG_RUST_VERSION")) {
        apt::install(PACKAGES, "a Rust compiler whose wasm std can be built here")?;
    }
    // `exists` follows the link, which dangles until the linker is installed.
    if !Path::new(LINKER).exists() {
        let about = Run::new(RUSTC).arg("-vV").read()?;
        let llvm = about.lines().find_map(|line| line.strip_prefix("LLVM version: ")).and_then(Version::find);
        let llvm = llvm.ok_or_else(|| format!("{RUSTC} does not say its LLVM version; {BY_HAND}"))?;
        apt::install(&format!("lld-{}", llvm.0), "the linker for wasm")?;
    }
    Ok(())
}

/// `None`, which is less than any version, when there is none.
fn installed_version() -> Option<Version> {
    Version::find(&Run::new(RUSTC).arg("--version").read().ok()?)
}

fn workshop(paths: &Paths) -> PathBuf {
    paths.wasm_target().join("distro-std")
}

/// Builds the std from the distribution's sources, and returns the folder of its libraries.
fn build_std(paths: &Paths) -> Outcome<PathBuf> {
    println!("Building the wasm std of {RUSTC}; about a minute of computing.");
    let shop = workshop(paths);
    let library = shop.join("library");
    // With a former attempt, all that was built against a former std goes: it cannot be linked.
    let _ = fs::remove_dir_all(paths.wasm_target());
    fs::create_dir_all(&shop).map_err(|error| format!("{}: {error}", shop.display()))?;
    // A copy, because cargo writes beside the sources; without links, because they are relative.
    Run::new("cp").words("-rL").arg(SOURCES).arg(&library).limit(5 * MINUTE).show()?;
    Run::new(CARGO)
        .words("build --release --manifest-path sysroot/Cargo.toml --target")
        .arg(TARGET)
        .arg("--features")
        .arg("panic-unwind compiler-builtins-mem")
        .env("RUSTC", RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        // As the standard library is built upstream; the bitcode is for link-time optimisation.
        .env("RUSTFLAGS", "-Zforce-unstable-if-unmarked -Cembed-bitcode=yes")
        .env("CARGO_TARGET_DIR", shop.join("target"))
        .dir(&library)
        .show()?;
    Ok(shop.join("target").join(TARGET).join("release").join("deps"))
}

/// Puts the libraries into the compiler's own folder, in place of older ones.
fn place(built: &Path) -> Outcome {
    let folder = format!("/usr/lib/rustlib/{TARGET}/lib");
    let script = r#"mkdir -p "$2" && rm -f "$2"/*.rlib && cp "$1"/*.rlib "$2"/"#;
    apt::elevated("sh", BY_HAND)?.arg("-c").arg(script).arg("place").arg(built).arg(folder).show()
}
