//! Prefill apart from decode: chat and code generation, Llama-3.1-70B on sixteen H100, under every decider.

use crate::{LOADS, against, capacity_rps, plan, run};
use playground_core::base::Dur;
use playground_core::report::Report;
use playground_core::scenario::{Load, Plugin, Preset, Scenario};
use playground_core::study::compare::Window;
use serde_json::json;

/// Every decider with the parameters it is studied with: defaults, and those of llm-d's sample configuration.
const DECIDERS: [(&str, &str, f64); 6] = [
    ("never-disagg-pd-decider", "", 0.0),
    ("always-disagg-pd-decider", "", 0.0),
    ("random-disagg-pd-decider", "probability", 0.5),
    ("prefix-based-pd-decider", "nonCachedTokens", 16.0),
    ("edpp-pd-decider", "", 0.0),
    ("edpp-model-pd-decider", "", 0.0),
];

/// The preset with this decider.
fn deciding(preset: &Scenario, decider: &str, parameter: &str, value: f64) -> Scenario {
    let mut s = preset.clone();
    let plugins = &mut s.policies.plugins;
    plugins.retain(|p| !p.kind.ends_with("-pd-decider"));
    let mut plugin = Plugin::new(decider);
    if !parameter.is_empty() {
        let value = if value.fract() == 0.0 { json!(value as u64) } else { json!(value) };
        plugin.parameters.insert(parameter.into(), value);
    }
    plugins.push(plugin);
    let handler = plugins.iter_mut().find(|p| p.kind == "disagg-profile-handler").expect("it has one");
    handler.parameters.insert("deciders".into(), json!({ "prefill": decider }));
    s
}

/// The same GPUs, all of which do both.
fn together(preset: &Scenario) -> Scenario {
    let mut s = preset.clone();
    s.topology.pools.truncate(1);
    let pool = &mut s.topology.pools[0];
    (pool.name, pool.role, pool.replicas) = ("both".into(), "both".into(), 4);
    s.policies.plugins.retain(|p| p.kind.ends_with("-scorer") || p.kind.ends_with("-picker"));
    s.policies.scheduling_profiles.truncate(1);
    s.policies.scheduling_profiles[0].plugins.retain(|p| !p.plugin_ref.ends_with("-filter"));
    s
}

fn row(name: &str, baseline: &Report, report: &Report) {
    let apart = report.disagg.as_ref().map_or("—".into(), |d| format!("{:.0} %", 100.0 * d.apart_frac));
    let transfer = report.disagg.as_ref().and_then(|d| Some((d.transfer_ms.mean?, d.transfer_ms.p99?)));
    let transfer = transfer.map_or("—".into(), |(mean, p99)| format!("{mean:.0} / {p99:.0}"));
    let cell = |metric, statistic| against(baseline, report, metric, statistic);
    let steady = if report.run.stationary { "yes" } else { "no" };
    println!(
        "| {name} | {apart} | {transfer} | {} | {} | {} | {} | {} | {steady} |",
        cell("ttft", "mean"),
        cell("ttft", "p99"),
        cell("itl", "mean"),
        cell("e2e", "mean"),
        cell("goodput", ""),
    );
}

fn study(name: &str) {
    let preset = Preset::find(name).and_then(|p| p.scenario().ok()).expect("it is there");
    let adaptive = plan(&deciding(&preset, "edpp-model-pd-decider", "", 0.0));
    let baseline = together(&preset);
    let capacity_rps = capacity_rps(&baseline);
    println!("\n### {name}: capacity {capacity_rps:.2} requests/s (nominal {:.2})", plan(&baseline).capacity_rps());
    // As many requests at the capacity as the preset asks for; nobody's warm-up is shorter than the adaptive fleet's.
    let horizon_ps = Dur::from_secs_f64(f64::from(preset.run.requests) / capacity_rps).as_ps();
    for frac in LOADS {
        let load = Load::Rate(frac * capacity_rps);
        let window = Window { horizon_ps, ..Window::own(&adaptive, load) };
        println!("\n{:.0} % of it, {:.2} requests/s:\n", 100.0 * frac, load.amount());
        println!(
            "| decider | apart | transfer, mean / p99, ms | TTFT mean, ms | TTFT p99, ms | ITL mean, ms | E2E mean, ms | goodput, 1/s | steady |"
        );
        println!("|---|---|---|---|---|---|---|---|---|");
        let first = run(&baseline, load, window);
        row("(four that do both)", &first, &first);
        for (decider, parameter, value) in DECIDERS {
            let report = run(&deciding(&preset, decider, parameter, value), load, window);
            let short = decider.trim_end_matches("-pd-decider").trim_end_matches("-disagg");
            row(short, &first, &report);
        }
    }
}

#[test]
#[ignore = "simulates for minutes; prints the tables of docs/case-studies.md"]
fn chat() {
    study("pd-chat");
}

#[test]
#[ignore = "simulates for minutes; prints the tables of docs/case-studies.md"]
fn code_generation() {
    study("pd-code-generation");
}
