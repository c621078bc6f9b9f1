//! Constants of memory that are not a property of one GPU, fitted to the KV block counts of seven servers: one set for
//! all GPUs and models (`step-fit-2026-11` in `core/data/SOURCES.md`). Those of time are in the catalogue.

/// GiB that CUDA context and libraries keep.
pub(super) const CONTEXT_GIB: f64 = 0.30;
/// GiB that collective communication keeps, with tensor parallelism.
pub(super) const COLLECTIVE_GIB: f64 = 0.35;
/// Share of the widest activation of a profiling step that is alive at its peak.
pub(super) const ACTIVATION_SHARE: f64 = 0.4;
/// Bytes per sequence and vocabulary entry that the sampler holds: bf16 and f32 logits and a copy.
pub(super) const SAMPLER_BYTES: f64 = 10.0;
