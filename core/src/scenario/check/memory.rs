//! Does the model fit, and do the requests?

use super::super::edit::item;
use super::super::plan::{EngineConfig, PoolPlan, pool_plan, precision, sized};
use super::super::topology::Pool;
use super::super::{Diagnostic, Edit, Scenario};
use super::work::longest_step_s;
use crate::base::Dist;
use crate::base::Order;
use crate::catalog::{Arithmetic, Catalog, Gpu, Precision};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Longest step, s: no physics comes near, and integers of picoseconds hold any sum of such steps a run can have.
const STEP_S_MAX: f64 = 1000.0;
/// GPUs offered in place of one that is too small: the cheapest of those that were measured.
const GPUS_OFFERED: usize = 2;
/// Most KV blocks of an engine.
pub(super) const KV_BLOCKS_MAX: u32 = 100_000_000;
const GIB: f64 = 1_073_741_824.0;

/// A replica must hold its weights and at least one sequence of `max_model_len`, as vLLM insists at start.
pub(super) fn check_fit(path: &str, pool: &Pool, catalog: &Catalog, found: &mut Vec<Diagnostic>) {
    let Some(plan) = pool_plan(pool, catalog) else {
        return;
    };
    if let Some(finding) = too_large(path, pool, &plan) {
        found.push(finding);
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

/// What no clock or no memory of a simulation holds: steps that take too long, or too many blocks.
fn too_large(path: &str, pool: &Pool, plan: &PoolPlan) -> Option<Diagnostic> {
    let step_s = longest_step_s(plan);
    let law = format!("{path}.engine.step_law");
    let takes = format!("a full step take {step_s:.0} s, at most {STEP_S_MAX:.0} s can be simulated");
    let long = step_s > STEP_S_MAX || step_s.is_nan();
    if long && pool.engine.step_law.is_some() {
        let fix = Edit::new("Use physics instead", &law, serde_json::Value::Null);
        return Some(Diagnostic::error(&law, format!("makes {takes}")).fix(fix));
    }
    if long {
        let field = format!("{path}.gpu");
        let usual = Pool::default().gpu;
        let fix = Edit::new(&format!("Use {usual}"), &field, usual);
        return Some(
            Diagnostic::error(&field, format!("is so slow for {} that it makes {takes}", plan.model.id)).fix(fix),
        );
    }
    let blocks = plan.engine.kv_blocks;
    (blocks > KV_BLOCKS_MAX).then(|| {
        let field = format!("{path}.engine.num_gpu_blocks_override");
        let message = format!("is needed: {blocks} KV blocks would fit, at most {KV_BLOCKS_MAX} are simulated");
        let fix = Edit::new(&format!("Set to {KV_BLOCKS_MAX}"), &field, KV_BLOCKS_MAX);
        Diagnostic::error(&field, message).fix(fix)
    })
}

/// Why the replica could not start, if it could not.
fn misfit(pool: &Pool, plan: &PoolPlan) -> Option<String> {
    let m = &plan.memory;
    let needed = tokens_needed(pool, &plan.engine);
    if starts(pool, &plan.engine) {
        return None;
    }
    let allowed = m.weights_gib + m.overhead_gib + m.kv_gib;
    let kv_needed = m.sequence_bytes(f64::from(needed)) / GIB;
    Some(format!(
        "does not fit: {} needs {:.1} GiB of weights in {}, {:.1} GiB per GPU at TP {}, and {:.1} GiB of working memory; {} allows {:.1} GiB. That leaves {:.1} GiB for the KV cache of {} tokens, which takes {:.2} GiB: {:.1} GiB are missing on each GPU",
        pool.model,
        plan.model.weight_bytes(&plan.precision) / GIB,
        formats(&plan.precision),
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

fn formats(p: &Precision) -> String {
    let (weights, experts) = (&p.weights.id, &p.expert_weights.id);
    if weights == experts { weights.clone() } else { format!("{weights} and {experts}") }
}

fn tokens_needed(pool: &Pool, engine: &EngineConfig) -> u32 {
    pool.engine.max_model_len.unwrap_or(engine.block_size).max(engine.block_size)
}

fn starts(pool: &Pool, engine: &EngineConfig) -> bool {
    let blocks = engine.kv_law.blocks(engine.block_size, tokens_needed(pool, engine));
    engine.kv_blocks >= blocks && engine.max_model_len >= 2
}

/// The nearest deployments that would start: one setting changed if that is enough, else two.
fn fitting(path: &str, pool: &Pool, catalog: &Catalog) -> Vec<Edit> {
    let fits = |changed: &Pool| {
        let split = catalog.model(&changed.model).is_some_and(|m| {
            m.unsplittable(changed.engine.tensor_parallel_size).is_none()
                && changed.engine.max_model_len.is_none_or(|len| len <= m.max_context_tokens)
        });
        split && sized(changed, catalog).is_some_and(|(engine, _)| starts(changed, &engine))
    };
    let mut fixes = Vec::new();
    let one = |field: &str| format!("{path}.{field}");
    if let Some(wider) = wider(pool).find(fits) {
        let tp = wider.engine.tensor_parallel_size;
        let title = format!("Split over {tp} GPUs (TP {tp})");
        fixes.push(Edit::new(&title, &one("engine.tensor_parallel_size"), tp));
    }
    if let Some((title, narrower)) = narrower(pool, catalog).into_iter().find(|(_, p)| fits(p)) {
        fixes.push(Edit::new(&title, &one("engine.quantization"), narrower.engine.quantization));
    }
    let fp8_kv = with_fp8_kv(pool);
    if fits(&fp8_kv) && !fits(pool) {
        fixes.push(Edit::new(
            "Keep keys and values in fp8",
            &one("engine.kv_cache_dtype"),
            fp8_kv.engine.kv_cache_dtype,
        ));
    }
    for (title, other) in larger(pool, catalog).into_iter().filter(|(_, p)| fits(p)).take(GPUS_OFFERED) {
        fixes.push(Edit::new(&title, &one("gpu"), other.gpu));
    }
    let mut shorter = pool.clone();
    shorter.engine.max_model_len = None;
    if pool.engine.max_model_len.is_some() && fits(&shorter) {
        fixes.push(Edit::new(
            "Let max_model_len follow the KV cache",
            &one("engine.max_model_len"),
            serde_json::Value::Null,
        ));
    }
    if fixes.is_empty() {
        fixes = two_changes(path, pool, catalog, fits);
    }
    fixes
}

/// Wider and in other numbers, or wider and on another GPU.
fn two_changes(path: &str, pool: &Pool, catalog: &Catalog, fits: impl Fn(&Pool) -> bool) -> Vec<Edit> {
    let both = |other: fn(&Pool, &Catalog) -> Vec<(String, Pool)>| {
        let all = wider(pool).flat_map(|wide| {
            let tp = wide.engine.tensor_parallel_size;
            other(&wide, catalog).into_iter().map(move |(title, p)| (format!("{title}, over {tp} GPUs (TP {tp})"), p))
        });
        let fitting: Vec<_> = all.filter(|(_, p)| fits(p)).take(GPUS_OFFERED).collect();
        fitting
    };
    let all = both(narrower).into_iter().chain(both(larger));
    all.map(|(title, p)| Edit::new(&title, path, serde_json::to_value(p).unwrap_or_default())).collect()
}

/// The same pool over more GPUs a replica.
fn wider(pool: &Pool) -> impl Iterator<Item = Pool> {
    let tp = pool.engine.tensor_parallel_size;
    [2, 4, 8].into_iter().filter(move |&t| t > tp).map(|t| {
        let mut changed = pool.clone();
        changed.engine.tensor_parallel_size = t;
        changed
    })
}

/// The same pool with narrower weights, the least narrow first: what the GPU multiplies, then int4, which any can read.
fn narrower(pool: &Pool, catalog: &Catalog) -> Vec<(String, Pool)> {
    let (Some(gpu), Some(model)) = (catalog.gpu(&pool.gpu), catalog.model(&pool.model)) else { return Vec::new() };
    let Some(now) = precision(pool, catalog, model) else { return Vec::new() };
    let native = |a: Arithmetic| gpu.rate(a).is_some();
    let offers = [("fp8", native(Arithmetic::Fp8)), ("modelopt_fp4", native(Arithmetic::Fp4)), ("awq", true)];
    let offered =
        offers.into_iter().filter(|(_, offered)| *offered).filter_map(|(method, _)| catalog.quantization(method));
    let mut changed = Vec::new();
    for q in offered {
        let mut narrow = pool.clone();
        narrow.engine.quantization = Some(q.method.clone());
        if precision(&narrow, catalog, model).is_some_and(|p| model.weight_bytes(&p) < model.weight_bytes(&now)) {
            changed.push((format!("Serve it in {} ({})", q.method, q.title), narrow));
        }
    }
    changed
}

fn with_fp8_kv(pool: &Pool) -> Pool {
    let mut changed = pool.clone();
    changed.engine.kv_cache_dtype = Some("fp8".into());
    changed
}

/// The same pool on other GPUs: those that were measured, the cheapest first.
fn larger(pool: &Pool, catalog: &Catalog) -> Vec<(String, Pool)> {
    let mut gpus: Vec<_> = catalog.gpus.iter().filter(|g| g.measured && g.id != pool.gpu).collect();
    gpus.order_by(|a, b| a.price_usd_per_gpu_hour.total_cmp(&b.price_usd_per_gpu_hour));
    let on = |g: &Gpu| (format!("Use {}", g.name), Pool { gpu: g.id.clone(), ..pool.clone() });
    gpus.into_iter().map(on).collect()
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
