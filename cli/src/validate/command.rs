//! The command: reads, simulates, and writes what was asked for.

use super::bands::Bands;
use super::elsewhere::again;
use super::markdown::markdown;
use super::predict::{approximations, table};
use super::report::report;
use super::text::text;
use super::{Studies, Study, studies, study};
use clap::Args;
use playground_interop::measured::Set;
use std::path::{Path, PathBuf};

/// What to compare, and what to write.
#[derive(Args, Debug)]
pub struct Options {
    /// A directory of measurements. Its tables of names (`aliases.csv`) and of recordings (`index.csv`) lie in it or
    /// beside it.
    #[arg(long)]
    pub data: PathBuf,
    /// Only this set of measurements; may be given several times.
    #[arg(long = "set")]
    pub sets: Vec<String>,
    /// A directory of BLIS's runs with their traces, which are sent again.
    #[arg(long, conflicts_with = "predict")]
    pub blis_runs: Option<PathBuf>,
    /// Write the report as JSON.
    #[arg(long)]
    pub json: Option<PathBuf>,
    /// Write the report as a document.
    #[arg(long)]
    pub markdown: Option<PathBuf>,
    /// Write the error bands that follow from these measurements.
    #[arg(long)]
    pub bands: Option<PathBuf>,
    /// Write a prediction for every cell that is, or would be, observed, and compare nothing. What the catalogue lacks
    /// is replaced by what is nearest to it.
    #[arg(long, conflicts_with_all = ["json", "markdown", "bands"])]
    pub predict: Option<PathBuf>,
    /// Simulations at a time; absent: as many as there are cores.
    #[arg(long)]
    pub threads: Option<usize>,
}

/// Does it; the text to print.
///
/// # Errors
/// When something could not be read, simulated or written; everything else was done all the same.
pub fn run(options: &Options) -> Result<String, String> {
    if !options.data.is_dir() {
        return Err(format!("{}: there is no such directory", options.data.display()));
    }
    let sets = sets(&options.sets)?;
    let threads = options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, usize::from));
    let (text, problems) = match &options.predict {
        Some(path) => predict(&study(&options.data, &sets, true, threads), path)?,
        None => compare(&studies(&options.data, &sets, threads), options)?,
    };
    if problems.is_empty() {
        return Ok(text);
    }
    // Whoever pipes the text on gets it although the exit says that some of it is missing.
    println!("{text}");
    problems.iter().for_each(|problem| eprintln!("{problem}"));
    Err(format!("{} records or files could not be read or simulated; everything else is above", problems.len()))
}

fn sets(names: &[String]) -> Result<Vec<Set>, String> {
    let known = |name: &String| {
        Set::ALL.into_iter().find(|set| set.name() == name.as_str()).ok_or_else(|| {
            let all: Vec<&str> = Set::ALL.iter().map(|set| set.name()).collect();
            format!("there is no set {name}; known sets: {}", all.join(", "))
        })
    };
    if names.is_empty() {
        return Ok(Set::ALL.to_vec());
    }
    names.iter().map(known).collect()
}

fn compare(studies: &Studies, options: &Options) -> Result<(String, Vec<String>), String> {
    let mut report = report(&options.data, studies);
    if let Some(dir) = &options.blis_runs {
        let mut problems = Vec::new();
        report.again = again(dir, &mut problems);
        report.problems.extend(problems.iter().map(ToString::to_string));
    }
    if let Some(path) = &options.json {
        write(path, &serde_json::to_string_pretty(&report).map_err(|e| e.to_string())?)?;
    }
    if let Some(path) = &options.markdown {
        write(path, &markdown(&report))?;
    }
    if let Some(path) = &options.bands {
        write(path, &Bands::of(studies).csv())?;
    }
    Ok((text(&report), report.problems))
}

fn predict(study: &Study, path: &Path) -> Result<(String, Vec<String>), String> {
    let (csv, missing) = table(study);
    write(path, &csv)?;
    let mut lines = vec![format!("{} predictions of {} runs", csv.lines().count() - 1, study.runs.len())];
    if missing > 0 {
        lines.push(format!("{missing} cells have no prediction, because nothing of what they speak of was served"));
    }
    let approximations = approximations(study.runs.iter().map(|(e, _)| e));
    if !approximations.is_empty() {
        lines.push("Simulated otherwise than it was run, runs:".into());
        lines.extend(approximations.iter().map(|(note, n)| format!("{n:>6}  {note}")));
    }
    Ok((lines.join("\n"), study.problems.iter().map(ToString::to_string).collect()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|e| format!("{} cannot be written: {e}", path.display()))
}
