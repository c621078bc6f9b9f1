//! Models and GPUs of a scenario's own: every dimension is in range and goes with the others, every key is free, and each
//! row is of use. What passes becomes a row of the catalogue; nothing that does not is ever computed with.

use super::super::own::{BLOCK_KINDS, BlockColumn, OwnBlocks, OwnGpu};
use super::super::topology::Topology;
use super::super::{Diagnostic, Edit, Scenario};
use super::{one_of, within};
use crate::catalog::{Attention, Block, Blocks, Catalog, Gpu, Model};
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde_json::Value;

/// Most rows of each kind: more are a catalogue, not a scenario.
const ROWS_MAX: usize = 32;
/// Longest key and name, characters.
const ID_MAX: usize = 80;
const NAME_MAX: usize = 160;
/// Widest residual stream, largest vocabulary, most norms: each well beyond any model.
const HIDDEN_MAX: u32 = 262_144;
const VOCAB_MAX: u32 = 8_388_608;
const NORMS_MAX: u32 = 65_536;
/// Longest context, tokens.
const CONTEXT_MAX: u32 = 16_777_216;
/// Most kinds of blocks, and most blocks of one kind.
const KINDS_MAX: usize = 32;
const BLOCKS_MAX: u32 = 1024;
/// Most parameters: a hundred times those of the largest model known.
const PARAMS_MAX: u64 = 100_000_000_000_000;
/// By how much layers with a window may keep more of a token than those without.
const WINDOW_SHARE_MAX: u64 = 1000;

/// The catalogue with the rows of a deployment before its own: those that are sound; what is wrong with others is found.
pub(in crate::scenario) fn catalog<'c>(
    topology: &Topology,
    builtin: &'c Catalog,
    found: &mut Vec<Diagnostic>,
) -> Cow<'c, Catalog> {
    if topology.models.is_empty() && topology.gpus.is_empty() {
        return Cow::Borrowed(builtin);
    }
    let models = rows("models", &topology.models, found, |i, found| model(topology, i, builtin, found));
    let gpus = rows("gpus", &topology.gpus, found, |i, found| gpu(topology, i, builtin, found));
    let mut all = builtin.clone();
    all.models.splice(0..0, models);
    all.gpus.splice(0..0, gpus);
    Cow::Owned(all)
}

/// The rows of a list that are sound.
fn rows<T, R>(
    list: &str,
    own: &[T],
    found: &mut Vec<Diagnostic>,
    read: impl Fn(usize, &mut Vec<Diagnostic>) -> Option<R>,
) -> Vec<R>
where
    T: serde::Serialize,
{
    if own.len() > ROWS_MAX {
        let path = format!("topology.{list}");
        let kept = serde_json::to_value(&own[..ROWS_MAX]).unwrap_or_default();
        found.push(
            Diagnostic::error(&path, format!("has {} rows, at most {ROWS_MAX} are read", own.len())).fix(Edit::new(
                &format!("Keep the first {ROWS_MAX}"),
                &path,
                kept,
            )),
        );
    }
    (0..own.len().min(ROWS_MAX)).filter_map(|i| read(i, found)).collect()
}

/// Rows that nothing names.
pub(super) fn check_use(s: &Scenario, catalog: &Catalog, found: &mut Vec<Diagnostic>) {
    let topology = &s.topology;
    let swept = |id: &str| s.sweep.iter().any(|axis| axis.values.iter().any(|v| v.as_str() == Some(id)));
    for (i, row) in topology.models.iter().enumerate().take(ROWS_MAX) {
        let drafts = |p: &super::super::Pool| {
            p.engine.speculative_config.as_ref().and_then(|c| c.model.as_deref()) == Some(&*row.id)
        };
        if !topology.pools.iter().any(|p| p.model == row.id || drafts(p)) && !swept(&row.id) {
            found.push(unused(&format!("topology.models[{i}]"), &row.id, topology.without_model(i)));
        }
    }
    for (i, row) in topology.gpus.iter().enumerate().take(ROWS_MAX) {
        if !topology.pools.iter().any(|p| p.gpu == row.id) && !swept(&row.id) {
            found.push(unused(&format!("topology.gpus[{i}]"), &row.id, topology.without_gpu(i, catalog)));
        }
    }
}

