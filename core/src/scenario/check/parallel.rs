//! How a replica is split over GPUs: heads and layers divide, and what collectives take is known.

use super::super::topology::Pool;
use super::super::{Diagnostic, Edit};
use super::{one_of, within};
use crate::catalog::Model;
use crate::latency::AllToAll;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde_json::Value;

/// Most stages: more than any deployment has.
const STAGES_MAX: u32 = 16;
/// Most data-parallel ranks of a replica.
const RANKS_MAX: u32 = 64;
/// GPUs among which collectives were measured within a node, and DeepEP's kernels for few tokens over several.
const NODE_GPUS: u32 = 8;
const LOW_LATENCY_GPUS: u32 = 64;
/// vLLM's ways between experts that are simulated.
const BACKENDS: [&str; 3] = ["allgather_reducescatter", "deepep_low_latency", "deepep_high_throughput"];

pub(super) fn check(path: &str, pool: &Pool, model: &Model, replicas_max: u32, found: &mut Vec<Diagnostic>) {
    let at = |field: &str| format!("{path}.engine.{field}");
    let args = &pool.engine;
    check_tensor(&at("tensor_parallel_size"), args.tensor_parallel_size, model, found);
    if let Some(stages) = args.pipeline_parallel_size {
        let layers = model.blocks.iter().map(|b| b.count).sum::<u32>() / 2;
        within(found, &at("pipeline_parallel_size"), stages, 1..=STAGES_MAX.min(layers.max(1)), "stages");
    }
    if let Some(ranks) = args.data_parallel_size {
        within(found, &at("data_parallel_size"), ranks, 1..=RANKS_MAX, "ranks");
        let engines = pool.replicas.saturating_mul(ranks);
        if (1..=RANKS_MAX).contains(&ranks) && pool.replicas <= replicas_max && engines > replicas_max {
            let fewer = replicas_max / ranks;
            found.push(
                Diagnostic::error(
                    &format!("{path}.replicas"),
                    format!("of {ranks} ranks each are {engines} engines; at most {replicas_max} are simulated"),
                )
                .fix(Edit::new(&format!("Use {fewer}"), &format!("{path}.replicas"), fewer)),
            );
        }
    }
    if let Some(backend) = &args.all2all_backend {
        one_of(found, &at("all2all_backend"), "way between experts", backend, BACKENDS.into_iter());
    }
    check_experts(&at, pool, model, found);
    if args.step_law.is_some() && (args.stages() > 1 || args.ranks() > 1 && model.experts().is_some()) {
        let field = at("step_law");
        found.push(
            Diagnostic::warning(
                &field,
                "is the time of a step as it is: stages and shared experts do not change it".into(),
            )
            .fix(Edit::new("Use physics instead", &field, Value::Null)),
        );
    }
}

/// Experts that ranks share.
fn check_experts(at: &impl Fn(&str) -> String, pool: &Pool, model: &Model, found: &mut Vec<Diagnostic>) {
    let args = &pool.engine;
    let (expert, backend) = (at("enable_expert_parallel"), at("all2all_backend"));
    if model.experts().is_none() {
        if args.enable_expert_parallel == Some(true) {
            let message = format!("is on, and {} has no experts", model.id);
            found.push(Diagnostic::error(&expert, message).fix(Edit::new("Leave it out", &expert, Value::Null)));
        }
        return;
    }
    if args.ranks() <= 1 {
        return;
    }
    let field = at("data_parallel_size");
    let gpus = args.tensor_parallel_size.saturating_mul(args.ranks());
    let Some(spread) = args.spread(model) else { return };
    let known = if spread.all_to_all == AllToAll::LowLatency { LOW_LATENCY_GPUS } else { NODE_GPUS };
    if gpus <= known {
        return;
    }
    let message = format!(
        "makes {gpus} GPUs share the experts; times of this way between them were measured up to {known}, and are extrapolated"
    );
    let mut finding = Diagnostic::warning(&field, message);
    if spread.all_to_all != AllToAll::LowLatency {
        finding = finding.fix(Edit::new("Use DeepEP's kernels for few tokens", &backend, "deepep_low_latency"));
    }
    found.push(finding);
}

