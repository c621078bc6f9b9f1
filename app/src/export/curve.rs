//! Every load of an answer as data.

use super::sheet::{Cell, Sheet, seconds};
use playground_core::base::Order;
use playground_core::report::{End, Metrics, Report, Statistic, Summary};
use playground_core::study::Answer;

/// The latencies of a report: name and where it is.
type Pick = fn(&Metrics) -> &Summary;
const LATENCIES: [(&str, Pick); 4] =
    [("ttft", |m| &m.ttft_ms), ("itl", |m| &m.itl_ms), ("tpot", |m| &m.tpot_ms), ("e2e", |m| &m.e2e_ms)];

/// One row a load, ascending; with the latencies that are named, or all of them.
pub(crate) fn sheet(answer: &Answer, only: Option<&str>) -> Sheet {
    let mut loads: Vec<(&Report, bool)> = answer.curve.iter().map(|c| (&c.report, false)).collect();
    loads.push((&answer.report, true));
    loads.order_by(|a, b| a.0.load.total_cmp(&b.0.load));
    let picked: Vec<(&str, Pick)> = LATENCIES.into_iter().filter(|(name, _)| only.is_none_or(|o| o == *name)).collect();
    let load = if answer.report.load.is_closed() { "max_concurrency" } else { "offered_rps" };
    let mut head: Vec<String> = [load, "load_over_capacity", "this_scenario", "steady"].map(String::from).to_vec();
    for (name, _) in &picked {
        head.push(format!("{name}_n"));
        for statistic in Statistic::ALL {
            head.extend(["", "_ci95_low", "_ci95_high"].map(|end| format!("{name}_{}{end}_s", statistic.name())));
        }
    }
    if only.is_none() {
        head.extend(RATES.map(|(name, _)| name.to_owned()));
        head.extend(End::ALL.map(|end| format!("requests_{}", end.name())));
    }
    let row = |(report, own): (&Report, bool)| {
        let (steady, closed) = (report.run.stationary, report.load.is_closed());
        let amount: Cell = if closed { (report.load.amount() as u64).into() } else { report.load.amount().into() };
        let mut row: Vec<Cell> = vec![amount, report.load_frac.into(), own.into(), steady.into()];
        for (_, pick) in &picked {
            let summary = pick(&report.total.metrics);
            row.push(summary.n.into());
            for statistic in Statistic::ALL {
                let (value, lo, hi) = summary.get(statistic);
                row.extend([seconds(value), seconds(lo), seconds(hi)]);
            }
        }
        if only.is_none() {
            row.extend(RATES.map(|(_, value)| Cell::from(value(report))));
            row.extend(End::ALL.map(|end| Cell::from(report.total.ends.get(end.name()).copied())));
        }
        row
    };
    Sheet { head, rows: loads.into_iter().map(row).collect() }
}

/// What else there is of a load.
type Value = fn(&Report) -> Option<f64>;
const RATES: [(&str, Value); 11] = [
    ("served_rps", |r| Some(r.total.served_rps)),
    ("goodput_rps", |r| Some(r.total.goodput_rps)),
    ("goodput_share", |r| r.total.goodput_frac),
    ("output_tokens_per_s", |r| Some(r.total.output_tokens_per_s)),
    ("usd_per_million_output_tokens", |r| r.cost.usd_per_million_output_tokens),
    ("kv_blocks_used_share", |r| Some(r.kv.use_frac)),
    ("kv_blocks_used_share_peak", |r| Some(r.kv.peak_frac)),
    ("prefix_hit_share", |r| Some(r.kv.hit_rate)),
    ("host_memory_hit_share", |r| r.offload.as_ref().map(|o| o.hit_rate)),
    ("host_memory_load_ms_mean", |r| r.offload.as_ref().and_then(|o| o.load_ms.mean)),
    ("preemptions", |r| Some(r.kv.preemptions as f64)),
];

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::catalog::Catalog;
    use playground_core::scenario::{Scenario, resolve};
    use playground_core::study::{Fidelity, LoadCurve};

    #[test]
    fn every_load_is_a_row_and_fills_its_columns() {
        let mut s = Scenario::default();
        (s.run.requests, s.run.replications, s.run.load.points) = (100, 2, 3);
        for clients in [None, Some(8)] {
            s.workload.arrival.kind = if clients.is_some() { "closed-loop".into() } else { "poisson".into() };
            s.workload.arrival.max_concurrency = clients;
            let answer = LoadCurve::run(&resolve(&s, &Catalog::builtin()).expect("is sound"), Fidelity::Settled);
            for only in [None, Some("ttft")] {
                let sheet = sheet(&answer, only);
                assert_eq!(sheet.rows.len(), 4);
                assert!(sheet.rows.iter().all(|r| r.len() == sheet.head.len()), "{sheet:?}");
                assert!(sheet.head.contains(&"ttft_p99_ci95_high_s".to_owned()));
            }
        }
    }
}
