//! What InferenceX's scripts started servers with, as far as it decides how long steps take. Records say nothing of it; the
//! scripts and a log of their changes are published (github.com/SemiAnalysisAI/InferenceX, `benchmarks` and
//! `perf-changelog.yaml`).

use super::Record;
use super::deployment::version;
use playground_core::scenario::EngineArgs;

/// Settings beside those that a record has; none: the release's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Recipe {
    /// Largest step that is launched as a CUDA graph, tokens.
    pub(super) graph_tokens_max: Option<u32>,
    /// Token budget of a step.
    pub(super) batched_tokens: Option<u32>,
    /// Whether a step is planned while the one before executes.
    pub(super) planned_ahead: Option<bool>,
    /// `--gpu-memory-utilization`.
    pub(super) memory_share: Option<f64>,
    /// Whether keys and values stay in bf16 although weights are narrower.
    pub(super) wide_kv: bool,
}

impl Recipe {
    /// Sets what it says, but for the cache.
    pub(super) fn give(&self, args: &mut EngineArgs) {
        args.max_cudagraph_capture_size = self.graph_tokens_max;
        args.max_num_batched_tokens = self.batched_tokens;
        args.async_scheduling = self.planned_ahead.or(args.async_scheduling);
        args.gpu_memory_utilization = self.memory_share.or(args.gpu_memory_utilization);
    }
}

/// `--max-cudagraph-capture-size` where a script sets it: vLLM's own is 512, below a prompt of a thousand tokens.
const CAPTURED: u32 = 2048;
/// The release from which on MiniMax-M2.5 and Kimi-K2.5 in narrow weights are started so on Blackwell.
const TUNED_SINCE: (u32, u32) = (0, 19);
/// Kimi-K2.5 in fp4 on earlier releases, too, from this day on: change 1047 of the log, which has no dates, between changes
/// that name images of the 15th and a page of the 17th.
const KIMI_TUNED_SINCE: &str = "2026-04-16";
/// What a build between releases is nearest to: the one recorded is of the days of this one. Its script is not kept; its steps look
/// like those of the scripts before.
const NIGHTLY: &str = "0.19";

/// The release of vLLM that a record is of.
pub(super) fn release<'a>(record: &'a Record<'_>) -> &'a str {
    let release = record.text("backend_version");
    if release.starts_with("nightly") { NIGHTLY } else { release }
}

/// Of a record, by its model and GPU, in the catalogue's words.
pub(super) fn of(model: &str, gpu: &str, record: &Record<'_>, input: u32) -> Recipe {
    let (precision, measured) = (record.text("precision"), record.text("measured"));
    let since = version(record.text("backend_version")).is_some_and(|r| r >= TUNED_SINCE)
        && release(record) == record.text("backend_version");
    // --max-num-batched-tokens "$((ISL * 2))"
    let tuned = Recipe { graph_tokens_max: Some(CAPTURED), batched_tokens: Some(2 * input), ..Recipe::default() };
    let early = version(release(record)).is_none_or(|r| r < (0, 14));
    let planned_ahead = early.then_some(true);
    match model {
        "gpt-oss-120b" => Recipe { graph_tokens_max: Some(CAPTURED), planned_ahead, ..Recipe::default() },
        "llama-3.1-70b" => Recipe { planned_ahead, ..Recipe::default() },
        "minimax-m2.5" if since => tuned,
        // Checkpoints in nvfp4 ask for a cache in fp8 themselves.
        "minimax-m2.5" if precision == "fp8" => {
            Recipe { wide_kv: true, memory_share: (gpu != "h100-sxm").then_some(0.95), ..Recipe::default() }
        }
        "kimi-k2.5" if precision == "int4" => Recipe {
            wide_kv: true,
            memory_share: Some(if gpu == "b200-sxm" { 0.97 } else { 0.95 }),
            ..Recipe::default()
        },
        "kimi-k2.5" if since || measured >= KIMI_TUNED_SINCE => tuned,
        _ => Recipe::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Sheet;
    use super::*;

    fn of_row(model: &str, gpu: &str, row: &str) -> Recipe {
        let sheet = Sheet::parse(&format!("backend_version,precision,measured\n{row}\n")).expect("is a table");
        let record = sheet.records().next().expect("has a row");
        of(model, gpu, &record, 1024)
    }

    #[test]
    fn scripts_changed_with_releases() {
        let tuned = of_row("minimax-m2.5", "b200-sxm", "0.19.0,fp8,2026-04-03");
        assert_eq!((tuned.graph_tokens_max, tuned.batched_tokens, tuned.wide_kv), (Some(2048), Some(2048), false));
        let before = of_row("minimax-m2.5", "b200-sxm", "0.17.0,fp8,2026-03-11");
        assert_eq!((before.graph_tokens_max, before.batched_tokens, before.wide_kv), (None, None, true));
        assert_eq!(of_row("minimax-m2.5", "b200-sxm", "nightly-5b8c30,fp4,2026-04-03"), Recipe::default());
    }

    #[test]
    fn kimi_was_tuned_on_a_day_and_not_with_a_release() {
        let [before, after] =
            ["2026-03-11", "2026-04-20"].map(|day| of_row("kimi-k2.5", "b200-sxm", &format!("0.17.0,fp4,{day}")));
        assert_eq!((before, after.batched_tokens), (Recipe::default(), Some(2048)));
    }

    #[test]
    fn early_releases_were_asked_to_plan_ahead() {
        let ahead = |row: &str| of_row("llama-3.1-70b", "h100-sxm", row).planned_ahead;
        assert_eq!([ahead(",fp8,2025-10-29"), ahead("0.18.0,fp8,2026-03-27")], [Some(true), None]);
    }
}
