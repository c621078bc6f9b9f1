//! Says what is wrong with a scenario: every finding at once, each with its field, reason and fix.
//!
//! The same check serves the form, a link, a file and the command line. It never panics and never stops
//! at the first finding.

mod disagg;
mod flow_control;
mod memory;
mod offload;
pub(super) mod own;
mod parallel;
mod policies;
mod precision;
mod run;
mod scheduling;
mod speculation;
mod topology;
mod work;
mod workload;

use super::plan::{PoolPlan, pool_plan};
use super::{Diagnostic, Edit, SCHEMA_VERSION, Scenario, TEXT_MAX};
use crate::base::Order;
use crate::catalog::Catalog;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Display;
use core::ops::RangeInclusive;
use serde_json::Value;

/// Most words offered in place of one that is not known.
const OFFERS_MAX: usize = 6;

/// Everything found, errors and warnings, in the order of the form.
#[must_use]
pub fn check(scenario: &Scenario, catalog: &Catalog) -> Vec<Diagnostic> {
    look(scenario, catalog).0
}

/// The same, and where there is no error the pools, worked out.
pub(super) fn look(scenario: &Scenario, catalog: &Catalog) -> (Vec<Diagnostic>, Option<Vec<PoolPlan>>) {
    let mut found = Vec::new();
    identity(scenario, &mut found);
    let catalog = &*own::catalog(&scenario.topology, catalog, &mut found);
    own::check_use(scenario, catalog, &mut found);
    topology::check(&scenario.topology, catalog, &mut found);
    workload::check(&scenario.workload, &mut found);
    policies::check(&scenario.policies, &mut found);
    disagg::check(scenario, catalog, &mut found);
    run::check(&scenario.run, &mut found);
    if found.iter().any(Diagnostic::is_error) {
        return (found, None);
    }
    let pools: Vec<PoolPlan> = scenario.topology.pools.iter().filter_map(|pool| pool_plan(pool, catalog)).collect();
    memory::check_lengths(scenario, &pools, &mut found);
    work::check(scenario, &pools, catalog, &mut found);
    let sound = !found.iter().any(Diagnostic::is_error);
    (found, sound.then_some(pools))
}

fn identity(s: &Scenario, found: &mut Vec<Diagnostic>) {
    if s.schema_version != SCHEMA_VERSION {
        found.push(
            Diagnostic::error(
                "schema_version",
                format!(
                    "is {}, and this release reads {SCHEMA_VERSION}; open the scenario with the release that made it",
                    s.schema_version
                ),
            )
            .fix(Edit::new("Read it as this release's", "schema_version", SCHEMA_VERSION)),
        );
    }
    for (path, text) in [("title", &s.title), ("note", &s.note)] {
        let length = text.chars().count();
        if length > TEXT_MAX {
            let short: String = text.chars().take(TEXT_MAX).collect();
            found.push(
                Diagnostic::error(path, format!("has {length} characters, at most {TEXT_MAX} fit")).fix(Edit::new(
                    &format!("Keep the first {TEXT_MAX}"),
                    path,
                    short,
                )),
            );
        }
    }
    for path in s.unknown_settings() {
        found.push(Diagnostic::warning(&path, "is not known to this release; it is kept, but has no effect".into()));
    }
}

/// An error unless the number lies in the range; the fix is the nearest end.
fn within<T>(found: &mut Vec<Diagnostic>, path: &str, value: T, range: RangeInclusive<T>, unit: &str)
where
    T: PartialOrd + Copy + Display + Into<Value>,
{
    // Written so that NaN, which compares with nothing, is out of range.
    if range.contains(&value) {
        return;
    }
    let (low, high) = (*range.start(), *range.end());
    let nearest = if value > high { high } else { low };
    let space = if unit.is_empty() { "" } else { " " };
    found.push(
        Diagnostic::error(path, format!("must be from {low} to {high}{space}{unit}, and is {value}")).fix(Edit::new(
            &format!("Set to {nearest}{space}{unit}"),
            path,
            nearest,
        )),
    );
}

