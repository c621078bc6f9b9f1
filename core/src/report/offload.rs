//! What came of keys and values in host memory.

use super::build::summary;
use super::{RunRecord, Summary};
use crate::scenario::Plan;
use crate::stats::Sketch;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// One replication, of a fleet in which some engine offloads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffloadRecord {
    /// From when a measured request had blocks to when what it loaded had come.
    pub load: Sketch,
    /// Blocks that those requests loaded.
    pub blocks: u64,
}

/// What host memory did for a fleet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OffloadReport {
    /// Share of prompt tokens loaded from host memory. What engines had themselves is not among them.
    pub hit_rate: f64,
    /// Time of a load, from when the request had blocks to when all had come, ms: waiting for others' copies is part of it.
    pub load_ms: Summary,
    /// Blocks of a load, mean.
    pub blocks_per_load: Option<f64>,
    /// Blocks copied to host memory, over all replications.
    pub stored_blocks: u64,
    /// Share of blocks that were to be copied there and found no room, since all of it was being copied.
    pub unstored_frac: f64,
}

/// The report, where some engine offloads.
pub(super) fn offload(plan: &Plan, records: &[RunRecord]) -> Option<OffloadReport> {
    let of: Vec<&OffloadRecord> = records.iter().filter_map(|r| r.offload.as_ref()).collect();
    if !plan.offloads() || of.is_empty() {
        return None;
    }
    let instances = || records.iter().flat_map(|r| &r.instances);
    let share = |part: u64, whole: u64| if whole > 0 { part as f64 / whole as f64 } else { 0.0 };
    let (stored, unstored) = (instances().map(|i| i.stored_blocks).sum(), instances().map(|i| i.unstored_blocks).sum());
    let (loads, blocks) = (of.iter().map(|r| r.load.n()).sum::<u64>(), of.iter().map(|r| r.blocks).sum::<u64>());
    Some(OffloadReport {
        hit_rate: share(instances().map(|i| i.loaded_tokens).sum(), instances().map(|i| i.prompt_tokens).sum()),
        load_ms: summary(of.iter().map(|r| &r.load)),
        blocks_per_load: (loads > 0).then(|| blocks as f64 / loads as f64),
        stored_blocks: stored,
        unstored_frac: share(unstored, stored + unstored),
    })
}
