//! The landing scenario with settings pushed to their ends, a few at a time, so that a failure shrinks to the few that
//! matter.

use playground_core::catalog::Catalog;
use playground_core::scenario::{Edit, OwnGpu, OwnModel, Scenario};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

/// Fields with the values to try, as JSON: both ends of what the check allows, beyond them, and some between.
const SETTINGS: [(&str, &str); 47] = [
    ("topology.pools[0].replicas", "0 1 2 64"),
    ("topology.pools[0].model", r#""llama-3.1-8b" "llama-3.1-70b" "mixtral-8x7b" "qwen3-30b-a3b" "none""#),
    ("topology.pools[0].gpu", r#""a100-80g-sxm" "h200-sxm" "l40s" "none""#),
    ("topology.pools[0].price_usd_per_gpu_hour", "0 10000 -1 null"),
    ("topology.pools[0].engine.tensor_parallel_size", "0 1 2 4 8 3"),
    ("topology.pools[0].engine.max_num_batched_tokens", "0 1 2 100 131072 131073 null"),
    ("topology.pools[0].engine.max_num_seqs", "0 1 2 2048 16384 null"),
    ("topology.pools[0].engine.max_model_len", "1 2 3 100 40960 131072 null"),
    ("topology.pools[0].engine.gpu_memory_utilization", "0 0.05 0.5 1 1.0000001 null"),
    ("topology.pools[0].engine.block_size", "0 1 3 4096 4097 null"),
    ("topology.pools[0].engine.num_gpu_blocks_override", "0 1 3 100 100000000 100000001 null"),
    ("topology.pools[0].engine.async_scheduling", "true false null"),
    ("topology.pools[0].engine.sampling", r#""greedy" "top-p" "none""#),
    ("topology.pools[0].engine.step_law", "null"),
    ("topology.pools[0].engine.step_law.step_us", "0 1e-7 1e-6 1 1e4 1e9 1.1e9 1e-320"),
    ("topology.pools[0].engine.step_law.per_sequence_us", "0 1e-7 1 1e9"),
    ("topology.pools[0].engine.step_law.per_token_us", "0 1e-7 1 1e9"),
    ("topology.pools[0].engine.step_law.per_context_token_us", "0 1e-7 1 1e9"),
    ("workload.arrival.rate_rps", "0 0.001 1 1e3 1e5 1.1e5 1e-300"),
    ("workload.arrival.type", r#""closed-loop" "constant" "on-off" "none""#),
    ("workload.arrival.max_concurrency", "0 1 2 300 100000 100001 null"),
    ("workload.classes[0].share", "0 0.5 1 1.0000005 -1"),
    ("workload.classes[0].input.type", r#""constant" "exponential" "empirical" "empirical" "none""#),
    ("workload.classes[0].input.values", "[] [0] [1] [7,1,1000000] [4294967295]"),
    ("workload.classes[0].input.weights", "[] [0] [1e-300] [1,1e300,0] [-1]"),
    ("workload.classes[0].input.mean", "0 1 1.4999 3 1e4 1e6 1.1e6"),
    ("workload.classes[0].input.std_dev", "0 1e-300 1 1e6 -1"),
    ("workload.classes[0].input.min", "0 1 100 1000000 4294967295"),
    ("workload.classes[0].input.max", "0 1 100 1000000 4294967295"),
    ("workload.classes[0].output.type", r#""constant" "exponential" "lognormal""#),
    ("workload.classes[0].output.mean", "0 1 1.4999 3 1e4 1e6"),
    ("workload.classes[0].output.std_dev", "0 1e-300 1 1e6 -1"),
    ("workload.classes[0].output.min", "0 1 100 1000000"),
    ("workload.classes[0].output.max", "0 1 100 1000000 4294967295"),
    ("workload.classes[0].slo.percentile", "0 50 99.9 100"),
    ("workload.classes[0].slo.ttft_ms", "0 0.1 86400000 1e300 null"),
    ("workload.classes[0].slo.itl_ms", "0 0.1 86400000 null"),
    ("workload.classes[0].slo.e2e_ms", "0 0.1 86400000 null"),
    ("run.seed", "0 18446744073709551615"),
    ("run.replications", "0 1 2 64"),
    ("run.requests", "0 10 1000 10000000"),
    ("run.warmup_s", "0 1e-13 1 86400 1e300 null"),
    ("run.warmup_rule", r#""mser-5" "residences" "none""#),
    ("run.load.min_frac", "0 0.01 1 3"),
    ("run.load.max_frac", "0 0.01 1 3 3.1"),
    ("run.load.points", "0 1 2 3 64"),
    ("policies.plugins[0].type", r#""random-picker" "max-score-picker" "none""#),
];

/// The same of a model with attention of both kinds and experts (`gpt-oss-20b`), of a hybrid one, and of a GPU, all of a
/// scenario's own. Blocks 0 and 1 attend, block 2 has experts; of the hybrid, block 1 keeps a state.
const OWN: [(&str, &str); 33] = [
    ("topology.models[0].id", r#""" "qwen3-14b" "hybrid" "a/b""#),
    ("topology.models[0].hidden_size", "0 1 3 262144 262145"),
    ("topology.models[0].vocab_size", "0 1 8388608 4294967295"),
    ("topology.models[0].hidden_norms", "0 65536 65537"),
    ("topology.models[0].max_context_tokens", "0 1 2 16777216 16777217"),
    ("topology.models[0].weights", r#""fp8-block" "nvfp4" "none""#),
    ("topology.models[0].expert_weights", r#""bf16" "int8-weight-only" "none""#),
    ("topology.models[0].blocks[0].count", "0 1 1024 1025"),
    ("topology.models[0].blocks[0].heads", "0 1 7 1024 1025 -1 0.5 null"),
    ("topology.models[0].blocks[0].kv_heads", "0 1 3 8 1024"),
    ("topology.models[0].blocks[0].head_dim", "0 1 1024 1025"),
    ("topology.models[0].blocks[0].window_tokens", "0 1 16777216 16777217"),
    ("topology.models[0].blocks[1].window_tokens", "0 1 127 16777216"),
    ("topology.models[0].blocks[1].count", "1 1024"),
    ("topology.models[0].blocks[1].head_dim", "1 1024"),
    ("topology.models[0].blocks[2].experts", "0 1 2 4096 4097"),
    ("topology.models[0].blocks[2].experts_per_token", "0 1 4096"),
    ("topology.models[0].blocks[2].intermediate_size", "0 1 1048576"),
    ("topology.models[0].blocks[2].type", r#""mlp" "mamba2" "none""#),
    ("topology.models[1].blocks[1].key_heads", "0 1 1024"),
    ("topology.models[1].blocks[1].value_head_dim", "0 1 1024"),
    ("topology.models[1].blocks[1].conv_tokens", "0 1 64 65"),
    ("topology.models[1].blocks[1].count", "1 1024"),
    ("topology.pools[0].model", r#""own" "hybrid""#),
    ("topology.gpus[0].memory_gib", "0 1 80 16384 1e300"),
    ("topology.gpus[0].memory_bandwidth_gb_s", "0 10 1e6 1e-300"),
    ("topology.gpus[0].bf16_dense_tflops", "0 1 1e6 1e300"),
    ("topology.gpus[0].fp8_dense_tflops", "null 1 1e7 -1"),
    ("topology.gpus[0].link_gb_s_per_direction", "0 0.1 1e5"),
    ("topology.gpus[0].link_gpus", "0 1 1024 1025"),
    ("topology.gpus[0].price_usd_per_gpu_hour", "0 10000 -1"),
    ("topology.gpus[0].based_on", r#""l4" "b200-sxm" "own-gpu" "none""#),
    ("topology.pools[0].gpu", r#""own-gpu" "b200-sxm""#),
];

/// The landing scenario on a model and a GPU of its own.
pub(crate) fn with_own() -> Scenario {
    let (catalog, mut s) = (Catalog::builtin(), Scenario::default());
    let model = |id: &str, key: &str| OwnModel::of(catalog.model(id).expect("is in the catalogue"), key);
    s.topology.models = vec![model("gpt-oss-20b", "own"), model("qwen3-next-80b-a3b", "hybrid")];
    s.topology.gpus = vec![OwnGpu::of(catalog.gpu("b300-sxm").expect("is in the catalogue"), "own-gpu")];
    (s.topology.pools[0].model, s.topology.pools[0].gpu) = ("own".into(), "own-gpu".into());
    s
}

/// One change of rows of a scenario's own, or of what they meet.
pub(crate) fn own_edit() -> impl Strategy<Value = Edit> {
    prop_oneof![3 => one_of(&OWN), 1 => one_of(&SETTINGS)]
}

/// One change: a field and one of its values.
pub(crate) fn edit() -> impl Strategy<Value = Edit> {
    one_of(&SETTINGS)
}

fn one_of(table: &'static [(&str, &str)]) -> impl Strategy<Value = Edit> {
    select(table).prop_flat_map(|(path, values)| {
        let values: Vec<Value> =
            values.split(' ').map(|text| serde_json::from_str(text).expect("the table holds JSON")).collect();
        select(values).prop_map(move |value| Edit::new(path, path, value))
    })
}

/// The scenario after these changes; one that its field's type refuses is left out.
pub(crate) fn applied(edits: &[Edit]) -> Scenario {
    applied_to(Scenario::default(), edits)
}

/// The same of another scenario.
pub(crate) fn applied_to(base: Scenario, edits: &[Edit]) -> Scenario {
    edits.iter().fold(base, |s, edit| edit.apply(&s).unwrap_or(s))
}
