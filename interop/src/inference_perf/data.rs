//! What prompts and answers are like: inference-perf's `data`.

use crate::report::{Fate, Line, Problem};
use crate::yaml::{Data, Node};
use playground_core::scenario::{Length, Scenario, SharedPrefix, TrafficClass, Turns};

/// inference-perf's defaults of a distribution.
const MIN: f64 = 10.0;
const MAX: f64 = 1024.0;
const MEAN: f64 = 512.0;
const STD_DEV: f64 = 200.0;
/// Most of anything that a length can count.
const MOST: f64 = 1e6;

/// Sets the first class by a description's data; other classes go.
pub(super) fn read(document: &Node, scenario: &mut Scenario, lines: &mut Vec<Line>) -> Result<(), Problem> {
    let Some(data) = document.get("data") else {
        let note = "there is no `data`; lengths stay as they are";
        lines.push(Line::new("data", Some(document.at), Fate::Ignored, note));
        return Ok(());
    };
    let kind = data.get("type").and_then(Node::text).unwrap_or_default();
    let mut class = TrafficClass { share: 1.0, prefix: None, conversation: None, ..first(scenario) };
    let fate = match kind {
        "random" | "synthetic" => {
            random(data, &mut class, lines)?;
            Fate::Exact
        }
        "shared_prefix" => {
            shared_prefix(data, &mut class, lines)?;
            Fate::Exact
        }
        "conversation_replay" => {
            conversation(data, &mut class, lines)?;
            Fate::Exact
        }
        _ => {
            let note = "its prompts are not part of this document; lengths stay as they are. A recording can be replayed \
                        as a trace";
            lines.push(Line::new("data.type", data.get("type").map(|n| n.at), Fate::Ignored, note));
            return Ok(());
        }
    };
    lines.push(Line::new("data.type", data.get("type").map(|n| n.at), fate, ""));
    scenario.workload.classes = vec![class];
    Ok(())
}

fn first(scenario: &Scenario) -> TrafficClass {
    scenario.workload.classes.first().cloned().unwrap_or_default()
}

fn random(data: &Node, class: &mut TrafficClass, lines: &mut Vec<Line>) -> Result<(), Problem> {
    class.input = distribution(data.get("input_distribution"), "data.input_distribution", 1.0, lines)?;
    class.output = distribution(data.get("output_distribution"), "data.output_distribution", 1.0, lines)?;
    Ok(())
}

fn shared_prefix(data: &Node, class: &mut TrafficClass, lines: &mut Vec<Line>) -> Result<(), Problem> {
    let Some(node) = data.get("shared_prefix") else {
        return Err(data.problem("data of type shared_prefix needs a `shared_prefix`"));
    };
    let mut whole = |key: &str, default: u32, note: &str, fate| {
        let setting = format!("data.shared_prefix.{key}");
        let Some(value) = node.get(key) else { return Ok(default) };
        lines.push(Line::new(setting, Some(value.at), fate, note));
        match value.number().filter(|n| (0.0..=MOST).contains(n)) {
            Some(n) => Ok(n as u32),
            None => Err(value.problem(format!("`{key}` must be a whole number up to {MOST}"))),
        }
    };
    let tokens = whole("system_prompt_len", 100, "", Fate::Exact)?;
    let groups = whole("num_groups", 10, "", Fate::Exact)?;
    let in_turn = "prompts are sent in turn, in an order drawn once";
    let prompts = whole("num_prompts_per_group", 10, in_turn, Fate::Exact)?;
    let question = whole("question_len", 50, "", Fate::Exact)?;
    let output = whole("output_len", 50, "", Fate::Exact)?;
    class.input = Length::constant(question.max(1));
    class.output = Length::constant(output.max(1));
    let chat = node.get("enable_multi_turn_chat");
    let several = chat.and_then(Node::boolean) == Some(true);
    class.prefix = Some(SharedPrefix {
        tokens,
        groups: groups.max(1),
        // A user's conversation is nobody else's.
        prompts_per_group: if several { 0 } else { prompts.max(1) },
        in_turn: !several,
        ..SharedPrefix::default()
    });
    if let Some(node) = chat {
        let (fate, note) = match several {
            false => (Fate::Exact, ""),
            true => (
                Fate::Approximated,
                "a user's chat goes on for ten turns, each as soon as the last one was answered; the generator's go on to the end of a stage, paced by its rate",
            ),
        };
        lines.push(Line::new("data.shared_prefix.enable_multi_turn_chat", Some(node.at), fate, note));
    }
    class.conversation = several.then(|| Turns {
        turns: Length::constant(10),
        input: Length::constant(question.max(1)),
        think_ms: Length::constant(1),
        ..Turns::default()
    });
    Ok(())
}

