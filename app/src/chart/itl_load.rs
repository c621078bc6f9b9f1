//! Inter-token latency against offered load: grows with the batch and with the prompts that share its steps,
//! and levels off once batches are full.

use super::Chart;

pub(super) const CHART: Chart =
    Chart { id: "itl-load", title: "Inter-token latency", short: "ITL", slo: "itl", summary: |m| &m.itl_ms };
