//! Qwen3-14B on an H100 under traffic of new prompts, recorded request by request. The client keeps at most so many
//! in flight: beyond the capacity a request goes out when one before it has ended.

use super::deployment::{engine, scenario};
use super::experiment::{Column, cells};
use super::trace::{Columns, Recording};
use super::{
    Experiment, Latency, Load, PerRequest, Prompts, Quantity, Reader, Record, RequestColumn, Requests, Row, Set, Span,
    Stage, Stat, seed,
};
use Latency::{E2e, Tpot, Ttft};
use Quantity::{InFlight, Lag, Of, OutputRate, SentRate, ServedRate, Succeeded};
use Stat::{Mean, Permille};

pub(super) const FILE: &str = "blis/residency_qwen3_14b_aggregates.csv";

/// Requests the client keeps in flight at most.
const IN_FLIGHT_MAX: u32 = 256;

const COLUMNS: [Column; 21] = [
    Column("ttft_mean_ms", Of(Ttft, Mean), 1.0, false),
    Column("ttft_p50_ms", Of(Ttft, Permille(500)), 1.0, true),
    Column("ttft_p90_ms", Of(Ttft, Permille(900)), 1.0, true),
    Column("ttft_p95_ms", Of(Ttft, Permille(950)), 1.0, false),
    Column("ttft_p99_ms", Of(Ttft, Permille(990)), 1.0, true),
    Column("tpot_mean_ms", Of(Tpot, Mean), 1.0, false),
    Column("tpot_p50_ms", Of(Tpot, Permille(500)), 1.0, true),
    Column("tpot_p90_ms", Of(Tpot, Permille(900)), 1.0, false),
    Column("tpot_p95_ms", Of(Tpot, Permille(950)), 1.0, false),
    Column("tpot_p99_ms", Of(Tpot, Permille(990)), 1.0, false),
    Column("e2e_mean_ms", Of(E2e, Mean), 1.0, false),
    Column("e2e_p50_ms", Of(E2e, Permille(500)), 1.0, true),
    Column("e2e_p90_ms", Of(E2e, Permille(900)), 1.0, false),
    Column("e2e_p95_ms", Of(E2e, Permille(950)), 1.0, false),
    Column("e2e_p99_ms", Of(E2e, Permille(990)), 1.0, true),
    Column("out_tok_s", OutputRate, 1.0, true),
    Column("req_s", ServedRate, 1.0, false),
    Column("achieved_send_rate_rps", SentRate, 1.0, false),
    Column("mean_concurrency", InFlight, 1.0, false),
    Column("n_ok", Succeeded, 1.0, false),
    Column("client_lag_max_s", Lag, 1.0, false),
];

pub(super) fn read(reader: &mut Reader<'_>, file: &str) {
    reader.each(file, experiment);
}

fn experiment(reader: &Reader<'_>, file: &str, record: &Record<'_>) -> Result<Experiment, String> {
    let key = record.text("exp");
    let deployed = reader.deployed(record, "model", "gpu")?;
    let mut notes = deployed.notes.clone();
    let (input, output) = (record.count("input_tokens_mean")?, record.count("output_tokens_mean")?);
    let mut args = engine(reader.catalog, record.text("engine"));
    args.tensor_parallel_size = record.count("tp")?;
    args.max_num_batched_tokens = Some(record.count("max_num_batched_tokens")?);
    args.max_num_seqs = Some(record.count("max_num_seqs")?);
    args.max_model_len = Some(record.count("max_model_len")?);
    args.num_gpu_blocks_override = record.number("kv_blocks_gpu").map(|blocks| blocks as u32);
    args.block_size = record.number("block_size").map(|tokens| tokens as u32);
    // Patched and vanilla servers were sent the same requests; one of the two was recorded.
    let own = format!("traces/{key}.csv.gz");
    let twin = own.replace("_patched", "_vanilla");
    let recorded = [&own, &twin].into_iter().find(|file| reader.dir.join(file).exists());
    let mut per_request = None;
    let requests = match recorded {
        Some(trace) => {
            let columns =
                Columns { at_us: "sched_arrival_us", input: "in_tok_server", output: Some("out_tok"), cycle: None };
            let Recording { requests, rows } = reader.recording(trace, &columns, output, |_, _| (0, (0, 0), None))?;
            let columns: &[RequestColumn] = &[RequestColumn::Sent, RequestColumn::Ttft, RequestColumn::E2e];
            per_request = (*trace == own).then_some(PerRequest { file: own.clone(), rows, columns });
            Requests::Recorded(requests)
        }
        None => {
            notes.push("its requests were not recorded; Poisson arrivals of prompts of mean length instead".into());
            let rate_rps = record.needed("offered_rate_rps")?;
            let stage = Stage { rate_rps, duration_s: f64::from(record.count("n")?) / rate_rps, pause_s: 0.0 };
            Requests::Stages { stages: vec![stage], prompts: Prompts::Fresh(Span::exactly(input)), output }
        }
    };
    let row = Row::whole(file, record, String::new(), cells(record, &COLUMNS));
    Ok(Experiment {
        set: Set::Residency,
        id: key.into(),
        scenario: scenario(key, &deployed, 1, args, 1, (input, output)),
        model: deployed.model,
        gpu: deployed.gpu,
        load: Load { requests, in_flight_max: Some(IN_FLIGHT_MAX), timeout: None, seed: seed(key) },
        rows: vec![row],
        per_request,
        notes,
        counted_elsewhere: false,
        policy: None,
    })
}