fn unused(path: &str, id: &str, without: Topology) -> Diagnostic {
    Diagnostic::warning(path, format!("{id} is used by no pool")).fix(to_topology("Remove it", without))
}

fn to_topology(title: &str, topology: Topology) -> Edit {
    Edit::new(title, "topology", serde_json::to_value(topology).unwrap_or_default())
}

fn errors(found: &[Diagnostic]) -> usize {
    found.iter().filter(|d| d.is_error()).count()
}

/// The model of a row.
fn model(topology: &Topology, i: usize, builtin: &Catalog, found: &mut Vec<Diagnostic>) -> Option<Model> {
    let (before, path, own) = (errors(found), format!("topology.models[{i}]"), &topology.models[i]);
    let at = |field: &str| format!("{path}.{field}");
    let earlier = topology.models[..i].iter().map(|m| m.id.as_str());
    if let Some(reason) = misnamed(&own.id, builtin, earlier) {
        let id = topology.free_id(if own.id.is_empty() { "own-model" } else { &own.id }, builtin);
        let fix = to_topology(&format!("Call it {id}"), topology.with_model_id(i, &id));
        found.push(Diagnostic::error(&at("id"), reason).fix(fix));
    }
    check_name(&at("name"), &own.name, found);
    within(found, &at("hidden_size"), own.hidden_size, 1..=HIDDEN_MAX, "");
    within(found, &at("vocab_size"), own.vocab_size, 1..=VOCAB_MAX, "tokens");
    within(found, &at("hidden_norms"), own.hidden_norms, 0..=NORMS_MAX, "norms");
    within(found, &at("max_context_tokens"), own.max_context_tokens, 2..=CONTEXT_MAX, "tokens");
    let formats = || builtin.weight_formats.iter().map(|f| f.id.as_str());
    for (field, format) in [("weights", &own.weights), ("expert_weights", &own.expert_weights)] {
        one_of(found, &at(field), "format of weights", format, formats());
    }
    if own.blocks.len() > KINDS_MAX {
        let message = format!("has {} kinds of blocks, at most {KINDS_MAX} are read", own.blocks.len());
        found.push(structural(topology, i, message));
        return None;
    }
    let blocks: Vec<Blocks> = own
        .blocks
        .iter()
        .enumerate()
        .filter_map(|(j, blocks)| read_blocks(&format!("{path}.blocks[{j}]"), blocks, found))
        .collect();
    if errors(found) > before {
        return None;
    }
    if let Some(message) = unlike_a_model(&blocks) {
        found.push(structural(topology, i, message));
        return None;
    }
    counted(topology, i, own.row(blocks), found)
}

/// The model with its parameters, unless they are too many.
fn counted(topology: &Topology, i: usize, row: Model, found: &mut Vec<Diagnostic>) -> Option<Model> {
    let h = u64::from(row.hidden_size);
    // One block has less than 2^52 parameters, so each product fits; the sum may not.
    let of = |b: &Blocks| u64::from(b.count) * b.block.params(h);
    let params = row.blocks.iter().map(of).fold(0, u64::saturating_add);
    if params > PARAMS_MAX {
        let message = format!("have {params} parameters together, at most {PARAMS_MAX} are simulated");
        found.push(structural(topology, i, message));
        return None;
    }
    let (params, params_active) = (row.params_from_dimensions(), row.active_params_from_dimensions());
    Some(Model { params, params_active, ..row })
}

/// What is wrong with the blocks as a whole.
fn structural(topology: &Topology, i: usize, message: String) -> Diagnostic {
    let path = format!("topology.models[{i}].blocks");
    Diagnostic::error(&path, message).fix(to_topology("Remove this model", topology.without_model(i)))
}

