//! The scheduler's settings: in range, and known to the release of vLLM that is asked for.

use super::super::topology::EngineArgs;
use super::super::{Diagnostic, Edit};
use super::{one_of, within};
use crate::catalog::{Catalog, EngineVersion};
use alloc::format;
use alloc::vec::Vec;
use serde_json::Value;

/// Largest cap on a request's tokens in a step: beyond any sequence.
const THRESHOLD_MAX: u32 = 10_000_000;
/// Largest limit of a queue: beyond any that is not without one.
const QUEUED_MAX: u32 = 1_000_000_000;
/// Most steps between two with prompts: minutes without admission on any GPU.
const INTERVAL_MAX: u32 = 10_000;

pub(super) fn check(path: &str, args: &EngineArgs, catalog: &Catalog, found: &mut Vec<Diagnostic>) {
    let at = |field: &str| format!("{path}.{field}");
    if let Some(policy) = &args.scheduling_policy {
        one_of(found, &at("scheduling_policy"), "scheduling policy", policy, ["fcfs", "priority"].into_iter());
    }
    if let Some(tokens) = args.long_prefill_token_threshold {
        within(found, &at("long_prefill_token_threshold"), tokens, 0..=THRESHOLD_MAX, "tokens");
    }
    if let Some(steps) = args.prefill_schedule_interval {
        within(found, &at("prefill_schedule_interval"), steps, 1..=INTERVAL_MAX, "steps");
    }
    let queued =
        [("max_num_queued_reqs", args.max_num_queued_reqs), ("max_num_queued_tokens", args.max_num_queued_tokens)];
    for (field, most) in queued.into_iter().filter_map(|(field, most)| Some((field, most?))) {
        within(found, &at(field), most, 1..=QUEUED_MAX, "waiting");
    }
    if let Some(version) = catalog.engine_version(&args.version) {
        check_release(path, args, version, catalog, found);
    }
    for (field, prompts) in partial_prefills(args) {
        if prompts.is_some_and(|n| n != 1) && knows(catalog, args, field) {
            found.push(
                Diagnostic::error(
                    &at(field),
                    "is not 1, and vLLM's V1 scheduler does not start with more or fewer; chunks of long prompts are capped by long_prefill_token_threshold".into(),
                )
                .fix(Edit::new("Leave it out", &at(field), Value::Null)),
            );
        }
    }
}

fn partial_prefills(args: &EngineArgs) -> [(&'static str, Option<u32>); 2] {
    [
        ("max_num_partial_prefills", args.max_num_partial_prefills),
        ("max_long_partial_prefills", args.max_long_partial_prefills),
    ]
}

fn knows(catalog: &Catalog, args: &EngineArgs, setting: &str) -> bool {
    catalog.engine_version(&args.version).is_some_and(|v| v.has_setting(setting))
}

/// Settings that are set, and that this release does not have. Saying what a release does anyway is no mistake.
fn check_release(
    path: &str,
    args: &EngineArgs,
    version: &EngineVersion,
    catalog: &Catalog,
    found: &mut Vec<Diagnostic>,
) {
    let set = [
        ("watermark", args.watermark.is_some_and(|share| share != 0.0)),
        ("max_num_active_seqs", args.max_num_active_seqs.is_some()),
        ("max_num_queued_reqs", args.max_num_queued_reqs.is_some()),
        ("max_num_queued_tokens", args.max_num_queued_tokens.is_some()),
        (
            "scheduler_reserve_full_isl",
            args.scheduler_reserve_full_isl.is_some_and(|reserve| reserve != version.reserve_full_sequence),
        ),
        ("long_prefill_token_threshold_adaptive", args.long_prefill_token_threshold_adaptive == Some(true)),
        ("prefill_schedule_interval", args.prefill_schedule_interval.is_some_and(|steps| steps != 1)),
        ("kv_offloading_size", args.kv_offloading_size.is_some_and(|size| size > 0.0)),
    ];
    let partial = partial_prefills(args).map(|(field, prompts)| (field, prompts.is_some()));
    for (field, _) in set.into_iter().chain(partial).filter(|(field, set)| *set && !version.has_setting(field)) {
        let at = format!("{path}.{field}");
        let with: Vec<&EngineVersion> = catalog.engine_versions.iter().filter(|v| v.has_setting(field)).collect();
        let (Some(first), Some(last)) = (with.first(), with.last()) else { continue };
        let span = if first.version == last.version {
            first.version.clone()
        } else {
            format!("{} to {}", first.version, last.version)
        };
        found.push(
            Diagnostic::error(
                &at,
                format!("has no effect in vLLM {}; of the releases known here, {span} has it", version.version),
            )
            .fix(Edit::new("Leave it out", &at, Value::Null))
            .fix(Edit::new(
                &format!("Use vLLM {}", last.version),
                &format!("{path}.version"),
                last.version.clone(),
            )),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn findings(version: &str, change: impl FnOnce(&mut EngineArgs)) -> Vec<(String, String)> {
        let mut args = EngineArgs { version: version.into(), ..EngineArgs::default() };
        change(&mut args);
        let mut found = Vec::new();
        check("engine", &args, &Catalog::builtin(), &mut found);
        found.into_iter().map(|d| (d.path, d.message)).collect()
    }

    #[test]
    fn a_setting_that_a_release_does_not_have_is_named_with_those_that_do() {
        let found = findings("0.19", |args| args.watermark = Some(0.1));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, "engine.watermark");
        assert!(found[0].1.contains("0.19") && found[0].1.contains("0.27 to 0.33"), "{found:?}");
        assert!(findings("0.27", |args| args.watermark = Some(0.1)).is_empty());
        // What a release does anyway may be said.
        assert!(findings("0.9", |args| args.scheduler_reserve_full_isl = Some(false)).is_empty());
        assert_eq!(findings("0.9", |args| args.scheduler_reserve_full_isl = Some(true)).len(), 1);
    }

    #[test]
    fn partial_prefills_are_one_or_not_there() {
        assert!(findings("0.19", |args| args.max_num_partial_prefills = Some(1)).is_empty());
        assert_eq!(findings("0.19", |args| args.max_num_partial_prefills = Some(4)).len(), 1);
        assert_eq!(findings("0.33", |args| args.max_long_partial_prefills = Some(1)).len(), 1);
    }

    #[test]
    fn values_out_of_range_are_refused() {
        let refused = |change: fn(&mut EngineArgs)| assert_eq!(findings("0.33", change).len(), 1);
        refused(|args| args.scheduling_policy = Some("lifo".into()));
        refused(|args| args.prefill_schedule_interval = Some(0));
        refused(|args| args.long_prefill_token_threshold = Some(u32::MAX));
        refused(|args| args.max_num_queued_reqs = Some(0));
        assert_eq!(findings("0.32", |args| args.max_num_queued_tokens = Some(5)).len(), 1, "0.33 has it first");
    }
}
