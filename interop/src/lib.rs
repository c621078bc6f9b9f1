//! Formats of llm-d, vLLM and load generators, in and out; records of measurements, in.
//!
//! [`import`] reads any document into a scenario, and says of each setting how it is simulated; what is not simulated is
//! kept in the scenario, and [`export`] puts it back.

mod benchmark;
pub mod chrome;
pub mod epp;
mod export;
mod helm;
mod huggingface;
mod import;
mod inference_perf;
pub mod measured;
pub mod report;
pub mod trace;
mod values;
pub mod vllm;
pub mod yaml;

pub use export::{Exported, export};
pub use import::{FORMATS, Format, Imported, import};
