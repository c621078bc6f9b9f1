//! Simulates an LLM-serving fleet: llm-d's routing over vLLM engines, event by event.
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