/// Blocks of which no model can be made here, and why.
fn unlike_a_model(blocks: &[Blocks]) -> Option<String> {
    let is_mixer = |b: &&Blocks| b.block.heads().is_some();
    let mixers = blocks.iter().filter(is_mixer).count();
    let kept = |windowed: bool| {
        let widths = blocks.iter().map(move |b| match &b.block {
            Block::Attention(a) if a.window_tokens.is_some() == windowed => u64::from(b.count) * a.kv_width(),
            Block::LatentAttention(a) if !windowed => u64::from(b.count) * a.latent_width(),
            _ => 0,
        });
        widths.sum::<u64>()
    };
    let mut spans: Vec<u32> = blocks.iter().filter_map(|b| b.block.span_tokens()).collect();
    spans.sort_unstable();
    spans.dedup();
    let experts = blocks.iter().filter(|b| matches!(b.block, Block::Experts(_))).count();
    if blocks.is_empty() {
        return Some("are missing: a model is made of at least attention and MLPs".into());
    }
    if kept(false) == 0 {
        return Some("have no attention to all of the context, by which the KV cache is sized: at least one kind needs window_tokens 0".into());
    }
    if mixers == blocks.len() {
        return Some("have neither an MLP nor experts".into());
    }
    if experts > 1 {
        return Some(format!("have {experts} kinds of experts; one can be simulated"));
    }
    if spans.len() > 1 {
        return Some(format!("reach back {} and {} tokens; one bound can be simulated", spans[0], spans[1]));
    }
    if kept(true) > WINDOW_SHARE_MAX * kept(false) {
        return Some(format!(
            "with a window keep more than {WINDOW_SHARE_MAX} times as much of a token as those without"
        ));
    }
    None
}

/// Blocks of one kind, when each of their dimensions is sound.
fn read_blocks(path: &str, own: &OwnBlocks, found: &mut Vec<Diagnostic>) -> Option<Blocks> {
    let before = errors(found);
    let at = |field: &str| format!("{path}.{field}");
    one_of(found, &at("type"), "kind of block", &own.kind, BLOCK_KINDS.iter().map(|k| k.name));
    within(found, &at("count"), own.count, 1..=BLOCKS_MAX, "blocks");
    let kind = own.known_kind()?;
    let values: Vec<u32> =
        kind.columns.iter().map(|column| value(&at(column.name), own, column, found)).collect::<Option<_>>()?;
    let block = (kind.build)(&values);
    ill_assorted(path, &block, found);
    (errors(found) == before).then_some(Blocks { count: own.count, block })
}

/// A dimension; none where it is not sound.
fn value(path: &str, own: &OwnBlocks, column: &BlockColumn, found: &mut Vec<Diagnostic>) -> Option<u32> {
    let set = |value: u32| Edit::new(&format!("Set to {value}"), path, value);
    let reason = match own.dimensions.get(column.name) {
        None if column.usual.is_some() => return column.usual,
        None => "is missing".to_string(),
        Some(value) => match value.as_u64().and_then(|n| u32::try_from(n).ok()) {
            Some(n) if (column.min..=column.max).contains(&n) => return Some(n),
            _ => format!("is {}", short(value)),
        },
    };
    let above = own.dimensions.get(column.name).and_then(Value::as_f64).is_some_and(|x| x > f64::from(column.max));
    let nearest = if above { column.max } else { column.min };
    let message = format!("{reason}; it must be a whole number from {} to {}", column.min, column.max);
    found.push(Diagnostic::error(path, message).fix(set(nearest)));
    None
}

/// A value as it can be quoted.
fn short(value: &Value) -> String {
    const QUOTED_MAX: usize = 40;
    match value {
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "a map".into(),
        other => other.to_string().chars().take(QUOTED_MAX).collect(),
    }
}

/// Dimensions that do not go together.
fn ill_assorted(path: &str, block: &Block, found: &mut Vec<Diagnostic>) {
    let mut divides = |whole: (&str, u32), part: (&str, u32)| {
        if whole.1.is_multiple_of(part.1) {
            return;
        }
        let nearest = (1..=part.1).rev().find(|n| whole.1.is_multiple_of(*n)).unwrap_or(1);
        let field = format!("{path}.{}", part.0);
        let message = format!("is {}, which does not divide the {} {}", part.1, whole.1, whole.0);
        found.push(Diagnostic::error(&field, message).fix(Edit::new(&format!("Set to {nearest}"), &field, nearest)));
    };
    match block {
        Block::Attention(Attention { heads, kv_heads, .. }) => divides(("heads", *heads), ("kv_heads", *kv_heads)),
        Block::GatedDelta(g) => divides(("value_heads", g.value_heads), ("key_heads", g.key_heads)),
        Block::Mamba2(m) => divides(("heads", m.heads), ("groups", m.groups)),
        Block::Experts(e) => {
            within(
                found,
                &format!("{path}.experts_per_token"),
                e.per_token,
                1..=e.count,
                "experts (no more than there are)",
            );
        }
        Block::LatentAttention(a) => {
            for (field, n) in a
                .index
                .map_or([None; 2], |i| [Some(("index_heads", i.heads)), Some(("index_head_dim", i.head_dim))])
                .into_iter()
                .flatten()
            {
                within(found, &format!("{path}.{field}"), n, 1..=1024, "where an index chooses tokens");
            }
        }
        Block::Mlp(_) => {}
    }
}

