//! Offloading as it is asked for by a connector's name: the same as `--kv-offloading-size`, which says it in a word.

use serde_json::Value;

const GIB: f64 = 1_073_741_824.0;

/// Host memory in GiB, of a flag that configures vLLM's own connector for it and nothing that would be lost in that word.
pub(super) fn size_gib(flag: &str, value: &Value) -> Option<f64> {
    let text = value.as_str().filter(|_| flag == "kv_transfer_config")?;
    let config: Value = serde_json::from_str(text).ok()?;
    let within = |value: &Value, known: &[&str]| {
        value.as_object().is_some_and(|fields| fields.keys().all(|key| known.contains(&key.as_str())))
    };
    let extra = &config["kv_connector_extra_config"];
    let plain = config["kv_connector"] == "OffloadingConnector"
        && within(&config, &["kv_connector", "kv_role", "kv_connector_extra_config"])
        && within(extra, &["cpu_bytes_to_use"]);
    let bytes = extra["cpu_bytes_to_use"].as_f64().filter(|_| plain)?;
    (bytes > 0.0).then_some(bytes / GIB)
}