fn check_tensor(path: &str, tp: u32, model: &Model, found: &mut Vec<Diagnostic>) {
    let cut = model.unsplittable(tp);
    let allowed = |tp: u32| [1, 2, 4, 8].contains(&tp) && model.unsplittable(tp).is_none();
    if allowed(tp) {
        return;
    }
    let reason = match cut {
        Some((heads, what)) if tp > 0 => format!("is {tp}, which does not divide the {heads} {what} of {}", model.id),
        _ => format!("is {tp}; measured collectives exist for 1, 2, 4 and 8 GPUs"),
    };
    let mut finding = Diagnostic::error(path, reason);
    for offer in [1, 2, 4, 8].into_iter().filter(|&o| allowed(o)) {
        finding = finding.fix(Edit::new(&format!("Use {offer}"), path, offer));
    }
    found.push(finding);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::scenario::{Scenario, check, resolve};

    fn scenario(model: &str, change: impl FnOnce(&mut Pool)) -> Scenario {
        let mut s = Scenario::default();
        s.topology.pools[0].model = model.into();
        change(&mut s.topology.pools[0]);
        s.workload.arrival.rate_rps = 0.1;
        s
    }

    fn refused(field: &str, model: &str, change: impl FnOnce(&mut Pool)) {
        let s = scenario(model, change);
        let path = format!("topology.pools[0].{field}");
        let found = check(&s, &Catalog::builtin());
        let finding = found.iter().find(|d| d.path == path && d.is_error());
        let finding = finding.unwrap_or_else(|| panic!("{path}: {found:#?}"));
        let mended = finding.fixes[0].apply(&s).expect("a fix applies");
        let after = check(&mended, &Catalog::builtin());
        assert!(!after.iter().any(|d| d.path == path && d.is_error()), "{path}: {after:#?}");
    }

    #[test]
    fn what_does_not_divide_or_is_not_known_is_refused() {
        refused("engine.pipeline_parallel_size", "qwen3-14b", |p| p.engine.pipeline_parallel_size = Some(0));
        refused("engine.pipeline_parallel_size", "qwen3-14b", |p| p.engine.pipeline_parallel_size = Some(17));
        refused("engine.data_parallel_size", "qwen3-14b", |p| p.engine.data_parallel_size = Some(u32::MAX));
        refused("replicas", "qwen3-14b", |p| (p.replicas, p.engine.data_parallel_size) = (1000, Some(8)));
        refused("engine.enable_expert_parallel", "qwen3-14b", |p| p.engine.enable_expert_parallel = Some(true));
        refused("engine.all2all_backend", "qwen3-30b-a3b", |p| p.engine.all2all_backend = Some("pplx".into()));
    }

    #[test]
    fn more_ranks_than_were_measured_are_warned_of() {
        let found = |ranks: u32| {
            let s = scenario("qwen3-30b-a3b", |p| {
                (p.engine.data_parallel_size, p.engine.enable_expert_parallel) = (Some(ranks), Some(true));
            });
            check(&s, &Catalog::builtin())
        };
        assert!(found(1).is_empty() && found(8).is_empty());
        let found = found(16);
        assert!(found.len() == 1 && !found[0].is_error(), "{found:#?}");
        assert!(found[0].message.contains("extrapolated"), "{found:#?}");
    }

    #[test]
    fn stages_and_ranks_are_gpus_and_hold_less_each() {
        let catalog = Catalog::builtin();
        let plan = |model: &str, change: fn(&mut Pool)| resolve(&scenario(model, change), &catalog).expect("sound");
        let one = plan("qwen3-32b", |p| p.engine.tensor_parallel_size = 2);
        let staged = plan("qwen3-32b", |p| {
            (p.engine.tensor_parallel_size, p.engine.pipeline_parallel_size) = (2, Some(2));
        });
        assert_eq!(staged.gpus(), 2 * one.gpus());
        assert!((staged.usd_per_hour() / one.usd_per_hour() - 2.0).abs() < 1e-9);
        let [weights, staged_weights] = [&one, &staged].map(|p| p.pools()[0].memory.weights_gib);
        assert!((0.45..0.55).contains(&(staged_weights / weights)), "{staged_weights} of {weights}");
        let [token, staged_token] = [&one, &staged].map(|p| p.pools()[0].memory.kv_bytes_per_token);
        assert!((staged_token / token - 0.5).abs() < 1e-9);

        let one = plan("qwen3-30b-a3b", |_| ());
        let ranks = plan("qwen3-30b-a3b", |p| {
            (p.engine.data_parallel_size, p.engine.enable_expert_parallel) = (Some(4), Some(true));
        });
        assert_eq!((ranks.gpus(), ranks.pools()[0].replicas), (4 * one.gpus(), 16));
        let [weights, shared] = [&one, &ranks].map(|p| p.pools()[0].memory.weights_gib);
        assert!(shared < 0.4 * weights, "{shared} of {weights}");
        assert_eq!(ranks.pools()[0].memory.kv_bytes_per_token, one.pools()[0].memory.kv_bytes_per_token);
    }

    /// With `sequences` of `context` tokens each, how much longer a step takes than on one engine without.
    fn longer(model: &str, sequences: u32, context: u32, change: fn(&mut Pool)) -> f64 {
        let catalog = Catalog::builtin();
        let step = |change: fn(&mut Pool)| {
            let plan = resolve(&scenario(model, change), &catalog).expect("sound");
            let mut batch = crate::latency::Batch::new(plan.pools()[0].step_model.span_tokens());
            batch.add_decodes(sequences, context);
            plan.pools()[0].step_model.duration(&batch) as f64
        };
        step(change) / step(|_| ())
    }

    #[test]
    fn stages_serve_more_at_once_and_one_request_no_sooner() {
        let two = |p: &mut Pool| p.engine.pipeline_parallel_size = Some(2);
        let alone = longer("qwen3-14b", 1, 1000, two);
        assert!((0.99..1.1).contains(&alone), "{alone}");
        let many = longer("qwen3-14b", 256, 4000, two);
        assert!((0.5..0.85).contains(&many), "{many}");
    }

    #[test]
    fn shared_experts_are_read_by_a_part_each_and_take_a_way() {
        let shared = |p: &mut Pool| {
            (p.engine.data_parallel_size, p.engine.enable_expert_parallel) = (Some(8), Some(true));
        };
        // Of few tokens, those of eight ranks touch more experts than those of one, on an eighth of them each.
        assert!(longer("qwen3-30b-a3b", 64, 500, shared) < 1.0);
        let few = |p: &mut Pool| p.engine.all2all_backend = Some("deepep_low_latency".into());
        assert!((longer("qwen3-30b-a3b", 64, 500, few) - 1.0).abs() < 1e-9, "one rank has no way to go");
    }
}
