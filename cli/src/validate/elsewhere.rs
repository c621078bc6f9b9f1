//! Runs of BLIS, another simulator, sent again request by request to the fleet that they name. What differs is nobody's
//! error: it says where the two models part. Whom a router without state chooses is the same in both.

use super::simulate;
use super::statistics::{mean, quantile_of};
use playground_core::catalog::Catalog;
use playground_core::report::Outcome;
use playground_core::scenario::Scenario;
use playground_core::workload::Recorded;
use playground_interop::measured::Problem;
use playground_interop::trace;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;

/// One run, sent again.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Again {
    /// What was run.
    pub what: &'static str,
    /// Requests.
    pub requests: u32,
    /// How many of them came to the same instance; none where there is one.
    pub placed_alike: Option<u32>,
    /// Whether all have to, since the choice depends on nothing but the order of requests.
    pub stateless: bool,
    /// Time that the prompts' matrix products take at the data sheet's peak over the time in which they came; none where
    /// they came at once.
    pub prompts_of_peak: Option<f64>,
    /// Name, and ours over theirs, less one.
    pub differences: Vec<(&'static str, f64)>,
}

/// A run as it is written down: one value for each request.
#[derive(Deserialize)]
struct Run {
    trace: Columns,
    per_request: Results,
}

#[derive(Deserialize)]
struct Columns {
    arrival_time_us: Vec<u64>,
    input_tokens: Vec<u32>,
    output_tokens: Vec<u32>,
    #[serde(default)]
    prefix_group: Vec<String>,
    #[serde(default)]
    prefix_length: Vec<u32>,
}

#[derive(Deserialize)]
struct Results {
    /// Numbers of the requests; absent: in the order of the trace.
    #[serde(default)]
    request_id: Vec<String>,
    ttft_us: Vec<f64>,
    e2e_us: Vec<f64>,
    #[serde(default)]
    handled_by: Vec<String>,
}

/// Who is sent what.
struct Fleet {
    file: &'static str,
    what: &'static str,
    model: &'static str,
    gpu: &'static str,
    tensor_parallel: u32,
    replicas: u32,
    routing: Routing,
    blocks: Option<u32>,
    /// A closed loop of so many clients.
    clients: Option<u32>,
}

#[derive(Clone, Copy, PartialEq)]
enum Routing {
    RoundRobin,
    /// Precise prefix cache 2, queue 1, KV cache 1: BLIS's default.
    Weighted,
    /// The same in a pool of three, behind a pool of one that computes every prompt.
    Apart,
}

const ONE: Fleet = Fleet {
    file: "",
    what: "",
    model: "qwen3-14b",
    gpu: "h100-sxm",
    tensor_parallel: 1,
    replicas: 1,
    routing: Routing::RoundRobin,
    blocks: None,
    clients: None,
};

/// The runs whose trace holds all that was sent. The others are sessions whose next turn waits for the last answer, and
/// two of admission by rules that llm-d does not have.
const FLEETS: [Fleet; 9] = [
    Fleet { file: "s01_chat_l8_h100_load60", what: "chat, Llama-3.1-8B on H100", model: "llama-3.1-8b", ..ONE },
    Fleet { file: "s02_code_q14_h100_tp2", what: "bursts of code, Qwen3-14B on 2 H100", tensor_parallel: 2, ..ONE },
    Fleet { file: "s03_chat_q14_a100", what: "chat, Qwen3-14B on A100", gpu: "a100-80g-sxm", ..ONE },
    Fleet { file: "s06_prefix_q14_4inst_rr", what: "shared prefixes, 4 instances, round robin", replicas: 4, ..ONE },
    Fleet {
        file: "s06_prefix_q14_4inst_weighted_precise",
        what: "the same, by prefix cache and load",
        replicas: 4,
        routing: Routing::Weighted,
        ..ONE
    },
    Fleet {
        file: "s07_pd_off_l70_4inst",
        what: "chat and code, Llama-3.1-70B on 4 × 4 H100",
        model: "llama-3.1-70b",
        tensor_parallel: 4,
        replicas: 4,
        routing: Routing::Weighted,
        ..ONE
    },
    Fleet {
        file: "s07_pd_always_1p3d_l70",
        what: "the same, every prompt computed apart (1P + 3D)",
        model: "llama-3.1-70b",
        tensor_parallel: 4,
        replicas: 3,
        routing: Routing::Apart,
        ..ONE
    },
    Fleet {
        file: "s09_kvpressure_fcfs",
        what: "3,000 KV blocks, Llama-3.1-8B on H100",
        model: "llama-3.1-8b",
        blocks: Some(3000),
        ..ONE
    },
    Fleet { file: "s12_concurrency64", what: "closed loop of 64, Qwen3-14B on H100", clients: Some(64), ..ONE },
];

