//! A line for each setting: how it is simulated, where it stands, what replaces it.

use crate::{line, read};
use playground_interop::report::Fate;

#[test]
fn statuses_follow_the_registry() {
    let found = read(include_str!("examples/epp.yaml")).report;
    for meta in playground_core::policy::all() {
        let Some(line) = found.iter().find(|l| l.setting == format!("plugins.{}", meta.id)) else { continue };
        assert_eq!(line.fate.word() == "exact", ["exact", "textbook"].contains(&meta.badge.word()), "{line}");
    }
    assert_eq!(line(&found, "plugins.queue-scorer").fate, Fate::Exact);
    let weight = line(&found, "schedulingProfiles.default.prefix-cache-scorer");
    assert_eq!((weight.fate, weight.note.as_str()), (Fate::Exact, "weight 3"));
    assert!(line(&found, "plugins.prefix-cache-scorer").at.is_some());
}

#[test]
fn unknown_plugins_are_kept_and_flagged() {
    let imported = read(include_str!("examples/epp-unknown.yaml"));
    let plugin = imported.scenario.policies.plugins.iter().find(|p| p.kind == "tea-leaves-scorer").expect("kept");
    assert_eq!(plugin.parameters["cups"], 3);
    assert_eq!(plugin.parameters["blend"]["origin"], "Assam");
    let line = line(&imported.report, "plugins.tea-leaves-scorer");
    assert_eq!(line.fate, Fate::Ignored);
    assert!(line.note.contains("kept"), "{line}");
}

#[test]
fn deprecated_names_are_explained_and_replaced() {
    let imported = read(include_str!("examples/epp-deprecated.yaml"));
    for (setting, replacement) in [
        ("apiVersion", "llm-d.ai/v1alpha1"),
        ("saturationDetector", "flowControl.saturationDetector"),
        ("parser", "requestHandler.parsers"),
        ("plugins.tokenizer", "token-producer"),
        ("plugins.pd-profile-handler", "disagg-profile-handler"),
        ("plugins.prefill-header-handler", "disagg-profile-handler"),
        ("plugins.by-label", "label-selector-filter"),
        ("plugins.role", "decode-filter"),
        ("plugins.precise-prefix-cache-scorer", "precise-prefix-cache-producer and prefix-cache-scorer"),
        (
            "plugins.precise-prefix-cache-producer.parameters.tokenProcessorConfig.blockSize",
            "tokenProcessorConfig.blockSizeTokens",
        ),
        ("plugins.approx-prefix-cache-producer.parameters.hashBlockSize", "blockSizeTokens"),
        ("plugins.prefix-cache-affinity-filter.parameters.maxTokensInFlightPenalty", "maxTTFTPenaltyMs"),
        ("plugins.disagg-profile-handler.parameters.deciderPluginName", "deciders.prefill"),
    ] {
        let line = line(&imported.report, setting);
        assert_eq!(line.replacement.as_deref(), Some(replacement), "{line}");
        assert!(line.at.is_some(), "{line}");
    }
    let policies = &imported.scenario.policies;
    let of = |name: &str| policies.plugin(name).unwrap_or_else(|| panic!("{name} in {policies:#?}"));
    assert_eq!(of("approx-prefix-cache-producer").parameters["blockSizeTokens"], 16);
    // 286,720 tokens at 15,928 a second.
    assert_eq!(of("prefix-cache-affinity-filter").parameters["maxTTFTPenaltyMs"], 18_001);
    assert_eq!(of("prefix-cache-scorer").parameters["prefixMatchInfoProducerName"], "precise-prefix-cache-producer");
    assert_eq!(of("role").kind, "decode-filter");
    let references = &policies.scheduling_profiles[0].plugins;
    assert!(references.iter().all(|r| policies.plugin(&r.plugin_ref).is_some()), "{references:?}");
    assert!(policies.plugin("prefill-header-handler").is_none());
}

#[test]
fn what_the_router_adds_by_itself_is_added_and_said() {
    let imported = read(
        "kind: EndpointPickerConfig\napiVersion: llm-d.ai/v1\nplugins:\n- type: queue-scorer\n- type: decode-filter\n- type: utilization-detector\n",
    );
    let profile = &imported.scenario.policies.scheduling_profiles[0];
    let names: Vec<&str> = profile.plugins.iter().map(|r| r.plugin_ref.as_str()).collect();
    assert_eq!(names, ["queue-scorer", "decode-filter", "max-score-picker"]);
    assert_eq!(profile.plugins[0].weight, Some(1.0));
    assert!(line(&imported.report, "schedulingProfiles").note.contains("absent"));
}

