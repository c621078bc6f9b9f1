//! Reading whatever somebody has: what kind of document it is, and what it sets.

use crate::report::{Fate, Line, Problem};
use crate::vllm::words::{Environment, Word};
use crate::yaml::{self, Data, Node};
use crate::{benchmark, epp, helm, huggingface, inference_perf, vllm};
use playground_core::catalog::Catalog;
use playground_core::scenario::{Pool, Scenario};
use serde_json::{Value, json};

/// The formats, as they are exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// llm-d's EndpointPickerConfig.
    EndpointPickerConfig,
    /// Values of llm-d's Helm charts, with the configuration in them.
    HelmValues,
    /// `vllm serve` for each pool.
    VllmCommand,
    /// Pools by name, each with its replicas and arguments.
    VllmArguments,
    /// inference-perf's load description.
    InferencePerf,
    /// A scenario of llm-d-benchmark.
    Benchmark,
    /// Kubernetes manifests, those of vLLM among them.
    Kubernetes,
    /// A model's config.json of Hugging Face; read alone.
    ModelConfig,
    /// A document that sets nothing here, as it was.
    Other,
}

/// Every format, with its name on the command line.
pub const FORMATS: [(&str, Format); 9] = [
    ("epp", Format::EndpointPickerConfig),
    ("helm", Format::HelmValues),
    ("vllm", Format::VllmCommand),
    ("vllm-args", Format::VllmArguments),
    ("inference-perf", Format::InferencePerf),
    ("llm-d-benchmark", Format::Benchmark),
    ("kubernetes", Format::Kubernetes),
    ("hf-config", Format::ModelConfig),
    ("other", Format::Other),
];

impl Format {
    /// Its name on the command line, under which a scenario keeps what is not simulated.
    #[must_use]
    pub fn name(self) -> &'static str {
        FORMATS.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }

    /// The format of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Format> {
        FORMATS.iter().find(|(known, _)| *known == name).map(|(_, format)| *format)
    }
}

/// A document read into a scenario.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The scenario as the document changes it.
    pub scenario: Scenario,
    /// What kind of document it was.
    pub format: Format,
    /// What became of each of its settings.
    pub report: Vec<Line>,
}

/// Reads a document into a scenario: what it says replaces what the scenario says, all else stays.
///
/// # Errors
/// When it is no text, a template, malformed, beyond a limit, or of no known kind; with the place where there is one.
pub fn import(bytes: &[u8], base: &Scenario, builtin: &Catalog) -> Result<Imported, Problem> {
    let text = text(bytes)?;
    refuse_templates(text)?;
    let catalog = &*base.topology.catalog(builtin);
    let mut import = Import { scenario: base.clone(), builtin, catalog, lines: Vec::new(), pools: Vec::new() };
    let format = if vllm::is_script(text) { import.script(text)? } else { import.documents(&yaml::parse(text)?)? };
    if !import.pools.is_empty() {
        import.scenario.topology.pools = import.pools;
    }
    Ok(Imported { scenario: import.scenario, format, report: import.lines })
}

fn text(bytes: &[u8]) -> Result<&str, Problem> {
    if bytes.len() > yaml::BYTES_MAX {
        return Err(Problem::whole(format!("has {} bytes; at most {} are read", bytes.len(), yaml::BYTES_MAX)));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|e| Problem::whole(format!("is not text: byte {} is not UTF-8", e.valid_up_to())))?;
    if let Some(i) = text.find(|c: char| c.is_control() && !"\n\r\t\u{c}".contains(c)) {
        return Err(Problem::whole(format!("is not text: there is a control character at byte {i}")));
    }
    if text.trim().is_empty() {
        return Err(Problem::whole("is empty"));
    }
    Ok(text)
}

/// Refuses Helm and Go templates, which say nothing before they are rendered.
fn refuse_templates(text: &str) -> Result<(), Problem> {
    const WORDS: [&str; 11] = [".", "$", "include", "if", "define", "range", "end", "with", "template", "toYaml", "/*"];
    for (number, line) in (1..).zip(text.lines()) {
        let Some(column) = line.find("{{") else { continue };
        let inner = line[column + 2..].trim_start_matches('-').trim_start();
        if WORDS.iter().any(|word| inner.starts_with(word)) {
            let at = crate::report::Mark { line: number, column: line[..column].chars().count() as u32 + 1 };
            let message = "this is a template: render it first (`helm template …`) and import what comes out";
            return Err(Problem { at: Some(at), message: message.into() });
        }
    }
    Ok(())
}