impl Fleet {
    /// The scenario, with BLIS's limits of an engine: 256 sequences, 2048 tokens a step, blocks of 16.
    fn scenario(&self) -> Value {
        let engine = json!({
            "tensor_parallel_size": self.tensor_parallel,
            "max_num_seqs": 256,
            "max_num_batched_tokens": 2048,
            "block_size": 16,
            "num_gpu_blocks_override": self.blocks,
        });
        let pool = |name: &str, role: Option<&str>, replicas: u32| json!({"name": name, "role": role, "model": self.model, "gpu": self.gpu, "replicas": replicas, "engine": engine});
        let pools = match self.routing {
            Routing::Apart => vec![pool("prefill", Some("prefill"), 1), pool("decode", Some("decode"), self.replicas)],
            _ => vec![pool("pool", None, self.replicas)],
        };
        let pools: Vec<Value> = pools.into_iter().map(without_nulls).collect();
        json!({"topology": {"pools": pools}, "policies": self.policies()})
    }

    /// Prompts' share of the peak, what is shared of them aside.
    fn prompts_of_peak(&self, trace: &Columns) -> Option<f64> {
        let catalog = Catalog::builtin();
        let (model, gpu) = (catalog.model(self.model)?, catalog.gpu(self.gpu)?);
        let flops = 2.0 * model.params_active as f64 * trace.input_tokens.iter().map(|t| f64::from(*t)).sum::<f64>();
        let gpus = self.tensor_parallel * if self.routing == Routing::Apart { 1 } else { self.replicas };
        let span_s = *trace.arrival_time_us.iter().max()? as f64 / 1e6;
        let peak_flops = f64::from(gpus) * gpu.bf16_dense_tflops * 1e12 * span_s;
        (peak_flops > 0.0).then(|| flops / peak_flops)
    }

    fn policies(&self) -> Value {
        let plugin = |kind: &str| json!({"type": kind});
        let scored = |filter: Option<&str>| {
            let weighed = [("prefix-cache-scorer", 2), ("queue-scorer", 1), ("kv-cache-utilization-scorer", 1)];
            let weighed = weighed.map(|(kind, weight)| json!({"pluginRef": kind, "weight": weight}));
            let plain = filter.into_iter().map(|kind| json!({"pluginRef": kind}));
            plain.chain(weighed).chain([json!({"pluginRef": "max-score-picker"})]).collect::<Vec<_>>()
        };
        let scorers = ["queue-scorer", "kv-cache-utilization-scorer", "max-score-picker", PRECISE].map(plugin);
        let cache = json!({"type": "prefix-cache-scorer", "parameters": {"prefixMatchInfoProducerName": PRECISE}});
        let declared = scorers.into_iter().chain([cache]);
        match self.routing {
            Routing::RoundRobin => json!({
                "plugins": [plugin("round-robin-picker")],
                "schedulingProfiles": [{"name": "default", "plugins": [{"pluginRef": "round-robin-picker"}]}],
            }),
            Routing::Weighted => json!({
                "plugins": declared.collect::<Vec<_>>(),
                "schedulingProfiles": [{"name": "default", "plugins": scored(None)}],
            }),
            Routing::Apart => {
                let handler =
                    json!({"type": "disagg-profile-handler", "parameters": {"deciders": {"prefill": ALWAYS}}});
                let apart = [plugin("prefill-filter"), plugin("decode-filter"), plugin(ALWAYS), handler];
                json!({
                    "plugins": declared.chain(apart).collect::<Vec<_>>(),
                    "schedulingProfiles": [
                        {"name": "decode", "plugins": scored(Some("decode-filter"))},
                        {"name": "prefill", "plugins": scored(Some("prefill-filter"))},
                    ],
                })
            }
        }
    }
}

const PRECISE: &str = "precise-prefix-cache-producer";
const ALWAYS: &str = "always-disagg-pd-decider";

/// An object without what is null in it, at any depth.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(all) => {
            Value::Object(all.into_iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k, without_nulls(v))).collect())
        }
        other => other,
    }
}

/// Sends every run of a directory again.
#[must_use]
pub fn again(dir: &Path, problems: &mut Vec<Problem>) -> Vec<Again> {
    let one = |fleet: &Fleet| {
        let file = format!("{}.json", fleet.file);
        read(&dir.join(&file)).and_then(|run| sent(fleet, &run)).map_err(|message| Problem { file, row: None, message })
    };
    let mut found = Vec::new();
    for fleet in &FLEETS {
        match one(fleet) {
            Ok(run) => found.push(run),
            Err(problem) => problems.push(problem),
        }
    }
    found
}

fn read(path: &Path) -> Result<Run, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("cannot be read: {e}"))?;
    serde_json::from_str(&text).map_err(|e| format!("is no run of BLIS: {e}"))
}

