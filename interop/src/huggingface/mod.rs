//! A model's `config.json`, as Hugging Face has them, into a model of the scenario's own.
//!
//! `config` reads fields and remembers what became of each, `families` says which fields the architectures use and for
//! what, `layers` makes blocks of them, `quantization` finds how the checkpoint holds its weights. What is missing or does
//! not go together is told all at once, field by field.

mod config;
mod families;
mod layers;
mod quantization;

use crate::report::{Fate, Line, Problem};
use crate::yaml::Node;
use config::Config;
use families::Family;
use playground_core::catalog::{Block, Blocks, Catalog, Model};
use playground_core::scenario::{OwnBlocks, OwnModel, Scenario, Topology, check};

/// Largest vocabulary and longest context; the scenario's check has limits of its own.
const VOCAB_MAX: u32 = 8_388_608;
const CONTEXT_MAX: u32 = 16_777_216;
/// Widest residual stream.
const HIDDEN_MAX: u32 = 262_144;

/// Whether a document is a model's configuration.
pub(crate) fn is_config(document: &Node) -> bool {
    let is_text = |key: &str| document.get(key).is_some_and(|node| node.text().is_some());
    is_text("model_type") || document.get("architectures").is_some_and(|node| !node.items().is_empty())
}

/// Adds the model to a scenario, and has every pool serve it.
pub(crate) fn read(
    document: &Node,
    scenario: &mut Scenario,
    catalog: &Catalog,
    lines: &mut Vec<Line>,
) -> Result<(), Problem> {
    let mut config = Config::new(document)?;
    let family = families::of(&mut config)?;
    let own = model(&mut config, &family);
    config.refuse_problems()?;
    let mut changed = scenario.clone();
    let topology = &mut changed.topology;
    let same = |m: &OwnModel| OwnModel { id: String::new(), name: String::new(), ..m.clone() } == own;
    let id = match topology.models.iter().find(|m| same(m)) {
        Some(known) => known.id.clone(),
        None => {
            let id = topology.free_id(&config.title(&family, params(&own, catalog)), catalog);
            topology.models.push(OwnModel { id: id.clone(), name: config.name().unwrap_or_else(|| id.clone()), ..own });
            id
        }
    };
    for pool in &mut topology.pools {
        pool.model.clone_from(&id);
    }
    let place = topology.models.iter().position(|m| m.id == id).unwrap_or_default();
    let path = format!("topology.models[{place}]");
    let found = check(&changed, catalog).into_iter().find(|d| d.is_error() && d.path.starts_with(&path));
    if let Some(finding) = found {
        let field = finding.path[path.len()..].trim_start_matches('.').to_owned();
        return Err(
            document.problem(format!("describes a model that cannot be simulated: {field} {}", finding.message))
        );
    }
    *scenario = changed;
    let effective = scenario.topology.catalog(catalog);
    let known = effective.model(&id).and_then(|row| catalog.models.iter().find(|m| alike(m, row)));
    lines.extend(config.lines(known.map(|m| m.hf_id.as_str())));
    lines.push(Line::new("model", None, Fate::Exact, format!("is {id}, which every pool serves from now on")));
    Ok(())
}

/// Whether two models are computed with alike.
fn alike(a: &Model, b: &Model) -> bool {
    let dimensions = |m: &Model| {
        let formats = (m.weights.clone(), m.expert_weights.clone());
        (m.hidden_size, m.vocab_size, m.tied_embeddings, m.hidden_norms, m.blocks.clone(), formats)
    };
    dimensions(a) == dimensions(b)
}

/// Parameters, as far as they can be counted.
fn params(own: &OwnModel, catalog: &Catalog) -> u64 {
    let models = vec![OwnModel { id: "counted".into(), ..own.clone() }];
    let topology = Topology { models, ..Topology::default() };
    topology.catalog(catalog).model("counted").map_or(0, |m| m.params)
}

/// The model that the fields describe, without a name.
fn model(config: &mut Config<'_>, family: &Family) -> OwnModel {
    let hidden_size = config.needed("hidden_size", HIDDEN_MAX);
    let vocab_size = config.needed("vocab_size", VOCAB_MAX);
    let max_context_tokens = context(config, family);
    let tied_embeddings = config.flag("tie_word_embeddings", family.tied);
    let layers = layers::read(config, family, hidden_size, max_context_tokens);
    let has_experts = layers.blocks.iter().any(|b| matches!(b.block, Block::Experts(_)));
    let (weights, expert_weights) = quantization::read(config, has_experts);
    OwnModel {
        hidden_size,
        vocab_size,
        tied_embeddings,
        hidden_norms: layers.hidden_norms,
        max_context_tokens,
        weights,
        expert_weights,
        blocks: layers.blocks.iter().map(|b: &Blocks| OwnBlocks::of(b)).collect(),
        ..OwnModel::default()
    }
}

/// The longest sequence, as vLLM derives it: positions, stretched where the rotary embedding is.
fn context(config: &mut Config<'_>, family: &Family) -> u32 {
    let positions = config.needed("max_position_embeddings", CONTEXT_MAX);
    let Some(scaling) = config.find("rope_scaling").or_else(|| config.find("rope_parameters")) else {
        return positions;
    };
    let kind = ["rope_type", "type"].iter().find_map(|key| scaling.get(key)?.text()).unwrap_or_default();
    let factor = scaling.get("factor").and_then(Node::number).filter(|f| (1.0..=1024.0).contains(f));
    let original = scaling.get("original_max_position_embeddings").and_then(Node::number);
    let stretched = match (kind, factor) {
        ("yarn", Some(factor)) => original.unwrap_or(f64::from(positions)) * factor,
        ("linear" | "dynamic", Some(factor)) if !family.stretched => f64::from(positions) * factor,
        _ => f64::from(positions),
    };
    let tokens = stretched.clamp(1.0, f64::from(CONTEXT_MAX)) as u32;
    let note = if tokens == positions { String::new() } else { format!("makes sequences of {tokens} tokens possible") };
    config.say("rope_scaling", Fate::Exact, note);
    tokens
}

#[cfg(test)]
mod tests;
