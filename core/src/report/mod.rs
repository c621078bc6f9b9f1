//! What a run found, as plain columns: the record of one replication, and the report over several.

mod build;
mod detail;
mod disagg;
mod offload;
mod record;
mod series;
pub mod timeline;

pub use build::report;
use build::total;
pub use detail::{ClassDetail, Detail, Distributions, SHARES, TtftParts};
pub use disagg::{DisaggRecord, DisaggReport, PoolReport, TtftPart};
pub use offload::{OffloadRecord, OffloadReport};
pub(crate) use record::class_records;
pub use record::{ClassRecord, End, InstanceRecord, InstanceSeriesRecord, Outcome, RunRecord, SeriesRecord};
pub use series::{InstanceSeries, SeriesReport, mser_s};

use crate::scenario::{Load, Plan};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Results at one offered load, over all replications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Version of this shape.
    pub schema_version: u32,
    /// Version of the simulator.
    pub model_version: String,
    /// How it was obtained.
    pub run: RunFacts,
    /// The load that was asked for.
    pub load: Load,
    /// It over the one at nominal capacity.
    pub load_frac: f64,
    /// All classes together.
    pub total: ClassReport,
    /// Each class.
    pub classes: Vec<ClassReport>,
    /// The KV cache.
    pub kv: KvReport,
    /// What it costs.
    pub cost: CostReport,
    /// Each instance.
    pub instances: Vec<InstanceReport>,
    /// What came of computing prompts apart from decoding; absent where none may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disagg: Option<DisaggReport>,
    /// What came of keys and values in host memory; absent where no engine offloads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offload: Option<OffloadReport>,
    /// What happened when.
    pub series: SeriesReport,
    /// Each replication's own numbers, all classes together: for paired comparisons.
    pub per_replication: Vec<ReplicationReport>,
    /// A close look; absent where a load is only one of many that are tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Detail>,
    /// SHA-256 of this report in canonical JSON without its detail and with an empty digest, in hexadecimal.
    pub digest: String,
}

/// One replication's numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplicationReport {
    /// TTFT, ITL, TPOT, E2E (rows), each as mean, p50, p90, p95, p99 (columns), ms.
    pub latencies: [[Option<f64>; 5]; 4],
    /// Requests that met every target per second of the horizon.
    pub goodput_rps: f64,
    /// Tokens of requests that ended within the horizon, per second.
    pub output_tokens_per_s: f64,
}

/// How a report was obtained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunFacts {
    /// Every random draw follows from it.
    pub seed: u64,
    /// Independent repetitions.
    pub replications: u32,
    /// Simulated time before measuring, s.
    pub warmup_s: f64,
    /// Simulated time in which measured requests arrived, s.
    pub horizon_s: f64,
    /// Whether measured requests were followed to their ends; otherwise E2E, TPOT and what follows from them are null.
    pub followed_to_end: bool,
    /// Whether the fleet kept up: the number in system did not grow beyond chance.
    pub stationary: bool,
    /// Why it did not, where it did not.
    pub unsteady: Option<Unsteady>,
    /// When measuring would best begin by MSER-5, s after the start; null where the run is too short to tell. A time
    /// well beyond the warm-up says that the beginning was measured.
    pub mser_s: Option<f64>,
    /// How fast the number in system grew, requests per second.
    pub growth_rps: f64,
    /// Engine steps simulated.
    pub steps: u64,
    /// Events handled to simulate them.
    pub events: u64,
}

/// Why a load is not steady.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unsteady {
    /// More requests arrive than the fleet serves, and the number in system grows.
    QueueGrows,
    /// All clients are busy, and requests are sent later and later after they are due.
    ClientsFallBehind,
}

/// Results of one class, or of all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassReport {
    /// Class name; `total` for all.
    pub name: String,
    /// Latencies of the requests that arrived within the horizon, and gaps between all tokens of that time.
    pub metrics: Metrics,
    /// Requests that arrived per second of the horizon.
    pub offered_rps: f64,
    /// Requests that ended well per second of the horizon.
    pub served_rps: f64,
    /// Of those, the ones that met every target of their class: first token, mean gap between tokens, whole.
    pub goodput_rps: f64,
    /// Share of measured requests that met every target of their class.
    pub goodput_frac: Option<f64>,
    /// Tokens of requests that ended within the horizon, per second.
    pub output_tokens_per_s: f64,
    /// How the measured requests ended, counted.
    pub ends: BTreeMap<String, u64>,
    /// Targets and whether they are met; empty for the total.
    pub slo: Vec<SloOutcome>,
}

/// The four latencies, ms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// From a request's arrival to its first token at the client.
    pub ttft_ms: Summary,
    /// Gaps between consecutive tokens within the horizon, pooled over tokens.
    pub itl_ms: Summary,
    /// (E2E − TTFT) / (tokens − 1), per request of at least two tokens.
    pub tpot_ms: Summary,
    /// From a request's arrival to its last token at the client.
    pub e2e_ms: Summary,
}

