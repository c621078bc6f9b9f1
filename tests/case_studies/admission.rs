//! Admission: critical requests and batch that may be shed, Qwen3-14B on four H100, under every way of letting in.

use crate::{LOADS, capacity_rps, plan, run};
use playground_core::base::Dur;
use playground_core::report::{ClassReport, Report};
use playground_core::scenario::{FLOW_CONTROL_GATE, FlowControl, Load, Plugin, Preset, Scenario};
use playground_core::stats::t_interval;
use playground_core::study::compare::Window;
use serde_json::json;

/// What is studied, in the order of the tables; the first is the baseline.
const WAYS: [&str; 6] = [
    "legacy",
    "always-admitter",
    "tier-shed-admitter",
    "token-bucket-admitter",
    "probabilistic-admitter",
    "flow control",
];
/// Each replication is a run of its own, so that classes are paired too.
const REPLICATIONS: u64 = 6;

/// The preset, letting in this way. Parameters are defaults, but for two that have no useful ones: the bucket is filled as
/// fast as the fleet takes prompts at capacity, and an instance counts as loaded from half of vLLM's default batch on.
fn letting_in(preset: &Scenario, way: &str, capacity_rps: f64) -> Scenario {
    let mut s = preset.clone();
    s.policies.plugins.retain(|p| !p.kind.ends_with("-admitter"));
    let prompt_tokens = 512.0;
    let given = match way {
        "legacy" => return s,
        "flow control" => {
            s.policies.feature_gates = vec![FLOW_CONTROL_GATE.into()];
            s.policies.flow_control = Some(FlowControl::default());
            return s;
        }
        "tier-shed-admitter" => json!({ "overloadThreshold": 512, "minAdmitPriority": 3 }),
        "token-bucket-admitter" => json!({ "refillRate": (capacity_rps * prompt_tokens).round() }),
        _ => json!({}),
    };
    let parameters = given.as_object().expect("an object").clone();
    s.policies.plugins.push(Plugin { parameters, ..Plugin::new(way) });
    s
}

/// One report per replication.
fn runs(s: &Scenario, load: Load, window: Window) -> Vec<Report> {
    let one = |i| {
        let mut s = s.clone();
        s.run.seed += i;
        s.run.replications = 1;
        run(&s, load, window)
    };
    (0..REPLICATIONS).map(one).collect()
}

fn brief(x: f64) -> String {
    let digits = if x < 10.0 { 2 } else { usize::from(x < 100.0) };
    format!("{x:.digits$}")
}

/// The mean of a value, and how many times the baseline's it is, with the paired 95 % interval of that.
fn cell(baseline: &[Report], reports: &[Report], value: impl Fn(&Report) -> Option<f64>) -> String {
    let pairs: Option<Vec<(f64, f64)>> =
        baseline.iter().zip(reports).map(|(a, b)| Some((value(a)?, value(b)?))).collect();
    let of = |f: &dyn Fn(&(f64, f64)) -> f64| t_interval(&pairs.iter().flatten().map(f).collect::<Vec<f64>>());
    let (Some(a), Some(b)) = (of(&|p| p.0), of(&|p| p.1)) else { return "—".into() };
    let ratio = b.point / a.point;
    match of(&|p| p.1 - ratio * p.0).and_then(|e| e.half_width).map(|h| h / a.point) {
        Some(half) if half > 0.0 && a.point > 0.0 => {
            format!(
                "{} (×{}: {} to {})",
                brief(b.point),
                brief(ratio),
                brief((ratio - half).max(0.0)),
                brief(ratio + half)
            )
        }
        _ => brief(b.point),
    }
}

fn served(class: &ClassReport) -> Option<f64> {
    let all: u64 = class.ends.values().sum();
    (all > 0).then(|| 100.0 * class.ends.get("done").copied().unwrap_or(0) as f64 / all as f64)
}

#[test]
#[ignore = "simulates for minutes; prints the tables of docs/case-studies.md"]
fn admission() {
    let preset = Preset::find("admission").and_then(|p| p.scenario().ok()).expect("it is there");
    let everyone = letting_in(&preset, "always-admitter", 0.0);
    let capacity_rps = capacity_rps(&everyone);
    println!("\n### admission: capacity {capacity_rps:.2} requests/s (nominal {:.2})", plan(&everyone).capacity_rps());
    let horizon_ps = Dur::from_secs_f64(f64::from(preset.run.requests) / capacity_rps).as_ps();
    for frac in LOADS {
        let load = Load::Rate(frac * capacity_rps);
        let window = Window { horizon_ps, ..Window::own(&plan(&everyone), load) };
        println!("\n{:.0} % of it, {:.1} requests/s:\n", 100.0 * frac, load.amount());
        println!(
            "| lets in | critical TTFT p90, ms | critical TTFT p99, ms | critical E2E mean, ms | critical ITL p99, ms | critical served | batch served | goodput, 1/s |"
        );
        println!("|---|---|---|---|---|---|---|---|");
        let baseline = runs(&letting_in(&preset, WAYS[0], capacity_rps), load, window);
        for way in WAYS {
            let reports = runs(&letting_in(&preset, way, capacity_rps), load, window);
            let of = |value: fn(&Report) -> Option<f64>| cell(&baseline, &reports, value);
            let share = |class: usize| {
                let each: Vec<f64> = reports.iter().filter_map(|r| served(&r.classes[class])).collect();
                t_interval(&each).map_or("—".into(), |e| format!("{:.1} %", e.point))
            };
            println!(
                "| {} | {} | {} | {} | {} | {} | {} | {} |",
                way.trim_end_matches("-admitter"),
                of(|r| r.classes[0].metrics.ttft_ms.p90),
                of(|r| r.classes[0].metrics.ttft_ms.p99),
                of(|r| r.classes[0].metrics.e2e_ms.mean),
                of(|r| r.classes[0].metrics.itl_ms.p99),
                share(0),
                share(1),
                of(|r| Some(r.total.goodput_rps)),
            );
        }
    }
}