fn sent(fleet: &Fleet, run: &Run) -> Result<Again, String> {
    let scenario =
        Scenario::from_json(&fleet.scenario().to_string()).map_err(|d| format!("{} {}", d.path, d.message))?;
    let requests = run.trace.requests()?;
    let (_, outcomes, _) = simulate::sent(&scenario, &Catalog::builtin(), requests, fleet.clients)
        .map_err(|why| format!("cannot be simulated: {why}"))?;
    let theirs = run.per_request.results(&run.trace.output_tokens)?;
    let ours: Vec<Latencies> = outcomes.iter().zip(&run.trace.output_tokens).filter_map(latencies).collect();
    // Instances of the pool that decodes follow that of prompts.
    let before = u32::from(fleet.routing == Routing::Apart);
    let places: Vec<Option<u32>> = outcomes.iter().map(|o| o.instance.and_then(|i| i.checked_sub(before))).collect();
    let placed_alike = (fleet.replicas > 1).then(|| run.per_request.alike(&places, before));
    let differences = COLUMNS
        .map(|(name, of, share)| (name, figure(&ours, of, share) / figure(&theirs, of, share) - 1.0))
        .into_iter()
        .filter(|(_, difference)| difference.is_finite());
    Ok(Again {
        what: fleet.what,
        requests: outcomes.len() as u32,
        placed_alike,
        stateless: fleet.routing == Routing::RoundRobin,
        prompts_of_peak: fleet.prompts_of_peak(&run.trace),
        differences: differences.collect(),
    })
}

impl Columns {
    /// The requests, as the reader of such traces has them.
    fn requests(&self) -> Result<Vec<Recorded>, String> {
        let all = self.arrival_time_us.len();
        if [self.input_tokens.len(), self.output_tokens.len()] != [all; 2] {
            return Err("has columns of different lengths".into());
        }
        let mut table = String::from("arrival_time_us,input_tokens,output_tokens,prefix_group,prefix_length\n");
        for (i, at) in self.arrival_time_us.iter().enumerate() {
            let (input, output) = (self.input_tokens[i], self.output_tokens[i]);
            let group = self.prefix_group.get(i).map_or("", String::as_str);
            let length = self.prefix_length.get(i).copied().unwrap_or(0);
            table += &format!("{at},{input},{output},{group},{length}\n");
        }
        trace::read(&mut table.as_bytes(), None).map(|trace| trace.requests).map_err(|problem| problem.to_string())
    }
}

/// TTFT, time per output token and E2E of a request, ms.
type Latencies = [f64; 3];

/// Name, place among the latencies, and which share of requests is below; none: the mean.
const COLUMNS: [(&str, usize, Option<f64>); 6] = [
    ("TTFT mean", 0, None),
    ("TTFT p50", 0, Some(0.5)),
    ("TTFT p99", 0, Some(0.99)),
    ("TPOT mean", 1, None),
    ("E2E mean", 2, None),
    ("E2E p99", 2, Some(0.99)),
];

fn figure(all: &[Latencies], of: usize, share: Option<f64>) -> f64 {
    let values: Vec<f64> = all.iter().map(|l| l[of]).filter(|ms| ms.is_finite()).collect();
    share.map_or_else(|| mean(&values), |share| quantile_of(&values, share)).unwrap_or(f64::NAN)
}

fn latencies((outcome, tokens): (&Outcome, &u32)) -> Option<Latencies> {
    let (ttft, e2e) = (outcome.ttft?.as_ms_f64(), outcome.e2e?.as_ms_f64());
    Some(of(ttft, e2e, *tokens))
}

fn of(ttft: f64, e2e: f64, tokens: u32) -> Latencies {
    [ttft, if tokens > 1 { (e2e - ttft) / f64::from(tokens - 1) } else { f64::NAN }, e2e]
}

impl Results {
    /// Place of a row's request in the trace.
    fn place(&self, row: usize) -> Option<usize> {
        self.request_id.get(row).map_or(Some(row), |id| id.rsplit('_').next()?.parse().ok())
    }

    fn results(&self, output_tokens: &[u32]) -> Result<Vec<Latencies>, String> {
        let one = |row: usize| {
            let place = self.place(row).ok_or_else(|| format!("request {row} has no number"))?;
            let tokens = output_tokens.get(place).ok_or_else(|| format!("request {place} is not in the trace"))?;
            Ok(of(self.ttft_us[row] / 1000.0, self.e2e_us[row] / 1000.0, *tokens))
        };
        (0..self.ttft_us.len().min(self.e2e_us.len())).map(one).collect()
    }

    /// How many came to the same place, theirs counted from `first`.
    fn alike(&self, places: &[Option<u32>], first: u32) -> u32 {
        let same = |row: usize| {
            let theirs: u32 = self.handled_by[row].rsplit('_').next()?.parse().ok()?;
            (places.get(self.place(row)?)? == &theirs.checked_sub(first)).then_some(())
        };
        (0..self.handled_by.len()).filter(|row| same(*row).is_some()).count() as u32
    }
}