#[test]
fn arguments_of_vllm_are_understood() {
    let imported = read(include_str!("examples/vllm.sh"));
    let pool = &imported.scenario.topology.pools[0];
    let engine = &pool.engine;
    assert_eq!(pool.model, "qwen3-32b");
    assert_eq!((engine.tensor_parallel_size, engine.block_size, engine.max_model_len), (2, Some(64), Some(32_768)));
    assert_eq!((engine.gpu_memory_utilization, engine.enable_prefix_caching), (Some(0.95), Some(false)));
    assert_eq!(engine.max_num_seqs, None, "the environment sets it");
    assert!(line(&imported.report, "--max-num-seqs").note.contains("environment"));
    assert_eq!(line(&imported.report, "--enforce-eager").fate, Fate::Ignored);
    let same = "- serve\n- Qwen/Qwen3-32B\n- -tp\n- 2\n- --max-num-seq=64\n";
    let pool = read(same).scenario.topology.pools[0].clone();
    assert_eq!((pool.engine.tensor_parallel_size, pool.engine.max_num_seqs), (2, Some(64)));
    let unknown = read("vllm serve acme/roadrunner-7b --max-num-seqs=many");
    assert!(line(&unknown.report, "model").note.contains("no model “acme/roadrunner-7b”"));
    assert!(line(&unknown.report, "--max-num-seqs").note.contains("cannot be read"));
}

#[test]
fn offloading_is_asked_for_by_size_or_by_connector() {
    let size = |text: &str| {
        let imported = read(text);
        let engine = &imported.scenario.topology.pools[0].engine;
        let out = crate::written(&imported.scenario, playground_interop::Format::VllmCommand);
        (engine.kv_offloading_size, imported.report.iter().map(|l| l.fate).collect::<Vec<_>>(), out)
    };
    let (found, fates, out) = size("vllm serve Qwen/Qwen3-32B --kv-offloading-size 100 --kv-offloading-backend native");
    assert_eq!((found, fates), (Some(100.0), vec![Fate::Exact; 3]));
    assert!(out.contains("--kv-offloading-size=100") && out.contains("--kv-offloading-backend=native"), "{out}");
    let by_connector = |bytes: &str| {
        size(&format!(
            "vllm serve Qwen/Qwen3-32B --kv-transfer-config '{{\"kv_connector\":\"OffloadingConnector\",\"kv_role\":\"kv_both\",\"kv_connector_extra_config\":{{\"cpu_bytes_to_use\":{bytes}}}}}'"
        ))
    };
    let (found, fates, out) = by_connector("107374182400");
    assert!(found == Some(100.0) && fates.contains(&Fate::Approximated), "{found:?} {fates:?}");
    assert!(out.contains("--kv-offloading-size=100") && !out.contains("kv-transfer-config"), "{out}");
    // What the environment sets is kept and not guessed.
    let (found, _, out) = by_connector("$(CPU_BYTES_TO_USE)");
    assert!(found.is_none() && out.contains("CPU_BYTES_TO_USE"), "{out}");
}

#[test]
fn manifests_become_pools() {
    let imported = read(include_str!("examples/manifests.yaml"));
    let pools = &imported.scenario.topology.pools;
    assert_eq!(pools.len(), 2);
    assert_eq!((pools[0].name.as_str(), pools[0].role.as_str(), pools[0].replicas), ("engine-decode", "decode", 3));
    assert_eq!((pools[0].gpu.as_str(), pools[0].engine.tensor_parallel_size), ("h200-sxm", 4));
    assert_eq!((pools[1].role.as_str(), pools[1].engine.block_size), ("prefill", Some(128)));
    assert_eq!(line(&imported.report, "HorizontalPodAutoscaler engine").fate, Fate::Ignored);
}

#[test]
fn loads_become_workloads() {
    let paced = read(include_str!("examples/paced.yaml"));
    let w = &paced.scenario.workload;
    assert_eq!(
        (w.arrival.kind.as_str(), w.arrival.rate_rps, w.arrival.stage_s),
        ("poisson-in-stages", 8.0, Some(90.0))
    );
    let prefix = w.classes[0].prefix.as_ref().expect("shared");
    assert_eq!((prefix.tokens, prefix.groups, prefix.prompts_per_group, prefix.in_turn), (900, 12, 4, true));
    assert_eq!(paced.scenario.topology.pools[0].model, "qwen3-32b");
    let chats = read(include_str!("examples/conversations.yaml"));
    let class = &chats.scenario.workload.classes[0];
    assert_eq!(chats.scenario.workload.arrival.max_concurrency, Some(24));
    assert_eq!(class.prefix.as_ref().map(|p| p.tokens), Some(700));
    let turns = class.conversation.as_ref().expect("several turns");
    assert_eq!((turns.turns.max, turns.think_ms.mean, turns.think_ms.max), (9, 20_000.0, 90_000));
    let mix = read(include_str!("examples/mix.yaml"));
    let shares: Vec<(i32, f64)> = mix.scenario.workload.classes.iter().map(|c| (c.priority, c.share)).collect();
    assert_eq!(shares, [(100, 0.25), (-10, 0.75)]);
}
