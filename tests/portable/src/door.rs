//! The door for a wasm host: run case n, then read the text it left. Nothing is imported.

// Names a host can find are, to the compiler, a matter of unsafe code; there is none behind them.
#![allow(unsafe_code)]

use crate::{cases, line};
use playground_core::catalog::Catalog;
use playground_core::scenario::{Load, resolve};
use playground_core::study::bench::WORKLOADS;
use playground_core::study::{Fidelity, PointRun};
use std::sync::Mutex;

static TEXT: Mutex<String> = Mutex::new(String::new());

/// Runs case number `index` and keeps its line; the line's length, 0 where there is no such case.
#[unsafe(no_mangle)]
pub extern "C" fn run(index: u32) -> u32 {
    let text = cases().get(index as usize).map(line).unwrap_or_default();
    let length = u32::try_from(text.len()).expect("a line is short");
    *TEXT.lock().expect("one thread") = text;
    length
}

/// Simulates benchmark workload number `index` with so many requests at this rate, as `playground bench` does, and keeps
/// the report's digest; its length, 0 where there is no such workload.
#[unsafe(no_mangle)]
pub extern "C" fn bench(index: u32, requests: u32, rate_rps: f64) -> u32 {
    let Some(mut scenario) = WORKLOADS.get(index as usize).and_then(|w| w.scenario().ok()) else { return 0 };
    scenario.run.requests = requests;
    let Ok(plan) = resolve(&scenario, &Catalog::builtin()) else { return 0 };
    let mut run = PointRun::new(&plan, Load::Rate(rate_rps), Fidelity::Settled);
    while !run.advance(u32::MAX) {}
    let digest = run.report().map(|r| r.digest).unwrap_or_default();
    let length = u32::try_from(digest.len()).expect("a digest is short");
    *TEXT.lock().expect("one thread") = digest;
    length
}

/// Where the line of the last case begins; it stays until the next one runs.
#[unsafe(no_mangle)]
pub extern "C" fn text() -> *const u8 {
    TEXT.lock().expect("one thread").as_ptr()
}
