//! Formats of llm-d, vLLM and load generators, in and out; records of measurements, in.

pub mod measured;
