//! inference-perf's `shared_prefix` runs: a hundred prompts sent again and again, in stages of constant rates, to vLLM
//! with its prefix cache on. Nearly every prompt is found in the cache, so such runs say little of prefill.
//!
//! Arrivals called constant are Poisson. inference-perf counts two events per token, so its own gaps are half the truth;
//! latencies of requests are not touched by that.

use super::deployment::{engine, pool_blocks, sampling, scenario};
use super::experiment::{Column, cells};
use super::trace::{Columns, Recording};
use super::{
    Experiment, Latency, Load, Part, PerRequest, Prompts, Quantity, Reader, Record, RequestColumn, Requests, Row, Set,
    Stage, Stat, grouped, seed,
};
use Latency::{E2e, Tpot, Ttft};
use Quantity::{Failed, Given, InputRate, Of, OutputRate, SentRate, ServedRate, Succeeded};
use Stat::{Max, Mean, Min, Permille};
use playground_core::base::Dur;
use std::ops::Range;

/// BLIS's experiments.
pub(super) const EXPERIMENTS: &str = "blis/blis_experiments.csv";
/// Runs with a recording of every request.
pub(super) const TRAINING: &str = "blis/training16_aggregates.csv";

/// The release those runs used, where the record does not say: by their dates, February 2026.
const RELEASE: &str = "0.15";
/// inference-perf gives a request up after this time: those that failed in overload had waited for 300 s.
const TIMEOUT: Dur = Dur::from_us(300_000_000);

/// Time for the last requests of a stage to end, s.
const PAUSE_S: f64 = 60.0;

/// What a run of either kind says of its load.
struct Sent {
    stages: Vec<Stage>,
    prompts: Prompts,
    input: u32,
    output: u32,
}

const BLIS_COLUMNS: [Column; 7] = [
    Column("e2e_mean_ms", Of(E2e, Mean), 1.0, true),
    Column("e2e_p90_ms", Of(E2e, Permille(900)), 1.0, true),
    Column("e2e_p99_ms", Of(E2e, Permille(990)), 1.0, true),
    Column("ttft_mean_ms", Of(Ttft, Mean), 1.0, true),
    Column("ttft_p90_ms", Of(Ttft, Permille(900)), 1.0, true),
    Column("ttft_p99_ms", Of(Ttft, Permille(990)), 1.0, true),
    Column("itl_mean_ms_corrected", Of(Tpot, Mean), 1.0, true),
];

/// BLIS's experiments.
pub(super) fn experiments(reader: &mut Reader<'_>, file: &str) {
    let Some(sheet) = reader.sheet(file) else { return };
    for (key, rows) in grouped(&sheet, |r| format!("blis-{}-{}", r.text("set"), r.text("exp_id"))) {
        let made = experiment(reader, file, &key, &rows);
        reader.add(file, rows[0].row, made);
    }
}

fn experiment(reader: &Reader<'_>, file: &str, key: &str, rows: &[Record<'_>]) -> Result<Experiment, String> {
    let first = &rows[0];
    let mut stages: Vec<(u32, Stage)> = Vec::new();
    for row in rows.iter().filter(|r| r.number("stage").is_some()) {
        let stage =
            Stage { rate_rps: row.needed("rate_rps")?, duration_s: row.needed("duration_s")?, pause_s: PAUSE_S };
        stages.push((row.needed("stage")? as u32, stage));
    }
    stages.sort_by_key(|(number, _)| *number);
    let (input, output) = (first.count("prompt_tokens_nominal")?, first.count("output_tokens")?);
    let sent = Sent {
        stages: stages.iter().map(|(_, stage)| *stage).collect(),
        prompts: repeated(first, "shared_prefix_tokens", input)?,
        input,
        output,
    };
    let classes = sent.stages.len() as u32;
    let row = |r: &Record<'_>| {
        let (part, classes) = part(r.text("stage"), classes);
        let mut cells = cells(r, &BLIS_COLUMNS);
        cells.extend(super::experiment::cells(
            r,
            &[
                Column("itl_mean_ms_asreported", Of(Tpot, Mean), 1.0, false),
                Column("output_tokens_retokenized", Given(f64::from(output)), 1.0, false),
                Column("stage1_weight_check", Given(stage_weight(&sent.stages)), 1.0, false),
            ],
        ));
        Row { file: file.into(), row: r.row, part, classes, label: format!("stage {}", r.text("stage")), cells }
    };
    let rows: Vec<Row> = rows.iter().map(row).collect();
    let trace = reader.traces.get(key).cloned();
    Run { set: Set::Blis, key, rows, sent, trace, counted_elsewhere: false }.experiment(reader, first)
}

