//! Prefill apart from decode: pools, profiles and the decider fit each other.

use super::super::disagg::Handler;
use super::super::plan::sized;
use super::super::{Diagnostic, Edit, Scenario};
use crate::catalog::Catalog;
use crate::policy::decide::{self, DECIDERS};
use crate::policy::{Role, disagg};
use alloc::format;
use alloc::vec::Vec;
use serde_json::{Value, json};

/// The decider offered where one is missing: what llm-d's guides use.
const USUAL_DECIDER: &str = "always-disagg-pd-decider";

pub(super) fn check(s: &Scenario, catalog: &Catalog, found: &mut Vec<Diagnostic>) {
    let roles = || s.topology.pools.iter().map(|p| Role::read(&p.role));
    if !s.topology.pools.is_empty() && roles().all(|r| r == Some(Role::Prefill)) {
        found.push(
            Diagnostic::error(
                "topology.pools[0].role",
                "is prefill, like that of every other pool, so that nobody decodes".into(),
            )
            .fix(Edit::new("Let it do both", "topology.pools[0].role", "both"))
            .fix(Edit::new("Let it decode", "topology.pools[0].role", "decode")),
        );
        return;
    }
    match s.policies.handler() {
        Some(handler) => {
            check_handler(s, handler, found);
            check_engines(s, catalog, found);
        }
        None => check_without(s, found),
    }
}

/// Without a handler nobody sends a prompt elsewhere: a prefill pool would decode like any other, or be idle.
fn check_without(s: &Scenario, found: &mut Vec<Diagnostic>) {
    for (i, pool) in s.topology.pools.iter().enumerate().filter(|(_, p)| p.role == "prefill") {
        let path = format!("topology.pools[{i}].role");
        found.push(
            Diagnostic::error(
                &path,
                format!("is {}, but the policies have no {} that would send prompts there", pool.role, disagg::META.id),
            )
            .fix(Edit::new("Let it do both", &path, "both"))
            .fix(Edit::new("Compute every prompt apart", "policies", usual_policies())),
        );
    }
}

fn check_handler(s: &Scenario, handler: Handler<'_>, found: &mut Vec<Diagnostic>) {
    let path = format!("policies.plugins[{}].parameters", handler.index);
    for (name, filter, what) in [
        (handler.decode, disagg::DECODE_FILTER, "where requests decode"),
        (handler.prefill, disagg::PREFILL_FILTER, "where prompts are computed"),
    ] {
        let Some(profile) = s.policies.profile(name) else {
            found.push(
                Diagnostic::error(
                    "policies.schedulingProfiles",
                    format!("has no profile named “{name}”, which is to choose {what}"),
                )
                .fix(Edit::new("Use llm-d's two profiles", "policies", usual_policies())),
            );
            continue;
        };
        let filtered = profile.plugins.iter().filter_map(|r| s.policies.plugin(&r.plugin_ref));
        let other = if filter == disagg::DECODE_FILTER { Role::Prefill } else { Role::Decode };
        let has_others = s.topology.pools.iter().any(|p| Role::read(&p.role) == Some(other));
        if has_others && !filtered.into_iter().any(|plugin| plugin.kind == filter) {
            let role = if other == Role::Prefill { "prefill" } else { "decode" };
            found.push(Diagnostic::warning(
                "policies.schedulingProfiles",
                format!("the profile “{name}” has no {}, so it chooses among {role} instances too", filter),
            ));
        }
    }
    check_decider(s, handler, &format!("{path}.deciders"), found);
    let prefills = s.topology.pools.iter().any(|p| Role::read(&p.role).is_some_and(Role::prefills));
    if !prefills {
        found.push(Diagnostic::warning(
            "topology.pools",
            "has no pool of the role prefill or both, so every prompt is computed where it is decoded".into(),
        ));
    }
}

fn check_decider(s: &Scenario, handler: Handler<'_>, path: &str, found: &mut Vec<Diagnostic>) {
    let fix = |kind: &str| Edit::new(&format!("Use {kind}"), path, json!({ "prefill": kind }));
    let Some(name) = handler.decider else {
        found.push(
            Diagnostic::error(path, "names no decider for prefill, so nothing says which prompts go there".into())
                .fix(Edit::new("Compute every prompt apart", "policies", usual_policies())),
        );
        return;
    };
    let known = s.policies.plugin(name).map(|plugin| decide::find(&plugin.kind));
    let reason = match known {
        Some(Some(_)) => return,
        Some(None) => format!("names “{name}”, which is no decider that is simulated"),
        None => format!("names “{name}”, which is not among the plugins"),
    };
    let declared = s.policies.plugins.iter().filter(|p| DECIDERS.iter().any(|d| d.meta.id == p.kind));
    let mut finding = Diagnostic::error(path, reason);
    for plugin in declared {
        finding = finding.fix(fix(plugin.name()));
    }
    found.push(finding.fix(Edit::new("Compute every prompt apart", "policies", usual_policies())));
}

/// Blocks are read as they are: both sides have them of one size, in one kind of numbers.
fn check_engines(s: &Scenario, catalog: &Catalog, found: &mut Vec<Diagnostic>) {
    let pools = &s.topology.pools;
    let block = |i: usize| sized(&pools[i], catalog).map(|(engine, _)| engine.block_size);
    for (i, pool) in pools.iter().enumerate().skip(1) {
        let at = |field: &str| format!("topology.pools[{i}].engine.{field}");
        if let (Some(first), Some(own)) = (block(0), block(i))
            && first != own
        {
            let path = at("block_size");
            found.push(
                Diagnostic::error(
                    &path,
                    format!("is {own}, but the first pool's blocks hold {first} tokens; blocks are read as they are"),
                )
                .fix(Edit::new(&format!("Use {first}"), &path, first)),
            );
        }
        let dtype = |i: usize| pools[i].engine.kv_cache_dtype.clone().unwrap_or_else(|| "auto".into());
        if dtype(0) != dtype(i) {
            let path = at("kv_cache_dtype");
            let reason = format!("is {}, but the first pool's is {}; blocks are read as they are", dtype(i), dtype(0));
            found.push(Diagnostic::error(&path, reason).fix(Edit::new(&format!("Use {}", dtype(0)), &path, dtype(0))));
        }
        if pool.engine.step_law.is_some() != pools[0].engine.step_law.is_some() {
            found.push(Diagnostic::warning(
                &at("step_law"),
                "one pool's steps follow coefficients and another's physics; the front end is timed with the latter only".into(),
            ));
        }
    }
}

/// llm-d's guide for prefill apart from decode, with scorers that are simulated.
fn usual_policies() -> Value {
    let profile = |name: &str, filter: &str| {
        json!({ "name": name, "plugins": [
            { "pluginRef": filter },
            { "pluginRef": "active-request-scorer" },
            { "pluginRef": "max-score-picker" },
        ] })
    };
    let kinds =
        [USUAL_DECIDER, disagg::PREFILL_FILTER, disagg::DECODE_FILTER, "active-request-scorer", "max-score-picker"];
    let mut plugins: Vec<Value> = kinds.iter().map(|kind| json!({ "type": kind })).collect();
    plugins.push(json!({ "type": disagg::META.id, "parameters": { "deciders": { "prefill": USUAL_DECIDER } } }));
    json!({
        "plugins": plugins,
        "schedulingProfiles": [
            profile("decode", disagg::DECODE_FILTER),
            profile("prefill", disagg::PREFILL_FILTER),
        ],
    })
}
