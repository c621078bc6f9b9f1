//! Qwen3-14B on an H100 under Poisson traffic of constant lengths: the whole path from arrival to last token.

use crate::{csv, measured, say};
use playground_core::engine::Stepping;
use playground_core::scenario::{Length, Scenario};
use playground_tests::fleet;

/// Largest error of TTFT and TPOT.
const ERROR_MAX: f64 = 0.15;

#[test]
fn two_and_six_requests_per_second() {
    let Some(path) = measured("blis/residency_qwen3_14b_aggregates.csv") else { return };
    let rows = csv::read(&path);
    for name in ["resid_sweep_rate_agg_2rps_vanilla", "resid_sweep_rate_agg_6rps_vanilla"] {
        let row = rows.iter().find(|row| row.text("exp") == name).expect("the run is in the file");
        let cell = |column: &str| row.number(column).expect("a number");
        let record = simulate(cell("offered_rate_rps"), cell("input_tokens_mean"), cell("output_tokens_mean"));
        let ttft = record.ttft.quantile_ms(0.5).expect("measured");
        let tpot = record.tpot.mean_ms().expect("measured");
        for (metric, got, want) in [("TTFT p50", ttft, cell("ttft_p50_ms")), ("TPOT mean", tpot, cell("tpot_mean_ms"))]
        {
            let error = got / want - 1.0;
            say(&format!("{name} {metric}: {:+.1} %", 100.0 * error));
            assert!(error.abs() <= ERROR_MAX, "{name} {metric} is off by {:.1} %", 100.0 * error);
        }
    }
}

fn simulate(rate: f64, input: f64, output: f64) -> playground_core::report::ClassRecord {
    let mut s = Scenario::default();
    s.workload.arrival.rate_rps = rate;
    s.workload.classes[0].input = Length::constant(input.round() as u32);
    s.workload.classes[0].output = Length::constant(output.round() as u32);
    let pool = &mut s.topology.pools[0];
    pool.replicas = 1;
    pool.engine.max_num_seqs = Some(256);
    pool.engine.max_num_batched_tokens = Some(8192);
    pool.engine.gpu_memory_utilization = Some(0.92);
    pool.engine.sampling = "greedy".into();
    fleet::total(&fleet::record(&fleet::plan(&s), rate, 4000.0, Stepping::Jump))
}
