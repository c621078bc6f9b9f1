//! What was brought, read: a link, a picture or a scenario is a whole experiment; a document of llm-d, vLLM or a load
//! generator changes what it speaks of and leaves the rest.

use super::picture::{self, Picture};
use crate::state::{Beside, Experiment, link};
use playground_core::catalog::Catalog;
use playground_core::scenario::{Diagnostic, Scenario, resolve};
use playground_core::study::compare::{self, link::Read};
use playground_interop::Format;
use playground_interop::report::{Fate, Line, Mark, Problem};

/// A file, or a text that was pasted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Brought {
    /// Its file's name; empty for a text.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

impl Brought {
    /// What it is called in a sentence.
    fn called(&self) -> &str {
        called(&self.name)
    }
}

/// One document, read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) name: String,
    /// What it is.
    pub(super) kind: &'static str,
    /// What became of its settings.
    pub(super) lines: Vec<Line>,
    /// Whether what is ignored is kept in the scenario, and written back.
    pub(super) keeps: bool,
}

impl Part {
    /// Its lines of one fate.
    pub(super) fn of(&self, fate: Fate) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.fate == fate)
    }
}

/// What came of all that was brought.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outcome {
    pub(super) experiment: Experiment,
    pub(super) parts: Vec<Part>,
    /// What the check finds in the scenario as it would be.
    pub(super) findings: Vec<Diagnostic>,
    /// The link that the experiment was in.
    pub(super) link: Option<Read>,
}

impl Outcome {
    /// Whether it replaces everything, so that there is nothing to explain.
    pub(super) fn is_whole(&self) -> bool {
        self.parts.iter().all(|part| part.lines.is_empty())
    }

    /// What undo calls it.
    pub(super) fn label(&self) -> String {
        let names: Vec<&str> =
            self.parts.iter().map(|p| if p.name.is_empty() { p.kind } else { p.name.as_str() }).collect();
        format!("Import {}", names.join(", "))
    }
}

/// What is called nothing is a text that was pasted.
pub(super) fn called(name: &str) -> &str {
    if name.is_empty() { "The text" } else { name }
}

/// Why something cannot be taken.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    /// What it is about.
    pub(super) name: String,
    pub(super) message: String,
    /// Where, with the line's text.
    pub(super) at: Option<(Mark, String)>,
}

impl Refusal {
    pub(super) fn whole(name: &str, message: impl Into<String>) -> Self {
        Refusal { name: name.into(), message: message.into(), at: None }
    }
}

/// Longest line that is quoted, characters.
const QUOTED_MAX: usize = 120;

/// Reads everything, each after the one before it.
pub(super) fn read(all: &[Brought], now: &Experiment, catalog: &Catalog) -> Result<Outcome, Refusal> {
    let mut outcome = Outcome { experiment: now.clone(), parts: Vec::new(), findings: Vec::new(), link: None };
    for brought in all {
        let part = one(brought, &mut outcome, catalog)?;
        outcome.parts.push(part);
    }
    outcome.findings = findings(&outcome.experiment.scenario, catalog);
    Ok(outcome)
}

/// One document that was read elsewhere, onto what is on the page now.
pub(super) fn applied(part: Part, scenario: Scenario, now: &Experiment, catalog: &Catalog) -> Outcome {
    let findings = findings(&scenario, catalog);
    Outcome { experiment: aligned(scenario, now.beside.clone()), parts: vec![part], findings, link: None }
}

fn findings(scenario: &Scenario, catalog: &Catalog) -> Vec<Diagnostic> {
    match resolve(scenario, catalog) {
        Ok(_) => Vec::new(),
        Err(found) => found.into_iter().filter(Diagnostic::is_error).collect(),
    }
}

