//! Simulates an LLM-serving fleet: llm-d's routing over vLLM engines, event by event.
//!
//! ```text
//!  Scenario ──check──▶ Diagnostics                      what a person edits, and what is wrong with it
//!     │
//!  resolve ─▶ Plan ─▶ LoadCurve ─▶ PointRun ─▶ Sim ─▶ RunRecord ─▶ Report ─▶ Answer + Verdict
//!                     which loads   one load    one replication    numbers    one sentence
//! ```
//!
//! Inside a [`Sim`](cluster::Sim), requests drawn by a [`Source`](workload::Source) are placed by a
//! [`Picker`](policy::pick::Picker) on [`Instance`](engine::Instance)s. Each is a vLLM engine: it forms a batch
//! anew for every step, and a [`StepModel`](latency::StepModel) says how long the step takes. Steps that repeat
//! themselves are jumped over, so the cost of a run grows with what changes and not with tokens.
//!
//! ```
//! use playground_core::catalog::Catalog;
//! use playground_core::scenario::{Edit, Scenario, resolve};
//! use playground_core::study::{Fidelity, LoadCurve};
//!
//! let edit = Edit::new("Two replicas", "topology.pools[0].replicas", 2);
//! let scenario = edit.apply(&Scenario::default()).expect("the field exists");
//! let plan = resolve(&scenario, &Catalog::builtin()).expect("the scenario is sound");
//! let answer = LoadCurve::run(&plan, Fidelity::Draft);
//! println!("{}", answer.verdict.sentence);
//! assert!(answer.report.total.metrics.ttft_ms.p99.is_some());
//! ```
//!
//! The crate knows no clock, no file, no thread and no platform: the same scenario gives the same bits
//! natively and in every browser. `no_std` is what enforces it: std's float functions, hash maps and clocks
//! are not there to be called.
#![no_std]

extern crate alloc;

pub mod base;
pub mod catalog;
pub mod cluster;
pub mod engine;
pub mod latency;
pub mod oracle;
pub mod policy;
pub mod report;
pub mod scenario;
pub mod stats;
pub mod study;
pub mod workload;

/// Version of everything that decides results: bumped when the same scenario would give other numbers.
pub const MODEL_VERSION: &str = "0.1.0";
