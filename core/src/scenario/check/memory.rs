//! Does the model fit, and do the requests?

use super::super::edit::item;
use super::super::plan::{PoolPlan, pool_plan};
use super::super::topology::Pool;
use super::super::{Diagnostic, Edit, Scenario};
use super::work::longest_step_s;
use crate::base::Dist;
use crate::catalog::Catalog;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Longest step, s: no physics comes near, and integers of picoseconds hold any sum of such steps a run can have.
const STEP_S_MAX: f64 = 1000.0;
/// GPUs offered in place of one that is too small: the cheapest of those that were measured.
const GPUS_OFFERED: usize = 2;
const GIB: f64 = 1_073_741_824.0;

/// A replica must hold its weights and at least one sequence of `max_model_len`, as vLLM insists at start.
pub(super) fn check_fit(path: &str, pool: &Pool, catalog: &Catalog, found: &mut Vec<Diagnostic>) {
    let Some(plan) = pool_plan(pool, catalog) else {
        return;
    };
    let step_s = longest_step_s(&plan);
    if step_s > STEP_S_MAX {
        let law = format!("{path}.engine.step_law");
        found.push(
            Diagnostic::error(
                &law,
                format!("makes a full step take {step_s:.0} s, at most {STEP_S_MAX:.0} s can be simulated"),
            )
            .fix(Edit::new("Use physics instead", &law, serde_json::Value::Null)),
        );
        return;
    }
    if !plan.engine.chunked_prefill && plan.engine.max_num_batched_tokens < plan.engine.max_model_len {
        let field = format!("{path}.engine.max_num_batched_tokens");
        let (tokens, longest) = (plan.engine.max_num_batched_tokens, plan.engine.max_model_len);
        found.push(
            Diagnostic::error(
                &field,
                format!(
                    "is {tokens}, but without chunked prefill a step must hold the longest sequence of {longest} tokens"
                ),
            )
            .fix(Edit::new(&format!("Set max_model_len to {tokens}"), &format!("{path}.engine.max_model_len"), tokens))
            .fix(Edit::new(
                "Allow chunked prefill",
                &format!("{path}.engine.enable_chunked_prefill"),
                serde_json::Value::Null,
            )),
        );
        return;
    }
    if let Some(reason) = misfit(pool, &plan) {
        let mut finding = Diagnostic::error(path, reason);
        finding.fixes = fitting(path, pool, catalog);
        found.push(finding);
    }
}

/// Why the replica could not start, if it could not.
fn misfit(pool: &Pool, plan: &PoolPlan) -> Option<String> {
    let m = &plan.memory;
    let len = pool.engine.max_model_len;
    let needed = len.unwrap_or(plan.engine.block_size).max(plan.engine.block_size);
    if plan.kv_tokens() >= u64::from(needed) && plan.engine.max_model_len >= 2 {
        return None;
    }
    let allowed = m.weights_gib + m.overhead_gib + m.kv_gib;
    let kv_needed = f64::from(needed) * m.kv_bytes_per_token / GIB;
    Some(format!(
        "does not fit: {} needs {:.1} GiB of weights, {:.1} GiB per GPU at TP {}, and {:.1} GiB of working memory; {} allows {:.1} GiB. That leaves {:.1} GiB for the KV cache of {} tokens, which takes {:.2} GiB: {:.1} GiB are missing",
        pool.model,
        plan.model.weight_bytes() as f64 / GIB,
        m.weights_gib,
        plan.tensor_parallel,
        m.overhead_gib,
        plan.gpu.name,
        allowed,
        m.kv_gib,
        needed,
        kv_needed,
        (kv_needed - m.kv_gib).max(0.0),
    ))
}

/// The nearest deployments that would start: more GPUs per replica, a larger GPU, a shorter sequence.
fn fitting(path: &str, pool: &Pool, catalog: &Catalog) -> Vec<Edit> {
    let fits = |changed: &Pool| pool_plan(changed, catalog).is_some_and(|plan| misfit(changed, &plan).is_none());
    let mut fixes = Vec::new();
    let tp = pool.engine.tensor_parallel_size;
    let wider = [2, 4, 8].into_iter().filter(|&t| t > tp).find(|&t| {
        let mut changed = pool.clone();
        changed.engine.tensor_parallel_size = t;
        fits(&changed)
    });
    if let Some(t) = wider {
        fixes.push(Edit::new(
            &format!("Split over {t} GPUs (TP {t})"),
            &format!("{path}.engine.tensor_parallel_size"),
            t,
        ));
    }
    let mut gpus: Vec<_> = catalog.gpus.iter().filter(|g| g.measured).collect();
    gpus.retain(|g| fits(&Pool { gpu: g.id.clone(), ..pool.clone() }));
    gpus.sort_by(|a, b| a.price_usd_per_gpu_hour.total_cmp(&b.price_usd_per_gpu_hour));
    for gpu in gpus.into_iter().take(GPUS_OFFERED) {
        fixes.push(Edit::new(&format!("Use {}", gpu.name), &format!("{path}.gpu"), gpu.id.clone()));
    }
    let mut shorter = pool.clone();
    shorter.engine.max_model_len = None;
    if pool.engine.max_model_len.is_some() && fits(&shorter) {
        fixes.push(Edit::new(
            "Let max_model_len follow the KV cache",
            &format!("{path}.engine.max_model_len"),
            serde_json::Value::Null,
        ));
    }
    fixes
}

/// Requests longer than `max_model_len` of the pool they are sent to are refused at run time: say so before.
pub(super) fn check_lengths(s: &Scenario, pools: &[PoolPlan], found: &mut Vec<Diagnostic>) {
    let limits = || pools.iter().map(|p| p.engine.max_model_len);
    let (Some(shortest), Some(longest)) = (limits().min(), limits().max()) else { return };
    for (i, class) in s.workload.classes.iter().enumerate() {
        let Some(input) = class.input.dist() else {
            continue;
        };
        let prefix = class.prefix.as_ref().map_or(0, |p| p.tokens);
        let [refused_everywhere, refused] =
            [longest, shortest].map(|limit| share_from(&input, limit.saturating_sub(prefix)));
        let path = item("workload.classes", i, "input");
        if refused_everywhere >= 1.0 {
            found.push(
                Diagnostic::error(
                    &path,
                    format!(
                        "always reaches the longest sequence of {longest} tokens, so every request would be refused"
                    ),
                )
                .fix(Edit::new(
                    "Use half of what is left",
                    &path,
                    serde_json::to_value(super::super::Length::constant((longest.saturating_sub(prefix) / 2).max(1)))
                        .unwrap_or_default(),
                )),
            );
        } else if refused > 0.0 {
            found.push(Diagnostic::warning(&path, format!("reaches the longest sequence of {shortest} tokens in about {:.1} % of requests, which the engine will refuse", refused * 100.0)));
        }
    }
}

/// Share of prompts of at least `limit` tokens.
fn share_from(input: &Dist, limit: u32) -> f64 {
    input.expect(|tokens| if tokens >= f64::from(limit) { 1.0 } else { 0.0 })
}
