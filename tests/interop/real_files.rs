//! Configurations that llm-d, its benchmark and inference-perf publish, where they lie beside the checkout
//! (`../shared/llmd_configs`): each one is read, written and read again without loss, or refused with a reason.

use crate::{line, read, refusal, round_trip};
use playground_interop::Format;
use playground_interop::report::Fate;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Files that say nothing before somebody fills them in.
const TEMPLATES: [&str; 2] =
    ["router-chart__config-template.yaml.tmpl", "llm-d-benchmark__profiles/guide_predicted-latency-routing_1.yaml"];

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/llmd_configs");
    folder.is_dir().then_some(folder)
}

/// Every file by its path below the folder.
fn files() -> BTreeMap<String, String> {
    let Some(folder) = folder() else { return BTreeMap::new() };
    let mut found = BTreeMap::new();
    let mut open = vec![folder.clone()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(&folder).expect("below it").to_string_lossy().into_owned();
            found.insert(name, std::fs::read_to_string(&path).expect("text"));
        }
    }
    found
}

#[test]
fn each_is_read_written_and_read_again_without_loss() {
    let mut formats = BTreeMap::new();
    for (name, text) in files() {
        if TEMPLATES.contains(&name.as_str()) || name.ends_with(".md") {
            continue;
        }
        println!("{name}");
        let imported = round_trip(&text);
        assert!(!imported.report.is_empty(), "{name}: nothing is said of it");
        formats.insert(name, imported.format);
    }
    let has = |begin: &str, format: Format| {
        for (name, found) in formats.iter().filter(|(name, _)| name.starts_with(begin)) {
            assert_eq!(*found, format, "{name}");
        }
    };
    has("guide__pd-disaggregation.vllm", Format::VllmArguments);
    has("guide__flow", Format::HelmValues);
    has("router__pd", Format::EndpointPickerConfig);
    has("router__coordinator", Format::Other);
    has("wva__", Format::Kubernetes);
    has("llm-d-benchmark__profiles", Format::InferencePerf);
    has("llm-d-benchmark__scenarios", Format::Benchmark);
}

#[test]
fn templates_and_prose_are_refused_with_a_reason() {
    for (name, text) in files() {
        if TEMPLATES.contains(&name.as_str()) {
            let reason = refusal(text.as_bytes());
            assert!(reason.contains("template") && reason.contains("line"), "{name}: {reason}");
        } else if name.ends_with(".md") {
            refusal(text.as_bytes());
        }
    }
}

#[test]
fn what_they_are_known_for_is_said() {
    let files = files();
    let said = |name: &str, setting: &str, replacement: &str| {
        let Some(text) = files.get(name) else { return };
        let found = read(text).report;
        let line = line(&found, setting);
        assert!(line.replacement.as_deref().is_some_and(|r| r.contains(replacement)), "{line}");
        assert!(line.at.is_some(), "{line}");
    };
    let penalty = "plugins.prefix-cache-affinity-filter.parameters.maxTokensInFlightPenalty";
    said("guide__optimized-baseline.values.yaml", penalty, "maxTTFTPenaltyMs");
    said("guide__precise-prefix-cache-routing.values.yaml", "plugins.tokenizer", "token-producer");
    let precise = "plugins.precise-prefix-cache-scorer";
    said("guide__precise-prefix-cache-routing.values.yaml", precise, "precise-prefix-cache-producer");
    said("guide__wide-ep.values.yaml", "plugins.disagg-headers-handler", "disagg-profile-handler");
    said("router__probabilistic-admitter-epp-config.yaml", "apiVersion", "llm-d.ai/v1alpha1");
    said("router__sim-program-aware-config.yaml", "apiVersion", "llm-d.ai/v1alpha1");
    if let Some(text) = files.get("guide__pd-disaggregation.values.yaml") {
        let found = read(text).report;
        assert_eq!(line(&found, "apiVersion").fate, Fate::Exact);
    }
}

#[test]
fn no_deprecated_name_is_written() {
    for (name, text) in files() {
        if TEMPLATES.contains(&name.as_str()) || name.ends_with(".md") {
            continue;
        }
        let imported = read(&text);
        if ![Format::EndpointPickerConfig, Format::HelmValues].contains(&imported.format) {
            continue;
        }
        let out = crate::written(&imported.scenario, imported.format);
        let again = read(&out);
        let old: Vec<_> = again.report.iter().filter(|line| line.replacement.is_some()).collect();
        assert!(old.is_empty(), "{name}: {old:?}");
    }
}
