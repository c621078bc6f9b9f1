//! Measured all-reduce times, by GPU and group size, against bytes per rank.

use super::{Gpu, table};
use alloc::string::String;
use alloc::vec::Vec;

/// Fixed time of an all-reduce whose times were not measured, µs: that of measured ones over NVLink, and over PCIe.
const LATENCY_US: f64 = 7.0;
/// Share of the links' bandwidth it reaches: NCCL's large messages on measured GPUs reach 0.7 to 1.
const LINK_EFF: f64 = 0.7;

/// Times of one group, monotone in bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct AllReduceTable {
    /// Accelerator.
    pub gpu: String,
    /// Ranks in the group.
    pub gpus: u32,
    /// (bytes per rank, microseconds), ascending.
    pub points: Vec<(f64, f64)>,
    /// Source key.
    pub source: String,
}

impl AllReduceTable {
    /// What a ring over the GPU's links would take, where nothing was measured: a + 2(n−1)/n · bytes / bandwidth.
    #[must_use]
    pub fn from_links(gpu: &Gpu, gpus: u32) -> Self {
        let n = f64::from(gpus);
        let per_byte_us = 2.0 * (n - 1.0) / n / (LINK_EFF * gpu.link_gb_s_per_direction * 1e9) * 1e6;
        let points = [2048.0, 1_048_576.0, 268_435_456.0].map(|bytes| (bytes, LATENCY_US + bytes * per_byte_us));
        AllReduceTable { gpu: gpu.id.clone(), gpus, points: points.into(), source: gpu.efficiency_source.clone() }
    }

    /// Microseconds for `bytes` per rank: linear between measured points, flat below the first, and
    /// at the bandwidth of the last pair beyond the last.
    #[must_use]
    pub fn us(&self, bytes: f64) -> f64 {
        let first = self.points[0];
        if bytes <= first.0 {
            return first.1;
        }
        let above = self.points.iter().position(|p| p.0 >= bytes).unwrap_or(self.points.len() - 1);
        let (b0, t0) = self.points[above - 1];
        let (b1, t1) = self.points[above];
        t0 + (bytes - b0) * (t1 - t0) / (b1 - b0)
    }

    /// Microseconds of the smallest message: the latency that no bandwidth removes.
    #[must_use]
    pub fn latency_us(&self) -> f64 {
        self.points[0].1
    }
}

pub(super) fn read(csv: &str) -> Vec<AllReduceTable> {
    let mut tables: Vec<AllReduceTable> = Vec::new();
    for mut row in table::rows(csv) {
        let (gpu, gpus): (String, u32) = (row.text(), row.value());
        let point = (row.value(), row.value());
        let source = row.text();
        match tables.last_mut() {
            Some(t) if t.gpu == gpu && t.gpus == gpus => t.points.push(point),
            _ => tables.push(AllReduceTable { gpu, gpus, points: Vec::from([point]), source }),
        }
    }
    for t in &mut tables {
        // Some measured tables bump where the library changes algorithm: a smaller message never
        // needs longer than a larger one, so take the running minimum from the right.
        for i in (1..t.points.len()).rev() {
            t.points[i - 1].1 = t.points[i - 1].1.min(t.points[i].1);
        }
    }
    tables
}
