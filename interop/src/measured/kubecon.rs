//! inference-perf's rate sweeps from one request per second through saturation, one stage after the other has drained.

use super::deployment::{Deployed, engine, sampling, scenario};
use super::experiment::{Column, cells};
use super::{
    Experiment, Latency, Load, Prompts, Quantity, Reader, Record, Requests, Row, Set, Span, Stage, Stat, seed,
};
use Latency::{E2e, PerToken, Tpot, Ttft};
use Quantity::{Failed, Given, InputRate, Of, OutputRate, SentRate, ServedRate, Succeeded};
use Stat::{Mean, Permille};
use playground_core::scenario::EngineArgs;

pub(super) const FILE: &str = "other/inferenceperf_kubecon_llama31_8b_h100.csv";

/// Time in which a stage's requests are due, s.
const STAGE_S: f64 = 60.0;
/// Requests in flight in saturated stages, by Little's law over those of the calibration half: where the client's
/// workers have no place left.
const IN_FLIGHT_MAX: u32 = 432;

const COLUMNS: [Column; 27] = [
    Column("e2e_mean_ms", Of(E2e, Mean), 1.0, true),
    Column("e2e_median_ms", Of(E2e, Permille(500)), 1.0, true),
    Column("e2e_p90_ms", Of(E2e, Permille(900)), 1.0, false),
    Column("e2e_p95_ms", Of(E2e, Permille(950)), 1.0, false),
    Column("e2e_p99_ms", Of(E2e, Permille(990)), 1.0, false),
    Column("ttft_mean_ms", Of(Ttft, Mean), 1.0, true),
    Column("ttft_median_ms", Of(Ttft, Permille(500)), 1.0, true),
    Column("ttft_p90_ms", Of(Ttft, Permille(900)), 1.0, false),
    Column("ttft_p95_ms", Of(Ttft, Permille(950)), 1.0, false),
    Column("ttft_p99_ms", Of(Ttft, Permille(990)), 1.0, false),
    Column("ntpot_mean_ms", Of(PerToken, Mean), 1.0, false),
    Column("ntpot_median_ms", Of(PerToken, Permille(500)), 1.0, false),
    Column("ntpot_p90_ms", Of(PerToken, Permille(900)), 1.0, false),
    Column("ntpot_p95_ms", Of(PerToken, Permille(950)), 1.0, false),
    Column("ntpot_p99_ms", Of(PerToken, Permille(990)), 1.0, false),
    Column("tpot_raw_HALVED_mean_ms", Of(Tpot, Mean), 0.5, false),
    Column("tpot_raw_HALVED_median_ms", Of(Tpot, Permille(500)), 0.5, false),
    Column("tpot_raw_HALVED_p90_ms", Of(Tpot, Permille(900)), 0.5, false),
    Column("tpot_raw_HALVED_p95_ms", Of(Tpot, Permille(950)), 0.5, false),
    Column("tpot_raw_HALVED_p99_ms", Of(Tpot, Permille(990)), 0.5, false),
    Column("tpot_true_mean_ms(out=median)", Of(Tpot, Mean), 1.0, true),
    Column("achieved_rate", SentRate, 1.0, false),
    Column("n_success", Succeeded, 1.0, false),
    Column("n_fail", Failed, 1.0, false),
    Column("out_tok_s", OutputRate, 1.0, true),
    Column("in_tok_s", InputRate, 1.0, false),
    Column("req_s", ServedRate, 1.0, true),
];

pub(super) fn read(reader: &mut Reader<'_>, file: &str) {
    reader.each(file, stage);
}

/// The engine that a record's image and arguments make; what of them is not simulated is noted.
fn served(
    reader: &Reader<'_>,
    record: &Record<'_>,
    deployed: &Deployed,
    notes: &mut Vec<String>,
) -> Result<EngineArgs, String> {
    let words: Vec<&str> = record.text("args").split([' ', '=']).collect();
    let after = |flag: &str| words.iter().position(|w| w.trim_start_matches('-').replace('_', "-") == flag);
    let value = |flag: &str| after(flag).and_then(|i| words.get(i + 1)).and_then(|w| w.parse::<f64>().ok());
    let mut args = engine(reader.catalog, record.text("image"));
    args.tensor_parallel_size = record.count("tp")?;
    args.gpu_memory_utilization = value("gpu-memory-utilization").or(args.gpu_memory_utilization);
    args.max_model_len = value("max-model-len").map(|n| n as u32);
    args.max_num_seqs = value("max-num-seqs").map(|n| n as u32);
    args.enable_prefix_caching = Some(after("no-enable-prefix-caching").is_none());
    args.enable_chunked_prefill = Some(after("no-enable-chunked-prefill").is_none());
    args.sampling = sampling(&deployed.model).into();
    for (flag, what) in [("speculative-config", "speculative decoding"), ("quantization", "narrower weights")] {
        if after(flag).is_some() {
            notes.push(format!("simulated without {what}"));
        }
    }
    if record.text("exp").contains("v0_engine") {
        notes.push("vLLM's first engine is simulated as its second".into());
    }
    Ok(args)
}

fn stage(reader: &Reader<'_>, file: &str, record: &Record<'_>) -> Result<Experiment, String> {
    let exp = record.text("exp");
    let deployed = reader.deployed(record, "model", "gpu")?;
    let mut notes = deployed.notes.clone();
    let args = served(reader, record, &deployed, &mut notes)?;
    let rate_rps = record.needed("requested_rate")?;
    let input = Span { min: record.count("prompt_len_min")?, max: record.count("prompt_len_max")? };
    if input.max < input.min {
        return Err(format!("`prompt_len_max` is {}, less than `prompt_len_min`", input.max));
    }
    let output = record.count("output_len_median")?;
    let key = format!("{exp} at {rate_rps}/s");
    let mut cells = cells(record, &COLUMNS);
    cells.extend(super::experiment::cells(
        record,
        &[Column("output_len_retok_mean", Given(f64::from(output)), 1.0, false)],
    ));
    let row = Row::whole(file, record, format!("{rate_rps} requests/s"), cells);
    Ok(Experiment {
        set: Set::KubeCon,
        id: key.clone(),
        scenario: scenario(&key, &deployed, 1, args, 1, (input.max, output)),
        model: deployed.model,
        gpu: deployed.gpu,
        load: Load {
            requests: Requests::Stages {
                stages: vec![Stage { rate_rps, duration_s: STAGE_S, pause_s: 0.0 }],
                prompts: Prompts::Fresh(input),
                output,
            },
            in_flight_max: Some(IN_FLIGHT_MAX),
            timeout: None,
            seed: seed(&key),
        },
        rows: vec![row],
        per_request: None,
        notes,
        counted_elsewhere: false,
        policy: None,
    })
}