struct Import<'a> {
    scenario: Scenario,
    builtin: &'a Catalog,
    /// With the scenario's own rows.
    catalog: &'a Catalog,
    lines: Vec<Line>,
    /// Pools that the document describes; they replace the scenario's.
    pools: Vec<Pool>,
}

impl Import<'_> {
    fn first_pool(&self) -> Pool {
        self.scenario.topology.pools.first().cloned().unwrap_or_default()
    }

    /// A shell script: each `vllm serve` is a pool's, in their order.
    fn script(&mut self, script: &str) -> Result<Format, Problem> {
        let all = vllm::in_script(script, &mut Environment::new());
        if all.is_empty() {
            return Err(Problem::whole("starts no vLLM: there is no `vllm serve` and no flag in it"));
        }
        let alone = all.len() == 1;
        for (i, words) in all.iter().enumerate() {
            let mut pool = self.scenario.topology.pools.get(i).cloned().unwrap_or_else(|| self.first_pool());
            let prefix = if alone { String::new() } else { format!("command {}: ", i + 1) };
            vllm::apply(words, &mut pool, self.catalog, &prefix, &mut self.lines);
            self.pools.push(pool);
        }
        Ok(Format::VllmCommand)
    }

    fn documents(&mut self, documents: &[Node]) -> Result<Format, Problem> {
        let documents: Vec<&Node> = documents.iter().filter(|d| d.data != Data::Null).collect();
        let mut kept = Vec::new();
        let mut format = None;
        for document in &documents {
            let (this, rest) = self.document(document)?;
            if format.is_some_and(|other| other != this) {
                return Err(document.problem("is of another kind than the document before; import one kind at a time"));
            }
            format = Some(this);
            kept.extend(rest);
        }
        let format = format.ok_or_else(|| Problem::whole("holds no document"))?;
        if !kept.is_empty() {
            self.scenario.imported.insert(format.name().into(), Value::Array(kept));
        }
        Ok(format)
    }

    /// One document: its kind, and what of it is kept.
    fn document(&mut self, document: &Node) -> Result<(Format, Option<Value>), Problem> {
        if let Data::List(items) = &document.data {
            return self.arguments(document, items).map(|()| (Format::VllmCommand, None));
        }
        if document.entries().is_empty() {
            return Err(document.problem("is neither a map of settings nor a list of vLLM's arguments"));
        }
        let kind = document.get("kind").and_then(Node::text).unwrap_or_default();
        if kind == epp::KIND || (document.get("schedulingProfiles").is_some() && document.get("plugins").is_some()) {
            let (policies, lines) = epp::read(document)?;
            self.scenario.policies = policies;
            self.lines.extend(lines);
            return Ok((Format::EndpointPickerConfig, None));
        }
        if huggingface::is_config(document) {
            huggingface::read(document, &mut self.scenario, self.builtin, &mut self.lines)?;
            return Ok((Format::ModelConfig, None));
        }
        if benchmark::is_scenario(document) {
            let rest = benchmark::read(document, &mut self.scenario, self.catalog, &mut self.lines)?;
            return Ok((Format::Benchmark, Some(rest)));
        }
        if helm::is_values(document) {
            let rest = helm::read(document, &mut self.scenario, &mut self.lines)?;
            return Ok((Format::HelmValues, Some(rest)));
        }
        if !kind.is_empty() && document.get("apiVersion").is_some() {
            return Ok((Format::Kubernetes, Some(self.manifest(document, kind))));
        }
        if inference_perf::is_mix(document) {
            inference_perf::read_mix(document, &mut self.scenario, &mut self.lines)?;
            return Ok((Format::InferencePerf, Some(document.to_value())));
        }
        if inference_perf::is_load(document) {
            inference_perf::read(document, &mut self.scenario, self.catalog, &mut self.lines)?;
            return Ok((Format::InferencePerf, Some(document.to_value())));
        }
        if document.entries().iter().all(|e| e.value.get("args").is_some_and(|a| !a.items().is_empty())) {
            return Ok((Format::VllmArguments, self.named_pools(document)));
        }
        if let Some(what) = other_kind(document) {
            let note = format!("{what}; kept whole");
            self.lines.extend(document.entries().iter().map(|e| Line::new(&e.key, Some(e.at), Fate::Ignored, &*note)));
            return Ok((Format::Other, Some(document.to_value())));
        }
        Err(document.problem(
            "is of no kind known here: an EndpointPickerConfig, Helm values with `router` or `inferenceExtension`, \
             Kubernetes manifests, vLLM arguments, inference-perf's `load` and `data`, or a model's config.json",
        ))
    }

    fn arguments(&mut self, document: &Node, items: &[Node]) -> Result<(), Problem> {
        let word = |node: &Node| match &node.data {
            Data::List(_) | Data::Map(_) => Err(node.problem("an argument is text, not a list or a map")),
            _ => Ok(Word {
                text: node.text().map_or_else(|| node.to_value().to_string(), String::from),
                at: Some(node.at),
            }),
        };
        let words = items.iter().map(word).collect::<Result<Vec<Word>, Problem>>()?;
        if words.iter().all(|w| !w.text.starts_with('-')) {
            return Err(document.problem("is a list without a flag of vLLM's in it"));
        }
        let words = match words.iter().position(|w| w.text == "serve") {
            Some(i) => &words[i + 1..],
            None => &words[..],
        };
        let mut pool = self.first_pool();
        vllm::apply(words, &mut pool, self.catalog, "", &mut self.lines);
        self.pools = vec![pool];
        Ok(())
    }

    /// Pools by name, each with its arguments.
    fn named_pools(&mut self, document: &Node) -> Option<Value> {
        let mut kept = serde_json::Map::new();
        for entry in document.entries() {
            let mut pool = Pool { name: entry.key.clone(), role: role(&entry.key), ..self.first_pool() };
            let words = entry.value.get("args").map_or(&[][..], Node::items).iter();
            let words: Vec<Word> = words
                .map(|node| Word {
                    text: node.text().map_or_else(|| node.to_value().to_string(), String::from),
                    at: Some(node.at),
                })
                .collect();
            if let Some(node) = entry.value.get("replicas") {
                let count = node.number().filter(|n| (0.0..=1e6).contains(n));
                pool.replicas = count.unwrap_or(1.0) as u32;
                let note = if count.is_some() { "" } else { "not a number of replicas; 1 is simulated" };
                let fate = if count.is_some() { Fate::Exact } else { Fate::Ignored };
                self.lines.push(Line::new(format!("{}.replicas", entry.key), Some(node.at), fate, note));
            }
            vllm::apply(&words, &mut pool, self.catalog, &format!("{}.", entry.key), &mut self.lines);
            self.pools.push(pool);
            let mut rest = entry.value.to_value();
            if let Some(rest) = rest.as_object_mut() {
                rest.remove("args");
                rest.remove("replicas");
            }
            if rest != json!({}) {
                kept.insert(entry.key.clone(), rest);
            }
        }
        (!kept.is_empty()).then_some(Value::Object(kept))
    }

    /// A Kubernetes manifest: vLLM's becomes a pool, the router's configuration policies; all is kept.
    fn manifest(&mut self, document: &Node, kind: &str) -> Value {
        let name = document.at_path(&["metadata", "name"]).and_then(Node::text).unwrap_or("unnamed").to_string();
        if let Some((pool, rest)) = vllm::manifest::read(document, &self.first_pool(), self.catalog, &mut self.lines) {
            self.pools.push(pool);
            return rest;
        }
        if let Some(rest) = helm::read_map(document, &mut self.scenario, &mut self.lines) {
            return rest;
        }
        let note = match kind {
            "VariantAutoscaling" | "HorizontalPodAutoscaler" | "ScaledObject" => {
                "no autoscaling is simulated; kept whole"
            }
            _ => "nothing in it is simulated; kept whole",
        };
        self.lines.push(Line::new(format!("{kind} {name}"), Some(document.at), Fate::Ignored, note));
        document.to_value()
    }
}

/// The role that a pool's name says.
pub(crate) fn role(name: &str) -> String {
    if ["prefill", "decode"].contains(&name) { name.into() } else { "both".into() }
}

/// Documents that are known and set nothing here.
fn other_kind(document: &Node) -> Option<&'static str> {
    if document.at_path(&["pipeline", "steps"]).is_some() {
        return Some("llm-d's coordinator is not simulated: phases are placed by the router");
    }
    if document.get("input_sequence_length").is_some() {
        return Some("a description of a workload: import the inference-perf document beside it");
    }
    None
}