fn conversation(data: &Node, class: &mut TrafficClass, lines: &mut Vec<Line>) -> Result<(), Problem> {
    let Some(node) = data.get("conversation_replay") else {
        return Err(data.problem("data of type conversation_replay needs a `conversation_replay`"));
    };
    let setting = |key: &str| format!("data.conversation_replay.{key}");
    if let Some(value) = node.get("shared_system_prompt_len") {
        let tokens = value.number().filter(|n| (0.0..=MOST).contains(n));
        let tokens =
            tokens.ok_or_else(|| value.problem("`shared_system_prompt_len` must be a whole number of tokens"))?;
        lines.push(Line::new(setting("shared_system_prompt_len"), Some(value.at), Fate::Exact, ""));
        class.prefix = Some(SharedPrefix { tokens: tokens as u32, groups: 1, ..SharedPrefix::default() });
    }
    let mut of = |key: &str, factor: f64| distribution(node.get(key), &setting(key), factor, lines);
    let input = of("input_tokens_per_turn", 1.0)?;
    class.output = of("output_tokens_per_turn", 1.0)?;
    let turns = match node.get("turns_per_conversation") {
        None => Length::constant(1),
        Some(_) => of("turns_per_conversation", 1.0)?,
    };
    let think_ms = match node.get("tool_call_latency_sec") {
        None => Length::constant(1),
        Some(_) => of("tool_call_latency_sec", 1000.0)?,
    };
    class.input = match node.get("dynamic_system_prompt_len") {
        None => input.clone(),
        Some(value) => {
            let dynamic = of("dynamic_system_prompt_len", 1.0)?;
            let note = "a first prompt is the dynamic part and a turn's input; their sum is drawn as one length with the \
                        sum's mean";
            lines.push(Line::new("data.conversation_replay", Some(value.at), Fate::Approximated, note));
            sum(&dynamic, &input)
        }
    };
    if let Some(value) = node.get("max_model_len") {
        let note = "the generator drops the oldest turns to fit; here a prompt that does not fit is refused";
        lines.push(Line::new(setting("max_model_len"), Some(value.at), Fate::Ignored, note));
    }
    for key in ["seed", "num_conversations"] {
        if let Some(value) = node.get(key) {
            let note = match key {
                "seed" => "draws come from the scenario's own seed",
                _ => "each client has a conversation of its own at a time",
            };
            lines.push(Line::new(setting(key), Some(value.at), Fate::Approximated, note));
        }
    }
    let once = turns.kind == "constant" && turns.mean <= 1.0;
    class.conversation = (!once).then(|| Turns { turns, input, think_ms, ..Turns::default() });
    Ok(())
}

/// A law of sums by its mean, bounds added too.
fn sum(a: &Length, b: &Length) -> Length {
    let mean_of = |l: &Length| if l.kind == "uniform" { f64::from(l.min / 2) + f64::from(l.max / 2) } else { l.mean };
    Length {
        mean: a.mean + mean_of(b),
        min: a.min.saturating_add(b.min),
        max: a.max.saturating_add(b.max).min(MOST as u32),
        ..a.clone()
    }
}

/// A distribution, its values scaled: the lengths drawn are whole numbers from 1 up.
pub(super) fn distribution(
    node: Option<&Node>,
    setting: &str,
    factor: f64,
    lines: &mut Vec<Line>,
) -> Result<Length, Problem> {
    let number = |key: &str, default: f64| match node.and_then(|n| n.get(key)) {
        None | Some(Node { data: Data::Null, .. }) => Ok(default),
        Some(value) => match value.number() {
            Some(n) if (0.0..=1e9).contains(&n) => Ok(n),
            _ => Err(value.problem(format!("`{key}` must be a number from 0 up"))),
        },
    };
    let whole = |x: f64| (x * factor).round().clamp(1.0, MOST);
    let (min, max) = (whole(number("min", MIN)?), whole(number("max", MAX)?));
    let (mean, std_dev) = (number("mean", MEAN)? * factor, number("std_dev", STD_DEV)? * factor);
    if min > max {
        let node = node.expect("the defaults are in order");
        return Err(node.problem(format!("`min` is above `max` in {setting}; exchange them")));
    }
    let kind = node.and_then(|n| n.get("type")).and_then(Node::text).unwrap_or("normal");
    let (min_tokens, max_tokens) = (min as u32, max as u32);
    let mut note = String::new();
    let law = |kind: &str| Length {
        kind: kind.into(),
        ..Length::lognormal(mean.clamp(1.0, MOST), std_dev.min(MOST), min_tokens, max_tokens)
    };
    let length = match kind {
        "fixed" => Length::constant(mean.round().clamp(1.0, MOST) as u32),
        _ if min == max => Length::constant(min_tokens),
        "normal" if std_dev == 0.0 => Length::constant(mean.round().clamp(min, max) as u32),
        "lognormal" | "normal" => law(kind),
        "uniform" => law("uniform"),
        other => {
            note = format!("“{other}” is drawn as a normal law of these moments");
            law("normal")
        }
    };
    let is_odd = |key: &str| !["type", "min", "max", "mean", "std_dev", "total_count"].contains(&key);
    if let Some(odd) = node.and_then(|n| n.entries().iter().find(|e| is_odd(&e.key))) {
        note = format!("`{}` is not a setting of a distribution; std_dev {std_dev} is drawn", odd.key);
    }
    let fate = if note.is_empty() { Fate::Exact } else { Fate::Approximated };
    lines.push(Line::new(setting, node.map(|n| n.at), fate, note));
    Ok(length)
}
