//! Time to first token against offered load: the hockey stick. Flat while the fleet keeps up, steep once
//! requests wait for a place in a batch.

use super::Chart;

pub(super) const CHART: Chart =
    Chart { id: "ttft-load", title: "Time to first token", short: "TTFT", slo: "ttft", summary: |m| &m.ttft_ms };
