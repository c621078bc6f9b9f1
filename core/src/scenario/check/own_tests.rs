//! Rows of a scenario's own: as good as the catalogue's, and told apart from what is not.

use super::*;
use crate::scenario::{OwnModel, SpeculativeConfig, SweepAxis, check, resolve};
use alloc::vec;

/// The landing scenario on a copy of a model and of a GPU of the catalogue.
fn scenario(model: &str, gpu: &str) -> Scenario {
    let catalog = Catalog::builtin();
    let mut s = Scenario::default();
    let (model, gpu) = (catalog.model(model).expect("known"), catalog.gpu(gpu).expect("known"));
    s.topology.models = vec![OwnModel::of(model, "mine")];
    s.topology.gpus = vec![OwnGpu::of(gpu, "my-gpu")];
    (s.topology.pools[0].model, s.topology.pools[0].gpu) = ("mine".into(), "my-gpu".into());
    s
}

#[test]
fn every_model_of_the_catalogue_can_be_ones_own() {
    let builtin = Catalog::builtin();
    for known in &builtin.models {
        let s = scenario(&known.id, "h100-sxm");
        let mut found = Vec::new();
        let all = catalog(&s.topology, &builtin, &mut found);
        assert_eq!(found, [], "{}", known.id);
        let mut own = all.model("mine").expect("is sound").clone();
        // What dimensions do not tell.
        (own.id, own.family, own.source) = (known.id.clone(), known.family.clone(), known.source.clone());
        assert_eq!(own, *known);
        assert_eq!(all.models.len(), builtin.models.len() + 1);
        assert_eq!(all.models[0].id, "mine");
    }
}

#[test]
fn a_gpu_based_on_a_measured_one_is_as_the_catalogue_has_those_without_measurements() {
    let builtin = Catalog::builtin();
    for (id, like) in [("l4", "l40s"), ("rtx-4090", "l40s"), ("h100-nvl", "h100-sxm"), ("a100-40g-sxm", "a100-80g-sxm")]
    {
        let known = builtin.gpu(id).expect("known");
        let own = OwnGpu { based_on: like.into(), ..OwnGpu::of(known, "mine") };
        let mut row = own.row(builtin.gpu(like).expect("known"));
        let rates = |g: &Gpu| {
            let mut all: Vec<_> = g
                .arithmetic
                .iter()
                .map(|r| (r.arithmetic.name(), r.dense_tflops, r.gemm_compute_eff, r.gemm_memory_eff))
                .collect();
            all.sort_by_key(|r| r.0);
            all
        };
        assert_eq!(rates(&row), rates(known), "{id}");
        // What is on no data sheet, or only for people.
        row.arithmetic.clone_from(&known.arithmetic);
        (row.id, row.name, row.memory_gb) = (known.id.clone(), known.name.clone(), known.memory_gb);
        (row.price_low, row.price_high) = (known.price_low, known.price_high);
        (row.spec_source, row.price_source) = (known.spec_source.clone(), known.price_source.clone());
        row.efficiency_source.clone_from(&known.efficiency_source);
        assert_eq!(row, *known, "{id}");
    }
}

#[test]
fn what_is_not_measured_is_said_to_be_extrapolated_and_simulated() {
    let s = scenario("qwen3-14b", "h200-sxm");
    let found = check(&s, &Catalog::builtin());
    let paths: Vec<&str> = found.iter().map(|d| d.path.as_str()).collect();
    assert_eq!(paths, ["topology.pools[0].gpu", "topology.pools[0].model"], "{found:#?}");
    assert!(found.iter().all(|d| !d.is_error() && d.message.contains("extrapolated")));
    let plan = resolve(&s, &Catalog::builtin()).expect("is sound");
    assert_eq!((plan.pools()[0].model.id.as_str(), plan.pools()[0].gpu.id.as_str()), ("mine", "my-gpu"));
}

#[test]
fn a_row_that_nothing_names_can_be_removed() {
    let builtin = Catalog::builtin();
    let mut s = scenario("qwen3-14b", "h100-sxm");
    s.topology.pools[0] = super::super::super::Pool::default();
    for path in ["topology.models[0]", "topology.gpus[0]"] {
        let found = check(&s, &builtin);
        let finding = found.iter().find(|d| d.path == path).unwrap_or_else(|| panic!("{path}: {found:#?}"));
        assert!(!finding.is_error());
        s = finding.fixes[0].apply(&s).expect("can be done");
    }
    assert_eq!(s, Scenario::default());
    // One that a sweep or a drafter names is of use.
    let mut s = scenario("qwen3-0.6b", "h100-sxm");
    s.topology.pools[0] = super::super::super::Pool::default();
    s.sweep =
        vec![SweepAxis { path: "topology.pools[0].gpu".into(), values: vec!["my-gpu".into()], ..SweepAxis::default() }];
    s.topology.pools[0].engine.speculative_config = Some(SpeculativeConfig {
        method: "draft_model".into(),
        model: Some("mine".into()),
        synthetic_acceptance_length: Some(2.0),
        ..SpeculativeConfig::default()
    });
    assert_eq!(check(&s, &builtin), []);
    resolve(&s, &builtin).expect("a model of one's own drafts");
}

