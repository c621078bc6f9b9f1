//! Formats of llm-d, vLLM and load generators, in and out.
