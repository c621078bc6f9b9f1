//! InferenceX's sweeps, and those that aiconfigurator measured beside them: closed loops of random prompts. All requests are
//! due at the start; how long they were is recorded as a nominal mean alone.

use super::deployment::{engine, parallel, sampling, scenario};
use super::experiment::{Column, cells};
use super::recipes::{self, Recipe};
use super::{Experiment, Latency, Load, Quantity, Reader, Record, Requests, Row, Set, Span, Stat, seed};
use playground_core::base::Dur;
use playground_core::scenario::resolve;

pub(super) const FILE: &str = "other/inferencex_silicon.csv.gz";

/// What sent a load: how, as far as records do not say.
struct Client {
    /// Requests per place in flight.
    requests_per_place: u32,
    /// Shortest length over the nominal one: lengths are as likely all the way to it.
    shortest: f64,
    /// Whether it leaves to the server how to sample, which then goes by the model's generation defaults.
    server_samples: bool,
    /// How long the first wave waits beyond what is simulated.
    cold_start: Dur,
}

/// InferenceX's own: greedy, ten requests per place, lengths from 0.8 of the nominal one, as its scripts ask. They warm the
/// server up with twice as many requests as there are places, and yet the first wave waits longer than later ones
/// would: with waits of 0, 50, 100 and 150 ms, and one set of constants, the median error of TTFT is 15.0, 11.9, 10.9
/// and 12.0 %.
const SERVING: Client =
    Client { requests_per_place: 10, shortest: 0.8, server_samples: false, cold_start: Dur::from_us(100_000) };
/// AIPerf, which aiconfigurator's scripts call. With equal lengths the loop stays in lockstep here and times to first token
/// are twice those measured on the calibration half; with lengths from 0.8 they are a third too short.
const AIPERF: Client = Client { requests_per_place: 10, shortest: 0.9, server_samples: true, cold_start: Dur::ZERO };
/// A word in the origin of records that AIPerf measured.
const AIPERF_ORIGIN: &str = "aic-auto-gap-analysis";

/// A server is given room for all that is in flight where its default, which is this, would not do.
const SEQS_DEFAULT: u32 = 1024;
/// The most that can be simulated.
const SEQS_MAX: u32 = 2048;

/// On this GPU quantized models kept keys and values in bf16, on all others in fp8: not recorded, but queues on the
/// calibration half are only as long as measured with caches of these sizes.
const BF16_KV_GPU: &str = "h100-sxm";

/// GPUs that a model which needs more than 8 of one is given 8 of the next of.
const LARGER_GPUS: [&str; 4] = ["h100-sxm", "h200-sxm", "b200-sxm", "b300-sxm"];

const COLUMNS: [Column; 2] = [
    Column("silicon_ttft_ms", Quantity::Of(Latency::Ttft, Stat::Mean), 1.0, true),
    Column("silicon_tpot_ms", Quantity::Of(Latency::Tpot, Stat::Mean), 1.0, true),
];

pub(super) fn read(reader: &mut Reader<'_>, file: &str) {
    let Some(sheet) = reader.sheet(file) else { return };
    for record in sheet.records() {
        let aggregated_vllm = record.text("backend") == "vllm" && record.text("mode") == "agg";
        let observed = COLUMNS.iter().any(|c| record.number(c.0).is_some());
        // Nothing is learnt of vLLM from how far other engines are from it.
        if aggregated_vllm || !observed {
            let made = experiment(reader, file, &record, aggregated_vllm);
            reader.add(file, record.row, made);
        }
    }
}

/// How many replicas of how many GPUs.
struct Layout {
    replicas: u32,
    tensor_parallel: u32,
}

fn layout(record: &Record<'_>, notes: &mut Vec<String>) -> Layout {
    let number = |column: &str, otherwise: u32| record.number(column).map_or(otherwise, |n| (n as u32).max(1));
    if record.text("mode") == "disagg" {
        notes.push("prefill and decode on machines of their own are simulated as replicas that do both".into());
        let replicas = number("decode_num_workers", 1) + number("prefill_num_workers", 0);
        return Layout { replicas: replicas.min(64), tensor_parallel: parallel(number("decode_tp_size", 1)) };
    }
    let tensor = number("tp_size", 1) * number("pp_size", 1);
    if number("attention_dp_size", 1) > 1 {
        notes.push("data-parallel attention is simulated as tensor parallelism over the same GPUs".into());
    }
    if number("moe_ep_size", 1) > 1 {
        notes.push("expert parallelism is simulated as tensor parallelism of the experts".into());
    }
    Layout { replicas: 1, tensor_parallel: parallel(tensor) }
}

