//! Case studies: presets under every policy they are about, paired. Prints the tables of docs/case-studies.md:
//!
//! ```text
//! cargo test -p playground-tests --test case_studies -- --ignored --nocapture --test-threads 1
//! ```

mod admission;
mod prefill_and_decode;

use playground_core::catalog::Catalog;
use playground_core::report::Report;
use playground_core::scenario::{Load, Plan, Scenario, resolve};
use playground_core::study::compare::{Difference, SideRun, Window, differences};

/// Loads, as shares of a study's capacity; fixed before anything was run.
const LOADS: [f64; 5] = [0.5, 0.75, 1.0, 1.25, 1.5];
/// The capacity is the highest load at which the baseline keeps up, in steps of this share of its nominal capacity: that
/// takes the prefix cache for boundless, which conversations make too much of.
const STEP: f64 = 0.05;

fn plan(s: &Scenario) -> Plan {
    resolve(s, &Catalog::builtin()).unwrap_or_else(|found| panic!("{found:?}"))
}

/// One side of a study, at a load and over a window that all sides share. The load is made the scenario's own, so that
/// requests are followed to their ends, beyond the capacity too.
fn run(s: &Scenario, load: Load, window: Window) -> Report {
    let mut s = s.clone();
    s.workload.arrival.set_load(load);
    let mut run = SideRun::new(&s, load, window, &Catalog::builtin()).expect("is sound");
    while !run.advance(1_000_000) {}
    run.report().expect("is over")
}

/// The highest rate at which the baseline keeps up.
fn capacity_rps(baseline: &Scenario) -> f64 {
    let plan = plan(baseline);
    let keeps_up = |k: &u32| {
        let load = plan.load_at(STEP * f64::from(*k));
        let report = run(baseline, load, Window::own(&plan, load));
        report.run.stationary
    };
    let steps = (1..).take_while(keeps_up).count();
    plan.capacity_rps() * STEP * steps as f64
}

/// A value, and how many times the baseline's it is, with the paired 95 % interval of that.
fn against(baseline: &Report, other: &Report, metric: &str, statistic: &str) -> String {
    let found = differences(baseline, other);
    let of = |d: &&Difference| d.metric == metric && d.statistic == statistic;
    let Some(d) = found.iter().find(of) else { return "—".into() };
    let brief = |x: f64| {
        let digits = if x < 10.0 { 2 } else { usize::from(x < 100.0) };
        format!("{x:.digits$}")
    };
    match d.change.and_then(|c| Some((c.frac, c.lo?, c.hi?))) {
        Some((frac, lo, hi)) if frac != 0.0 => {
            let [ratio, low, high] = [frac, lo, hi].map(|frac| brief((1.0 + frac).max(0.0)));
            format!("{} (×{ratio}: {low} to {high})", brief(d.b))
        }
        _ => brief(d.b),
    }
}