/// The GPU of a row.
fn gpu(topology: &Topology, i: usize, builtin: &Catalog, found: &mut Vec<Diagnostic>) -> Option<Gpu> {
    let (before, path, own) = (errors(found), format!("topology.gpus[{i}]"), &topology.gpus[i]);
    let at = |field: &str| format!("{path}.{field}");
    let earlier = topology.gpus[..i].iter().map(|g| g.id.as_str());
    if let Some(reason) = misnamed(&own.id, builtin, earlier) {
        let id = topology.free_id(if own.id.is_empty() { "own-gpu" } else { &own.id }, builtin);
        let fix = to_topology(&format!("Call it {id}"), topology.with_gpu_id(i, &id));
        found.push(Diagnostic::error(&at("id"), reason).fix(fix));
    }
    check_name(&at("name"), &own.name, found);
    one_of(found, &at("based_on"), "GPU of the catalogue", &own.based_on, builtin.gpus.iter().map(|g| g.id.as_str()));
    check_numbers(&at, own, found);
    let like = builtin.gpu(&own.based_on)?;
    (errors(found) == before).then(|| own.row(like))
}

/// From a tenth of the slowest accelerator to a hundred times the fastest.
fn check_numbers(at: &impl Fn(&str) -> String, own: &OwnGpu, found: &mut Vec<Diagnostic>) {
    within(found, &at("memory_gib"), own.memory_gib, 1.0..=16_384.0, "GiB");
    within(found, &at("memory_bandwidth_gb_s"), own.memory_bandwidth_gb_s, 10.0..=1e6, "GB/s");
    within(found, &at("bf16_dense_tflops"), own.bf16_dense_tflops, 1.0..=1e6, "TFLOP/s");
    for (field, _, peak) in own.narrow() {
        if let Some(peak) = peak {
            within(found, &at(field), peak, 1.0..=1e7, if field == "int8_dense_tops" { "TOP/s" } else { "TFLOP/s" });
        }
    }
    within(found, &at("link_gb_s_per_direction"), own.link_gb_s_per_direction, 0.1..=1e5, "GB/s");
    within(found, &at("link_gpus"), own.link_gpus, 1..=1024, "GPUs");
    within(found, &at("price_usd_per_gpu_hour"), own.price_usd_per_gpu_hour, 0.0..=10_000.0, "USD");
}

/// Why a key cannot be a row's.
fn misnamed<'a>(id: &str, builtin: &Catalog, mut earlier: impl Iterator<Item = &'a str>) -> Option<String> {
    if id.is_empty() {
        return Some("is empty; pools name a row by its key".into());
    }
    if slug(id) != id {
        return Some(format!("must be at most {ID_MAX} letters, digits, dots, dashes and underscores"));
    }
    if builtin.model(id).is_some() || builtin.gpu(id).is_some() {
        return Some(format!("{id} is a key of the catalogue already"));
    }
    earlier.any(|other| other == id).then(|| format!("{id} is the key of a row before it already"))
}

fn check_name(path: &str, name: &str, found: &mut Vec<Diagnostic>) {
    let length = name.chars().count();
    if length > NAME_MAX || name.chars().any(char::is_control) {
        let kept: String = name.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect();
        let message = format!("must be at most {NAME_MAX} characters, without control characters");
        found.push(Diagnostic::error(path, message).fix(Edit::new("Shorten it", path, kept)));
    }
}

/// A key made of a name.
pub(in crate::scenario) fn slug(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let slug: String = name.chars().map(plain).take(ID_MAX).collect();
    if slug.is_empty() { "own".into() } else { slug }
}

#[cfg(test)]
#[path = "own_tests.rs"]
mod tests;