/// The change is refused at this path, and its first fix mends that.
fn refused(path: &str, change: impl FnOnce(&mut Topology)) {
    let builtin = Catalog::builtin();
    let mut s = scenario("gpt-oss-20b", "h100-sxm");
    change(&mut s.topology);
    let found = check(&s, &builtin);
    let finding = found.iter().find(|d| d.path == path && d.is_error()).unwrap_or_else(|| panic!("{path}: {found:#?}"));
    let mended = finding.fixes.first().unwrap_or_else(|| panic!("{path} has no fix")).apply(&s).expect("can be done");
    let after = check(&mended, &builtin);
    assert!(!after.iter().any(|d| d.path == path && d.is_error()), "{path}: {after:#?}");
    assert!(resolve(&s, &builtin).is_err());
}

/// The same of a dimension of the blocks of this kind.
fn refused_dimension(kind: &str, name: &str, value: impl Into<Value>) {
    let model = OwnModel::of(Catalog::builtin().model("gpt-oss-20b").expect("known"), "");
    let place = model.blocks.iter().position(|b| b.kind == kind).expect("it has such blocks");
    refused(&format!("topology.models[0].blocks[{place}].{name}"), |t| {
        t.models[0].blocks[place].dimensions.insert(name.into(), value.into());
    });
}

#[test]
fn each_dimension_is_checked_where_it_is() {
    for (name, value) in [("heads", 0), ("heads", 4096), ("kv_heads", 0), ("kv_heads", 7), ("head_dim", u32::MAX)] {
        refused_dimension("attention", name, value);
    }
    for value in [Value::Null, "64".into(), (-1).into(), 0.5.into(), 1e300.into(), vec![1].into()] {
        refused_dimension("attention", "heads", value);
    }
    for (name, value) in
        [("experts", 0), ("experts", u32::MAX), ("experts_per_token", 0), ("experts_per_token", 33), ("matrices", 1)]
    {
        refused_dimension("experts", name, value);
    }
    refused("topology.models[0].hidden_size", |t| t.models[0].hidden_size = 0);
    refused("topology.models[0].hidden_size", |t| t.models[0].hidden_size = u32::MAX);
    refused("topology.models[0].vocab_size", |t| t.models[0].vocab_size = 0);
    refused("topology.models[0].max_context_tokens", |t| t.models[0].max_context_tokens = 1);
    refused("topology.models[0].weights", |t| t.models[0].weights = "fp7".into());
    refused("topology.models[0].blocks[0].type", |t| t.models[0].blocks[0].kind = "attentions".into());
    refused("topology.models[0].blocks[0].count", |t| t.models[0].blocks[0].count = 0);
    refused("topology.models[0].blocks[0].heads", |t| drop(t.models[0].blocks[0].dimensions.remove("heads")));
    refused("topology.models[0].name", |t| t.models[0].name = "x".repeat(1000));
}

#[test]
fn blocks_have_to_make_a_model() {
    let blocks = "topology.models[0].blocks";
    refused(blocks, |t| t.models[0].blocks.clear());
    refused(blocks, |t| t.models[0].blocks.retain(|b| b.kind != "attention"));
    refused(blocks, |t| t.models[0].blocks.retain(|b| b.kind == "attention"));
    refused(blocks, |t| {
        t.models[0].blocks.retain(|b| b.kind != "attention" || b.dimensions.contains_key("window_tokens"))
    });
    refused(blocks, |t| {
        let experts = t.models[0].blocks.iter().find(|b| b.kind == "experts").cloned().expect("has some");
        t.models[0].blocks.push(experts);
    });
    refused(blocks, |t| t.models[0].blocks = vec![t.models[0].blocks[0].clone(); 33]);
    let widest = |b: &mut OwnBlocks| {
        b.count = 1024;
        for (name, value) in [("experts", 4096), ("intermediate_size", 1_048_576)] {
            b.dimensions.insert(name.into(), value.into());
        }
    };
    refused(blocks, |t| {
        t.models[0].hidden_size = 262_144;
        t.models[0].blocks.iter_mut().filter(|b| b.kind == "experts").for_each(widest);
    });
}