fn one(brought: &Brought, outcome: &mut Outcome, catalog: &Catalog) -> Result<Part, Refusal> {
    let part = |kind, lines| Part { name: brought.name.clone(), kind, lines, keeps: true };
    match picture::read(&brought.bytes) {
        Picture::Linked(link) => {
            open(&link, brought, outcome)?;
            return Ok(part("a picture", Vec::new()));
        }
        Picture::Bare => {
            let why = "is a picture without a link in it: only PNG and SVG files saved here carry their scenario, and some programs take it out";
            return Err(Refusal::whole(brought.called(), why));
        }
        Picture::None => {}
    }
    let text = std::str::from_utf8(&brought.bytes).unwrap_or_default().trim();
    if is_link(text) {
        open(text, brought, outcome)?;
        return Ok(part("a link", Vec::new()));
    }
    if let Some(scenario) = scenario(text) {
        let scenario = scenario.map_err(|d| Refusal::whole(brought.called(), as_text(&d)))?;
        outcome.experiment = Experiment::of(scenario);
        return Ok(part("a scenario", Vec::new()));
    }
    let read = playground_interop::import(&brought.bytes, &outcome.experiment.scenario, catalog);
    let imported = read.map_err(|problem| refused(brought, text, problem))?;
    let beside = outcome.experiment.beside.take();
    outcome.experiment = aligned(imported.scenario, beside);
    // Of a model its dimensions are kept, and nothing else.
    let keeps = imported.format != Format::ModelConfig;
    Ok(Part { keeps, ..part(kind(imported.format), imported.report) })
}

/// The scenario in hand as it is now, beside those it is compared with under the same load.
fn aligned(scenario: Scenario, beside: Option<Beside>) -> Experiment {
    let under = |other: &Scenario| compare::align(&scenario, other);
    let beside = beside.map(|b| Beside { others: b.others.iter().map(under).collect(), ..b });
    Experiment { scenario, beside }
}

fn open(text: &str, brought: &Brought, outcome: &mut Outcome) -> Result<(), Refusal> {
    let read = compare::link::read(text);
    if let Err(error) = &read.a {
        return Err(Refusal::whole(brought.called(), format!("holds a link that cannot be opened. {error}")));
    }
    if let Some(experiment) = link::experiment(&read) {
        outcome.experiment = experiment;
    }
    outcome.link = Some(read);
    Ok(())
}

/// Whether a text is an address or its fragment: one word, with the fragment of a scenario.
fn is_link(text: &str) -> bool {
    let one_word = !text.is_empty() && !text.contains(char::is_whitespace);
    let fragment = text.rsplit_once('#').map_or(text, |(_, fragment)| fragment);
    let mut parts = fragment.split('.');
    let schema = parts.next().is_some_and(|s| s.parse::<u32>().is_ok());
    one_word && schema && parts.next().is_some_and(|codec| codec.len() == 1) && parts.next().is_some()
}