fn experiment(reader: &Reader<'_>, file: &str, record: &Record<'_>, vllm: bool) -> Result<Experiment, String> {
    let deployed = reader.deployed(record, "model_path", "system")?;
    let mut notes = deployed.notes.clone();
    let Layout { replicas, tensor_parallel } = layout(record, &mut notes);
    if !vllm && record.text("backend") != "vllm" {
        notes.push(format!("{} is simulated as vLLM", record.text("backend")));
    }
    let places = ["conc", "concurrency", "batch_size", "decode_batch_size"]
        .iter()
        .find_map(|c| record.count(c).ok())
        .ok_or("`conc` is missing")?;
    let (input, output) = (record.count("isl")?, record.count("osl")?);
    let mut args = engine(reader.catalog, recipes::release(record));
    args.tensor_parallel_size = tensor_parallel;
    args.enable_prefix_caching = Some(false);
    args.max_num_seqs = (vllm && places > SEQS_DEFAULT).then_some(places.min(SEQS_MAX));
    deployed.quantize(&mut args, reader.catalog, record.text("precision"));
    let recipe = if vllm { recipes::of(&deployed.model, &deployed.gpu, record, input) } else { Recipe::default() };
    recipe.give(&mut args);
    if (args.quantization.is_some() || narrow(record)) && !recipe.wide_kv {
        args.kv_cache_dtype = (deployed.gpu != BF16_KV_GPU).then(|| "fp8".into());
    }
    let client = if record.text("origin").contains(AIPERF_ORIGIN) { AIPERF } else { SERVING };
    if client.server_samples {
        args.sampling = sampling(&deployed.model).into();
    }
    let key = record.text("id");
    let mut scenario = scenario(key, &deployed, replicas, args, 1, (input, output));
    if reader.stand_ins {
        grow(reader, &mut scenario, &mut notes);
    }
    let span = |nominal: u32| Span { min: ((f64::from(nominal) * client.shortest) as u32).max(1), max: nominal };
    let row = Row::whole(
        file,
        record,
        format!("{input}/{output} at {places}, {} GPUs, {}", tensor_parallel, record.text("precision")),
        cells(record, &COLUMNS),
    );
    Ok(Experiment {
        set: if vllm { Set::InferenceX } else { Set::OtherEngines },
        id: key.into(),
        scenario,
        model: deployed.model,
        gpu: deployed.gpu,
        load: Load {
            requests: Requests::Burst {
                count: places.saturating_mul(client.requests_per_place).min(50_000),
                input: span(input),
                output: span(output),
                cold_start: client.cold_start,
            },
            in_flight_max: Some(places),
            timeout: None,
            seed: seed(&format!("{input}/{output}")),
        },
        rows: vec![row],
        per_request: None,
        notes,
        counted_elsewhere: false,
        policy: None,
    })
}

/// Whether weights are narrower than bf16.
fn narrow(record: &Record<'_>) -> bool {
    !matches!(record.text("precision"), "" | "bf16")
}

/// Gives a model that does not fit more GPUs, as long as there are more, and larger ones beyond.
fn grow(reader: &Reader<'_>, scenario: &mut playground_core::scenario::Scenario, notes: &mut Vec<String>) {
    while resolve(scenario, reader.catalog).is_err() {
        let args = &mut scenario.topology.pools[0].engine;
        if args.tensor_parallel_size >= 8 {
            let pool = &mut scenario.topology.pools[0];
            let Some(i) = LARGER_GPUS.iter().position(|gpu| *gpu == pool.gpu) else { return };
            let Some(larger) = LARGER_GPUS.get(i + 1) else { return };
            pool.gpu = (*larger).into();
            notes.push(format!("it does not fit on 8 of its GPUs, and is simulated on 8 {larger}"));
            continue;
        }
        args.tensor_parallel_size *= 2;
        notes.push(format!("it does not fit as recorded, and is simulated on {} GPUs", args.tensor_parallel_size));
    }
}
