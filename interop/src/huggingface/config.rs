//! Fields of a configuration: found, put in range, and remembered with what became of them.

use super::families::Family;
use crate::report::{Fate, Line, Mark, Problem};
use crate::yaml::{Data, Node};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Where models that see or hear keep their language model.
const NESTED: [&str; 3] = ["text_config", "llm_config", "language_config"];
/// Fields that may stand outside of that too.
const SHARED: [&str; 4] = ["quantization_config", "tie_word_embeddings", "torch_dtype", "dtype"];
/// Fields that say nothing of how long a step takes.
const WITHOUT_EFFECT: [&str; 26] = [
    "architectures",
    "model_type",
    "transformers_version",
    "_name_or_path",
    "auto_map",
    "rms_norm_eps",
    "layer_norm_eps",
    "layer_norm_epsilon",
    "norm_eps",
    "initializer_range",
    "rope_theta",
    "bos_token_id",
    "eos_token_id",
    "pad_token_id",
    "use_cache",
    "attention_dropout",
    "hidden_dropout",
    "residual_dropout",
    "embd_pdrop",
    "resid_pdrop",
    "router_aux_loss_coef",
    "output_router_logits",
    "aux_loss_alpha",
    "seq_aux",
    "pretraining_tp",
    "initial_context_length",
];
/// Most problems told at once.
const PROBLEMS_MAX: usize = 12;

/// The fields of one model.
pub(super) struct Config<'a> {
    /// The document.
    top: &'a Node,
    /// Where the language model's fields are.
    node: &'a Node,
    /// What leads there, for people.
    prefix: String,
    /// What became of a field: how it is simulated, and a note.
    said: BTreeMap<String, (Fate, String)>,
    problems: Vec<(Option<Mark>, String)>,
    /// What the architecture takes for fields that are not there.
    pub(super) usual: &'static [(&'static str, u32)],
}

impl<'a> Config<'a> {
    /// Of a document that is a configuration.
    pub(super) fn new(top: &'a Node) -> Result<Self, Problem> {
        let nested = NESTED.iter().find_map(|key| Some((*key, top.get(key).filter(|n| !n.entries().is_empty())?)));
        let (prefix, node) = nested.map_or((String::new(), top), |(key, node)| (format!("{key}."), node));
        if top.get("is_encoder_decoder").and_then(Node::boolean) == Some(true) {
            return Err(top.problem("is of an encoder with a decoder; only models that decode alone are simulated"));
        }
        Ok(Config { top, node, prefix, said: BTreeMap::new(), problems: Vec::new(), usual: &[] })
    }

