//! Keys and values offloaded to host memory: how much of it, by what, and whether anything can be found there.

use super::super::plan::sized;
use super::super::topology::{EngineArgs, Pool};
use super::super::{Diagnostic, Edit};
use super::{one_of, within};
use crate::catalog::Catalog;
use alloc::format;
use alloc::vec::Vec;
use serde_json::Value;

/// Most host memory of an engine, GiB: beyond any host.
const SIZE_GIB_MAX: f64 = 100_000.0;

pub(super) fn check_values(path: &str, args: &EngineArgs, found: &mut Vec<Diagnostic>) {
    if let Some(size) = args.kv_offloading_size {
        within(found, &format!("{path}.kv_offloading_size"), size, 0.0..=SIZE_GIB_MAX, "GiB");
    }
    if let Some(backend) = &args.kv_offloading_backend {
        let field = format!("{path}.kv_offloading_backend");
        one_of(found, &field, "way of offloading that is simulated", backend, ["native"].into_iter());
    }
}

/// Of a pool whose values are sound.
pub(super) fn check(path: &str, pool: &Pool, catalog: &Catalog, found: &mut Vec<Diagnostic>) {
    let Some(size) = pool.engine.kv_offloading_size.filter(|size| *size > 0.0) else { return };
    let Some((engine, _)) = sized(pool, catalog) else { return };
    let at = |field: &str| format!("{path}.engine.{field}");
    if !engine.prefix_caching {
        found.push(
            Diagnostic::error(
                &at("kv_offloading_size"),
                "is set, and the prefix cache is off, which names the blocks that host memory is searched for".into(),
            )
            .fix(Edit::new("Leave it out", &at("kv_offloading_size"), Value::Null))
            .fix(Edit::new("Turn the prefix cache on", &at("enable_prefix_caching"), true)),
        );
    } else if engine.offload.is_none() {
        found.push(
            Diagnostic::warning(&at("kv_offloading_size"), format!("is {size} GiB, which hold not one block"))
                .fix(Edit::new("Leave it out", &at("kv_offloading_size"), Value::Null)),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;
    use crate::scenario::{EngineArgs, OffloadPlan, Scenario, check, resolve};
    use alloc::string::String;
    use alloc::vec::Vec;

    fn scenario(change: impl FnOnce(&mut EngineArgs)) -> Scenario {
        let mut s = Scenario::default();
        s.topology.pools[0].engine.kv_offloading_size = Some(100.0);
        change(&mut s.topology.pools[0].engine);
        s
    }

    fn findings(change: impl FnOnce(&mut EngineArgs)) -> Vec<(String, bool, String)> {
        let found = check(&scenario(change), &Catalog::builtin());
        found.into_iter().map(|d| (d.path.clone(), d.is_error(), d.message)).collect()
    }

    #[test]
    fn what_cannot_be_is_refused_by_name_and_mended() {
        assert_eq!(findings(|_| ()), []);
        assert_eq!(findings(|a| a.kv_offloading_backend = Some("native".into())), []);
        assert_eq!(findings(|a| a.kv_offloading_size = Some(0.0)), []);
        let refused = |field: &str, change: fn(&mut EngineArgs)| {
            let s = scenario(change);
            let path = alloc::format!("topology.pools[0].engine.{field}");
            let found = check(&s, &Catalog::builtin());
            let finding = found.iter().find(|d| d.path == path && d.is_error());
            let finding = finding.unwrap_or_else(|| panic!("{path}: {found:#?}"));
            let mended = finding.fixes[0].apply(&s).expect("a fix applies");
            assert!(check(&mended, &Catalog::builtin()).iter().all(|d| !d.is_error()), "{path}");
        };
        refused("kv_offloading_size", |a| a.kv_offloading_size = Some(-1.0));
        refused("kv_offloading_size", |a| a.kv_offloading_size = Some(f64::NAN));
        refused("kv_offloading_size", |a| a.kv_offloading_size = Some(f64::INFINITY));
        refused("kv_offloading_size", |a| a.enable_prefix_caching = Some(false));
        refused("kv_offloading_size", |a| a.version = "0.11".into());
        refused("kv_offloading_backend", |a| a.kv_offloading_backend = Some("lmcache".into()));
    }

    #[test]
    fn less_than_a_block_is_warned_of() {
        let found = findings(|a| a.kv_offloading_size = Some(1e-6));
        assert!(matches!(found.as_slice(), [(_, false, said)] if said.contains("not one block")), "{found:?}");
    }

    #[test]
    fn host_memory_is_that_of_all_gpus_and_each_copies_its_part() {
        let plan = |tp: u32, gpu: &str| {
            let mut s = scenario(|a| a.tensor_parallel_size = tp);
            s.topology.pools[0].gpu = gpu.into();
            s.workload.arrival.rate_rps = 0.1;
            let plan = resolve(&s, &Catalog::builtin()).expect("sound");
            plan.pools()[0].engine.offload.expect("it offloads")
        };
        // Qwen3-14B: 40 layers, 8 heads of 128, keys and values in bf16: 2.5 MiB a block of 16 tokens.
        let one = plan(1, "h100-sxm");
        assert_eq!(one.blocks, 100 * 1024 * 2 / 5);
        assert_eq!(one.block.as_ps(), (2_621_440u64 * 1000).div_ceil(35));
        let two = plan(2, "h100-sxm");
        assert_eq!(two, OffloadPlan { blocks: one.blocks, block: two.block });
        assert!(two.block.as_ps().abs_diff(one.block.as_ps() / 2) <= 1);
        assert!(plan(1, "a100-80g-sxm").block > one.block, "PCIe 4 is slower");
    }
}
