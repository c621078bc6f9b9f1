//! Small documents of our own: what is read from what is written of what was read is what was read.

use crate::{line, read, round_trip, written};
use playground_core::catalog::Catalog;
use playground_core::scenario::{Policies, Scenario, check};
use playground_interop::report::Fate;
use playground_interop::{Format, export};
use serde_json::json;

/// Documents by name.
pub(crate) const EXAMPLES: [(&str, &str); 12] = [
    ("epp", include_str!("examples/epp.yaml")),
    ("epp-deprecated", include_str!("examples/epp-deprecated.yaml")),
    ("epp-unknown", include_str!("examples/epp-unknown.yaml")),
    ("helm", include_str!("examples/helm.yaml")),
    ("helm-older", include_str!("examples/helm-older.yaml")),
    ("vllm", include_str!("examples/vllm.sh")),
    ("vllm-args", include_str!("examples/vllm-args.yaml")),
    ("manifests", include_str!("examples/manifests.yaml")),
    ("paced", include_str!("examples/paced.yaml")),
    ("conversations", include_str!("examples/conversations.yaml")),
    ("mix", include_str!("examples/mix.yaml")),
    ("benchmark", include_str!("examples/benchmark.yaml")),
];

#[test]
fn nothing_is_lost() {
    for (name, text) in EXAMPLES {
        println!("{name}");
        round_trip(text);
    }
}

#[test]
fn what_is_not_simulated_is_written_back_unchanged() {
    let imported = read(EXAMPLES[3].1);
    let out = written(&imported.scenario, Format::HelmValues);
    let parse = |text: &str| playground_interop::yaml::parse(text).expect("sound")[0].to_value();
    let (mut before, mut after) = (parse(EXAMPLES[3].1), parse(&out));
    for values in [&mut before, &mut after] {
        values["router"]["epp"]["pluginsCustomConfig"]["mine.yaml"] = json!(null);
    }
    assert_eq!(before, after);
    let imported = read(EXAMPLES[7].1);
    let out = written(&imported.scenario, Format::Kubernetes);
    for part in ["serviceAccountName: engine", "minReplicas: 2", "app: other", "nvidia.com/gpu.product"] {
        assert!(out.contains(part), "{part} is gone from\n{out}");
    }
    let imported = read(EXAMPLES[5].1);
    let out = written(&imported.scenario, Format::VllmCommand);
    for part in [
        "--kv-transfer-config='{\"kv_connector\": \"NixlConnector\"}'",
        "--port=8200",
        "--enforce-eager",
        "--no-enable-log-requests",
    ] {
        assert!(out.contains(part), "{part} is gone from\n{out}");
    }
}

#[test]
fn what_the_simulator_changed_is_written() {
    let catalog = Catalog::builtin();
    let mut s = read(EXAMPLES[5].1).scenario;
    s.topology.pools[0].engine.max_num_seqs = Some(77);
    assert!(written(&s, Format::VllmCommand).contains("--max-num-seqs=77"));
    let mut s = read(EXAMPLES[8].1).scenario;
    s.workload.arrival.rate_rps = 3.5;
    let out = written(&s, Format::InferencePerf);
    assert!(out.contains("rate: 3.5") && out.contains("per_request: true"), "{out}");
    assert_eq!(read(&out).scenario.workload.arrival.rate_rps, 3.5);
    let mut s = read(EXAMPLES[7].1).scenario;
    s.topology.pools[0].replicas = 9;
    assert!(written(&s, Format::Kubernetes).contains("replicas: 9"));
    // Every preset's load can be written, and read again as a load that can be simulated.
    for preset in playground_core::scenario::PRESETS {
        let s = preset.scenario().expect("sound");
        let out = written(&s, Format::InferencePerf);
        let back = playground_interop::import(out.as_bytes(), &s, &catalog).expect("sound").scenario;
        let errors: Vec<_> = check(&back, &catalog).into_iter().filter(|d| d.is_error()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", preset.name);
    }
}

#[test]
fn a_probabilistic_admitter_leaves_the_detector_no_say() {
    let text = "apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\nplugins:\n- type: probabilistic-admitter\n- type: random-picker\nschedulingProfiles:\n- name: default\n  plugins:\n  - pluginRef: random-picker\n";
    let scenario = read(text).scenario;
    let out = written(&scenario, Format::EndpointPickerConfig);
    let value = playground_interop::yaml::parse(&out).expect("sound")[0].to_value();
    let detector = value["plugins"].as_array().expect("a list").iter().find(|p| p["type"] == "utilization-detector");
    let parameters = &detector.expect("it is added")["parameters"];
    assert_eq!(*parameters, json!({"queueDepthThreshold": 999_999_999, "kvCacheUtilThreshold": 1.0}));
    assert_eq!(value["flowControl"]["saturationDetector"]["pluginRef"], "utilization-detector");
    // Written once, it stays as it is.
    let again = read(&out).scenario;
    assert_eq!(written(&again, Format::EndpointPickerConfig), out);
    // Another detector is somebody's choice, and said.
    let other = text.replace("- type: random-picker\nsch", "- type: random-picker\n- type: concurrency-detector\nflowControl: {saturationDetector: {pluginRef: concurrency-detector}}\nsch");
    let exported = export(&read(&other).scenario, Format::EndpointPickerConfig, &Catalog::builtin()).expect("written");
    assert!(!exported.text.contains("utilization-detector"), "{}", exported.text);
    assert!(line(&exported.report, "plugins.concurrency-detector").note.contains("left as it is"));
}

#[test]
fn only_what_the_router_has_is_written() {
    let catalog = Catalog::builtin();
    let s = Scenario { policies: Policies::single("round-robin-picker"), ..Scenario::default() };
    let refused = export(&s, Format::EndpointPickerConfig, &catalog).expect_err("llm-d has no such picker");
    assert!(refused[0].path == "policies.plugins[0].type" && !refused[0].fixes.is_empty(), "{refused:?}");
    let mut s = Scenario { policies: Policies::single("max-score-picker"), ..Scenario::default() };
    s.policies.extra.insert("colour".into(), json!("red"));
    let exported = export(&s, Format::EndpointPickerConfig, &catalog).expect("written");
    assert!(!exported.text.contains("colour"));
    assert_eq!(line(&exported.report, "colour").fate, Fate::Ignored);
    let nothing = export(&s, Format::Benchmark, &catalog).expect_err("nothing was imported");
    assert!(nothing[0].message.contains("import one first"), "{nothing:?}");
}

#[test]
fn imports_of_several_kinds_add_up() {
    let catalog = Catalog::builtin();
    let mut s = Scenario::default();
    for text in [EXAMPLES[0].1, EXAMPLES[6].1, EXAMPLES[9].1] {
        s = playground_interop::import(text.as_bytes(), &s, &catalog).expect("sound").scenario;
    }
    assert_eq!(s.topology.pools.len(), 2);
    assert_eq!(s.workload.arrival.kind, "closed-loop");
    assert_eq!(s.policies.scheduling_profiles[0].name, "default");
    let back = Scenario::from_json(&s.to_value().to_string()).expect("a scenario");
    assert_eq!(back, s, "what is kept survives a file");
}