/// Different prompts of every run, and how many of them share a prefix: what inference-perf makes where it is not told,
/// and not the numbers that the tables name. In every recording the lengths of prompts come again after a hundred
/// requests, and after no fewer, whatever its table says.
const GROUPS: u32 = 10;
const PER_GROUP: u32 = 10;

/// The same prompts again and again; one table names the tokens they share otherwise than the other.
fn repeated(first: &Record<'_>, prefix_column: &str, tokens: u32) -> Result<Prompts, String> {
    let prefix_tokens = first.count(prefix_column)?;
    Ok(Prompts::Repeated { groups: GROUPS, per_group: PER_GROUP, prefix_tokens, tokens })
}

/// Share of requests in the last of two stages.
fn stage_weight(stages: &[Stage]) -> f64 {
    let requests = |s: &Stage| s.rate_rps * s.duration_s;
    stages.last().map_or(0.0, requests) / stages.iter().map(requests).sum::<f64>().max(1.0)
}

/// What a row is about, by its stage's name.
fn part(stage: &str, classes: u32) -> (Part, Range<u32>) {
    match stage.trim_start_matches("stage_").parse::<u32>() {
        Ok(number) => (Part::Stage, number..number + 1),
        Err(_) => (Part::Whole, 0..classes),
    }
}

/// The columns of one latency in the table of recorded runs.
macro_rules! percentiles {
    ($latency:expr, $name:literal, $($stat:literal => $of:expr),*) => {
        [$(Column(concat!($name, "_", $stat, "_ms"), Of($latency, $of), 1.0, matches!($stat, "mean" | "median" | "p90" | "p99"))),*]
    };
}

fn training_columns() -> Vec<Column> {
    let mut all: Vec<Column> = percentiles!(E2e, "e2e",
        "mean" => Mean, "min" => Min, "p1" => Permille(10), "p5" => Permille(50), "p10" => Permille(100), "p25" => Permille(250),
        "median" => Permille(500), "p75" => Permille(750), "p90" => Permille(900), "p95" => Permille(950),
        "p99" => Permille(990), "p99.9" => Permille(999), "max" => Max)
    .into();
    all.extend(percentiles!(Ttft, "ttft",
        "mean" => Mean, "min" => Min, "p1" => Permille(10), "p5" => Permille(50), "p10" => Permille(100), "p25" => Permille(250),
        "median" => Permille(500), "p75" => Permille(750), "p90" => Permille(900), "p95" => Permille(950),
        "p99" => Permille(990), "p99.9" => Permille(999), "max" => Max));
    all.extend([
        Column("tpot_mean_ms_true", Of(Tpot, Mean), 1.0, true),
        Column("tpot_mean_ms_blis_def", Of(Tpot, Mean), 1.0, false),
        Column("tpot_ms_inferenceperf_raw_HALVED", Of(Tpot, Mean), 0.5, false),
        Column("achieved_rate", SentRate, 1.0, false),
        Column("n_success", Succeeded, 1.0, false),
        Column("n_fail", Failed, 1.0, false),
        Column("out_tok_s", OutputRate, 1.0, false),
        Column("in_tok_s", InputRate, 1.0, false),
        Column("req_s", ServedRate, 1.0, true),
    ]);
    all
}

/// Runs with a recording of every request.
pub(super) fn training(reader: &mut Reader<'_>, file: &str) {
    let Some(sheet) = reader.sheet(file) else { return };
    for (key, rows) in grouped(&sheet, |r| r.text("exp").into()) {
        let made = recorded_run(reader, file, &key, &rows);
        reader.add(file, rows[0].row, made);
    }
}

