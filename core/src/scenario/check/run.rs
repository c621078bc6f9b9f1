//! Run settings: enough to say something, and no more than a tab can do.

use super::super::run::Run;
use super::super::{Diagnostic, Edit};
use super::{one_of, within};
use alloc::format;
use alloc::vec::Vec;

/// Most repetitions of one load.
const REPLICATIONS_MAX: u32 = 64;
/// Fewest and most requests measured in a repetition.
const REQUESTS_MIN: u32 = 10;
const REQUESTS_MAX: u32 = 10_000_000;
/// Longest warm-up, s: a day.
const WARMUP_S_MAX: f64 = 86_400.0;
/// Rules of the warm-up.
const RESIDENCES: &str = "residences";
const MSER: &str = "mser-5";
/// Most loads of a curve.
const POINTS_MAX: u32 = 64;
/// Most requests of a whole curve: about an hour on one core.
const WORK_MAX: u64 = 1_000_000_000;

pub(super) fn check(run: &Run, found: &mut Vec<Diagnostic>) {
    let before = found.len();
    within(found, "run.replications", run.replications, 1..=REPLICATIONS_MAX, "");
    within(found, "run.requests", run.requests, REQUESTS_MIN..=REQUESTS_MAX, "requests");
    if let Some(warmup_s) = run.warmup_s {
        within(found, "run.warmup_s", warmup_s, 0.0..=WARMUP_S_MAX, "s");
        if run.warmup_rule == MSER {
            found.push(
                Diagnostic::error("run.warmup_s", format!("is given, but {MSER} is to find it: one or the other"))
                    .fix(Edit::new(&format!("Let {MSER} find it"), "run.warmup_s", serde_json::Value::Null))
                    .fix(Edit::new("Keep it", "run.warmup_rule", RESIDENCES)),
            );
        }
    }
    one_of(found, "run.warmup_rule", "rule", &run.warmup_rule, [RESIDENCES, MSER].into_iter());
    within(found, "run.load.min_frac", run.load.min_frac, 0.01..=3.0, "of capacity");
    within(
        found,
        "run.load.max_frac",
        run.load.max_frac,
        run.load.min_frac.clamp(0.01, 3.0)..=3.0,
        "of capacity (no less than min_frac)",
    );
    within(found, "run.load.points", run.load.points, 2..=POINTS_MAX, "loads");
    if found.len() == before {
        check_work(run, found);
    }
}

fn check_work(run: &Run, found: &mut Vec<Diagnostic>) {
    let runs = u64::from(run.load.points + 1) * u64::from(run.replications);
    let work = runs * u64::from(run.requests);
    if work > WORK_MAX {
        let requests = u32::try_from(WORK_MAX / runs / 2).unwrap_or(REQUESTS_MIN).max(REQUESTS_MIN);
        found.push(
            Diagnostic::error(
                "run.requests",
                format!("makes {work} requests over all loads and repetitions, at most {WORK_MAX} are simulated"),
            )
            .fix(Edit::new(&format!("Measure {requests}"), "run.requests", requests)),
        );
    }
}
