//! LLMServingSim's own measurements: 300 ShareGPT requests in bursts, their lengths pinned.

use super::deployment::{engine, scenario};
use super::experiment::{Column, cells};
use super::trace::{Columns, Recording};
use super::{
    Experiment, Latency, Load, PerRequest, Quantity, Reader, Record, RequestColumn, Requests, Row, Set, Stat, seed,
};
use Latency::{E2e, Tpot, Ttft};
use Quantity::{Duration, Of, OutputRate};
use Stat::{Mean, Permille};

pub(super) const FILE: &str = "other/llmservingsim_bench.csv";

const COLUMNS: [Column; 17] = [
    Column("ttft_mean_ms", Of(Ttft, Mean), 1.0, true),
    Column("ttft_p50_ms", Of(Ttft, Permille(500)), 1.0, true),
    Column("ttft_p90_ms", Of(Ttft, Permille(900)), 1.0, true),
    Column("ttft_p95_ms", Of(Ttft, Permille(950)), 1.0, false),
    Column("ttft_p99_ms", Of(Ttft, Permille(990)), 1.0, true),
    Column("tpot_mean_ms", Of(Tpot, Mean), 1.0, true),
    Column("tpot_p50_ms", Of(Tpot, Permille(500)), 1.0, true),
    Column("tpot_p90_ms", Of(Tpot, Permille(900)), 1.0, true),
    Column("tpot_p95_ms", Of(Tpot, Permille(950)), 1.0, false),
    Column("tpot_p99_ms", Of(Tpot, Permille(990)), 1.0, true),
    Column("e2e_mean_ms", Of(E2e, Mean), 1.0, true),
    Column("e2e_p50_ms", Of(E2e, Permille(500)), 1.0, true),
    Column("e2e_p90_ms", Of(E2e, Permille(900)), 1.0, true),
    Column("e2e_p95_ms", Of(E2e, Permille(950)), 1.0, false),
    Column("e2e_p99_ms", Of(E2e, Permille(990)), 1.0, true),
    Column("duration_s", Duration, 1.0, false),
    Column("out_tok_s", OutputRate, 1.0, true),
];

pub(super) fn read(reader: &mut Reader<'_>, file: &str) {
    reader.each(file, experiment);
}

fn experiment(reader: &Reader<'_>, file: &str, record: &Record<'_>) -> Result<Experiment, String> {
    let key = record.text("exp");
    let deployed = reader.deployed(record, "model", "gpu")?;
    let mut notes = deployed.notes.clone();
    let (input, output) = (record.count("in_mean")?, record.count("out_mean")?);
    let replicas = record.count("dp").unwrap_or(1);
    if replicas > 1 {
        notes.push("data-parallel ranks in lockstep are simulated as independent replicas".into());
    }
    let mut args = engine(reader.catalog, record.text("engine"));
    args.tensor_parallel_size = record.count("tp")?;
    args.max_num_batched_tokens = Some(record.count("max_num_batched_tokens")?);
    args.max_num_seqs = Some(record.count("max_num_seqs")?);
    args.max_model_len = record.number("max_model_len").map(|tokens| tokens as u32);
    args.num_gpu_blocks_override = record.number("num_gpu_blocks").map(|blocks| blocks as u32);
    let trace = format!("traces/{key}.csv.gz");
    let columns = Columns { at_us: "queued_us", input: "in_tok", output: Some("out_tok"), cycle: None };
    let Recording { requests, rows } = reader.recording(&trace, &columns, output, |_, _| (0, (0, 0), None))?;
    let row = Row::whole(file, record, String::new(), cells(record, &COLUMNS));
    let columns: &[RequestColumn] = &[RequestColumn::Queue("sched_delay_us"), RequestColumn::Ttft, RequestColumn::E2e];
    Ok(Experiment {
        set: Set::LlmServingSim,
        id: key.into(),
        scenario: scenario(key, &deployed, replicas, args, 1, (input, output)),
        model: deployed.model,
        gpu: deployed.gpu,
        load: Load { requests: Requests::Recorded(requests), in_flight_max: None, timeout: None, seed: seed(key) },
        rows: vec![row],
        per_request: Some(PerRequest { file: trace, rows, columns }),
        notes,
        counted_elsewhere: false,
        policy: None,
    })
}