#[test]
fn keys_are_free_and_each_is_one_rows() {
    refused("topology.models[0].id", |t| t.models[0].id = String::new());
    refused("topology.models[0].id", |t| t.models[0].id = "two words".into());
    refused("topology.models[0].id", |t| t.models[0].id = "qwen3-14b".into());
    refused("topology.models[1].id", |t| t.models.push(t.models[0].clone()));
    refused("topology.gpus[0].id", |t| t.gpus[0].id = "h100-sxm".into());
    refused("topology.gpus[1].id", |t| t.gpus.push(t.gpus[0].clone()));
    refused("topology.models", |t| t.models = vec![t.models[0].clone(); 1000]);
    // The pool goes along with the row it means.
    let mut s = scenario("qwen3-14b", "h100-sxm");
    (s.topology.models[0].id, s.topology.pools[0].model) = ("qwen3-8b".into(), "qwen3-8b".into());
    let found = check(&s, &Catalog::builtin());
    let mended = found.iter().find(|d| d.is_error()).expect("is refused").fixes[0].apply(&s).expect("can be done");
    assert_eq!((&*mended.topology.models[0].id, &*mended.topology.pools[0].model), ("qwen3-8b-2", "qwen3-8b-2"));
    resolve(&mended, &Catalog::builtin()).expect("is sound");
}

#[test]
fn each_number_of_a_gpu_is_checked_where_it_is() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 1e300] {
        refused("topology.gpus[0].memory_gib", |t| t.gpus[0].memory_gib = value);
        refused("topology.gpus[0].memory_bandwidth_gb_s", |t| t.gpus[0].memory_bandwidth_gb_s = value);
        refused("topology.gpus[0].bf16_dense_tflops", |t| t.gpus[0].bf16_dense_tflops = value);
        refused("topology.gpus[0].fp8_dense_tflops", |t| t.gpus[0].fp8_dense_tflops = Some(value));
        refused("topology.gpus[0].link_gb_s_per_direction", |t| t.gpus[0].link_gb_s_per_direction = value);
    }
    refused("topology.gpus[0].price_usd_per_gpu_hour", |t| t.gpus[0].price_usd_per_gpu_hour = f64::NAN);
    refused("topology.gpus[0].link_gpus", |t| t.gpus[0].link_gpus = 0);
    refused("topology.gpus[0].based_on", |t| t.gpus[0].based_on = "h100".into());
    refused("topology.gpus[0].based_on", |t| t.gpus[0].based_on = "my-gpu".into());
}

#[test]
fn more_of_a_gpu_is_never_slower() {
    let step = |change: fn(&mut OwnGpu)| {
        let mut s = scenario("qwen3-14b", "h100-sxm");
        change(&mut s.topology.gpus[0]);
        let plan = resolve(&s, &Catalog::builtin()).expect("is sound");
        let mut batch = crate::latency::Batch::new(None);
        batch.add_decodes(32, 1000);
        (plan.pools()[0].step_model.duration(&batch), plan.pools()[0].engine.kv_blocks)
    };
    let (now, blocks) = step(|_| ());
    assert!(step(|g| g.memory_bandwidth_gb_s *= 2.0).0 < now);
    assert!(step(|g| g.bf16_dense_tflops *= 2.0).0 <= now);
    assert!(step(|g| g.memory_gib *= 2.0).1 > 2 * blocks);
}

#[test]
fn what_no_clock_or_memory_holds_is_told() {
    // Slow as nothing is, with more blocks than anything has.
    let mut s = scenario("llama-3.1-405b", "h100-sxm");
    let gpu = &mut s.topology.gpus[0];
    (gpu.memory_gib, gpu.memory_bandwidth_gb_s, gpu.bf16_dense_tflops) = (16_384.0, 10.0, 1.0);
    s.topology.pools[0].engine.max_num_batched_tokens = Some(131_072);
    let found = check(&s, &Catalog::builtin());
    assert!(found.iter().any(|d| d.path == "topology.pools[0].gpu" && d.is_error()), "{found:#?}");
    let mut s = scenario("qwen3-0.6b", "h100-sxm");
    s.topology.gpus[0].memory_gib = 16_384.0;
    s.topology.pools[0].engine.block_size = Some(1);
    let found = check(&s, &Catalog::builtin());
    let finding = found.iter().find(|d| d.is_error()).expect("too many blocks");
    resolve(&finding.fixes[0].apply(&s).expect("can be done"), &Catalog::builtin()).expect("mends it");
}

#[test]
fn what_a_row_does_not_know_is_kept_and_named() {
    let mut s = scenario("qwen3-14b", "h100-sxm");
    s.topology.models[0].extra.insert("rope".into(), 1.into());
    s.topology.models[0].blocks[0].dimensions.insert("sinks".into(), true.into());
    s.topology.gpus[0].extra.insert("watts".into(), 700.into());
    let unknown = ["topology.gpus[0].watts", "topology.models[0].rope", "topology.models[0].blocks[0].sinks"];
    assert_eq!(s.unknown_settings(), unknown);
    assert_eq!(Scenario::from_value(s.to_value()), Ok(s));
}
