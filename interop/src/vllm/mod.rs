//! vLLM's arguments: as words, as a command, in a Kubernetes manifest; in and out.

mod flags;
pub(crate) mod manifest;
mod offload;
pub(crate) mod words;

use crate::report::{Fate, Line, Mark};
use playground_core::catalog::{Catalog, Model};
use playground_core::scenario::{EngineArgs, Pool};
use serde_json::{Map, Value, json};
use words::{Environment, Word};

/// Settings of a scenario's engine that are no flags of vLLM's.
const NOT_FLAGS: [&str; 3] = ["version", "sampling", "step_law"];
/// Where a pool keeps the name of a model that the catalogue lacks.
const MODEL: &str = "vllm_model";
/// Where a pool keeps flags whose values cannot be read: variables, words where numbers are needed.
const UNREAD: &str = "vllm_unread";

/// The arguments of each `vllm serve` in a script.
pub(crate) fn in_script(script: &str, environment: &mut Environment) -> Vec<Vec<Word>> {
    let commands = words::commands(script, environment);
    commands.iter().filter_map(|command| arguments(command).map(<[Word]>::to_vec)).collect()
}

/// What follows `vllm serve`, or the server's module, in a command; a command of flags alone is its own arguments.
fn arguments(command: &[Word]) -> Option<&[Word]> {
    let is = |i: usize, text: &str| {
        command.get(i).is_some_and(|w: &Word| w.text == text || w.text.ends_with(&format!("/{text}")))
    };
    for i in 0..command.len() {
        if is(i, "vllm") && is(i + 1, "serve") {
            return Some(&command[i + 2..]);
        }
        if command[i].text.starts_with("vllm.entrypoints.") {
            return Some(&command[i + 1..]);
        }
    }
    command.first().is_some_and(|w| w.text.starts_with("--")).then_some(command)
}

/// Whether a text is a command, or several, that start vLLM.
pub(crate) fn is_script(text: &str) -> bool {
    let starts = |line: &str| {
        let command = line.trim_start_matches("exec ").trim_start_matches("$ ");
        command.starts_with("vllm serve") || (command.contains("vllm.entrypoints.") && !command.starts_with(['-', ' ']))
    };
    let first = text.lines().map(str::trim_end).find(|l| !l.is_empty() && !l.starts_with('#')).unwrap_or_default();
    (first.starts_with("--") && !first.starts_with("---")) || text.lines().any(starts)
}

/// Sets a pool's engine by arguments; a line for each.
pub(crate) fn apply(words: &[Word], pool: &mut Pool, catalog: &Catalog, prefix: &str, lines: &mut Vec<Line>) {
    let (model, given) = flags::read(words);
    let old = core::mem::take(&mut pool.engine);
    let mut settings = Map::new();
    settings.insert("version".into(), old.version.clone().into());
    settings.insert("sampling".into(), old.sampling.clone().into());
    pool.extra.remove(MODEL);
    pool.extra.remove(UNREAD);
    let mut unread = Map::new();
    for flag in given {
        let setting = format!("{prefix}--{}", flag.name.replace('_', "-"));
        let mut say = |fate, note: &str| lines.push(Line::new(&*setting, flag.at, fate, note));
        match modelled(&flag.name, &flag.value) {
            Modelled::Yes(value) => {
                settings.insert(flag.name, value);
                say(Fate::Exact, "");
            }
            Modelled::No if NOT_FLAGS.contains(&flag.name.as_str()) => {
                say(Fate::Ignored, "not a flag that can be kept");
            }
            Modelled::No if let Some(size) = offload::size_gib(&flag.name, &flag.value) => {
                let known = settings.entry("kv_offloading_size").or_insert_with(|| size.into()).clone();
                say(Fate::Approximated, &format!("host memory of {known} GiB, as --kv-offloading-size"));
            }
            Modelled::No => {
                let (fate, note) = flags::note(&flag.name);
                say(fate, note);
                settings.insert(flag.name, flag.value);
            }
            Modelled::Unreadable(reason) => {
                say(Fate::Ignored, &reason);
                unread.insert(flag.name, flag.value);
            }
        }
    }
    pool.engine = serde_json::from_value(Value::Object(settings)).unwrap_or(old);
    if !unread.is_empty() {
        pool.extra.insert(UNREAD.into(), Value::Object(unread));
    }
    if let Some(model) = model {
        set_model(&model.text, model.at, pool, catalog, &format!("{prefix}model"), lines);
    }
}

/// Sets a pool's model by the name it is served from.
pub(crate) fn set_model(
    name: &str,
    at: Option<Mark>,
    pool: &mut Pool,
    catalog: &Catalog,
    setting: &str,
    lines: &mut Vec<Line>,
) {
    let found = find_model(catalog, name);
    if let Some(model) = found {
        pool.model.clone_from(&model.id);
        lines.push(Line::new(setting, at, Fate::Exact, ""));
    } else {
        let note = format!(
            "the catalogue has no model “{name}”: {} is simulated in its place; choose the nearest",
            pool.model
        );
        lines.push(Line::new(setting, at, Fate::Ignored, note));
    }
    if found.is_none_or(|model| model.hf_id != name) {
        pool.extra.insert(MODEL.into(), json!({"name": name, "simulated_as": pool.model}));
    }
}

