//! The engine against recorded schedules of the real vLLM scheduler: same requests, same tokens, same hits, same
//! preemptions, same free blocks, same times, step by step.
//!
//! The recordings lie beside the checkout and are not part of it; where they are missing the test says so and passes. A
//! case of our own, small enough to check by hand, is in `by_hand.rs` and runs everywhere.

mod by_hand;
mod recorded;
mod replay;

/// Recordings that exercise what the engine does not model: each with the setting it needs.
const NOT_MODELLED: [(&str, &str); 17] = [
    ("aborts", "client disconnects"),
    ("async_aborts", "client disconnects"),
    ("async_prio", "priority scheduling"),
    ("async_prio_budget", "priority scheduling"),
    ("async_starved_stop", "stop tokens with a step in flight"),
    ("async_stop", "stop tokens with a step in flight"),
    ("budget_tight_cap16", "long_prefill_token_threshold"),
    ("lpt256", "long_prefill_token_threshold"),
    ("lpt256_adaptive", "long_prefill_token_threshold"),
    ("lpt512_alone", "long_prefill_token_threshold"),
    ("prefill_interval4", "prefill_schedule_interval"),
    ("prefill_interval5_repeats", "prefill_schedule_interval"),
    ("prio_budget", "priority scheduling"),
    ("prio_plain", "priority scheduling"),
    ("prio_preempt", "priority scheduling"),
    ("prio_ties_burst", "priority scheduling"),
    ("prio_ties_starved", "priority scheduling"),
];

/// The folder of recordings, if it is there.
fn recordings() -> Option<Vec<std::path::PathBuf>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/reference/vllm_scheduler");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "gz"))
        .collect();
    files.sort();
    Some(files)
}

/// Name of the scenario in a file's name.
fn scenario(path: &std::path::Path) -> String {
    let name = path.file_name().expect("a file").to_string_lossy();
    let name = name.trim_end_matches(".json.gz");
    name.split("__").next().expect("a name").to_owned()
}

#[test]
fn every_recorded_schedule_within_what_is_modelled_is_reproduced_step_by_step() {
    let Some(files) = recordings() else {
        println!("skipped: no recordings of the vLLM scheduler beside this checkout");
        return;
    };
    let (mut same, mut left_out, mut steps) = (0, 0, 0);
    for path in &files {
        if NOT_MODELLED.iter().any(|(name, _)| *name == scenario(path)) {
            left_out += 1;
            continue;
        }
        let recording = recorded::read(path);
        let played = replay::play(&recording);
        recorded::compare(&recording, &played).unwrap_or_else(|difference| panic!("{}: {difference}", path.display()));
        same += 1;
        steps += played.steps.len();
    }
    println!("{same} recordings reproduced, {steps} steps; {left_out} exercise what is not modelled");
    assert!(same >= 63, "only {same} recordings were compared");
}
