//! Pools: what they name exists, their numbers are in range, and the model fits.

use super::super::topology::{EngineArgs, KvTransfer, Pool, StepLaw, Topology};
use super::super::{Diagnostic, Edit};
use super::{memory, offload, one_of, parallel, precision, scheduling, speculation, within};
use crate::catalog::Catalog;
use crate::policy::Role;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

/// Most pools: more are a study, not a deployment.
const POOLS_MAX: usize = 64;
/// Most replicas of a pool.
const REPLICAS_MAX: u32 = 1024;
/// Largest token budget and sequence limit: beyond any real server, and it bounds memory.
const BATCH_MAX: u32 = 131_072;
const SEQS_MAX: u32 = 16_384;
/// Largest coefficient of a step law, µs: 1000 s.
const LAW_US_MAX: f64 = 1e9;

pub(super) fn check(topology: &Topology, catalog: &Catalog, found: &mut Vec<Diagnostic>) {
    if topology.pools.is_empty() {
        found.push(
            Diagnostic::error("topology.pools", "is empty; without a pool nothing serves a request".into()).fix(
                Edit::new(
                    "Add the default pool",
                    "topology",
                    serde_json::to_value(Topology::default()).unwrap_or_default(),
                ),
            ),
        );
    }
    if topology.pools.len() > POOLS_MAX {
        found.push(Diagnostic::error(
            "topology.pools",
            format!("has {} pools, at most {POOLS_MAX} can be simulated", topology.pools.len()),
        ));
    }
    for (i, pool) in topology.pools.iter().enumerate().take(POOLS_MAX) {
        check_pool(&format!("topology.pools[{i}]"), pool, topology, catalog, found);
    }
    if let Some(transfer) = &topology.kv_transfer {
        check_transfer("topology.kv_transfer", transfer, catalog, found);
    }
    if let Some(first) = topology.pools.first() {
        let others = topology.pools.iter().enumerate().take(POOLS_MAX).skip(1);
        for (i, pool) in others.filter(|(_, p)| p.model != first.model) {
            found.push(
                Diagnostic::error(
                    &format!("topology.pools[{i}].model"),
                    format!(
                        "is {}, but the first pool serves {}; one scenario serves one model",
                        pool.model, first.model
                    ),
                )
                .fix(Edit::new(
                    &format!("Use {}", first.model),
                    &format!("topology.pools[{i}].model"),
                    first.model.clone(),
                )),
            );
        }
    }
}

fn check_transfer(path: &str, transfer: &KvTransfer, catalog: &Catalog, found: &mut Vec<Diagnostic>) {
    let at = |field: &str| format!("{path}.{field}");
    one_of(found, &at("network"), "network", &transfer.network, catalog.networks.iter().map(|n| n.id.as_str()));
    if let Some(gb_s) = transfer.gb_s_per_gpu {
        within(found, &at("gb_s_per_gpu"), gb_s, 0.001..=1e6, "GB/s");
    }
    if let Some(latency) = transfer.latency_us {
        within(found, &at("latency_us"), latency, 0.0..=1e9, "µs");
    }
    if let Some(descriptor) = transfer.descriptor_us {
        within(found, &at("descriptor_us"), descriptor, 0.0..=1e6, "µs");
    }
    within(found, &at("jitter_frac"), transfer.jitter_frac, 0.0..=1.0, "");
    within(found, &at("handshake_ms"), transfer.handshake_ms, 0.0..=1e6, "ms");
    within(found, &at("lease_s"), transfer.lease_s, 0.0..=1e6, "s");
    within(found, &at("sidecar_ms"), transfer.sidecar_ms, 0.0..=1e5, "ms");
}

