//! Documents of strangers: refused at once, with a reason, and never with a panic.

use crate::{read, refusal};
use playground_core::catalog::Catalog;
use playground_core::scenario::{Scenario, check};
use playground_interop::import;
use proptest::prelude::*;
use std::time::Instant;

const SMALL: &str = "apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\nplugins:\n- type: queue-scorer\n";

#[test]
fn malformed_text_names_line_and_column() {
    let broken = SMALL.replace("- type: queue-scorer", "- type: queue-scorer\n  parameters: {a: 1");
    let reason = refusal(broken.as_bytes());
    assert!(reason.contains("line ") && reason.contains("column ") && reason.contains("YAML"), "{reason}");
    let twice = refusal(format!("{SMALL}plugins: []\n").as_bytes());
    assert!(
        twice.starts_with("line 5, column 1: `plugins` is set a second time, first at line 3, column 1"),
        "{twice}"
    );
    let reason = refusal(SMALL.replace("v1alpha1", "v9").as_bytes());
    assert!(reason.starts_with("line 1, column 1") && reason.contains("v9"), "{reason}");
    let reason = refusal(SMALL.replace("- type: queue-scorer", "- type: [1]").as_bytes());
    assert!(reason.starts_with("line 4") && reason.contains("plugins[0]"), "{reason}");
}

#[test]
fn places_within_values_are_those_of_the_whole_document() {
    let text = "router:\n  epp:\n    pluginsConfigFile: p.yaml\n    pluginsCustomConfig:\n      p.yaml: |\n        apiVersion: llm-d.ai/v1alpha1\n        kind: EndpointPickerConfig\n        plugins: [\n";
    let reason = refusal(text.as_bytes());
    assert!(reason.starts_with("line 9"), "{reason}");
    let sound = text.replace("plugins: [", "plugins:\n        - type: random-picker");
    let found = read(&sound).report;
    let at = crate::line(&found, "plugins.random-picker").at.expect("a place");
    assert_eq!((at.line, at.column), (9, 11), "{found:#?}");
}

#[test]
fn what_is_no_text_is_refused() {
    for bytes in [&b"\xff\xfe\x00"[..], b"\x00", b"\x7fELF\x02", b"\x1f\x8b\x08\x00", b"", b" \n\t", b"PK\x03\x04"] {
        refusal(bytes);
    }
    refusal(&vec![b'a'; 5 << 20]);
}

#[test]
fn depth_aliases_and_size_are_limited_and_cost_nothing() {
    let start = Instant::now();
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..30 {
        let before = format!("*a{}", i - 1);
        bomb += &format!("a{i}: &a{i} [{}]\n", [before.as_str(); 10].join(", "));
    }
    let mut chain = String::from("a0: &a0 {x: 1}\n");
    for i in 1..5000 {
        chain += &format!("a{i}: &a{i} {{x: *a{}}}\n", i - 1);
    }
    let merges = "a: &a {b: 1}\n".to_string() + &"c: {<<: *a}\n".repeat(30_000);
    for text in [
        bomb,
        chain,
        merges,
        "[".repeat(1 << 20),
        "{a: ".repeat(1 << 19),
        "- ".repeat(1 << 19),
        "? ".repeat(1 << 19),
        "a: ".repeat(1 << 19),
        "\"".repeat(1 << 20),
        "x: y\n".repeat(1 << 18),
        "&a ".repeat(1 << 19),
        "--a ".repeat(1 << 18),
        "vllm serve m ".to_string() + &"--x 1 ".repeat(20_000),
    ] {
        // Either is well, as long as it does not take long.
        let _ = import(text.as_bytes(), &Scenario::default(), &Catalog::builtin());
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn settings_of_odd_types_do_no_harm() {
    let odd = ["null", "[]", "{}", "1", "-1", "1e400", "text", "[[1]]", "true", "{a: {b: [1]}}"];
    let documents = [
        "apiVersion: llm-d.ai/v1\nkind: EndpointPickerConfig\nplugins: X\nschedulingProfiles: X\n",
        "apiVersion: llm-d.ai/v1\nkind: EndpointPickerConfig\nplugins: [X]\nschedulingProfiles: [X]\nsaturationDetector: X\nparser: X\nflowControl: X\nfeatureGates: X\n",
        "kind: EndpointPickerConfig\napiVersion: llm-d.ai/v1\nplugins:\n- {type: precise-prefix-cache-scorer, parameters: X}\n- {type: by-label, parameters: X}\n- {type: pd-profile-handler, parameters: X}\n- {type: disagg-profile-handler, parameters: {deciders: X, deciderPluginName: X, profiles: X}}\nschedulingProfiles: [{name: X, plugins: X}, {plugins: [{pluginRef: X, weight: X}]}]\n",
        "router: X\n",
        "router: {epp: {pluginsConfigFile: X, pluginsCustomConfig: X}}\n",
        "router: {epp: {pluginsConfigFile: a, pluginsCustomConfig: {a: X}}}\n",
        "inferenceExtension: {pluginsCustomConfig: {a: X}}\n",
        "load: X\ndata: X\n",
        "load: {type: X, stages: X}\ndata: {type: X}\n",
        "load: {type: constant, stages: [{rate: X, duration: X}]}\ndata: {type: random, input_distribution: X}\n",
        "load: {type: poisson, stages: [X]}\ndata: {type: shared_prefix, shared_prefix: X}\n",
        "load: {type: concurrent, stages: [{concurrency_level: X}]}\ndata: {type: conversation_replay, conversation_replay: {turns_per_conversation: X, dynamic_system_prompt_len: {min: X, max: X, mean: X, type: X}}}\n",
        "load: {rate_per_second: X, max_in_flight: X}\ntrafficClasses: [{weight: X, priority: X, request: X}, X]\n",
        "decode: {replicas: X, args: [--block-size, X]}\n",
        "- --max-model-len\n- X\n",
        "scenario: [{common: X, modelservice: X}]\n",
        "scenario: [{common: {model: X}, modelservice: {decode: {replicas: 2, vllm: {customCommand: X}, parallelism: X}}}]\n",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: X\nspec: {replicas: X, template: {spec: {nodeSelector: X, containers: [{image: X, args: [--model, X], env: X, resources: X}]}}}\n",
        "apiVersion: v1\nkind: ConfigMap\ndata: {a: X}\n",
    ];
    for document in documents {
        for value in odd {
            let text = document.replace('X', value);
            if let Ok(imported) = import(text.as_bytes(), &Scenario::default(), &Catalog::builtin()) {
                // What was taken can be checked and written, whatever they say of it.
                let _ = check(&imported.scenario, &Catalog::builtin());
                for (_, format) in playground_interop::FORMATS {
                    let _ = playground_interop::export(&imported.scenario, format, &Catalog::builtin());
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = import(&bytes, &Scenario::default(), &Catalog::builtin());
    }

    #[test]
    fn no_damage_makes_it_panic(at in 0_usize..400, with in "[ -~\n\t]{0,6}", which in 0_usize..crate::round_trips::EXAMPLES.len()) {
        let text = crate::round_trips::EXAMPLES[which].1;
        let at = text.char_indices().map(|(i, _)| i).nth(at).unwrap_or(0);
        let damaged = format!("{}{with}{}", &text[..at], &text[at..]);
        let _ = import(damaged.as_bytes(), &Scenario::default(), &Catalog::builtin());
    }
}
