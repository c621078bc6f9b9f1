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
}

/// A recording in order of time.
pub(super) struct Recording {
    /// The requests.
    pub(super) requests: Vec<Recorded>,
    /// The data row of each in the file.
    pub(super) rows: Vec<u32>,
}

impl Reader<'_> {
    /// The requests of a recording; `classify` gives class, prefix and body by time, s, and prompt.
    pub(super) fn recording(
        &self,
        file: &str,
        columns: &Columns<'_>,
        output_tokens: u32,
        classify: impl Fn(f64, u32) -> (u32, (u64, u32), Option<u64>),
    ) -> Result<Recording, String> {
        let sheet = super::Sheet::read(&self.dir.join(file)).map_err(|e| format!("its recording {file} {e}"))?;
        let prompts = Prompts::of(&sheet, columns.input);
        let mut all = Vec::new();
        for record in sheet.records() {
            let one = request(&record, columns, output_tokens, &prompts, &classify);
            all.push((one.map_err(|e| format!("its recording {file}, data row {}: {e}", record.row))?, record.row));
        }
        all.sort_by_key(|(request, _)| request.at);
        let (requests, rows) = all.into_iter().unzip();
        Ok(Recording { requests, rows })
    }
}

/// Prompt lengths that occur, for requests that failed before anyone counted theirs.
struct Prompts(Vec<u32>);

impl Prompts {
    fn of(sheet: &super::Sheet, column: &str) -> Self {
        let mut lengths: Vec<u32> = sheet.records().filter_map(|r| r.count(column).ok()).collect();
        lengths.sort_unstable();
        lengths.dedup();
        Prompts(lengths)
    }

    /// The recorded length, or, where it is 0, one of those that occur, in turn.
    fn length(&self, record: &Record<'_>, column: &str) -> Result<u32, String> {
        if record.number(column) == Some(0.0) && !self.0.is_empty() {
            return Ok(self.0[record.row as usize % self.0.len()]);
        }
        record.count(column)
    }
}

fn request(
    record: &Record<'_>,
    columns: &Columns<'_>,
    output_tokens: u32,
    prompts: &Prompts,
    classify: &impl Fn(f64, u32) -> (u32, (u64, u32), Option<u64>),
) -> Result<Recorded, String> {
    let at_us = record.needed(columns.at_us)?;
    if !(0.0..=1e12).contains(&at_us) {
        return Err(format!("`{}` is {at_us}; it must be from 0 to 1e12 µs", columns.at_us));
    }
    let prompt_tokens = prompts.length(record, columns.input)?;
    let (class, prefix, body) = classify(at_us / 1e6, prompt_tokens);
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