fn recorded_run(reader: &Reader<'_>, file: &str, key: &str, rows: &[Record<'_>]) -> Result<Experiment, String> {
    let first = &rows[0];
    let mut stages = Vec::new();
    for row in rows.iter().filter(|r| r.number("requested_rate").is_some()) {
        stages.push(Stage {
            rate_rps: row.needed("requested_rate")?,
            duration_s: row.needed("duration_s")?,
            pause_s: PAUSE_S,
        });
    }
    let (input, output) = (first.count("prompt_len_mean")?, first.count("output_len_set")?);
    let sent = Sent { stages, prompts: repeated(first, "system_prompt_len", input)?, input, output };
    let classes = sent.stages.len() as u32;
    let row = |r: &Record<'_>| {
        let (part, classes) = part(r.text("stage"), classes);
        let mut cells = cells(r, &training_columns());
        cells.extend(super::experiment::cells(
            r,
            &[
                Column("output_len_retok_mean", Given(f64::from(output)), 1.0, false),
                Column("output_len_retok_median", Given(f64::from(output)), 1.0, false),
            ],
        ));
        Row { file: file.into(), row: r.row, part, classes, label: r.text("stage").into(), cells }
    };
    let rows: Vec<Row> = rows.iter().map(row).collect();
    let trace = format!("traces/training16_{key}.csv.gz");
    let counted_elsewhere = reader.traces.iter().any(|(record, file)| *file == trace && record.starts_with("blis-"));
    Run { set: Set::Training, key, rows, sent, trace: Some(trace), counted_elsewhere }.experiment(reader, first)
}

/// What the two kinds of run have in common.
struct Run<'k> {
    set: Set,
    key: &'k str,
    rows: Vec<Row>,
    sent: Sent,
    /// The recording of its requests.
    trace: Option<String>,
    counted_elsewhere: bool,
}

impl Run<'_> {
    fn experiment(self, reader: &Reader<'_>, first: &Record<'_>) -> Result<Experiment, String> {
        let sent = self.sent;
        let deployed = reader.deployed(first, "model", "gpu")?;
        let mut args = engine(reader.catalog, RELEASE);
        args.tensor_parallel_size = first.count("tp")?;
        args.max_num_batched_tokens = Some(first.count("max_num_batched_tokens")?);
        args.max_num_seqs = Some(first.count("max_num_seqs")?);
        args.max_model_len = Some(first.count("max_model_len")?);
        args.gpu_memory_utilization = first.number("gpu_mem_util").or(args.gpu_memory_utilization);
        args.block_size = first.number("block_size").map(|tokens| tokens as u32);
        let logged = first.number("kv_blocks_gpu");
        args.num_gpu_blocks_override = logged.map(|blocks| pool_blocks(reader.catalog, &deployed, &args, blocks));
        deployed.quantize(&mut args, reader.catalog, &first.text("precision").to_lowercase());
        args.sampling = sampling(&deployed.model).into();
        let mut per_request = None;
        let requests = match self.trace {
            Some(file) => {
                let Recording { requests, rows } = replayed(reader, &file, &sent)?;
                let columns: &[RequestColumn] = &[RequestColumn::Ttft, RequestColumn::E2e, RequestColumn::Failed];
                per_request = (self.set == Set::Training).then_some(PerRequest { file, rows, columns });
                Requests::Recorded(requests)
            }
            None => Requests::Stages { stages: sent.stages.clone(), prompts: sent.prompts, output: sent.output },
        };
        let notes = deployed.notes.clone();
        let classes = sent.stages.len() as u32;
        let mut scenario = scenario(self.key, &deployed, 1, args, classes, (sent.input, sent.output));
        for class in &mut scenario.workload.classes {
            class.timeout_s = Some(TIMEOUT.as_secs_f64());
        }
        Ok(Experiment {
            set: self.set,
            id: self.key.into(),
            scenario,
            model: deployed.model,
            gpu: deployed.gpu,
            load: Load { requests, in_flight_max: None, timeout: Some(TIMEOUT), seed: seed(self.key) },
            rows: self.rows,
            per_request,
            notes,
            counted_elsewhere: self.counted_elsewhere,
            policy: None,
        })
    }
}

/// A recording's requests. Which prompt a request sent follows from its number.
fn replayed(reader: &Reader<'_>, file: &str, sent: &Sent) -> Result<Recording, String> {
    let mut ends = Vec::new();
    let mut end = 0.0;
    for stage in &sent.stages {
        end += stage.duration_s;
        ends.push(end);
    }
    let last = ends.len().saturating_sub(1) as u32;
    let cycle = GROUPS * PER_GROUP;
    let prefix_tokens = match sent.prompts {
        Prompts::Repeated { prefix_tokens, .. } => prefix_tokens,
        Prompts::Fresh(_) => 0,
    };
    let columns = Columns { at_us: "arrival_us", input: "in_tok", output: None, cycle: Some(cycle) };
    reader.recording(file, &columns, sent.output, |at_s, number| {
        let class = ends.iter().take_while(|&&end| at_s >= end).count() as u32;
        let pick = number % u64::from(cycle);
        (class.min(last), (pick % u64::from(GROUPS), prefix_tokens), Some(pick))
    })
}