/// The scenario of a JSON text that is one; none for other texts.
fn scenario(text: &str) -> Option<Result<Scenario, Diagnostic>> {
    const PARTS: [&str; 4] = ["topology", "workload", "policies", "run"];
    if !text.starts_with('{') {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let fields = value.as_object()?;
    let ours =
        fields.contains_key("schema_version") || PARTS.iter().any(|p| fields.get(*p).is_some_and(|v| v.is_object()));
    let foreign = fields.contains_key("apiVersion") || fields.contains_key("kind");
    (ours && !foreign).then(|| Scenario::from_value(value))
}

fn as_text(d: &Diagnostic) -> String {
    if d.path.is_empty() { d.message.clone() } else { format!("is a scenario, but {} {}", d.path, d.message) }
}

fn refused(brought: &Brought, text: &str, problem: Problem) -> Refusal {
    // Lines are counted in the whole text, of which blank ones at the beginning were taken off.
    let whole = std::str::from_utf8(&brought.bytes).unwrap_or(text);
    let line = |mark: Mark| {
        let line = whole.lines().nth((mark.line as usize).saturating_sub(1)).unwrap_or_default();
        line.chars().take(QUOTED_MAX).collect::<String>()
    };
    Refusal { name: brought.called().into(), message: problem.message, at: problem.at.map(|mark| (mark, line(mark))) }
}

fn kind(format: Format) -> &'static str {
    match format {
        Format::EndpointPickerConfig => "an EndpointPickerConfig",
        Format::HelmValues => "Helm values",
        Format::VllmCommand => "vLLM arguments",
        Format::VllmArguments => "vLLM arguments of pools",
        Format::InferencePerf => "an inference-perf load",
        Format::Benchmark => "an llm-d-benchmark scenario",
        Format::Kubernetes => "Kubernetes manifests",
        Format::ModelConfig => "a model's config.json",
        Format::Other => "a document that sets nothing here",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, text: &str) -> Brought {
        Brought { name: name.into(), bytes: text.into() }
    }

    fn read_all(all: &[Brought]) -> Result<Outcome, Refusal> {
        read(all, &Experiment::of(Scenario::default()), &Catalog::builtin())
    }

    const CONFIG: &str = "apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\nplugins:\n- type: queue-scorer\n- type: max-score-picker\nschedulingProfiles:\n- name: default\n  plugins:\n  - pluginRef: queue-scorer\n    weight: 2\n  - pluginRef: max-score-picker\n";

    #[test]
    fn documents_add_up_and_say_what_became_of_each_setting() {
        let serve = "vllm serve Qwen/Qwen3-14B --tensor-parallel-size 2 --made-up 3\n";
        let outcome = read_all(&[text("epp.yaml", CONFIG), text("", serve)]).expect("both are known");
        assert_eq!(
            outcome.parts.iter().map(|p| p.kind).collect::<Vec<_>>(),
            ["an EndpointPickerConfig", "vLLM arguments"]
        );
        assert!(!outcome.is_whole() && outcome.parts[1].of(Fate::Ignored).any(|l| l.setting.contains("made-up")));
        let s = &outcome.experiment.scenario;
        assert_eq!(s.topology.pools[0].engine.tensor_parallel_size, 2);
        assert_eq!(s.policies.scheduling_profiles[0].plugins.len(), 2);
        assert_eq!(outcome.label(), "Import epp.yaml, vLLM arguments");
    }

    #[test]
    fn links_and_scenarios_are_whole() {
        let mut s = Scenario::default();
        s.topology.pools[0].replicas = 7;
        let link = format!("https://example.org/?embed=1#{}", playground_core::scenario::encode(&s));
        for whole in [link, s.to_value().to_string()] {
            let outcome = read_all(&[text("", &format!("  {whole}\n"))]).expect("is ours");
            assert!(outcome.is_whole(), "{outcome:?}");
            assert_eq!(outcome.experiment, Experiment::of(s.clone()));
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_place() {
        let broken = read_all(&[text("a.yaml", "kind: EndpointPickerConfig\nplugins:\n- type: [unclosed\n")])
            .expect_err("is malformed");
        let (mark, line) = broken.at.expect("has a place");
        assert!(mark.line >= 3, "{mark:?} {line}");
        for (brought, says) in [
            (text("", ""), "empty"),
            (text("", "#0.z.99.abc.def"), "cannot be opened"),
            (text("", "{\"topology\": {\"pools\": 3}}"), "topology.pools"),
            (text("", "<svg/>"), "without a link"),
            (text("", "kind: {{ .Values.kind }}"), "template"),
            (Brought { name: "x.bin".into(), bytes: vec![0, 159, 146, 150] }, "not text"),
        ] {
            let refusal = read_all(&[brought]).expect_err(says);
            assert!(refusal.message.contains(says), "{refusal:?}");
        }
    }

    #[test]
    fn a_model_is_added_and_served() {
        let config = r#"{"model_type":"llama","hidden_size":4096,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":8,"intermediate_size":14336,"vocab_size":128256,"max_position_embeddings":8192,"rope_theta":1e4}"#;
        let outcome = read_all(&[text("config.json", config)]).expect("is a model");
        let topology = &outcome.experiment.scenario.topology;
        assert_eq!((topology.models.len(), &*topology.pools[0].model), (1, "llama-8.0b"));
        let part = &outcome.parts[0];
        assert!(!part.keeps && part.kind == "a model's config.json" && part.of(Fate::Exact).count() > 5, "{part:?}");
        assert!(outcome.findings.is_empty() && !outcome.is_whole(), "{outcome:?}");
        let broken = config.replace("\"num_key_value_heads\":8", "\"num_key_value_heads\":7");
        let refusal = read_all(&[text("config.json", &broken)]).expect_err("is inconsistent");
        assert!(refusal.message.contains("num_key_value_heads is 7"), "{refusal:?}");
    }

    #[test]
    fn what_cannot_be_simulated_is_said_before_it_is_taken() {
        let outcome = read_all(&[text("", "vllm serve Qwen/Qwen3-14B --tensor-parallel-size 3")]).expect("is read");
        assert!(!outcome.findings.is_empty());
    }

    #[test]
    fn a_comparison_stays_one_under_one_load() {
        let now = Experiment::comparing(Scenario::default(), Scenario::default()).with_copy();
        let load =
            text("", "load:\n  type: constant\n  stages:\n  - rate: 7\n    duration: 60\ndata:\n  type: random\n");
        let outcome = read(&[load], &now, &Catalog::builtin()).expect("is read");
        let rates: Vec<f64> = outcome.experiment.all().iter().map(|s| s.workload.arrival.rate_rps).collect();
        assert_eq!((rates, outcome.experiment.edited()), (vec![7.0; 3], now.edited()));
    }
}
