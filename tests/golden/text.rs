//! An answer as text, to four digits: what a person compares.

use playground_core::report::{Report, Statistic, Summary};
use playground_core::study::Answer;
use playground_portable::Case;
use std::fmt::Write as _;

/// The answer to a case.
pub(crate) fn of(case: &Case, answer: &Answer) -> String {
    let mut text = format!("{}\n\n{}\n\n", case.scenario.title, answer.verdict.sentence);
    writeln!(text, "capacity {} req/s, {:?}", digits(answer.capacity_rps), answer.fidelity).expect("text");
    curve(&mut text, answer);
    let classes = &answer.report.classes;
    // The total of one class is that class.
    let total = (classes.len() > 1).then_some(&answer.report.total);
    for class in classes.iter().chain(total) {
        writeln!(text, "\n{} at {} req/s", class.name, digits(answer.rate_rps)).expect("text");
        let m = &class.metrics;
        for (name, summary) in [("TTFT", &m.ttft_ms), ("ITL", &m.itl_ms), ("TPOT", &m.tpot_ms), ("E2E", &m.e2e_ms)] {
            writeln!(text, "  {name:<5}{}", latency(summary)).expect("text");
        }
        writeln!(
            text,
            "  served {} req/s, goodput {} req/s, {} output tokens/s, ends {:?}",
            digits(class.served_rps),
            digits(class.goodput_rps),
            digits(class.output_tokens_per_s),
            class.ends
        )
        .expect("text");
        for slo in &class.slo {
            let word = if slo.meets { "meets" } else { "misses" };
            let value = optional(slo.value_ms);
            writeln!(text, "  {} p{} {value} ms {word} {} ms", slo.metric, slo.percentile, slo.target_ms)
                .expect("text");
        }
    }
    machines(&mut text, &answer.report);
    text
}

fn curve(text: &mut String, answer: &Answer) {
    let head = ["req/s", "load", "TTFT p50", "TTFT p99", "ITL p50", "ITL p99", "E2E mean", "served", "KV use", "lost"];
    let row = |text: &mut String, cells: [String; 10], tail: &str| {
        let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:>9}")).collect();
        writeln!(text, "{}{tail}", cells.join(" ")).expect("text");
    };
    row(text, head.map(String::from), "");
    for point in &answer.curve {
        let (r, m) = (&point.report, &point.report.total.metrics);
        let cells = [
            digits(point.rate_rps),
            digits(r.load_frac),
            optional(m.ttft_ms.p50),
            optional(m.ttft_ms.p99),
            optional(m.itl_ms.p50),
            optional(m.itl_ms.p99),
            optional(m.e2e_ms.mean),
            digits(r.total.served_rps),
            digits(r.kv.use_frac),
            r.kv.preemptions.to_string(),
        ];
        row(text, cells, if r.run.stationary { "" } else { "  grows" });
    }
}

/// Each statistic with the half-width of its interval, in ms.
fn latency(summary: &Summary) -> String {
    let statistic = |s: Statistic| {
        let (value, low, high) = summary.get(s);
        let half = low.zip(high).map_or_else(String::new, |(low, high)| format!(" ± {}", digits((high - low) / 2.0)));
        format!("{} {}{half}", s.name(), optional(value))
    };
    format!("{} (n {})", Statistic::ALL.map(statistic).join(", "), summary.n)
}

fn machines(text: &mut String, report: &Report) {
    writeln!(text, "\n{} KV blocks, {} steps", report.kv.blocks, report.run.steps).expect("text");
    for i in &report.instances {
        writeln!(
            text,
            "  {:<10} busy {}, running {}, waiting {}, KV {}, requests {}",
            i.name,
            digits(i.busy_frac),
            digits(i.running_mean),
            digits(i.waiting_mean),
            digits(i.kv_use_frac),
            i.requests
        )
        .expect("text");
    }
    let cost = &report.cost;
    let per_million = optional(cost.usd_per_million_output_tokens);
    writeln!(text, "{} GPUs, {} USD/h, {per_million} USD per million tokens", cost.gpus, digits(cost.usd_per_hour))
        .expect("text");
}

fn optional(value: Option<f64>) -> String {
    value.map_or_else(|| "—".into(), digits)
}

/// Four significant digits.
fn digits(value: f64) -> String {
    let size = value.abs();
    let decimals = match size {
        s if s >= 1000.0 => 0,
        s if s >= 100.0 => 1,
        s if s >= 10.0 => 2,
        s if s >= 1.0 => 3,
        _ => 4,
    };
    format!("{value:.decimals$}")
}
