//! `cargo x test`: what must hold before a change goes in, cheapest first.

use crate::{
    Outcome, browser, node,
    paths::Paths,
    sh::{MINUTE, Run, spell},
    toolchain::{self, TARGET, Toolchain},
    trunk,
};
use std::{
    env::{self, consts::EXE_EXTENSION},
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

struct Stage {
    name: &'static str,
    about: &'static str,
    /// Stages whose result this one uses, and which therefore run before it.
    after: &'static [&'static str],
    /// The stage this one begins with, when both run; see [`Early`].
    beside: Option<&'static str>,
    run: fn(&Paths) -> Outcome,
}

/// All stages, in the order they end. Linking the page keeps one core busy for minutes, so it goes on beside the tests.
const STAGES: [Stage; 8] = [
    Stage { name: "fmt", about: "the code is formatted", after: &[], beside: None, run: fmt },
    Stage { name: "clippy", about: "no lint objects", after: &[], beside: None, run: clippy },
    Stage {
        name: "core-alone",
        about: "the core and what it uses build without std",
        after: &[],
        beside: None,
        run: core_alone,
    },
    Stage {
        name: "native",
        about: "unit tests, laws, oracles, relations, goldens",
        after: &[],
        beside: None,
        run: native,
    },
    Stage {
        name: "docs",
        about: "the documentation builds and its links resolve",
        after: &[],
        beside: None,
        run: docs,
    },
    Stage { name: "build", about: "the release page builds", after: &[], beside: Some("native"), run: trunk::build },
    Stage {
        name: "wasm",
        about: "the simulator gives the same bits in wasm as natively",
        after: &[],
        beside: None,
        run: wasm,
    },
    Stage { name: "e2e", about: "the page works in a browser", after: &["build"], beside: None, run: e2e },
];

/// One line per stage, for help.
pub(crate) fn list() -> String {
    STAGES.iter().map(|stage| format!("  {:<12} {}\n", stage.name, stage.about)).collect()
}

