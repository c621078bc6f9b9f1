//! `playground bench`: simulated requests per CPU second, workload by workload.
//!
//! CPU time covers everything a user waits for: drawing requests, simulating, statistics, the digest. The load is a fixed
//! share of the simulated maximum, which is found first and not counted. A workload is run again, from its beginning, until
//! that took a time that can be told from the clock's grain; figures are of one run, the mean of them.

use playground_core::catalog::Catalog;
use playground_core::scenario::{Load, Plan, resolve};
use playground_core::study::bench::{BenchWorkload, LOAD, WORKLOADS};
use playground_core::study::{Fidelity, PointRun};
use serde::Serialize;

/// CPU time of all runs of a workload together, s, at least: a hundred times the grain of the kernel's clock.
const CPU_MIN_S: f64 = 1.0;

/// Figures of one workload.
#[derive(Serialize)]
struct Figures {
    workload: &'static str,
    target: Option<f64>,
    /// Requests asked for at nominal capacity, and simulated.
    asked: u32,
    requests: u64,
    tokens: f64,
    rate_rps: f64,
    /// Runs, and CPU time of one.
    runs: u32,
    cpu_s: f64,
    requests_per_cpu_s: f64,
    peak_rss_bytes: Option<u64>,
    digest: String,
}

/// Runs the named workloads, or all; each as long as it says, or with so many requests.
pub(crate) fn run(names: &[String], requests: Option<u32>, json: bool) -> Result<String, String> {
    let chosen: Vec<&BenchWorkload> =
        WORKLOADS.iter().filter(|w| names.is_empty() || names.iter().any(|n| n == w.name)).collect();
    if chosen.len() < names.len() || chosen.is_empty() {
        let known: Vec<&str> = WORKLOADS.iter().map(|w| w.name).collect();
        return Err(format!("known workloads: {}", known.join(", ")));
    }
    let figures: Vec<Figures> = chosen.into_iter().map(|w| measure(w, requests)).collect::<Result<_, _>>()?;
    if json {
        return serde_json::to_string_pretty(&figures).map_err(|e| e.to_string());
    }
    let head = format!(
        "{:14} {:>10} {:>6} {:>8} {:>14} {:>10} {:>10}",
        "workload", "requests", "runs", "CPU s", "requests/CPU s", "target", "peak MiB"
    );
    let lines = figures.iter().map(|f| {
        format!(
            "{:14} {:>10} {:>6} {:>8.3} {:>14.0} {:>10} {:>10}",
            f.workload,
            f.requests,
            f.runs,
            f.cpu_s,
            f.requests_per_cpu_s,
            f.target.map_or_else(|| "—".into(), |t| format!("{t:.0}")),
            f.peak_rss_bytes.map_or_else(|| "—".into(), |b| format!("{:.0}", b as f64 / 1_048_576.0)),
        )
    });
    Ok(std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n"))
}

fn measure(workload: &BenchWorkload, requests: Option<u32>) -> Result<Figures, String> {
    let mut scenario = workload.scenario().map_err(|d| d.message)?;
    scenario.run.requests = requests.unwrap_or(scenario.run.requests);
    let asked = scenario.run.requests;
    let plan = resolve(&scenario, &Catalog::builtin()).map_err(|_| format!("{} cannot be simulated", workload.name))?;
    let rate_rps = LOAD * maximum_rps(&plan);
    let (before, mut runs) = (cpu_seconds(), 0);
    let (report, cpu_s) = loop {
        let mut run = PointRun::new(&plan, Load::Rate(rate_rps), Fidelity::Settled);
        while !run.advance(u32::MAX) {}
        let report = run.report().ok_or("the run is over")?;
        runs += 1;
        let spent = cpu_seconds() - before;
        if spent >= CPU_MIN_S {
            break (report, spent / f64::from(runs));
        }
    };
    let requests: u64 = report.instances.iter().map(|i| i.requests).sum();
    let tokens_per_request = report.total.output_tokens_per_s / report.total.served_rps.max(f64::MIN_POSITIVE);
    Ok(Figures {
        workload: workload.name,
        target: workload.target,
        asked,
        requests,
        tokens: requests as f64 * tokens_per_request,
        rate_rps,
        runs,
        cpu_s,
        requests_per_cpu_s: requests as f64 / cpu_s,
        peak_rss_bytes: peak_rss_bytes(),
        digest: report.digest,
    })
}

/// What the fleet serves when offered more than it can.
fn maximum_rps(plan: &Plan) -> f64 {
    let mut run = PointRun::new(plan, Load::Rate(1.5 * plan.capacity_rps()), Fidelity::Draft);
    while !run.advance(u32::MAX) {}
    run.report().map_or(0.0, |r| r.total.served_rps)
}

/// CPU time of this process, s: from the kernel where it says, from the wall clock elsewhere.
fn cpu_seconds() -> f64 {
    // Fields 14 and 15 of /proc/self/stat, counted after the command's name, in ticks of a hundredth of a second.
    let stat = std::fs::read_to_string("/proc/self/stat").ok();
    let ticks = stat.as_deref().and_then(|s| {
        let fields: Vec<&str> = s.rsplit_once(')')?.1.split_whitespace().collect();
        Some(fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?)
    });
    ticks.map_or_else(wall_seconds, |t| t / 100.0)
}

#[allow(clippy::disallowed_methods, reason = "speed is measured here, and results do not depend on it")]
fn wall_seconds() -> f64 {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}

/// Most memory this process has held, where the kernel says.
fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
}