    /// The first of these fields that is there and says something.
    pub(super) fn find(&self, key: &str) -> Option<&'a Node> {
        let shared = || if SHARED.contains(&key) { self.top.get(key) } else { None };
        self.node.get(key).or_else(shared).filter(|node| node.data != Data::Null)
    }

    /// A text.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.find(key)?.text()
    }

    /// Its `model_type`, of the language model first; without one, that of the whole.
    pub(super) fn model_type(&self) -> &'a str {
        let of = |node: &'a Node| node.get("model_type").and_then(Node::text);
        of(self.node).or_else(|| of(self.top)).unwrap_or_default()
    }

    /// Its class.
    pub(super) fn architecture(&self) -> &'a str {
        self.top.get("architectures").and_then(|list| list.items().first()?.text()).unwrap_or_default()
    }

    pub(super) fn problem(&self, message: String) -> Problem {
        self.top.problem(message)
    }

    /// Remembers how a field is simulated.
    pub(super) fn say(&mut self, key: &str, fate: Fate, note: impl Into<String>) {
        self.said.insert(key.into(), (fate, note.into()));
    }

    /// Remembers what is wrong with a field, and where it stands.
    pub(super) fn wrong(&mut self, key: &str, reason: &str) {
        let at = self.find(key).map(|node| node.at);
        self.problems.push((at, format!("{}{key} {reason}", self.prefix)));
    }

    /// A whole number; none where the field is absent. One that is out of range is a problem, and the nearest that is not.
    pub(super) fn number(&mut self, key: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let Some(node) = self.find(key) else {
            return self.usual.iter().find(|(usual, _)| *usual == key).map(|(_, value)| *value);
        };
        let (low, high) = (*range.start(), *range.end());
        let value = match &node.data {
            Data::Number(_) => node.number(),
            _ => None,
        };
        match value {
            Some(x) if x.fract() == 0.0 && (f64::from(low)..=f64::from(high)).contains(&x) => {
                self.say(key, Fate::Exact, "");
                Some(x as u32)
            }
            _ => {
                let said: String = node.to_value().to_string().chars().take(40).collect();
                self.wrong(key, &format!("is {said}; it must be a whole number from {low} to {high}"));
                Some(low)
            }
        }
    }

    /// A whole number that has to be there.
    pub(super) fn needed(&mut self, key: &str, most: u32) -> u32 {
        self.number(key, 1..=most).unwrap_or_else(|| {
            self.wrong(key, "is missing");
            1
        })
    }

    /// A whole number, or what it is where nothing is said.
    pub(super) fn or(&mut self, key: &str, most: u32, usual: u32) -> u32 {
        self.number(key, 0..=most).unwrap_or(usual)
    }

    /// The number of the first of these fields that is there; the first is missing where none is.
    pub(super) fn first(&mut self, keys: &[&str], most: u32) -> u32 {
        let key = keys.iter().find(|key| self.find(key).is_some()).or(keys.first()).copied().unwrap_or_default();
        self.needed(key, most)
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, key: &str, usual: bool) -> bool {
        let Some(node) = self.find(key) else { return usual };
        let value = node.boolean();
        match value {
            Some(_) => self.say(key, Fate::Exact, ""),
            None => self.wrong(key, "must be true or false"),
        }
        value.unwrap_or(usual)
    }

    /// Whole numbers of a list, as far as they are some.
    pub(super) fn numbers(&mut self, key: &str) -> Option<Vec<u32>> {
        let items = self.find(key)?.items();
        self.say(key, Fate::Exact, "");
        let whole = |x: f64| x.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&x);
        Some(items.iter().filter_map(Node::number).filter(|x| whole(*x)).map(|x| x as u32).collect())
    }

    /// All that is wrong, if anything is.
    pub(super) fn refuse_problems(&self) -> Result<(), Problem> {
        let Some((at, _)) = self.problems.first() else { return Ok(()) };
        let told: Vec<String> = self
            .problems
            .iter()
            .take(PROBLEMS_MAX)
            .map(|(at, what)| at.map_or_else(|| what.clone(), |at| format!("{what} (line {})", at.line)))
            .collect();
        let more = self.problems.len().saturating_sub(PROBLEMS_MAX);
        let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
        Err(Problem { at: *at, message: format!("is a model's config.json, but {}{rest}", told.join("; ")) })
    }

    /// What the model is called in it, if it is: a repository's name, no path.
    pub(super) fn name(&self) -> Option<String> {
        let name = self.top.get("_name_or_path").and_then(Node::text)?;
        let sound = !name.is_empty() && !name.starts_with(['/', '.', '~']) && name.chars().count() <= 120;
        (sound && !name.chars().any(|c| c.is_control() || c == '\\')).then(|| name.to_owned())
    }

    /// What to call it: its name, or its family and size.
    pub(super) fn title(&self, family: &Family, params: u64) -> String {
        let size = || {
            let billions = params as f64 / 1e9;
            let digits = if billions < 10.0 { 1 } else { 0 };
            format!("{}-{billions:.digits$}b", if family.known { self.model_type() } else { "own" })
        };
        self.name().map_or_else(size, |name| name.rsplit('/').next().unwrap_or(&name).to_lowercase())
    }

    /// What became of every field, in their order. `known`: the model of the catalogue that this is.
    pub(super) fn lines(&self, known: Option<&str>) -> Vec<Line> {
        let mut lines = Vec::new();
        let line = |prefix: &str, key: &str, at: Mark| {
            let setting = format!("{prefix}{key}");
            if let Some((fate, note)) = self.said.get(key) {
                return Line::new(setting, Some(at), *fate, note.clone());
            }
            let note = match key {
                _ if WITHOUT_EFFECT.contains(&key) => "makes no difference to how long a step takes",
                "vision_config" | "audio_config" => "only the language model is simulated",
                _ => "is not used",
            };
            Line::new(setting, Some(at), Fate::Ignored, note)
        };
        let nested = !self.prefix.is_empty();
        for entry in self.top.entries() {
            if nested && self.prefix.strip_suffix('.') == Some(&entry.key) {
                lines.extend(self.node.entries().iter().map(|e| line(&self.prefix, &e.key, e.at)));
            } else if nested && !SHARED.contains(&entry.key.as_str()) {
                let note =
                    if entry.key.ends_with("_config") { "only the language model is simulated" } else { "is not used" };
                lines.push(Line::new(&*entry.key, Some(entry.at), Fate::Ignored, note));
            } else {
                lines.push(line("", &entry.key, entry.at));
            }
        }
        if let Some(known) = known {
            lines.push(Line::new("all dimensions", None, Fate::Exact, format!("are those of the catalogue's {known}")));
        }
        lines
    }
}