/// Runs the stages that `words` name, or all; after the first that fails, only what has begun ends.
pub(crate) fn run(paths: &Paths, words: &[String]) -> Outcome<ExitCode> {
    if words.iter().any(|word| word == "--list") {
        print!("{}", list());
        return Ok(ExitCode::SUCCESS);
    }
    let chosen = choose(words)?;
    let begin = Instant::now();
    let mut rows = Vec::new();
    let mut failure = None;
    let mut early: Vec<Early> = Vec::new();
    for stage in &chosen {
        let begun = early.iter().position(|early| early.name == stage.name);
        if failure.is_some() && begun.is_none() {
            continue;
        }
        for later in chosen.iter().filter(|later| later.beside == Some(stage.name)) {
            early.push(Early::begin(paths, later)?);
        }
        println!("\n== {}: {}", stage.name, stage.about);
        let start = Instant::now();
        let (outcome, time) = match begun {
            Some(place) => early.swap_remove(place).end(),
            None => ((stage.run)(paths), start.elapsed()),
        };
        let time = spell(time);
        let word = if outcome.is_ok() { "passed" } else { "failed" };
        println!("== {} {word} in {time}", stage.name);
        rows.push((stage.name, word, time));
        if let Err(reason) = outcome {
            failure.get_or_insert(format!("stage {} failed: {reason}", stage.name));
        }
    }
    summary(&chosen, &rows, &spell(begin.elapsed()), failure.as_deref());
    // The summary ends the output, and the reason is in it.
    Ok(if failure.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Ends with the line `stages: N passed, N failed`, alone, for whoever counts.
fn summary(chosen: &[&Stage], rows: &[(&str, &str, String)], total: &str, failure: Option<&str>) {
    println!();
    for (name, word, time) in rows {
        println!("{name:<12} {word:<8} {time:>14}");
    }
    for stage in chosen.iter().filter(|stage| rows.iter().all(|(name, ..)| *name != stage.name)) {
        println!("{:<12} not run", stage.name);
    }
    println!("{:<12} {:<8} {total:>14}", "total", "");
    if let Some(reason) = failure {
        println!("\n{reason}");
    }
    let failed = rows.iter().filter(|(_, word, _)| *word == "failed").count();
    println!("\nstages: {} passed, {failed} failed", rows.len() - failed);
}

/// A stage that goes on beside another one, as `cargo x` with its name for a command; what it prints waits for its turn.
struct Early {
    name: &'static str,
    log: PathBuf,
    work: JoinHandle<(Outcome, Duration)>,
}

impl Early {
    fn begin(paths: &Paths, stage: &Stage) -> Outcome<Early> {
        let log = paths.target.join(format!("{}.log", stage.name));
        let ours = env::current_exe().map_err(|error| format!("this program's own path: {error}"))?;
        println!("\n== {} begins too; what it prints comes in its turn, and is in {}", stage.name, log.display());
        let run = Run::new(ours).words(stage.name).dir(&paths.root).into_file(&log)?;
        let start = Instant::now();
        Ok(Early { name: stage.name, log, work: thread::spawn(move || (run.show(), start.elapsed())) })
    }

    /// Waits for it, and prints what it printed.
    fn end(self) -> (Outcome, Duration) {
        let ended = self.work.join().unwrap_or_else(|_| (Err("it was not waited for".to_owned()), Duration::ZERO));
        // Without its log it still ended as it did.
        print!("{}", fs::read_to_string(&self.log).unwrap_or_default());
        ended
    }
}

/// The stages named, with those they come after, in their order; all when none is named.
fn choose(words: &[String]) -> Outcome<Vec<&'static Stage>> {
    if let Some(wrong) = words.iter().find(|word| STAGES.iter().all(|stage| stage.name != word.as_str())) {
        return Err(format!("no stage `{wrong}`; there are:\n{}", list()));
    }
    let named = |name: &str| words.is_empty() || words.iter().any(|word| word == name);
    let used = |name: &str| STAGES.iter().any(|stage| named(stage.name) && stage.after.contains(&name));
    Ok(STAGES.iter().filter(|stage| named(stage.name) || used(stage.name)).collect())
}

fn cargo(paths: &Paths) -> Run {
    Run::new("cargo").dir(&paths.root)
}

fn fmt(paths: &Paths) -> Outcome {
    cargo(paths).words("fmt --all --check").show()
}

fn clippy(paths: &Paths) -> Outcome {
    cargo(paths).words("clippy --workspace --all-targets -- -D warnings").show()
}

/// Compiles the core against a library folder in which there is no std: whatever asks for it, in
/// the core or in a crate below it, does not compile. In an ordinary build one such crate brings
/// back the methods whose results differ between machines (`f64::ln` and the like), unnoticed.
fn core_alone(paths: &Paths) -> Outcome {
    let toolchain = toolchain::ensure(paths)?;
    let sysroot = paths.wasm_target().join("no-std");
    fill(&toolchain, &sysroot.join("lib").join("rustlib").join(TARGET).join("lib"))?;
    // Checking suffices: it needs all libraries, and generates no code.
    // The flags apply to the target only; procedural macros are built as usual.
    toolchain
        .on(paths, Run::new("cargo"))
        .words("check --package playground-core --target")
        .arg(TARGET)
        .env("CARGO_ENCODED_RUSTFLAGS", format!("--sysroot\u{1f}{}", sysroot.display()))
        .env("CARGO_TARGET_DIR", paths.wasm_target().join("core-alone"))
        .show()
}

/// Puts core, alloc and compiler_builtins into `folder`, and nothing else.
fn fill(toolchain: &Toolchain, folder: &Path) -> Outcome {
    let fail = |error: std::io::Error| format!("{}: {error}", folder.display());
    let _ = fs::remove_dir_all(folder); // Libraries of another compiler, if any.
    fs::create_dir_all(folder).map_err(fail)?;
    for entry in fs::read_dir(toolchain.target_libdir()?).map_err(fail)?.flatten() {
        let name = entry.file_name();
        let library = name.to_string_lossy();
        if ["libcore-", "liballoc-", "libcompiler_builtins-"].iter().any(|start| library.starts_with(start)) {
            fs::copy(entry.path(), folder.join(&name)).map_err(fail)?;
        }
    }
    Ok(())
}

/// All that runs without a browser: of the app, what decides and what words it.
fn native(paths: &Paths) -> Outcome {
    cargo(paths).words("test --workspace").show()
}

fn docs(paths: &Paths) -> Outcome {
    cargo(paths)
        .words("doc --no-deps --package playground-core --package playground-interop")
        .env("RUSTDOCFLAGS", "-D warnings")
        .show()
}

fn wasm(paths: &Paths) -> Outcome {
    let toolchain = toolchain::ensure(paths)?;
    node::ensure(paths)?;
    toolchain
        .on(paths, Run::new("cargo"))
        .words("build --release --package playground-portable --target")
        .arg(TARGET)
        .show()?;
    let module = paths.wasm_target().join(TARGET).join("release").join("playground_portable.wasm");
    Run::new("node").words("tests/portable/run.mjs").arg(module).dir(&paths.root).limit(10 * MINUTE).show()
}

fn e2e(paths: &Paths) -> Outcome {
    node::ensure(paths)?;
    let browser = browser::ensure()?;
    // With the whole workspace's features, so that what other stages compiled is good for it.
    cargo(paths).words("build --workspace --bin playground").show()?;
    Run::new("node")
        .words("tests/e2e/run.mjs")
        .dir(&paths.root)
        .env("PLAYGROUND", paths.target.join("debug").join("playground").with_extension(EXE_EXTENSION))
        .env("CHROMIUM", browser)
        .env("DIST", paths.dist())
        .limit(20 * MINUTE)
        .show()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(line: &str) -> Outcome<Vec<&'static str>> {
        let words: Vec<String> = line.split_whitespace().map(String::from).collect();
        Ok(choose(&words)?.iter().map(|stage| stage.name).collect())
    }

    #[test]
    fn no_name_means_all() {
        assert_eq!(chosen("").map(|names| names.len()), Ok(STAGES.len()));
    }

    #[test]
    fn stages_run_in_their_own_order() {
        assert_eq!(chosen("native fmt"), Ok(vec!["fmt", "native"]));
    }

    #[test]
    fn browser_tests_get_a_fresh_page() {
        assert_eq!(chosen("e2e"), Ok(vec!["build", "e2e"]));
        assert_eq!(chosen("e2e build"), Ok(vec!["build", "e2e"]));
    }

    #[test]
    fn a_stage_that_does_not_exist_is_named() {
        assert!(chosen("fmt e3e").is_err_and(|error| error.contains("`e3e`")));
    }

    #[test]
    fn stages_begin_beside_earlier_ones_and_use_none() {
        for (place, stage) in STAGES.iter().enumerate() {
            let Some(beside) = stage.beside else { continue };
            assert!(STAGES[..place].iter().any(|earlier| earlier.name == beside), "{}", stage.name);
            assert!(stage.after.is_empty(), "{} would begin before what it uses", stage.name);
        }
    }

    #[test]
    fn stages_come_after_those_they_use() {
        for (place, stage) in STAGES.iter().enumerate() {
            for needed in stage.after {
                assert!(
                    STAGES[..place].iter().any(|earlier| earlier.name == *needed),
                    "{} before {}",
                    stage.name,
                    needed
                );
            }
        }
    }
}