fn check_pool(path: &str, pool: &Pool, topology: &Topology, catalog: &Catalog, found: &mut Vec<Diagnostic>) {
    let at = |field: &str| format!("{path}.{field}");
    let before = found.iter().filter(|d| d.is_error()).count();
    one_of(found, &at("role"), "role of an instance", &pool.role, Role::LABELS.into_iter());
    within(found, &at("replicas"), pool.replicas, 1..=REPLICAS_MAX, "");
    // What is wrong with a row of the deployment's own is said there.
    let models = topology.models.iter().map(|m| m.id.as_str()).filter(|id| catalog.model(id).is_none());
    let models = catalog.models.iter().map(|m| m.id.as_str()).chain(models);
    let model_known = one_of(found, &at("model"), "model", &pool.model, models);
    let gpus = topology.gpus.iter().map(|g| g.id.as_str()).filter(|id| catalog.gpu(id).is_none());
    let gpu_known = one_of(found, &at("gpu"), "GPU", &pool.gpu, catalog.gpus.iter().map(|g| g.id.as_str()).chain(gpus));
    let version_known = one_of(
        found,
        &at("engine.version"),
        "release of vLLM",
        &pool.engine.version,
        catalog.engine_versions.iter().map(|v| v.version.as_str()),
    );
    if let Some(gpu) = catalog.gpu(&pool.gpu).filter(|g| !g.measured) {
        found.push(Diagnostic::warning(
            &at("gpu"),
            format!(
                "{} has no open kernel measurements; its efficiencies are assumed, so results are extrapolated",
                gpu.name
            ),
        ));
    }
    if catalog.model(&pool.model).is_some_and(|m| topology.models.iter().any(|own| own.id == m.id)) {
        found.push(Diagnostic::warning(
            &at("model"),
            format!(
                "{} is a model of this scenario's own: its steps follow from its dimensions and were compared with no measurement, so results are extrapolated",
                pool.model
            ),
        ));
    }
    if let Some(price) = pool.price_usd_per_gpu_hour {
        within(found, &at("price_usd_per_gpu_hour"), price, 0.0..=10_000.0, "USD");
    }
    check_engine(&at("engine"), &pool.engine, found);
    scheduling::check(&at("engine"), &pool.engine, catalog, found);
    speculation::check(&at("engine.speculative_config"), pool, catalog, found);
    precision::check_names(&at("engine"), &pool.engine, catalog, found);
    if let Some(model) = catalog.model(&pool.model) {
        parallel::check(path, pool, model, REPLICAS_MAX, found);
        if let Some(len) = pool.engine.max_model_len {
            within(
                found,
                &at("engine.max_model_len"),
                len,
                2..=model.max_context_tokens,
                "tokens (the model's longest)",
            );
        }
    }
    let errors = found.iter().filter(|d| d.is_error()).count() - before;
    if model_known && gpu_known && version_known && errors == 0 {
        precision::check(path, pool, catalog, found);
        offload::check(path, pool, catalog, found);
        memory::check_fit(path, pool, catalog, found);
    }
}

fn check_engine(path: &str, args: &EngineArgs, found: &mut Vec<Diagnostic>) {
    let at = |field: &str| format!("{path}.{field}");
    let tokens = args.max_num_batched_tokens;
    if let Some(tokens) = tokens {
        within(found, &at("max_num_batched_tokens"), tokens, 1..=BATCH_MAX, "tokens");
    }
    if let Some(seqs) = args.max_num_seqs {
        within(
            found,
            &at("max_num_seqs"),
            seqs,
            1..=SEQS_MAX.min(tokens.unwrap_or(2048).max(1)),
            "sequences (no more than max_num_batched_tokens)",
        );
    }
    if let Some(size) = args.max_cudagraph_capture_size {
        within(found, &at("max_cudagraph_capture_size"), size, 0..=BATCH_MAX, "tokens");
    }
    if let Some(active) = args.max_num_active_seqs {
        within(found, &at("max_num_active_seqs"), active, 1..=SEQS_MAX, "sequences");
    }
    if let Some(share) = args.watermark {
        within(found, &at("watermark"), share, 0.0..=0.9, "of the KV blocks");
    }
    if let Some(share) = args.gpu_memory_utilization {
        within(found, &at("gpu_memory_utilization"), share, 0.05..=1.0, "");
    }
    if let Some(size) = args.block_size {
        within(found, &at("block_size"), size, 1..=4096, "tokens");
    }
    if let Some(blocks) = args.num_gpu_blocks_override {
        within(found, &at("num_gpu_blocks_override"), blocks, 1..=memory::KV_BLOCKS_MAX, "blocks");
    }
    offload::check_values(path, args, found);
    one_of(found, &at("sampling"), "way of sampling", &args.sampling, ["top-p", "greedy"].into_iter());
    if let Some(law) = &args.step_law {
        check_law(&at("step_law"), law, found);
    }
}

fn check_law(path: &str, law: &StepLaw, found: &mut Vec<Diagnostic>) {
    let parts = [
        ("step_us", law.step_us),
        ("per_sequence_us", law.per_sequence_us),
        ("per_token_us", law.per_token_us),
        ("per_context_token_us", law.per_context_token_us),
    ];
    for (field, value) in parts {
        within(found, &format!("{path}.{field}"), value, 0.0..=LAW_US_MAX, "µs");
    }
    if parts.iter().all(|(_, value)| *value == 0.0) {
        found.push(
            Diagnostic::error(path, "takes no time at all; give at least one coefficient above 0".to_string())
                .fix(Edit::new("Set 10 ms a step", &format!("{path}.step_us"), 10_000.0))
                .fix(Edit::new("Use physics instead", path, serde_json::Value::Null)),
        );
    }
}
