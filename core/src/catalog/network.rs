//! Networks that keys and values travel over, from the engine that computed a prompt to the one that decodes.

use super::table;
use alloc::string::String;
use alloc::vec::Vec;

/// One kind of network.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Key.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What one GPU's card carries in each direction, GB/s.
    pub gb_s_per_gpu: f64,
    /// Setting a read up, µs.
    pub latency_us: f64,
    /// Posting one descriptor, µs.
    pub descriptor_us: f64,
    /// Source key.
    pub source: String,
}

pub(super) fn read(csv: &str) -> Vec<Network> {
    table::collect(csv, |row| Network {
        id: row.text(),
        name: row.text(),
        gb_s_per_gpu: row.value(),
        latency_us: row.value(),
        descriptor_us: row.value(),
        source: row.text(),
    })
}
