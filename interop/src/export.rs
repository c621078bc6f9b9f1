//! Writing a scenario as others read it, with what they said of their own put back.

use crate::import::Format;
use crate::report::{Fate, Line};
use crate::yaml;
use crate::{benchmark, epp, helm, inference_perf, vllm};
use playground_core::catalog::Catalog;
use playground_core::scenario::{Diagnostic, Scenario};
use serde_json::{Map, Value, json};

/// A scenario written in another format.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The document.
    pub text: String,
    /// What was changed or left out on the way.
    pub report: Vec<Line>,
}

/// Writes a scenario in a format.
///
/// # Errors
/// When it uses what that format's software does not have, or nothing of the format was imported.
pub fn export(scenario: &Scenario, format: Format, catalog: &Catalog) -> Result<Exported, Vec<Diagnostic>> {
    let catalog = &*scenario.topology.catalog(catalog);
    let kept = kept(scenario, format);
    let first = kept.first();
    let mut report = Vec::new();
    let mut config = || {
        let (text, lines) = epp::write(&scenario.policies)?;
        report.extend(lines);
        Ok::<String, Vec<Diagnostic>>(text)
    };
    let pools = &scenario.topology.pools;
    let text = match format {
        Format::EndpointPickerConfig => config()?,
        Format::HelmValues => helm::write(first, &config()?),
        Format::VllmCommand => vllm::commands_of(pools, catalog),
        Format::VllmArguments => named_pools(scenario, first, catalog),
        Format::InferencePerf => {
            let unchanged = first.is_some_and(|kept| says_the_same(kept, scenario, catalog));
            // A mix of priorities has no place for any other workload.
            let base = first.filter(|kept| unchanged || kept.get("trafficClasses").is_none());
            let (text, lines) = inference_perf::write(scenario, base, unchanged, catalog);
            report.extend(lines);
            text
        }
        Format::Benchmark => benchmark::write(first.ok_or_else(|| nothing(scenario, format))?, &config()?, pools),
        Format::ModelConfig => {
            let message =
                "a model's config.json is read and not written; the scenario's own JSON has what was read of it";
            return Err(vec![Diagnostic::error("topology.models", message.into())]);
        }
        Format::Kubernetes | Format::Other => {
            if kept.is_empty() {
                return Err(nothing(scenario, format));
            }
            let mut documents = Vec::new();
            for document in kept {
                documents.push(manifest(document, scenario, catalog, &mut config)?);
            }
            documents.join("---\n")
        }
    };
    if format == Format::VllmCommand || format == Format::VllmArguments {
        report.extend(beyond_vllm(scenario));
    }
    Ok(Exported { text, report })
}

/// What documents of a format said beyond what is simulated.
fn kept(scenario: &Scenario, format: Format) -> &[Value] {
    scenario.imported.get(format.name()).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn nothing(scenario: &Scenario, format: Format) -> Vec<Diagnostic> {
    let have: Vec<&str> = scenario.imported.keys().map(String::as_str).collect();
    let have =
        if have.is_empty() { "nothing was imported".into() } else { format!("imported were: {}", have.join(", ")) };
    let message = format!(
        "holds nothing of format {}, which is written from an imported document alone ({have}); import one first, or \
         export epp, helm, vllm or inference-perf",
        format.name()
    );
    vec![Diagnostic::error("imported", message)]
}

/// Settings of engines that are no flags.
fn beyond_vllm(scenario: &Scenario) -> Vec<Line> {
    let mut lines = Vec::new();
    for pool in &scenario.topology.pools {
        let engine = &pool.engine;
        let note = format!("no flag: run an image of vLLM {}", engine.version);
        lines.push(Line::new(format!("{}.version", pool.name), None, Fate::Exact, note));
        if engine.step_law.is_some() {
            let note = "left out: a step law given by coefficients is the simulator's own";
            lines.push(Line::new(format!("{}.step_law", pool.name), None, Fate::Ignored, note));
        }
    }
    lines
}

fn named_pools(scenario: &Scenario, kept: Option<&Value>, catalog: &Catalog) -> String {
    let mut out = Map::new();
    for pool in &scenario.topology.pools {
        let mut section = kept.and_then(|kept| kept.get(&pool.name)).cloned().unwrap_or_else(|| json!({}));
        section["replicas"] = pool.replicas.into();
        section["args"] = json!(vllm::arguments_of(pool, catalog));
        out.insert(pool.name.clone(), section);
    }
    // Pools keep their order, and what they are made of follows.
    let names = scenario.topology.pools.iter().map(|pool| pool.name.as_str());
    let order: Vec<&str> = names.chain(["replicas", "args"]).collect();
    yaml::write(&Value::Object(out), &order)
}

/// Whether reading a kept description again gives the workload that the scenario has.
fn says_the_same(kept: &Value, scenario: &Scenario, catalog: &Catalog) -> bool {
    let Ok(documents) = yaml::parse(&yaml::write(kept, &[])) else { return false };
    let Some(document) = documents.first() else { return false };
    let (mut again, mut lines) = (scenario.clone(), Vec::new());
    let read = match inference_perf::is_mix(document) {
        true => inference_perf::read_mix(document, &mut again, &mut lines),
        false => inference_perf::read(document, &mut again, catalog, &mut lines),
    };
    read.is_ok() && again.workload == scenario.workload
}

/// One Kubernetes manifest.
fn manifest(
    document: &Value,
    scenario: &Scenario,
    catalog: &Catalog,
    config: &mut impl FnMut() -> Result<String, Vec<Diagnostic>>,
) -> Result<String, Vec<Diagnostic>> {
    let name = document.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    let pool = scenario.topology.pools.iter().find(|pool| pool.name == name);
    let holds_config = document.get("data").and_then(Value::as_object).is_some_and(|d| d.values().any(Value::is_null));
    let written = match pool {
        Some(pool) => vllm::manifest::write(document, pool, catalog),
        None if holds_config => {
            let mut document = document.clone();
            helm::put(&mut document, &config()?);
            document
        }
        None => document.clone(),
    };
    Ok(yaml::write(
        &written,
        &["apiVersion", "kind", "metadata", "name", "namespace", "spec", "data", "command", "args"],
    ))
}
