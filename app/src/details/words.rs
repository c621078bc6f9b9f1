//! A load in words.

use crate::say;
use playground_core::base::Order;
use playground_core::report::{Report, Statistic, Unsteady};
use playground_core::study::Answer;

/// A beginning that MSER-5 finds later than the warm-up by this share of the horizon is worth a word.
const MSER_LATE_FRAC: f64 = 0.1;

/// A load as an entry of a list.
pub(super) fn entry(report: &Report, own: bool) -> String {
    let own = if own { ", this scenario" } else { "" };
    let steady = if report.run.stationary { "" } else { ", not steady" };
    format!("{} ({} of capacity{own}{steady})", say::load(report.load), say::percent_whole(report.load_frac))
}

/// What is to be known about a load, in a sentence.
pub(super) fn sentence(report: &Report, statistic: Statistic) -> String {
    let metrics = &report.total.metrics;
    let of = |name: &str, value: Option<f64>| format!("{name} {}", say::maybe_span(value));
    let keeps_up = match report.run.unsteady {
        None => "the fleet keeps up",
        Some(Unsteady::QueueGrows) => "requests arrive faster than they are served, and the queues grow",
        Some(Unsteady::ClientsFallBehind) => "all clients are busy, and requests are sent later and later",
    };
    let goodput =
        report.total.goodput_frac.map_or_else(String::new, |f| format!(", {} within all targets", say::percent(f)));
    let ttft = of("TTFT", metrics.ttft_ms.get(statistic).0);
    let itl = of("ITL", metrics.itl_ms.get(statistic).0);
    let latencies = match metrics.e2e_ms.get(statistic).0 {
        None => format!("{ttft} and {itl}"),
        known => format!("{ttft}, {itl} and {}", of("E2E", known)),
    };
    format!(
        "At {} {keeps_up}. Its {} is {latencies}; {} are served{goodput}.",
        say::load(report.load),
        statistic.name(),
        say::rate(report.total.served_rps)
    )
}

/// How it was measured.
pub(super) fn measured(report: &Report) -> String {
    let run = &report.run;
    // It seldom hits the very same moment.
    let late = run.warmup_s + MSER_LATE_FRAC * run.horizon_s;
    let mser = run.mser_s.filter(|s| *s > late).map_or_else(String::new, |s| {
        format!(
            " MSER-5 would begin to measure at {} s only: the beginning may have been measured too.",
            say::number(s)
        )
    });
    // What took longer is not known, and depends on how long was simulated.
    let followed = if run.followed_to_end { "" } else { ", followed to their first tokens" };
    format!(
        "{} {} of {} s after {} s of warm-up, seed {}; {} requests measured{followed}.{mser}",
        run.replications,
        if run.replications == 1 { "repetition" } else { "repetitions" },
        say::number(run.horizon_s),
        say::number(run.warmup_s),
        run.seed,
        say::count(report.total.ends.values().sum())
    )
}

/// Every load of an answer, ascending, and which of them is the scenario's own.
pub(super) fn loads(answer: &Answer) -> Vec<(&Report, bool)> {
    let mut all: Vec<(&Report, bool)> = answer.curve.iter().map(|c| (&c.report, false)).collect();
    all.push((&answer.report, true));
    all.order_by(|a, b| a.0.load.total_cmp(&b.0.load));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::catalog::Catalog;
    use playground_core::scenario::{Scenario, resolve};
    use playground_core::study::{Fidelity, LoadCurve};

    #[test]
    fn a_load_says_whether_the_fleet_keeps_up_and_how_it_was_measured() {
        let mut s = Scenario::default();
        (s.run.requests, s.run.replications, s.run.load.points) = (500, 2, 3);
        s.workload.arrival.rate_rps = 400.0;
        let answer = LoadCurve::run(&resolve(&s, &Catalog::builtin()).expect("is sound"), Fidelity::Settled);
        let text = sentence(&answer.report, Statistic::P90);
        assert!(
            text.starts_with("At 400 req/s requests arrive faster than") && text.contains("Its p90 is TTFT "),
            "{text}"
        );
        let calm = sentence(&answer.curve[0].report, Statistic::P99);
        assert!(calm.contains("the fleet keeps up") && calm.contains("within all targets"), "{calm}");
        assert!(measured(&answer.report).starts_with("2 repetitions of "), "{}", measured(&answer.report));
        assert_eq!(loads(&answer).iter().filter(|l| l.1).count(), 1);
        assert!(entry(&answer.report, true).ends_with("this scenario, not steady)"));
    }
}
