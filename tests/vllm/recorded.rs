//! Reads a recording and compares it with what the engine did.

use crate::replay::{Case, Played, Request};
use playground_core::base::Run;
use playground_core::engine::Scheduled;
use playground_core::latency::KvLaw;
use playground_core::scenario::{EngineConfig, Scheduling, SchedulingPolicy};
use serde_json::Value;
use std::io::Read;
use std::path::Path;

/// A recording: what is asked, and what the real scheduler did.
pub(crate) struct Recording {
    pub(crate) case: Case,
    json: Value,
}

impl std::ops::Deref for Recording {
    type Target = Case;
    fn deref(&self) -> &Case {
        &self.case
    }
}

pub(crate) fn read(path: &Path) -> Recording {
    let mut text = String::new();
    let file = std::fs::File::open(path).expect("the file was listed");
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("gzipped text");
    let json: Value = serde_json::from_str(&text).expect("JSON");
    Recording { case: case(&json), json }
}

fn number(v: &Value) -> u32 {
    u32::try_from(v.as_u64().expect("a whole number")).expect("below 2^32")
}

fn case(json: &Value) -> Case {
    let c = &json["config"];
    let flag = |key: &str| c[key].as_bool().expect("yes or no");
    let new = json["vllm_version"] == "0.33.0";
    let config = EngineConfig {
        max_num_batched_tokens: number(&c["max_num_batched_tokens"]),
        max_num_seqs: number(&c["max_num_seqs"]),
        max_num_active_seqs: c["max_num_active_seqs"].as_u64().map_or(u32::MAX, |_| number(&c["max_num_active_seqs"])),
        queued_max: (u32::MAX, u32::MAX),
        chunked_prefill: flag("enable_chunked_prefill"),
        watermark_blocks: (c["watermark"].as_f64().unwrap_or(0.0) * f64::from(number(&c["num_blocks"]))) as u32,
        max_model_len: number(&c["max_model_len"]),
        block_size: number(&c["block_size"]),
        // One block of the pool is reserved.
        kv_blocks: number(&c["num_blocks"]) - 1,
        kv_law: KvLaw::default(),
        async_scheduling: flag("async_scheduling"),
        speculation: None,
        reserve_full_sequence: flag("scheduler_reserve_full_isl"),
        scheduling: scheduling(c, new),
        prefix_caching: flag("enable_prefix_caching"),
        empty_blocks_first: new,
        answers_shared_at_once: true,
        offload: None,
    };
    let base = json["output_content_base"].as_u64().expect("a whole number");
    let requests = json["requests"].as_array().expect("a list");
    Case {
        requests: requests.iter().map(|r| request(r, base, config.max_model_len)).collect(),
        config,
        step_us: json["law"]["a_us"].as_u64().expect("a whole number"),
        token_us: json["law"]["b_us_per_token"].as_u64().expect("a whole number"),
        context_ps: (json["law"]["c_us_per_context_token"].as_f64().expect("a number") * 1e6).round() as u64,
    }
}

/// How the scheduler chooses: settings, and what the newer version does otherwise.
fn scheduling(c: &Value, new: bool) -> Scheduling {
    let count = |key: &str| c.get(key).filter(|v| !v.is_null()).map(number);
    Scheduling {
        policy: if c["policy"] == "priority" { SchedulingPolicy::Priority } else { SchedulingPolicy::Fcfs },
        long_prefill_token_threshold: count("long_prefill_token_threshold").unwrap_or(0),
        long_prefill_token_threshold_adaptive: c["long_prefill_token_threshold_adaptive"] == true,
        threshold_spares_one_alone: new,
        prefill_schedule_interval: count("prefill_schedule_interval").unwrap_or(1),
        own_victim_ends_pass: !new,
        idle_victim_costs_a_turn: !new,
    }
}

fn request(r: &Value, base: u64, max_model_len: u32) -> Request {
    let id = number(&r["id"]);
    let prompt_tokens = number(&r["prompt_len"]);
    let asked = r.get("output_len").map_or_else(|| number(&r["max_tokens"]), number);
    let run = |x: &Value| Run {
        content: x[0].as_u64().expect("a whole number"),
        start: number(&x[1]),
        length: number(&x[2]),
    };
    Request {
        arrival_us: r["arrival_us"].as_u64().expect("a whole number"),
        id,
        prompt_tokens,
        output_tokens: asked.min(max_model_len - prompt_tokens),
        stops: r.get("output_len").is_some() && prompt_tokens + asked < max_model_len,
        priority: r.get("priority").map_or(0, |p| i32::try_from(p.as_i64().expect("a whole number")).expect("small")),
        abort_us: r.get("abort_us").and_then(Value::as_u64),
        prompt: r["prompt"].as_array().expect("a list").iter().map(run).collect(),
        answer: (base + u64::from(id), 0),
    }
}

/// The first difference, if there is one.
pub(crate) fn compare(recording: &Recording, played: &Played) -> Result<(), String> {
    let steps = recording.json["steps"].as_array().expect("a list");
    let asynchronous = recording.config.async_scheduling;
    for (i, (want, (at, got))) in steps.iter().zip(&played.steps).enumerate() {
        // Asynchronous recordings hold when a step was scheduled and when it began; synchronous ones, once.
        let shift = usize::from(asynchronous);
        let duration = got.duration.as_ps() / 1_000_000;
        check(i, "scheduled at", want[0].as_u64(), Some(*at))?;
        check(i, "duration", want[1 + shift].as_u64(), Some(duration))?;
        check(i, "scheduled", scheduled(&want[2 + shift]), got.scheduled.clone())?;
        check(i, "preempted", ids(&want[3 + shift]), got.preempted.clone())?;
        check(i, "free blocks", number(&want[5 + shift]), got.free_blocks)?;
        check(i, "waiting", number(&want[7 + shift]), got.waiting)?;
        check(i, "running", number(&want[8 + shift]), got.running)?;
    }
    check(0, "number of steps", steps.len(), played.steps.len())?;
    for result in recording.json["results"].as_array().expect("a list") {
        let id = number(&result[0]) as usize;
        check(id, "first token of request", result[2].as_u64(), played.first_us[id])?;
        if result[7] != "abort" {
            check(id, "last token of request", result[3].as_u64(), played.finish_us[id])?;
        }
    }
    if let Some(aborts) = recording.json["aborts"].as_array() {
        let pairs = |a: &Value| (a[0].as_u64().expect("a whole number"), number(&a[1]));
        check(0, "cancellations", aborts.iter().map(pairs).collect(), played.aborted_us.clone())?;
    }
    let summary = &recording.json["summary"];
    check(0, "preemptions", summary["preemptions"].as_u64(), Some(played.preemptions))?;
    check(0, "hits at first admission", summary["cached_tokens_first"].as_u64(), Some(played.hit_tokens))
}

fn check<T: PartialEq + std::fmt::Debug>(index: usize, what: &str, want: T, got: T) -> Result<(), String> {
    if want == got { Ok(()) } else { Err(format!("{what} {index}: recorded {want:?}, simulated {got:?}")) }
}

fn ids(list: &Value) -> Vec<u32> {
    list.as_array().expect("a list").iter().map(number).collect()
}

fn scheduled(list: &Value) -> Vec<Scheduled> {
    let part = |x: &Value| Scheduled {
        tag: number(&x[0]),
        tokens: number(&x[1]),
        computed_before: number(&x[2]),
        hit_tokens: x.get(3).map(number),
    };
    list.as_array().expect("a list").iter().map(part).collect()
}