/// An error unless the word is one of those known; the fixes are those that resemble it, the nearest first.
fn one_of<'a>(
    found: &mut Vec<Diagnostic>,
    path: &str,
    what: &str,
    word: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> bool {
    if known.clone().any(|k| k == word) {
        return true;
    }
    let alike = |k: &&str| k.contains(word) || word.contains(*k) || shared_start(k, word) >= 4;
    let mut offers: Vec<&str> = known.clone().filter(|k| !word.is_empty() && alike(k)).collect();
    if offers.is_empty() {
        offers = known.clone().collect();
    }
    offers.order_by_key(|k| distance(k, word));
    offers.truncate(OFFERS_MAX);
    let list: Vec<&str> = known.collect();
    let mut finding = Diagnostic::error(path, format!("“{word}” is not a known {what}; known: {}", list.join(", ")));
    for offer in offers {
        finding = finding.fix(Edit::new(&format!("Use {offer}"), path, offer));
    }
    found.push(finding);
    false
}

fn shared_start(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(x, y)| x.eq_ignore_ascii_case(y)).count()
}

/// Letters to put in, leave out or change, to make one word of the other; of long words, of their beginnings.
pub(super) fn distance(known: &str, word: &str) -> usize {
    const LETTERS: usize = 64;
    let letters = |text: &str| text.chars().take(LETTERS).map(|c| c.to_ascii_lowercase()).collect::<Vec<char>>();
    let (known, word) = (letters(known), letters(word));
    let mut row: Vec<usize> = (0..=word.len()).collect();
    for (i, a) in known.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in word.iter().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[word.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Length, Severity};
    use alloc::vec;

    fn findings(change: impl FnOnce(&mut Scenario)) -> Vec<Diagnostic> {
        let mut s = Scenario::default();
        change(&mut s);
        check(&s, &Catalog::builtin())
    }

    /// The change is refused at this path, with a reason and a fix; and the first fix mends that finding.
    fn refused(path: &str, change: impl FnOnce(&mut Scenario)) {
        let mut s = Scenario::default();
        change(&mut s);
        let catalog = Catalog::builtin();
        let found = check(&s, &catalog);
        let finding =
            found.iter().find(|d| d.path == path && d.is_error()).unwrap_or_else(|| panic!("{path}: {found:#?}"));
        assert!(!finding.message.is_empty());
        let fix = finding.fixes.first().unwrap_or_else(|| panic!("{path} has no fix: {}", finding.message));
        let mended = fix.apply(&s).expect("a fix applies");
        let after = check(&mended, &catalog);
        assert!(!after.iter().any(|d| d.path == path && d.is_error()), "{path}: {after:#?}");
    }

    #[test]
    fn the_landing_scenario_is_sound() {
        assert_eq!(findings(|_| {}), []);
    }

    #[test]
    fn mistakes_name_the_field_and_offer_a_fix_that_mends_them() {
        refused("topology.pools[0].replicas", |s| s.topology.pools[0].replicas = 0);
        refused("topology.pools[0].model", |s| s.topology.pools[0].model = "qwen3".into());
        refused("topology.pools[0].gpu", |s| s.topology.pools[0].gpu = "TPU".into());
        refused("topology.pools[0].role", |s| s.topology.pools[0].role = "prefill".into());
        refused("topology.pools[0].role", |s| s.topology.pools[0].role = "encode".into());
        refused("topology.pools[0].engine.version", |s| s.topology.pools[0].engine.version = "9".into());
        refused("topology.pools[0].engine.tensor_parallel_size", |s| {
            s.topology.pools[0].engine.tensor_parallel_size = 3
        });
        refused("topology.pools[0].engine.tensor_parallel_size", |s| {
            s.topology.pools[0].engine.tensor_parallel_size = 0
        });
        refused("topology.pools[0].engine.max_num_seqs", |s| s.topology.pools[0].engine.max_num_seqs = Some(0));
        refused("topology.pools[0].engine.max_num_seqs", |s| s.topology.pools[0].engine.max_num_seqs = Some(9000));
        refused("topology.pools[0].engine.max_cudagraph_capture_size", |s| {
            s.topology.pools[0].engine.max_cudagraph_capture_size = Some(u32::MAX)
        });
        refused("topology.pools[0].engine.gpu_memory_utilization", |s| {
            s.topology.pools[0].engine.gpu_memory_utilization = Some(1.5)
        });
        refused("topology.pools[0].engine.max_model_len", |s| {
            s.topology.pools[0].engine.max_model_len = Some(1_000_000)
        });
        refused("workload.arrival.rate_rps", |s| s.workload.arrival.rate_rps = -1.0);
        refused("workload.arrival.rate_rps", |s| s.workload.arrival.rate_rps = f64::NAN);
        refused("workload.arrival.type", |s| s.workload.arrival.kind = "weekly".into());
        refused("workload.arrival.max_concurrency", |s| s.workload.arrival.kind = "closed-loop".into());
        refused("workload.arrival.max_concurrency", |s| s.workload.arrival.max_concurrency = Some(0));
        refused("workload.arrival.max_concurrency", |s| s.workload.arrival.max_concurrency = Some(u32::MAX));
        refused("workload.classes", |s| s.workload.classes[0].share = 0.7);
        refused("workload.classes", |s| s.workload.classes.clear());
        refused("workload.classes[0].input.mean", |s| s.workload.classes[0].input.mean = f64::INFINITY);
        refused("workload.classes[0].input.std_dev", |s| s.workload.classes[0].input.std_dev = -3.0);
        refused("workload.classes[0].output.min", |s| s.workload.classes[0].output.min = 0);
        refused("workload.classes[0].output.max", |s| s.workload.classes[0].output.max = 0);
        refused("workload.classes[0].output.type", |s| s.workload.classes[0].output.kind = "weird".into());
        let values = |v: &[u32]| Length::empirical(v.to_vec());
        refused("workload.classes[0].input.values", |s| s.workload.classes[0].input = values(&[]));
        refused("workload.classes[0].input.values", |s| s.workload.classes[0].input = values(&[5, 0, 7]));
        refused("workload.classes[0].input.values", |s| s.workload.classes[0].input = values(&[9; 1001]));
        for weights in [vec![1.0], vec![1.0, -1.0], vec![0.0, 0.0], vec![f64::NAN, 1.0]] {
            refused("workload.classes[0].output.weights", |s| {
                s.workload.classes[0].output = Length { weights, ..values(&[3, 4]) }
            });
        }
        refused("workload.classes[0].slo.percentile", |s| s.workload.classes[0].slo.percentile = 100.0);
        refused("workload.classes[0].slo.ttft_ms", |s| s.workload.classes[0].slo.ttft_ms = Some(0.0));
        refused("run.replications", |s| s.run.replications = 0);
        refused("run.requests", |s| s.run.requests = 4_000_000_000);
        refused("run.warmup_rule", |s| s.run.warmup_rule = "guess".into());
        refused("run.warmup_s", |s| (s.run.warmup_rule, s.run.warmup_s) = ("mser-5".into(), Some(5.0)));
        refused("run.load.points", |s| s.run.load.points = 1);
        refused("run.load.max_frac", |s| s.run.load.max_frac = 0.1);
        refused("title", |s| s.title = "x".repeat(281));
        refused("schema_version", |s| s.schema_version = 9);
    }

    #[test]
    fn a_word_that_is_not_known_is_told_the_nearest() {
        for (word, nearest) in
            [("qwen3-15b", "qwen3-14b"), ("lama-3.1-8b", "llama-3.1-8b"), ("GPT-OSS-20B", "gpt-oss-20b")]
        {
            let found = findings(|s| s.topology.pools[0].model = word.into());
            assert_eq!(found[0].fixes[0].value, nearest, "{word}: {:?}", found[0].fixes);
        }
    }

    #[test]
    fn clients_that_wait_bound_the_queue() {
        let rate = |s: &mut Scenario| s.workload.arrival.rate_rps = 90_000.0;
        assert_eq!(findings(rate).len(), 1);
        let limited = |s: &mut Scenario| {
            rate(s);
            s.workload.arrival.max_concurrency = Some(256);
        };
        assert_eq!(findings(limited), []);
    }

    #[test]
    fn a_model_that_does_not_fit_says_by_how_much_and_what_would() {
        let found = findings(|s| s.topology.pools[0].model = "llama-3.1-70b".into());
        let finding = found.iter().find(|d| d.path == "topology.pools[0]").unwrap_or_else(|| panic!("{found:#?}"));
        assert!(finding.message.contains("131.4 GiB") && finding.message.contains("missing"), "{}", finding.message);
        assert!(finding.fixes.iter().any(|f| f.path.ends_with("tensor_parallel_size") && f.value == 2), "{finding:#?}");
    }

    #[test]
    fn numbers_that_do_not_suit_are_told() {
        refused("topology.pools[0].engine.quantization", |s| {
            s.topology.pools[0].engine.quantization = Some("fp7".into());
        });
        refused("topology.pools[0].engine.kv_cache_dtype", |s| {
            s.topology.pools[0].engine.kv_cache_dtype = Some("int3".into());
        });
        // Qwen3-14B has no experts.
        refused("topology.pools[0].engine.quantization", |s| {
            s.topology.pools[0].engine.quantization = Some("mxfp4".into());
        });
        let on = |gpu: &str, quantization: Option<&str>, model: &str| {
            findings(|s| {
                let pool = &mut s.topology.pools[0];
                (pool.gpu, pool.model) = (gpu.into(), model.into());
                pool.engine.quantization = quantization.map(Into::into);
            })
        };
        assert_eq!(on("h100-sxm", Some("fp8"), "qwen3-14b"), []);
        let widened = on("a100-80g-sxm", Some("fp8"), "qwen3-14b");
        assert_eq!(widened.len(), 1, "{widened:#?}");
        assert!(widened[0].path.ends_with("quantization") && widened[0].message.contains("no fp8 arithmetic"));
        // A checkpoint's own numbers are said at the model.
        let published = on("h100-sxm", None, "gpt-oss-20b");
        assert!(
            published.len() == 1 && published[0].path.ends_with(".model") && !published[0].is_error(),
            "{published:#?}"
        );
    }

    #[test]
    fn fixes_of_a_misfit_fit() {
        let catalog = Catalog::builtin();
        for model in &catalog.models {
            for gpu in ["l4", "h100-sxm", "b200-sxm"] {
                let mut s = Scenario::default();
                (s.topology.pools[0].model, s.topology.pools[0].gpu) = (model.id.clone(), gpu.into());
                let path = "topology.pools[0]";
                let misfit = |s: &Scenario| check(s, &catalog).into_iter().find(|d| d.path == path && d.is_error());
                let Some(finding) = misfit(&s) else { continue };
                assert!(finding.message.contains("GiB are missing"), "{}", finding.message);
                assert!(!finding.fixes.is_empty(), "{} on {gpu}: {}", model.id, finding.message);
                for fix in &finding.fixes {
                    let mended = fix.apply(&s).expect("a fix applies");
                    let found = check(&mended, &catalog);
                    assert!(
                        !found.iter().any(|d| d.is_error() && d.path.starts_with("topology")),
                        "{fix:?}: {found:#?}"
                    );
                }
            }
        }
    }

    #[test]
    fn an_unknown_plugin_is_kept_and_flagged() {
        let found = findings(|s| s.policies.plugins.push(crate::scenario::Plugin::new("quantum-scorer")));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].severity, Severity::Warning);
    }
}
