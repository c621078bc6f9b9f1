//! The answer as text: the sentence, the curve as a table, the fingerprint.

use playground_core::report::{DisaggReport, OffloadReport, Report, Statistic, Summary};
use playground_core::scenario::{Load, Scenario};
use playground_core::study::Answer;
use playground_core::study::hardware::{Quantity, Standing};

const HEADER: [&str; 10] =
    ["", "load", "TTFT p50", "TTFT p99", "ITL p50", "ITL p99", "served", "tok/s", "goodput", "steady"];

/// Everything a person wants to see.
pub(crate) fn text(scenario: &Scenario, answer: &Answer, standing: &Standing) -> String {
    let mut rows: Vec<(&Report, bool)> = answer.curve.iter().map(|c| (&c.report, false)).collect();
    rows.push((&answer.report, true));
    rows.sort_by(|a, b| a.0.load.total_cmp(&b.0.load));
    let mut lines = vec![scenario.title.clone(), String::new(), answer.verdict.sentence.clone(), String::new()];
    let mut head = HEADER.map(String::from);
    head[0] = if answer.report.load.is_closed() { "clients" } else { "req/s" }.into();
    lines.push(line(&head, " "));
    lines.extend(rows.iter().map(|(report, own)| line(&cells(report), if *own { "→" } else { " " })));
    let report = &answer.report;
    lines.push(String::new());
    lines.push("Latencies in ms; → marks the scenario's own load.".into());
    lines.push(format!(
        "At that load: TTFT p99 {}, ITL p99 {}.",
        interval(&report.total.metrics.ttft_ms),
        interval(&report.total.metrics.itl_ms)
    ));
    lines.push(hardware(report, standing));
    lines.extend(report.disagg.iter().flat_map(apart));
    lines.extend(report.offload.iter().map(offloaded));
    lines.push(format!(
        "seed {}, {} replications, model {}",
        report.run.seed, report.run.replications, report.model_version
    ));
    lines.push(format!("digest {}", answer.study_digest));
    lines.join("\n")
}

/// What the hardware would show there, and how well that is known.
fn hardware(report: &Report, standing: &Standing) -> String {
    let metrics = &report.total.metrics;
    let span = |name: &str, metric: &str, summary: &Summary| {
        let between = summary.p99.and_then(|p99| standing.hardware(Quantity::of(metric, Statistic::P99), p99));
        let between = between.map_or_else(|| "not known".into(), |(lo, hi)| format!("{lo:.1} to {hi:.1}"));
        format!("{name} p99 {between}")
    };
    let both = [span("TTFT", "ttft", &metrics.ttft_ms), span("ITL", "itl", &metrics.itl_ms)].join(", ");
    format!("On hardware, in nine of ten cases: {both} ({}).\n{}", standing.badge(), standing.sentence())
}

/// What came of computing prompts apart from decoding.
fn apart(disagg: &DisaggReport) -> Vec<String> {
    let ms = |v: Option<f64>| v.map_or_else(|| "—".into(), |v| format!("{v:.1} ms"));
    let (transfer, there, here) = (&disagg.transfer_ms, &disagg.ttft_apart_ms, &disagg.ttft_here_ms);
    let parts: Vec<String> =
        disagg.ttft_parts_ms.iter().map(|p| format!("{} {:.1}", p.name.replace('_', " "), p.mean_ms)).collect();
    let mut lines = vec![
        String::new(),
        format!("{:.1} % of prompts were computed apart from decoding.", disagg.apart_frac * 100.0),
        format!("Transfer of their keys and values: mean {}, p99 {}.", ms(transfer.mean), ms(transfer.p99)),
        format!(
            "TTFT of those: mean {}, p99 {}; of the others: mean {}.",
            ms(there.mean),
            ms(there.p99),
            ms(here.mean)
        ),
        format!("Its parts, ms: {}.", parts.join(", ")),
    ];
    lines.extend(disagg.pools.iter().map(|p| {
        format!(
            "Pool {} ({}): {} x {} GPUs, busy {:.0} %, running {:.1}, waiting {:.1}, KV {:.0} %, hits {:.0} %, {:.2} USD/h.",
            p.name,
            p.role,
            p.replicas,
            p.gpus / p.replicas.max(1),
            p.busy_frac * 100.0,
            p.running_mean,
            p.waiting_mean,
            p.kv_use_frac * 100.0,
            p.hit_rate * 100.0,
            p.usd_per_hour
        )
    }));
    lines.push(String::new());
    lines
}

/// What host memory gave back.
fn offloaded(offload: &OffloadReport) -> String {
    let ms = |v: Option<f64>| v.map_or_else(|| "—".into(), |v| format!("{v:.1} ms"));
    format!(
        "{:.1} % of prompt tokens came from host memory; a load took {} on average, p99 {}.",
        offload.hit_rate * 100.0,
        ms(offload.load_ms.mean),
        ms(offload.load_ms.p99)
    )
}

fn line(cells: &[String; 10], mark: &str) -> String {
    let cells: Vec<String> = cells.iter().map(|c| format!("{c:>9}")).collect();
    format!("{mark}{}", cells.join(" "))
}

fn cells(report: &Report) -> [String; 10] {
    let m = &report.total.metrics;
    let number = |v: Option<f64>| v.map_or_else(|| "—".into(), |v| format!("{v:.1}"));
    [
        match report.load {
            Load::Rate(rps) => format!("{rps:.2}"),
            Load::Concurrency(clients) => clients.to_string(),
        },
        format!("{:.0} %", report.load_frac * 100.0),
        number(m.ttft_ms.p50),
        number(m.ttft_ms.p99),
        number(m.itl_ms.p50),
        number(m.itl_ms.p99),
        format!("{:.2}", report.total.served_rps),
        format!("{:.0}", report.total.output_tokens_per_s),
        report.total.goodput_frac.map_or_else(|| "—".into(), |g| format!("{:.1} %", g * 100.0)),
        if report.run.stationary { "yes" } else { "no" }.into(),
    ]
}

fn interval(s: &Summary) -> String {
    match (s.p99, s.lo.p99, s.hi.p99) {
        (Some(v), Some(lo), Some(hi)) => {
            format!("{v:.1} ms (95 % interval {lo:.1} to {hi:.1}, n = {})", s.n)
        }
        (Some(v), ..) => format!("{v:.1} ms (n = {}, one replication, no interval)", s.n),
        _ => "—".into(),
    }
}