/// A distribution in a few numbers; null where nothing was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Mean.
    pub mean: Option<f64>,
    /// Median.
    pub p50: Option<f64>,
    /// 90th percentile.
    pub p90: Option<f64>,
    /// 95th percentile.
    pub p95: Option<f64>,
    /// 99th percentile.
    pub p99: Option<f64>,
    /// Values behind them, over all replications.
    pub n: u64,
    /// Lower ends of the 95 % intervals over replications.
    pub lo: Bounds,
    /// Upper ends.
    pub hi: Bounds,
}

/// One end of the intervals of a [`Summary`]; null with fewer than two replications.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// Of the mean.
    pub mean: Option<f64>,
    /// Of the median.
    pub p50: Option<f64>,
    /// Of the 90th percentile.
    pub p90: Option<f64>,
    /// Of the 95th percentile.
    pub p95: Option<f64>,
    /// Of the 99th percentile.
    pub p99: Option<f64>,
}

/// Statistics a [`Summary`] offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Statistic {
    /// Mean.
    Mean,
    /// Median.
    P50,
    /// 90th percentile.
    P90,
    /// 95th percentile.
    P95,
    /// 99th percentile.
    P99,
}

impl Statistic {
    /// All of them, ascending.
    pub const ALL: [Statistic; 5] = [Statistic::Mean, Statistic::P50, Statistic::P90, Statistic::P95, Statistic::P99];

    /// Name for people and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Statistic::Mean => "mean",
            Statistic::P50 => "p50",
            Statistic::P90 => "p90",
            Statistic::P95 => "p95",
            Statistic::P99 => "p99",
        }
    }
}

impl Summary {
    /// (value, lower end, upper end) of one statistic.
    #[must_use]
    pub fn get(&self, statistic: Statistic) -> (Option<f64>, Option<f64>, Option<f64>) {
        match statistic {
            Statistic::Mean => (self.mean, self.lo.mean, self.hi.mean),
            Statistic::P50 => (self.p50, self.lo.p50, self.hi.p50),
            Statistic::P90 => (self.p90, self.lo.p90, self.hi.p90),
            Statistic::P95 => (self.p95, self.lo.p95, self.hi.p95),
            Statistic::P99 => (self.p99, self.lo.p99, self.hi.p99),
        }
    }
}

/// One target and what was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SloOutcome {
    /// `ttft`, `itl` or `e2e`.
    pub metric: String,
    /// Percentile of the target.
    pub percentile: f64,
    /// The target, ms.
    pub target_ms: f64,
    /// What was found at that percentile, ms.
    pub value_ms: Option<f64>,
    /// Lower end of its 95 % interval.
    pub lo_ms: Option<f64>,
    /// Upper end.
    pub hi_ms: Option<f64>,
    /// Whether it is met.
    pub meets: bool,
}

/// The KV cache over all instances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KvReport {
    /// Blocks of all instances.
    pub blocks: u64,
    /// Share of blocks in use, mean over engine steps.
    pub use_frac: f64,
    /// Largest share in use on any instance.
    pub peak_frac: f64,
    /// Share of prompt tokens found in the prefix cache.
    pub hit_rate: f64,
    /// Requests that lost their blocks and were computed again.
    pub preemptions: u64,
}

/// What the deployment costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CostReport {
    /// GPUs of all pools.
    pub gpus: u32,
    /// USD per hour.
    pub usd_per_hour: f64,
    /// USD per million output tokens at this load.
    pub usd_per_million_output_tokens: Option<f64>,
}

/// One instance, mean over replications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstanceReport {
    /// Pool name and number.
    pub name: String,
    /// Share of time it computed.
    pub busy_frac: f64,
    /// Requests in its batch, time average.
    pub running_mean: f64,
    /// Requests in its queue, time average.
    pub waiting_mean: f64,
    /// Share of its KV blocks in use, mean over steps.
    pub kv_use_frac: f64,
    /// Requests it was sent.
    pub requests: u64,
}

impl Report {
    /// Offered load, requests per second: what was asked for; of a closed loop what came of it.
    #[must_use]
    pub fn offered_rps(&self) -> f64 {
        self.load.rate_rps().unwrap_or(self.total.offered_rps)
    }

    /// Puts the digest of everything else in place.
    #[must_use]
    pub fn sealed(mut self) -> Self {
        let detail = self.detail.take();
        self.digest = String::new();
        self.digest = digest(&self);
        self.detail = detail;
        self
    }

    /// With a close look at what it is made of.
    #[must_use]
    pub fn in_detail(self, plan: &Plan, records: &[RunRecord]) -> Self {
        Report { detail: Some(detail::detail(plan, records)), ..self }
    }
}

/// SHA-256 of a value's canonical JSON, in hexadecimal.
///
/// # Panics
/// Never for the plain data of reports: text keys, finite numbers.
#[must_use]
pub fn digest(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).expect("reports are plain data with text keys");
    let bytes = Sha256::digest(serde_json::to_vec(&value).expect("a JSON value can be written"));
    bytes.iter().map(|b| alloc::format!("{b:02x}")).collect()
}
