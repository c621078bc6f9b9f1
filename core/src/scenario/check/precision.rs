//! Numbers that weights, keys and values are held in: are they known, do they suit the model, does the GPU multiply them?

use super::super::plan::precision;
use super::super::topology::{EngineArgs, Pool};
use super::super::{Diagnostic, Edit};
use super::one_of;
use crate::catalog::{Arithmetic, Block, Catalog, Gpu, Model, WeightFormat};
use alloc::format;
use alloc::vec::Vec;
use serde_json::Value;

/// vLLM's values of `kv_cache_dtype` that are simulated.
const KV_CACHE_DTYPES: [&str; 5] = ["auto", "bfloat16", "fp8", "fp8_e4m3", "fp8_e5m2"];

/// The words are known.
pub(super) fn check_names(path: &str, args: &EngineArgs, catalog: &Catalog, found: &mut Vec<Diagnostic>) {
    let known = catalog.quantizations.iter().map(|q| q.method.as_str());
    if let Some(word) = &args.quantization {
        one_of(found, &format!("{path}.quantization"), "quantization", word, known);
    }
    if let Some(word) = &args.kv_cache_dtype {
        one_of(found, &format!("{path}.kv_cache_dtype"), "type of KV cache", word, KV_CACHE_DTYPES.into_iter());
    }
}

/// For pools whose words are known.
pub(super) fn check(path: &str, pool: &Pool, catalog: &Catalog, found: &mut Vec<Diagnostic>) {
    let (Some(model), Some(gpu)) = (catalog.model(&pool.model), catalog.gpu(&pool.gpu)) else { return };
    let Some(held) = precision(pool, catalog, model) else { return };
    let field = format!("{path}.engine.quantization");
    let quantization = pool.engine.quantization.as_deref();
    if let Some(method) = quantization.filter(|&m| does_nothing(m, model, catalog)) {
        found.push(
            Diagnostic::error(&field, format!("is {method}, which quantizes experts, and {} has none", model.id))
                .fix(Edit::new("Serve the published checkpoint", &field, Value::Null))
                .fix(Edit::new("Use fp8", &field, "fp8")),
        );
        return;
    }
    let mut formats = Vec::from([&held.weights]);
    if model.experts().is_some() && held.expert_weights.id != held.weights.id {
        formats.push(&held.expert_weights);
    }
    // A checkpoint's own numbers are said where the model is chosen.
    let place = if quantization.is_some() { field } else { format!("{path}.model") };
    found.extend(formats.into_iter().filter_map(|format| arithmetic(&place, format, model, gpu)));
    if held.fp8_kv && gpu.rate(Arithmetic::Fp8).is_none() {
        found.push(Diagnostic::warning(
            &format!("{path}.engine.kv_cache_dtype"),
            format!("halves the KV cache, but {} has no fp8 arithmetic: keys and values are widened while being read, which is assumed to take no time", gpu.name),
        ));
    }
    if model.is_recurrent() && pool.engine.enable_prefix_caching == Some(true) {
        found.push(Diagnostic::warning(
            &format!("{path}.engine.enable_prefix_caching"),
            format!("is off by default for {}: the states of its recurrent layers can be found again at few places. The simulation finds them after every block, so hits are overestimated", model.id),
        ));
    }
}

/// Whether a quantization changes nothing of this model: one of experts, of a model that has none.
fn does_nothing(method: &str, model: &Model, catalog: &Catalog) -> bool {
    let of_experts = catalog.quantization(method).is_some_and(|q| q.weights == "bf16" && q.expert_weights != "bf16");
    of_experts && !model.blocks.iter().any(|b| matches!(b.block, Block::Experts(_)))
}

/// What a GPU does with numbers it does not multiply, or whose speed nobody measured.
fn arithmetic(path: &str, format: &WeightFormat, model: &Model, gpu: &Gpu) -> Option<Diagnostic> {
    let name = format.arithmetic.name();
    if format.arithmetic == Arithmetic::Bf16 {
        return None;
    }
    let reason = match gpu.rate(format.arithmetic) {
        None => format!(
            "has weights of {} in {}, which {} has no {name} arithmetic for: they are widened to bf16 while being read, which saves bandwidth and no arithmetic",
            model.id, format.name, gpu.name
        ),
        Some(rate) if gpu.measured && !rate.measured => {
            format!(
                "has weights of {} in {}; how fast {} multiplies {name} was not measured, so it is assumed",
                model.id, format.name, gpu.name
            )
        }
        Some(_) => return None,
    };
    Some(Diagnostic::warning(path, reason))
}
