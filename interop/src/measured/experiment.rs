//! One measured run: what was deployed, what was sent, and which cells of which files say what came of it.

use super::load::Load;
use super::sheet::Record;
use playground_core::scenario::Scenario;
use std::ops::Range;

/// A collection of runs that one group measured in one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Set {
    /// BLIS's validation and training runs: repeated prompts, stages of constant rates.
    Blis,
    /// Runs of the same kind with a recording of every request.
    Training,
    /// Qwen3-14B on an H100 with new prompts, up to a client's limit in flight.
    Residency,
    /// InferenceX, vLLM that prefills and decodes: closed loops.
    InferenceX,
    /// InferenceX, other engines, or prefill apart from decode.
    OtherEngines,
    /// LLMServingSim's own measurements: bursts of ShareGPT requests.
    LlmServingSim,
    /// inference-perf's rate sweeps through saturation.
    KubeCon,
    /// GuideLLM with long prompts.
    GuideLlm,
    /// llm-d's ladders of rates under several routing policies.
    Routing,
    /// llm-d's optimized baseline against a round-robin service.
    Baseline,
}

impl Set {
    /// All of them, in the order of reports.
    pub const ALL: [Set; 10] = [
        Set::Blis,
        Set::Training,
        Set::Residency,
        Set::InferenceX,
        Set::OtherEngines,
        Set::LlmServingSim,
        Set::KubeCon,
        Set::GuideLlm,
        Set::Routing,
        Set::Baseline,
    ];

    /// Short name, for the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Set::Blis => "blis",
            Set::Training => "training",
            Set::Residency => "residency",
            Set::InferenceX => "inferencex",
            Set::OtherEngines => "other-engines",
            Set::LlmServingSim => "llmservingsim",
            Set::KubeCon => "kubecon",
            Set::GuideLlm => "guidellm",
            Set::Routing => "routing",
            Set::Baseline => "baseline",
        }
    }

    /// Heading for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Set::Blis => "BLIS experiments (vLLM 0.15, repeated prompts)",
            Set::Training => "BLIS training runs with recorded requests",
            Set::Residency => "Residency runs (Qwen3-14B, H100, vLLM 0.23, new prompts)",
            Set::InferenceX => "InferenceX, vLLM aggregated (closed loops)",
            Set::OtherEngines => "InferenceX, other engines or disaggregated",
            Set::LlmServingSim => "LLMServingSim's measurements (ShareGPT bursts)",
            Set::KubeCon => "inference-perf rate sweeps (Llama-3.1-8B, H100, vLLM 0.11)",
            Set::GuideLlm => "GuideLLM, long prompts (CodeLlama-34B, H100)",
            Set::Routing => "llm-d routing ladders",
            Set::Baseline => "llm-d optimized baseline ladders",
        }
    }
}

/// One measured run.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// Its collection.
    pub set: Set,
    /// Its name there.
    pub id: String,
    /// Model, in the catalogue's words.
    pub model: String,
    /// GPU, in the catalogue's words.
    pub gpu: String,
    /// What was deployed.
    pub scenario: Scenario,
    /// What was sent.
    pub load: Load,
    /// What was recorded of it.
    pub rows: Vec<Row>,
    /// A file with a line per request.
    pub per_request: Option<PerRequest>,
    /// Where the simulation differs from what was run.
    pub notes: Vec<String>,
    /// Whether this run is part of another set too, and is counted there.
    pub counted_elsewhere: bool,
    /// Of a comparison of policies: which experiment, and which policy this is.
    pub policy: Option<(String, String)>,
}

impl Experiment {
    /// Its model on its GPU, in words.
    #[must_use]
    pub fn group(&self) -> String {
        format!("{} on {}", self.model, self.gpu)
    }
}

/// Which part of a run a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// All of it.
    Whole,
    /// One stage of several.
    Stage,
}

/// A row of a file: what it is about, and its cells.
#[derive(Clone, Debug)]
pub struct Row {
    /// File below the directory.
    pub file: String,
    /// Data row, from 0.
    pub row: u32,
    /// What it is about.
    pub part: Part,
    /// Classes of the load it is about.
    pub classes: Range<u32>,
    /// A few words that tell it from other rows of the run.
    pub label: String,
    /// Its observed cells.
    pub cells: Vec<Cell>,
}

/// One observed cell.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// Its column.
    pub column: &'static str,
    /// What it measures.
    pub quantity: Quantity,
    /// What the column's unit makes of the quantity's: ms, tokens, requests, s.
    pub factor: f64,
    /// Whether errors of it are reported.
    pub scored: bool,
    /// What was measured; none where that is left out.
    pub observed: Option<f64>,
}

impl Row {
    /// A row about all of a load of one class.
    pub(super) fn whole(file: &str, record: &Record<'_>, label: String, cells: Vec<Cell>) -> Row {
        Row { file: file.into(), row: record.row, part: Part::Whole, classes: 0..1, label, cells }
    }
}

/// A latency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Latency {
    /// Time to first token.
    Ttft,
    /// Mean gap between tokens of a request.
    Tpot,
    /// Time to the last token.
    E2e,
    /// Time to the last token over output tokens.
    PerToken,
}

/// What of a distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stat {
    /// Mean.
    Mean,
    /// The value that so many of a thousand do not exceed.
    Permille(u16),
    /// Smallest.
    Min,
    /// Largest.
    Max,
}

/// What a cell measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity {
    /// Of requests that succeeded, ms.
    Of(Latency, Stat),
    /// A quantile of all gaps between tokens, ms.
    Gap(u16),
    /// Output tokens per second.
    OutputRate,
    /// Prompt tokens per second.
    InputRate,
    /// Requests served per second.
    ServedRate,
    /// Requests sent per second.
    SentRate,
    /// Requests that succeeded.
    Succeeded,
    /// Requests that did not.
    Failed,
    /// From the first request sent to the last one served, s.
    Duration,
    /// Requests in flight, on average.
    InFlight,
    /// How late the client sent the last requests, s.
    Lag,
    /// What follows from the settings alone.
    Given(f64),
}

/// A file with a line per request.
#[derive(Clone, Debug)]
pub struct PerRequest {
    /// File below the directory.
    pub file: String,
    /// The data row of each request of the load, from 0.
    pub rows: Vec<u32>,
    /// Its observed columns.
    pub columns: &'static [RequestColumn],
}

/// An observed column of a file with a line per request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestColumn {
    /// `send_us`.
    Sent,
    /// `ttft_us`.
    Ttft,
    /// `e2e_us`.
    E2e,
    /// `err`.
    Failed,
    /// A time in the queue, under this name.
    Queue(&'static str),
    /// `prefill_us`.
    Prefill,
    /// `decode_us`.
    Decode,
}

impl RequestColumn {
    /// Its name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            RequestColumn::Sent => "send_us",
            RequestColumn::Ttft => "ttft_us",
            RequestColumn::E2e => "e2e_us",
            RequestColumn::Failed => "err",
            RequestColumn::Queue(name) => name,
            RequestColumn::Prefill => "prefill_us",
            RequestColumn::Decode => "decode_us",
        }
    }
}

/// A column that readers know: its name, what it measures, its unit, and whether errors of it are reported.
pub(super) struct Column(pub(super) &'static str, pub(super) Quantity, pub(super) f64, pub(super) bool);

/// The cells of a record in these columns.
pub(super) fn cells(record: &Record<'_>, columns: &[Column]) -> Vec<Cell> {
    let cell = |c: &Column| Cell { column: c.0, quantity: c.1, factor: c.2, scored: c.3, observed: record.number(c.0) };
    columns.iter().map(cell).collect()
}
