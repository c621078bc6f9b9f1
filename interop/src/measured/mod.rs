//! Directories of measurements: every file that is known by its name is read into experiments, each with the scenario
//! that was deployed, the load that was sent, and the cells that say what came of it.
//!
//! A directory may lack files, and its tables may lack what was observed: then there is something to predict and
//! nothing to compare. What cannot be read is reported, file by file and row by row, and the rest is read.

mod clusters;
mod deployment;
mod experiment;
mod guidellm;
mod inferencex;
mod kubecon;
mod llmservingsim;
mod load;
mod names;
mod recipes;
mod repeated;
mod residency;
mod sheet;
mod trace;

pub use deployment::sampling;
pub use experiment::{Cell, Experiment, Latency, Part, PerRequest, Quantity, RequestColumn, Row, Set, Stat};
pub use load::{Load, Prompts, Requests, Span, Stage};
pub use names::Names;
pub use sheet::{Problem, Record, Sheet};

use playground_core::catalog::Catalog;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What was read.
#[derive(Debug, Default)]
pub struct Reading {
    /// The experiments.
    pub experiments: Vec<Experiment>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// A directory being read.
pub struct Reader<'a> {
    dir: PathBuf,
    catalog: &'a Catalog,
    names: Names,
    /// Recordings by record, from the index beside the directory.
    traces: BTreeMap<String, String>,
    /// The index itself.
    index: Option<Sheet>,
    /// Whether what the catalogue lacks may be replaced by what is nearest to it.
    stand_ins: bool,
    reading: Reading,
}

/// Reads one kind of file.
type ReadFile = fn(&mut Reader<'_>, &str);

/// Reads a directory.
///
/// Its table of names (`aliases.csv`) and the index of its recordings (`index.csv`) lie in it or beside it. With
/// `stand_ins`, a model or GPU that the catalogue lacks is replaced by one like it, which the experiment's notes say;
/// without, it is a problem.
#[must_use]
pub fn read(dir: &Path, catalog: &Catalog, stand_ins: bool) -> Reading {
    let mut reader = Reader {
        dir: dir.to_path_buf(),
        catalog,
        names: Names::default(),
        traces: BTreeMap::new(),
        index: None,
        stand_ins,
        reading: Reading::default(),
    };
    reader.find_names();
    reader.find_traces();
    let known: [(&str, ReadFile); 9] = [
        (repeated::EXPERIMENTS, repeated::experiments),
        (repeated::TRAINING, repeated::training),
        (residency::FILE, residency::read),
        (inferencex::FILE, inferencex::read),
        (llmservingsim::FILE, llmservingsim::read),
        (kubecon::FILE, kubecon::read),
        (guidellm::FILE, guidellm::read),
        (clusters::ROUTING, clusters::routing),
        (clusters::BASELINE, clusters::baseline),
    ];
    for (file, read) in known {
        read(&mut reader, file);
    }
    reader.reading
}

impl Reader<'_> {
    fn problem(&mut self, file: &str, row: Option<u32>, message: String) {
        self.reading.problems.push(Problem { file: file.into(), row, message });
    }

    /// A file of the directory; none, and a problem, when it cannot be read.
    fn sheet(&mut self, file: &str) -> Option<Sheet> {
        match Sheet::read(&self.dir.join(file)) {
            Ok(sheet) => Some(sheet),
            Err(message) => {
                self.problem(file, None, message);
                None
            }
        }
    }

    /// Makes one experiment of every row of a file.
    fn each(&mut self, file: &str, experiment: impl Fn(&Self, &str, &Record<'_>) -> Result<Experiment, String>) {
        let Some(sheet) = self.sheet(file) else { return };
        for record in sheet.records() {
            let made = experiment(self, file, &record);
            self.add(file, record.row, made);
        }
    }

    /// Makes one experiment out of some rows; a problem of the first of them, when that fails.
    fn add(&mut self, file: &str, row: u32, made: Result<Experiment, String>) {
        match made {
            Ok(experiment) => self.reading.experiments.push(experiment),
            Err(message) => self.problem(file, Some(row), message),
        }
    }

    /// A file in the directory or beside it.
    fn beside(&self, name: &str) -> Option<PathBuf> {
        [self.dir.join(name), self.dir.join("..").join(name)].into_iter().find(|path| path.exists())
    }

    fn find_names(&mut self) {
        let Some(path) = self.beside("aliases.csv") else {
            return self.problem(
                "aliases.csv",
                None,
                "is neither in the directory nor beside it; only names of the catalogue are known".into(),
            );
        };
        match Names::read(&path) {
            Ok(names) => self.names = names,
            Err(message) => self.problem("aliases.csv", None, message),
        }
    }

    fn find_traces(&mut self) {
        let Some(path) = self.beside("index.csv") else { return };
        match Sheet::read(&path) {
            Ok(sheet) => {
                let traced = sheet.records().filter(|r| !r.text("trace").is_empty());
                self.traces = traced.map(|r| (r.text("record").into(), r.text("trace").into())).collect();
                self.index = Some(sheet);
            }
            Err(message) => self.problem("index.csv", None, message),
        }
    }
}

/// Rows of a sheet that belong together, in the order in which they first appear.
fn grouped<'a>(sheet: &'a Sheet, key: impl Fn(&Record<'a>) -> String) -> Vec<(String, Vec<Record<'a>>)> {
    let mut groups: Vec<(String, Vec<Record<'a>>)> = Vec::new();
    for record in sheet.records() {
        let key = key(&record);
        match groups.iter_mut().find(|(k, _)| *k == key) {
            Some((_, rows)) => rows.push(record),
            None => groups.push((key, vec![record])),
        }
    }
    groups
}

/// A number that follows from a text: FNV-1a, 64 bits.
fn seed(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
