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

impl Reader<'_> {
    /// The requests of a recording in the order of the file; `classify` gives class, prefix and body.
    pub(super) fn recording(
        &self,
        file: &str,
        columns: &Columns<'_>,
        output_tokens: u32,
        classify: impl Fn(f64, u32) -> (u32, (u64, u32), Option<u64>),
    ) -> Result<Vec<Recorded>, String> {
        let sheet = super::Sheet::read(&self.dir.join(file)).map_err(|e| format!("its recording {file} {e}"))?;
        let mut requests = Vec::new();
        for record in sheet.records() {
            let one = request(&record, columns, output_tokens, &classify);
            requests.push(one.map_err(|e| format!("its recording {file}, data row {}: {e}", record.row))?);
        }
        if let Some(i) = requests.windows(2).position(|w| w[1].at < w[0].at) {
            return Err(format!("its recording {file}, data row {}: is due before the one above it", i + 1));
        }
        Ok(requests)
    }
}

fn request(
    record: &Record<'_>,
    columns: &Columns<'_>,
    output_tokens: u32,
    classify: &impl Fn(f64, u32) -> (u32, (u64, u32), Option<u64>),
) -> Result<Recorded, String> {
    let at_us = record.needed(columns.at_us)?;
    if !(0.0..=1e12).contains(&at_us) {
        return Err(format!("`{}` is {at_us}; it must be from 0 to 1e12 µs", columns.at_us));
    }
    let prompt_tokens = record.count(columns.input)?;
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
