//! `playground`: the simulator without a browser, for agents, scripts and clusters.
//!
//! Exit codes: 0 ok, 2 bad input. Results go to standard output, everything else to standard error.

mod bench;
mod input;
mod interop;
mod replay;
mod run;
mod serve;
mod sweep;
mod table;

use clap::{Parser, Subcommand};
use playground_cli::validate::Options;
use playground_core::scenario::{PRESETS, Preset, Scenario};
use playground_interop::trace::Form;
use std::process::ExitCode;

/// Simulates an LLM-serving fleet: llm-d's routing over vLLM engines.
#[derive(Parser)]
#[command(name = "playground", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Simulate a scenario: its own load in full, and the load curve around it.
    Run {
        /// A scenario file, `-` for standard input, or a link (whole, or what follows its #).
        scenario: String,
        /// Print the report as JSON.
        #[arg(long)]
        json: bool,
        /// Fewer requests and loads, as the page does while a slider moves.
        #[arg(long)]
        draft: bool,
        /// Replay a recording on the scenario's fleet instead: our CSV or JSONL, BLIS's TraceV2, Mooncake's or Azure's;
        /// `-` for standard input.
        #[arg(long, conflicts_with = "draft")]
        trace: Option<String>,
        /// Also write the first run at the scenario's own load to this file, event by event, as Chrome's trace-event JSON:
        /// Perfetto (https://ui.perfetto.dev) opens it.
        #[arg(long, value_name = "OUT.json", conflicts_with_all = ["trace", "draft"])]
        chrome_trace: Option<String>,
        /// Of the recording: which column says what, as in time=COLUMN:ms,input=COLUMN,output=COLUMN,class=COLUMN.
        #[arg(long, requires = "trace")]
        columns: Option<String>,
        /// Of the recording: at most so many clients at once.
        #[arg(long, requires = "trace", value_parser = clap::value_parser!(u32).range(1..=100_000))]
        clients: Option<u32>,
        /// Of the recording: write each request and what came of it to this file, as a trace of ours.
        #[arg(long, requires = "trace")]
        save: Option<String>,
    },
    /// Simulate every combination of a few settings, and find the highest load that each sustains.
    Sweep {
        /// A scenario file, `-` for standard input, or a link; its `sweep` says what to vary.
        scenario: String,
        /// Print the points as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Measure the simulator's own speed.
    Bench {
        /// Workloads to run; all when none is named.
        workloads: Vec<String>,
        /// Simulate so many requests at nominal capacity, instead of what each workload says.
        #[arg(long, value_parser = clap::value_parser!(u32).range(10..=10_000_000))]
        requests: Option<u32>,
        /// Print the figures as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Compare with measurements: the errors by set and metric, or predictions where nothing was observed.
    Validate(Options),
    /// Find the constants of the step model anew, from measurements.
    Fit(playground_cli::fit::Options),
    /// Read documents into a scenario: an EndpointPickerConfig, Helm values, vLLM's arguments, manifests, a load of
    /// inference-perf, a model's config.json. Prints the scenario; what became of each setting goes to standard error.
    Import {
        /// The documents, `-` for standard input; each adds to the ones before.
        #[arg(required = true)]
        documents: Vec<String>,
        /// The scenario they are read into: a file, a link or a preset's name; the landing scenario when absent.
        #[arg(long)]
        into: Option<String>,
        /// Print the scenario and the report together as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write a scenario in another format: epp, helm, vllm, vllm-args, inference-perf; of imported documents also
    /// llm-d-benchmark, kubernetes and other; trace or trace-jsonl: the requests of its first run, as a table or as objects.
    Export {
        /// Which format.
        format: String,
        /// A scenario file, `-` for standard input, or a link.
        scenario: String,
        /// Print text and report together as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Serve the page from a folder, as a static host does: for machines that reach no other.
    Serve(serve::Options),
    /// List the presets, or print one as a scenario.
    Presets {
        /// Which one to print; all names when absent.
        name: Option<String>,
    },
    /// Print every plugin of the router with its badge, its rule and its parameters, as Markdown.
    Policies,
    /// Print the link of a scenario.
    Link {
        /// A scenario file, or `-` for standard input.
        scenario: String,
    },
    /// Print a scenario as JSON, every setting written out.
    Show {
        /// A scenario file, `-` for standard input, or a link.
        scenario: String,
    },
}

fn main() -> ExitCode {
    match act(Arguments::parse().command) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn act(command: Command) -> Result<String, String> {
    match command {
        Command::Run { scenario, json, draft, trace: None, chrome_trace, .. } => {
            run::run(&input::read(&scenario)?, json, draft, chrome_trace.as_deref())
        }
        Command::Run { scenario, json, trace: Some(file), columns, clients, save, .. } => {
            let options = replay::Options { file, columns, clients, save };
            replay::run(&input::read(&scenario)?, &options, json)
        }
        Command::Sweep { scenario, json } => sweep::run(&input::read(&scenario)?, json),
        Command::Bench { workloads, requests, json } => bench::run(&workloads, requests, json),
        Command::Validate(options) => playground_cli::validate::run(&options),
        Command::Fit(options) => playground_cli::fit::run(&options),
        Command::Import { documents, into, json } => {
            let base = into.as_deref().map_or_else(|| Ok(Scenario::default()), base)?;
            interop::read(&base, &documents, json)
        }
        Command::Export { format, scenario, .. } if format == "trace" => {
            replay::written(&input::read(&scenario)?, Form::Csv)
        }
        Command::Export { format, scenario, .. } if format == "trace-jsonl" => {
            replay::written(&input::read(&scenario)?, Form::Jsonl)
        }
        Command::Export { format, scenario, json } => interop::write(&input::read(&scenario)?, &format, json),
        Command::Serve(options) => serve::serve(&options).map(|()| String::new()),
        Command::Presets { name } => presets(name.as_deref()),
        Command::Policies => Ok(playground_core::policy::markdown().trim_end().to_owned()),
        Command::Link { scenario } => Ok(format!("#{}", playground_core::scenario::encode(&input::read(&scenario)?))),
        Command::Show { scenario } => {
            serde_json::to_string_pretty(&input::read(&scenario)?.to_value()).map_err(|e| e.to_string())
        }
    }
}

/// A scenario to start from: a preset by its name, or whatever else a scenario can be read from.
fn base(source: &str) -> Result<Scenario, String> {
    match Preset::find(source) {
        Some(preset) => preset.scenario().map_err(|d| d.message),
        None => input::read(source),
    }
}

fn presets(name: Option<&str>) -> Result<String, String> {
    let Some(name) = name else {
        let lines = PRESETS.iter().map(|p| p.scenario().map(|s| format!("{:20} {}", p.name, s.title)));
        return lines.collect::<Result<Vec<_>, _>>().map(|l| l.join("\n")).map_err(|d| d.message);
    };
    let preset =
        Preset::find(name).ok_or_else(|| format!("there is no preset {name}; `playground presets` lists them"))?;
    let scenario = preset.scenario().map_err(|d| d.message)?;
    serde_json::to_string_pretty(&scenario.to_value()).map_err(|e| e.to_string())
}