/// The catalogue's model of this name: by repository, by id, or by the end of a path.
pub(crate) fn find_model<'c>(catalog: &'c Catalog, name: &str) -> Option<&'c Model> {
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let models = || catalog.models.iter();
    models().find(|m| same(&m.hf_id, name) || same(&m.id, name)).or_else(|| {
        models().find(|m| name.len() > m.hf_id.len() && same(&name[name.len() - m.hf_id.len()..], &m.hf_id))
    })
}

enum Modelled {
    /// With this value.
    Yes(Value),
    No,
    /// It would be, but for its value.
    Unreadable(String),
}

/// Whether the simulator has a setting of this name: whatever its engine's settings do not put aside.
fn modelled(name: &str, value: &Value) -> Modelled {
    if NOT_FLAGS.contains(&name) {
        return Modelled::No;
    }
    let read = |value: &Value| {
        let mut one = Map::new();
        one.insert(name.into(), value.clone());
        serde_json::from_value::<EngineArgs>(Value::Object(one))
    };
    // An absent value is of any type: what is put aside then is not known at all.
    if read(&Value::Null).is_ok_and(|engine| engine.extra.contains_key(name)) {
        return Modelled::No;
    }
    let meant = value.as_str().map_or_else(|| value.clone(), |text| meaning(name, text));
    match read(&meant) {
        Ok(engine) if engine.extra.contains_key(name) => Modelled::No,
        Ok(_) => Modelled::Yes(meant),
        Err(_) if value.as_str().is_some_and(|text| text.contains('$')) => {
            Modelled::Unreadable(format!("{} is set by the environment; vLLM's default is simulated", value))
        }
        Err(error) => Modelled::Unreadable(format!("cannot be read: {error}; vLLM's default is simulated")),
    }
}

/// What the text of a value means: a number, yes or no, a list or map, or itself.
fn meaning(name: &str, text: &str) -> Value {
    if name == "max_model_len" {
        // vLLM takes 32k for 32,000 and 32K for 32,768.
        let scaled = |suffix: char, factor: f64| {
            let n: f64 = text.strip_suffix(suffix)?.parse().ok()?;
            Some(json!((n * factor) as u64))
        };
        if let Some(n) = scaled('k', 1000.0).or_else(|| scaled('K', 1024.0)) {
            return n;
        }
    }
    match text.to_ascii_lowercase().as_str() {
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        _ => {}
    }
    match serde_json::from_str(text) {
        Ok(Value::String(_)) | Err(_) => Value::from(text),
        Ok(value) => value,
    }
}

/// The arguments of a pool's engine: the model first, then every setting that is not vLLM's default.
#[must_use]
pub fn arguments_of(pool: &Pool, catalog: &Catalog) -> Vec<String> {
    let kept = pool.extra.get(MODEL).filter(|kept| kept["simulated_as"] == pool.model.as_str());
    let model = match (kept.and_then(|kept| kept["name"].as_str()), catalog.model(&pool.model)) {
        (Some(name), _) => name,
        (None, Some(model)) => &model.hf_id,
        (None, None) => &pool.model,
    };
    let mut out = vec![model.to_string()];
    let Ok(Value::Object(mut settings)) = serde_json::to_value(&pool.engine) else { return out };
    settings.retain(|key, value| !NOT_FLAGS.contains(&key.as_str()) && !value.is_null());
    if let Some(Value::Object(unread)) = pool.extra.get(UNREAD) {
        for (name, value) in unread {
            let unset = settings.get(name).is_none_or(|v| name == "tensor_parallel_size" && *v == 1);
            if unset {
                settings.insert(name.clone(), value.clone());
            }
        }
    }
    for (name, value) in &settings {
        out.extend(flags::write(name, value));
    }
    out
}

/// `vllm serve` for every pool.
#[must_use]
pub fn commands_of(pools: &[Pool], catalog: &Catalog) -> String {
    let mut out = String::new();
    for pool in pools {
        let plural = if pool.replicas == 1 { "replica" } else { "replicas" };
        let name: String = pool.name.chars().filter(|c| !c.is_control()).collect();
        out += &format!(
            "# pool {name}: {} {plural} of this, on {} × {}\n",
            pool.replicas, pool.engine.tensor_parallel_size, pool.gpu
        );
        let words: Vec<String> = arguments_of(pool, catalog).iter().map(|w| words::quoted(w)).collect();
        out += &format!("vllm serve {}\n", words.join(" \\\n  "));
    }
    out
}
