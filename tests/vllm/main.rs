//! The engine against recorded schedules of the real vLLM scheduler: same requests, same tokens, same hits, same
//! preemptions, same free blocks, same times, step by step.
//!
//! The recordings lie beside the checkout and are not part of it; where they are missing the test says so and passes. A
//! case of our own, small enough to check by hand, is in `by_hand.rs` and runs everywhere.

mod by_hand;
mod recorded;
mod replay;

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

#[test]
fn every_recorded_schedule_is_reproduced_step_by_step() {
    let Some(files) = recordings() else {
        println!("skipped: no recordings of the vLLM scheduler beside this checkout");
        return;
    };
    let (mut steps, mut differences) = (0, Vec::new());
    for path in &files {
        let recording = recorded::read(path);
        let played = replay::play(&recording);
        if let Err(difference) = recorded::compare(&recording, &played) {
            differences.push(format!("{}: {difference}", path.display()));
        }
        steps += played.steps.len();
    }
    assert!(differences.is_empty(), "{} of {} differ:\n{}", differences.len(), files.len(), differences.join("\n"));
    println!("{} recordings reproduced, {steps} steps", files.len());
    assert!(files.len() >= 88, "only {} recordings were compared", files.len());
}
