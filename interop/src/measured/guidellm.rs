//! GuideLLM's runs with long prompts that begin with the same tokens: one request at a time, all at once, and at
//! constant rates.

use super::deployment::{engine, scenario};
use super::experiment::{Column, cells};
use super::trace::{Columns, Recording};
use super::{
    Experiment, Latency, Load, PerRequest, Quantity, Reader, Record, RequestColumn, Requests, Row, Set, Sheet, Stat,
    seed,
};
use Latency::{E2e, Tpot, Ttft};
use Quantity::{Duration, InFlight, Of};
use Stat::{Mean, Permille};

pub(super) const FILE: &str = "other/guidellm_blis_eval.csv";

/// Tokens that all prompts begin with.
const PREFIX: u32 = 1024;
/// The release, by the dates of the runs: January 2026.
const RELEASE: &str = "0.13";

/// Longest sequence where no run of the same configuration says.
const MAX_MODEL_LEN: u32 = 4096;

const COLUMNS: [Column; 14] = [
    Column("ttft_mean_ms", Of(Ttft, Mean), 1.0, true),
    Column("ttft_p50_ms", Of(Ttft, Permille(500)), 1.0, true),
    Column("ttft_p90_ms", Of(Ttft, Permille(900)), 1.0, false),
    Column("ttft_p99_ms", Of(Ttft, Permille(990)), 1.0, false),
    Column("itl_mean_ms", Of(Tpot, Mean), 1.0, true),
    Column("itl_p50_ms", Of(Tpot, Permille(500)), 1.0, false),
    Column("itl_p90_ms", Of(Tpot, Permille(900)), 1.0, false),
    Column("itl_p99_ms", Of(Tpot, Permille(990)), 1.0, false),
    Column("e2e_mean_ms", Of(E2e, Mean), 1.0, true),
    Column("e2e_p50_ms", Of(E2e, Permille(500)), 1.0, true),
    Column("e2e_p90_ms", Of(E2e, Permille(900)), 1.0, false),
    Column("e2e_p99_ms", Of(E2e, Permille(990)), 1.0, false),
    Column("duration_s", Duration, 1.0, false),
    Column("mean_concurrency", InFlight, 1.0, false),
];

pub(super) fn read(reader: &mut Reader<'_>, file: &str) {
    let Some(sheet) = reader.sheet(file) else { return };
    for record in sheet.records() {
        let made = experiment(reader, file, &record);
        reader.add(file, record.row, made);
    }
    let Some(index) = reader.index.clone() else { return };
    let here = |r: &Record<'_>| r.text("record").starts_with("spans-") && reader.dir.join(r.text("trace")).exists();
    let found: Vec<Record<'_>> = index.records().filter(here).collect();
    for record in found {
        let made = spans(reader, &sheet, &record);
        reader.add("index.csv", record.row, made);
    }
}

/// All requests that a server traced over several runs of one configuration: a file with a line per request alone.
fn spans(reader: &Reader<'_>, runs: &Sheet, record: &Record<'_>) -> Result<Experiment, String> {
    let key = record.text("record");
    let deployed = reader.deployed(record, "model", "gpu")?;
    let (input, output) = (record.count("input_tokens").unwrap_or(2048), record.count("output_tokens").unwrap_or(256));
    let mut args = engine(reader.catalog, RELEASE);
    args.tensor_parallel_size = record.count("tp")?;
    args.max_model_len = Some(MAX_MODEL_LEN);
    let name = key.trim_start_matches("spans-");
    if let Some(run) = runs.records().find(|r| r.text("exp").starts_with(&format!("guidellm_{name}"))) {
        args.max_num_batched_tokens = run.number("max_num_batched_tokens").map(|n| n as u32);
        args.max_num_seqs = run.number("max_num_seqs").map(|n| n as u32);
        args.max_model_len = run.number("max_model_len").map(|n| n as u32).or(args.max_model_len);
    }
    let columns = Columns { at_us: "arrival_us", input: "in_tok", output: Some("out_tok"), cycle: None };
    let trace = record.text("trace").to_string();
    let Recording { requests, rows } = reader.recording(&trace, &columns, output, |_, _| (0, (1, PREFIX), None))?;
    let columns: &[RequestColumn] = &[
        RequestColumn::Queue("queue_us"),
        RequestColumn::Ttft,
        RequestColumn::Prefill,
        RequestColumn::Decode,
        RequestColumn::E2e,
    ];
    Ok(Experiment {
        set: Set::GuideLlm,
        id: key.into(),
        scenario: scenario(key, &deployed, 1, args, 1, (input, output)),
        model: deployed.model,
        gpu: deployed.gpu,
        load: Load { requests: Requests::Recorded(requests), in_flight_max: None, timeout: None, seed: seed(key) },
        rows: Vec::new(),
        per_request: Some(PerRequest { file: trace, rows, columns }),
        notes: deployed.notes,
        counted_elsewhere: false,
        policy: None,
    })
}

fn experiment(reader: &Reader<'_>, file: &str, record: &Record<'_>) -> Result<Experiment, String> {
    let key = record.text("exp");
    let deployed = reader.deployed(record, "model", "gpu")?;
    let (input, output) = (record.count("in_mean")?, record.count("out_mean")?);
    let mut args = engine(reader.catalog, RELEASE);
    args.tensor_parallel_size = record.count("tp")?;
    args.max_num_batched_tokens = Some(record.count("max_num_batched_tokens")?);
    args.max_num_seqs = Some(record.count("max_num_seqs")?);
    args.max_model_len = Some(record.count("max_model_len")?);
    let trace = format!("traces/{key}.csv.gz");
    let columns = Columns { at_us: "arrival_us", input: "in_tok", output: Some("out_tok"), cycle: None };
    let Recording { requests, rows } = reader.recording(&trace, &columns, output, |_, _| (0, (1, PREFIX), None))?;
    let row = Row::whole(file, record, record.text("strategy").into(), cells(record, &COLUMNS));
    Ok(Experiment {
        set: Set::GuideLlm,
        id: key.into(),
        scenario: scenario(key, &deployed, 1, args, 1, (input, output)),
        model: deployed.model,
        gpu: deployed.gpu,
        load: Load {
            requests: Requests::Recorded(requests),
            in_flight_max: Some(record.count("max_concurrency")?),
            timeout: None,
            seed: seed(key),
        },
        rows: vec![row],
        per_request: Some(PerRequest { file: trace, rows, columns: &[RequestColumn::Ttft, RequestColumn::E2e] }),
        notes: deployed.notes,
        counted_elsewhere: false,
        policy: None,
    })
}
