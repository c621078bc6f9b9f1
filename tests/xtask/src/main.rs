//! The one developer entry: `cargo x serve`, `cargo x test`.
//!
//! It finds or installs what a command needs (a compiler for wasm, Trunk, Node's packages, a
//! browser), says so before anything slow, and runs it. Every step looks at the machine first and
//! does nothing when there is nothing to do, so that commands may be repeated freely.

// The simulator's rules (no clocks, no unordered maps) are about its results; this only starts tools.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod apt;
mod browser;
mod cargo_tools;
mod distro;
mod made_of;
mod node;
mod parts;
mod paths;
mod serve;
mod sh;
mod stages;
mod toolchain;
mod trunk;
mod version;

use paths::Paths;
use std::process::ExitCode;

/// Why a command could not go on, in words for the person who typed it.
pub(crate) type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done =
        if parts::called_as_bindgen() { parts::bindgen(&words).map(|()| ExitCode::SUCCESS) } else { run(&words) };
    match done {
        Ok(code) => code,
        Err(reason) => {
            eprintln!("\ncargo x: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Outcome<ExitCode> {
    let (command, rest) = words.split_first().map_or(("help", words), |(first, rest)| (first.as_str(), rest));
    match command {
        "test" => return stages::run(&Paths::find(), rest),
        "serve" => serve::serve(&Paths::find(), &serve::Options::parse(rest)?)?,
        "build" => none(rest).and_then(|()| trunk::build(&Paths::find()))?,
        "setup" => none(rest).and_then(|()| setup(&Paths::find()))?,
        "help" | "--help" | "-h" => print!("{}", help()),
        other => return Err(format!("no command `{other}`; see `cargo x help`")),
    }
    Ok(ExitCode::SUCCESS)
}

/// Everything any command needs, so that later ones start at once (and can work offline).
fn setup(paths: &Paths) -> Outcome {
    let toolchain = toolchain::ensure(paths)?;
    println!("wasm compiler   {}", toolchain.describe());
    for tool in cargo_tools::all(paths)? {
        tool.ensure(paths)?;
        println!("{:<15} {}", tool.name, tool.version);
    }
    node::ensure(paths)?;
    println!("node packages   {}", paths.node_modules().display());
    println!("browser         {}", browser::ensure()?.display());
    Ok(())
}

fn none(rest: &[String]) -> Outcome {
    match rest.first() {
        None => Ok(()),
        Some(word) => Err(format!("`{word}` is not expected here; see `cargo x help`")),
    }
}

fn help() -> String {
    format!(
        "\
cargo x serve [--port N] [--release]   build the page, serve it, rebuild when a file changes
cargo x test [STAGE…] [--list]         run all tests, or the stages named
cargo x build                          the release page, into dist/
cargo x setup                          only install what the others need
cargo x help                           this text

Stages of `cargo x test`:
{}
Needed beforehand: Rust {}, and Node {} or later for release builds and browser tests.
All else is found on PATH, or installed: tools into {}.
Variables: CHROMIUM (path of the browser), RUSTUP_AUTO_INSTALL=0 (never download a toolchain).
",
        stages::list(),
        env!("CARGO_PKG_RUST_VERSION"),
        node::OLDEST,
        Paths::find().tools.display(),
    )
}
