//! What holds of every answer, whatever its numbers.

use playground_core::report::{ClassReport, Report, Statistic, Summary};
use playground_core::study::Answer;

/// Checks an answer at every load.
pub(crate) fn hold(answer: &Answer) {
    check(&answer.report);
    for point in &answer.curve {
        check(&point.report);
    }
    assert!(answer.curve.is_sorted_by(|a, b| a.rate_rps < b.rate_rps), "loads ascend");
}

fn check(report: &Report) {
    report.classes.iter().chain([&report.total]).for_each(|c| class(c, report.run.followed_to_end));
    let sum = |of: fn(&ClassReport) -> u64| report.classes.iter().map(of).sum::<u64>();
    assert_eq!(sum(|c| c.metrics.e2e_ms.n), report.total.metrics.e2e_ms.n, "classes add up to the total");
    for share in
        [report.kv.use_frac, report.kv.peak_frac].into_iter().chain(report.instances.iter().map(|i| i.busy_frac))
    {
        assert!((0.0..=1.0).contains(&share), "{share} is a share");
    }
}

fn class(c: &ClassReport, followed_to_end: bool) {
    let answered = c.metrics.ttft_ms.n;
    assert_eq!(c.ends["done"] + c.ends["cut"], answered, "{}: who was answered is done or was left at that", c.name);
    if followed_to_end {
        assert_eq!(c.ends["cut"], 0, "{}: nobody who is measured is cut off", c.name);
        assert_eq!(c.metrics.e2e_ms.n, answered, "{}: who is done has a time", c.name);
    } else {
        let unknown = (c.metrics.e2e_ms.n, c.metrics.tpot_ms.n, c.goodput_frac);
        assert_eq!(unknown, (0, 0, None), "{}: what was not followed is not known", c.name);
    }
    assert!(c.goodput_rps <= c.served_rps, "{}: good requests are served ones", c.name);
    for summary in [&c.metrics.ttft_ms, &c.metrics.itl_ms, &c.metrics.tpot_ms, &c.metrics.e2e_ms] {
        ordered(&c.name, summary);
    }
}

fn ordered(name: &str, summary: &Summary) {
    let quantiles = [summary.p50, summary.p90, summary.p95, summary.p99];
    assert!(quantiles.is_sorted(), "{name}: quantiles ascend: {quantiles:?}");
    for statistic in Statistic::ALL {
        if let (Some(value), Some(low), Some(high)) = summary.get(statistic) {
            assert!(low <= value && value <= high, "{name}: {value} lies in its interval {low} to {high}");
        }
    }
}
