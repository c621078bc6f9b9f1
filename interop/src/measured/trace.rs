//! Recordings: when each request was due, and how long its prompt and its answer were.

use super::{Reader, Record};
use playground_core::base::{Dur, Time};
use playground_core::workload::Recorded;

/// How a recording is read.
pub(super) struct Columns<'a> {
    /// When a request was due, µs.
    pub(super) at_us: &'a str,
    /// Prompt, tokens.
    pub(super) input: &'a str,
    /// Output, tokens; none: as told.
    pub(super) output: Option<&'a str>,
    /// After so many requests prompts begin again; none: they do not.
    pub(super) cycle: Option<u32>,
}

/// A recording in order of time.
pub(super) struct Recording {
    /// The requests.
    pub(super) requests: Vec<Recorded>,
    /// The data row of each in the file.
    pub(super) rows: Vec<u32>,
}

impl Reader<'_> {
    /// The requests of a recording; `classify` gives class, prefix and body by time, s, and by how many came before.
    pub(super) fn recording(
        &self,
        file: &str,
        columns: &Columns<'_>,
        output_tokens: u32,
        classify: impl Fn(f64, u64) -> (u32, (u64, u32), Option<u64>),
    ) -> Result<Recording, String> {
        let sheet = super::Sheet::read(&self.dir.join(file)).map_err(|e| format!("its recording {file} {e}"))?;
        let mut records: Vec<Record<'_>> = sheet.records().collect();
        records.sort_by(|a, b| at_us(a, columns).unwrap_or(0.0).total_cmp(&at_us(b, columns).unwrap_or(0.0)));
        let prompts = Prompts::of(&records, columns);
        let mut recording = Recording { requests: Vec::new(), rows: Vec::new() };
        for (number, record) in (0..).zip(&records) {
            let one = request(record, number, columns, output_tokens, &prompts, &classify);
            let named = |e| format!("its recording {file}, data row {}: {e}", record.row);
            recording.requests.push(one.map_err(named)?);
            recording.rows.push(record.row);
        }
        Ok(recording)
    }
}

/// Prompt lengths that occur, for requests that failed before anyone counted theirs: by their place where prompts
/// begin again.
struct Prompts(Vec<u32>);

impl Prompts {
    fn of(records: &[Record<'_>], columns: &Columns<'_>) -> Self {
        let counted = |r: &Record<'_>| r.count(columns.input).ok().filter(|n| *n > 0);
        let Some(cycle) = columns.cycle else {
            let mut lengths: Vec<u32> = records.iter().filter_map(counted).collect();
            lengths.sort_unstable();
            lengths.dedup();
            return Prompts(lengths);
        };
        let first = |place: u32| records.iter().skip(place as usize).step_by(cycle as usize).find_map(counted);
        Prompts((0..cycle).filter_map(first).collect())
    }

    /// The recorded length, or, where it is 0, that of its place.
    fn length(&self, record: &Record<'_>, number: u64, column: &str) -> Result<u32, String> {
        if record.number(column) == Some(0.0) && !self.0.is_empty() {
            return Ok(self.0[(number % self.0.len() as u64) as usize]);
        }
        record.count(column)
    }
}

/// When a request was due, µs.
fn at_us(record: &Record<'_>, columns: &Columns<'_>) -> Result<f64, String> {
    let at_us = record.needed(columns.at_us)?;
    if !(0.0..=1e12).contains(&at_us) {
        return Err(format!("`{}` is {at_us}; it must be from 0 to 1e12 µs", columns.at_us));
    }
    Ok(at_us)
}

fn request(
    record: &Record<'_>,
    number: u64,
    columns: &Columns<'_>,
    output_tokens: u32,
    prompts: &Prompts,
    classify: &impl Fn(f64, u64) -> (u32, (u64, u32), Option<u64>),
) -> Result<Recorded, String> {
    let at_us = at_us(record, columns)?;
    let prompt_tokens = prompts.length(record, number, columns.input)?;
    let (class, prefix, body) = classify(at_us / 1e6, number);
    Ok(Recorded {
        at: Time::ZERO + Dur::from_us(at_us as u64),
        class,
        prompt_tokens,
        output_tokens: match columns.output {
            Some(column) => record.count(column)?,
            None => output_tokens,
        },
        prefix: (prefix.0, prefix.1.min(prompt_tokens)),
        body,
    })
}
